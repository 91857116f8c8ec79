"""Brings a database to the schema of this version; safe when several server processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

_LOCK = 0x5A44_4D49
"""Number of the PostgreSQL advisory lock that one migrating process holds."""


class NewerDatabase(Exception):
    """The database was written by a newer version; starting would damage it."""


def migrate(engine: Engine) -> None:
    """Run what is missing, all in one transaction; raise `NewerDatabase` for one from the future."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if engine.dialect.name == "postgresql":
        # A snapshot from before the lock was waited for would not show what its holder did.
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise NewerDatabase(f"数据库版本 {current} 比本程序新，请升级服务器程序。")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
