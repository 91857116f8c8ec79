"""Conversation keys that this device was given, by epoch."""

from app.store.database import Reader, Writer


def put(db: Writer, conversation_id: str, epoch: int, key: bytes | None) -> None:
    """Keep a key; None: it was destroyed, and what we had of it goes too."""
    db.run(
        "INSERT OR REPLACE INTO conversation_keys(conversation_id, epoch, key, destroyed) VALUES(?, ?, ?, ?)",
        (conversation_id, epoch, key, key is None),
    )


def of(db: Reader, conversation_id: str) -> dict[int, bytes | None]:
    """Keys by epoch; None where the key was destroyed."""
    rows = db.all(
        "SELECT epoch, iif(destroyed, NULL, key) FROM conversation_keys WHERE conversation_id = ?",
        (conversation_id,),
    )
    return dict(rows)  # pyright: ignore[reportArgumentType]
