"""Makes the SQLAlchemy engine: embedded SQLCipher by default, PostgreSQL by URL."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, pool

CACHE_KIB = 16_000
LARGE_FILE = 64 * 1024 * 1024
"""Bytes of a database file; those of small offices stay below."""
LARGE_CACHE_KIB = 64_000


def page_cache_kib(file: Path) -> int:
    """How much of the database a connection may keep decrypted: more where a city's directory is searched."""
    try:
        large = file.stat().st_size > LARGE_FILE
    except OSError:
        large = False
    return LARGE_CACHE_KIB if large else CACHE_KIB


def embedded_engine(file: Path, key: bytes) -> Engine:
    """Open (or make) a SQLCipher database with a raw 32-byte `key`.

    WAL with synchronous=FULL: a commit is on disk before it returns, and readers never wait for the writer.
    """
    import sqlcipher3.dbapi2

    sqlcipher: Any = sqlcipher3.dbapi2

    def connect() -> Any:
        connection: Any = sqlcipher.connect(
            str(file), check_same_thread=False, timeout=10, isolation_level=None
        )
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, module=sqlcipher, poolclass=pool.QueuePool, pool_size=6
    )

    # Pages come out of the file decrypted one by one, which is what a search in a city's directory mostly waits for. The file may
    # have grown since the connection was made.
    @event.listens_for(engine, "checkout")
    def sized(connection: Any, record: Any, _proxy: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        wanted = page_cache_kib(file)
        if record.info.get("cache") != wanted:
            connection.execute(f"PRAGMA cache_size = -{wanted}")
            record.info["cache"] = wanted

    # The driver's own transaction control is off (isolation_level None): SAVEPOINT and BEGIN are ours, so that
    # a read is one snapshot and a failed write rolls back alone.
    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN")

    return engine


def postgres_engine(url: str) -> Engine:
    """Open a PostgreSQL database, `postgresql://user:password@host/name`."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url[len(scheme) :]
    return create_engine(
        url, pool_size=12, max_overflow=4, pool_pre_ping=True, isolation_level="REPEATABLE READ"
    )
