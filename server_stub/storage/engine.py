"""Makes the SQLAlchemy engine: embedded SQLCipher by default, PostgreSQL by URL."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, pool


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
        connection.execute("PRAGMA cache_size = -16000")
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, module=sqlcipher, poolclass=pool.QueuePool, pool_size=6
    )

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
