"""Opens one SQLCipher connection with the store's raw key."""

from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as _sqlcipher
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

sqlcipher: Any = _sqlcipher
Connection = Any
"""A sqlcipher3 connection; the package has no type stubs."""

DatabaseError: type[Exception] = sqlcipher.DatabaseError
OperationalError: type[Exception] = sqlcipher.OperationalError


def derive(key: bytes, purpose: str, length: int = 32) -> bytes:
    """A sub-key of the store's key for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), length, salt=None, info=f"zhengding-store/{purpose}".encode()).derive(key)


def connect(file: Path, key: bytes, *, cache_kib: int = 4000) -> Connection:
    """Open `file` with the 32-byte `key`; usable from any one thread at a time.

    WAL with synchronous=FULL: what was committed survives a power cut. The salt is derived from the key instead of
    read from the file's head, so that a damaged head does not make every other page unreadable.
    """
    if len(key) != 32:
        raise ValueError("the store's key has 32 bytes")
    connection = sqlcipher.connect(str(file), check_same_thread=False, timeout=10, isolation_level=None)
    try:
        raw = derive(key, "database") + derive(key, "database-salt", 16)
        connection.execute(f"PRAGMA key = \"x'{raw.hex()}'\"")
        # It writes to standard error otherwise; what matters comes as an exception.
        connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def is_damage(error: BaseException) -> bool:
    """Whether the error means that the file's content is damaged (not busy, full or a mistake in SQL)."""
    if not isinstance(error, DatabaseError):
        return False
    text = str(error)
    return any(sign in text for sign in ("malformed", "not a database", "corrupt", "fts5: missing row"))
