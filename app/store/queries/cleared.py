"""A history that the user cleared: what lies below the first number that he may see goes from this machine."""

from app.store.database import Writer

from . import file_texts, search
from .places import message_id, number_of


def purge(db: Writer, conversation_id: str, first_seq: int) -> int:
    """Remove the messages below `first_seq` with all that hangs on them; return how many."""
    number = number_of(db, conversation_id)
    if number is None or first_seq <= 1:
        return 0
    span = (message_id(number, 0), message_id(number, first_seq - 1))
    rows = db.all("SELECT id, client_id FROM messages WHERE id BETWEEN ? AND ?", span)
    if not rows:
        return 0
    for row_id, _client_id in rows:
        search.remove(db, row_id)
    brought = file_texts.brought_in(db, *span)
    for statement in (
        "DELETE FROM mentions WHERE message BETWEEN ? AND ?",
        "DELETE FROM file_refs WHERE message BETWEEN ? AND ?",
        "DELETE FROM transcripts WHERE message BETWEEN ? AND ?",
        "DELETE FROM reactions WHERE message BETWEEN ? AND ?",
        "DELETE FROM messages WHERE id BETWEEN ? AND ?",
    ):
        db.run(statement, span)
    file_texts.forget_unbrought(db, brought)
    db.changed("messages", conversation_id)
    db.changed("conversations", conversation_id, [conversation_id])
    return len(rows)
