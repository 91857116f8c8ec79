"""Migrations: from nothing and from every earlier version, on both databases, to exactly what the tables say."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

import server_stub
import server_stub.app
import server_stub.storage.migrate as migrate_module
from server_stub.storage.engine import embedded_engine, postgres_engine
from server_stub.storage.migrate import NewerDatabase, migrate, newest
from server_stub.storage.schema import metadata

for _file in sorted((Path(server_stub.__file__).parent / "features").glob("*/*tables.py")):
    importlib.import_module(f"server_stub.features.{_file.parent.name}.{_file.stem}")


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(migrate_module.__file__).parent / "migrations"))
    return made


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


@pytest.fixture(params=["sqlcipher", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "sqlcipher":
        made = embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    else:
        made = postgres_engine(request.getfixturevalue("fresh_postgres")())
    yield made
    made.dispose()


def up_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def version_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def shape(engine: Engine) -> dict[str, Any]:
    """Tables with their columns, keys and indexes, comparable between two ways of making them."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), bool(column["nullable"]))
                for column in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"]) for key in seen.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (index["column_names"], bool(index["unique"])) for index in seen.get_indexes(table)
            ),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def test_an_empty_database_becomes_what_the_tables_say(engine: Engine) -> None:
    migrate(engine)
    assert version_of(engine) == revisions()[-1]
    assert differences(engine) == []
    assert set(metadata.tables) == set(inspect(engine).get_table_names()) - {"alembic_version"}
    migrate(engine)
    assert version_of(engine) == revisions()[-1] == newest()


@pytest.fixture(scope="module")
def fresh_shapes() -> dict[str, Any]:
    """What an empty database becomes, by dialect."""
    return {}


@pytest.mark.parametrize("start", revisions()[:-1])
def test_every_earlier_version_is_brought_up_with_its_rows(
    engine: Engine, start: str, fresh_shapes: dict[str, Any], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    up_to(engine, start)
    with engine.begin() as connection:
        connection.execute(text("UPDATE counters SET value = 41 WHERE name = 'event'"))
        connection.execute(text("INSERT INTO units (id, path, name) VALUES ('u1', '/u1/', '绿城市')"))
        connection.execute(text("INSERT INTO persons (id, name) VALUES ('p1', '王建国')"))
        connection.execute(
            text("INSERT INTO posts (person_id, unit_id, title) VALUES ('p1', 'u1', '副局长')")
        )
        connection.execute(
            text("INSERT INTO accounts (person_id, login, created_at) VALUES ('p1', 'wangjianguo', 1)")
        )
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT value FROM counters WHERE name = 'event'")).scalar_one() == 41
        assert connection.execute(text("SELECT name, phone FROM persons")).one() == ("王建国", "")
        assert connection.execute(text("SELECT title FROM posts")).scalar_one() == "副局长"
        assert connection.execute(text("SELECT login FROM accounts")).scalar_one() == "wangjianguo"
    if engine.dialect.name not in fresh_shapes:
        if engine.dialect.name == "sqlite":
            fresh = embedded_engine(tmp_path / "fresh.db", b"\x08" * 32)
        else:
            fresh = postgres_engine(request.getfixturevalue("fresh_postgres")())
        migrate(fresh)
        fresh_shapes[engine.dialect.name] = shape(fresh)
        fresh.dispose()
    assert shape(engine) == fresh_shapes[engine.dialect.name]


def test_a_failed_migration_leaves_everything_as_it_was(engine: Engine) -> None:
    known = revisions()
    if len(known) < 2:
        pytest.skip("one version only")
    up_to(engine, known[0])
    before = shape(engine)
    with engine.begin() as connection:
        # What the next version makes is in the way.
        connection.execute(text("CREATE TABLE conversation_members (x INTEGER)"))
    blocked = shape(engine)
    with pytest.raises(Exception, match=r"(?i)already exists"):
        migrate(engine)
    assert version_of(engine) == known[0]
    assert shape(engine) == blocked
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE conversation_members"))
    assert shape(engine) == before
    migrate(engine)
    assert version_of(engine) == known[-1]


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = shape(engine)
    with pytest.raises(NewerDatabase, match="升级服务器程序"):
        migrate(engine)
    assert shape(engine) == before


def test_processes_that_start_at_once_migrate_once(fresh_postgres) -> None:
    url = fresh_postgres()
    engines = [postgres_engine(url) for _ in range(4)]
    failures: list[BaseException] = []

    def run(engine: Engine) -> None:
        try:
            migrate(engine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert version_of(engines[0]) == revisions()[-1]
    for engine in engines:
        engine.dispose()
