"""A connection to the embedded database keeps more of a city's pages than of a small office's, also once the file has grown."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from server_stub.storage import engine as made_by
from server_stub.storage.engine import CACHE_KIB, LARGE_CACHE_KIB, embedded_engine


def test_the_cache_grows_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_by, "LARGE_FILE", 1024 * 1024)
    engine = embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    try:
        with engine.begin() as connection:
            assert connection.execute(text("PRAGMA cache_size")).scalar_one() == -CACHE_KIB
            connection.execute(text("CREATE TABLE t(x)"))
            connection.execute(text("INSERT INTO t VALUES(zeroblob(3000000))"))
        with engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        # The same connection from the pool, and the file is large now.
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA cache_size")).scalar_one() == -LARGE_CACHE_KIB
    finally:
        engine.dispose()
