"""Message ids inside the file: conversation number and seq in one integer."""

from app.store.database import Reader

SEQ_BITS = 40
MAX_SEQ = (1 << SEQ_BITS) - 1


def message_id(number: int, seq: int) -> int:
    """The row id of a message."""
    return number << SEQ_BITS | seq


def split(row_id: int) -> tuple[int, int]:
    """Conversation number and seq of a row id."""
    return row_id >> SEQ_BITS, row_id & MAX_SEQ


def number_of(db: Reader, conversation_id: str) -> int | None:
    """The conversation's number in this file, or None when it is unknown."""
    return db.value("SELECT number FROM conversations WHERE id = ?", (conversation_id,))
