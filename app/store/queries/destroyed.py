"""Emergency destruction (紧急销密) as it reaches this machine: keys and the texts under them go."""

from app.store.database import Reader, Writer
from app.store.records import MessageState
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import sealed_epoch

from . import file_texts, reactions, search
from .places import message_id


def take(db: Writer, conversation_id: str, number: int, epoch: int, seq: int) -> None:
    """Drop the keys up to `epoch` and the texts up to message `seq`; doing it again changes nothing."""
    known = db.one(
        "SELECT count(*) FROM conversation_keys WHERE conversation_id = ? AND epoch <= ? AND destroyed",
        (conversation_id, epoch),
    )
    if known is not None and known[0] == epoch:
        return
    db.run(
        """WITH RECURSIVE gone(epoch) AS (SELECT 1 UNION ALL SELECT epoch + 1 FROM gone WHERE epoch < ?)
           INSERT OR REPLACE INTO conversation_keys(conversation_id, epoch, key, destroyed)
           SELECT ?, epoch, NULL, 1 FROM gone""",
        (epoch, conversation_id),
    )
    span = (message_id(number, 0), message_id(number, seq))
    rows = db.all(
        "SELECT id, client_id FROM messages WHERE id BETWEEN ? AND ? AND state NOT IN (?, ?) AND recalled_at IS NULL",
        (*span, MessageState.DESTROYED, MessageState.REMOVED),
    )
    for row_id, _ in rows:
        search.remove(db, row_id)
    db.run("DELETE FROM mentions WHERE message BETWEEN ? AND ?", span)
    brought = file_texts.brought_in(db, *span)
    db.run("DELETE FROM file_refs WHERE message BETWEEN ? AND ?", span)
    db.run("DELETE FROM transcripts WHERE message BETWEEN ? AND ?", span)
    reactions.forget(db, *span)
    file_texts.forget_unbrought(db, brought)
    for row_id, _ in rows:
        db.run(
            "UPDATE messages SET state = ?, content = NULL, sealed = NULL, search_id = NULL WHERE id = ?",
            (MessageState.DESTROYED, row_id),
        )
    db.changed("keys", conversation_id)
    db.changed("messages", conversation_id, [client_id for _, client_id in rows])


def covers(db: Reader, conversation_id: str, body: bytes) -> bool:
    """Say whether a sealed body is under a key that was destroyed."""
    try:
        epoch = sealed_epoch(body)
    except SealError:
        return False
    row = db.one(
        "SELECT destroyed FROM conversation_keys WHERE conversation_id = ? AND epoch = ?",
        (conversation_id, epoch),
    )
    return row is not None and bool(row[0])
