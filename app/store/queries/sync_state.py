"""Numbers that the sync keeps: its position and what is left to fetch."""

from app.store.database import Reader, Writer

POSITION = "position"
"""The last event id of a complete GET /sync."""

CARDS = "cards"
"""The event up to which it is known whose cards changed."""


def get(db: Reader, name: str) -> int:
    """The number; 0 when it was never set."""
    return db.value("SELECT value FROM sync_state WHERE name = ?", (name,), 0)


def put(db: Writer, name: str, value: int) -> None:
    """Keep a number."""
    db.run("INSERT OR REPLACE INTO sync_state(name, value) VALUES(?, ?)", (name, value))
    db.changed("sync", keys=[name])
