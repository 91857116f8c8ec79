"""Brings a database to the schema of this version; safe when several server processes start at once."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x5A44_4D49
"""Number of the PostgreSQL advisory lock that one migrating process holds."""


class NewerDatabase(Exception):
    """The database was written by a newer version; starting would damage it."""


def migrate(engine: Engine) -> None:
    """Run what is missing, all in one transaction; raise `NewerDatabase` for one from the future."""
    if _is_current(engine):
        return
    # Only where there is something to do: alembic and its scripts take a quarter of the server's start.
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
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


def newest() -> str:
    """The revision of this version: the scripts are named by theirs, in order."""
    return max(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return found == [newest()]
