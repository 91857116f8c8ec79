"""Preferences of the account on this machine: theme, font size, and the like."""

from typing import Any

import msgspec

from app.store.database import Reader, Writer


def get(db: Reader, name: str, default: Any = None) -> Any:
    """The value, or `default`."""
    data = db.value("SELECT value FROM preferences WHERE name = ?", (name,))
    return default if data is None else msgspec.msgpack.decode(data)


def put(db: Writer, name: str, value: Any) -> None:
    """Keep a value that MessagePack can hold; None forgets it."""
    if value is None:
        db.run("DELETE FROM preferences WHERE name = ?", (name,))
    else:
        db.run(
            "INSERT OR REPLACE INTO preferences(name, value) VALUES(?, ?)",
            (name, msgspec.msgpack.encode(value)),
        )
    db.changed("preferences", keys=[name])


def all_of(db: Reader) -> dict[str, Any]:
    """Everything."""
    return {
        name: msgspec.msgpack.decode(data) for name, data in db.all("SELECT name, value FROM preferences")
    }
