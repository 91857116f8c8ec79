"""What was typed and not sent, per conversation."""

import msgspec

from app.store.database import Reader, Writer
from app.store.records import Draft
from server_stub.contract.content import Quote


def get(db: Reader, conversation_id: str) -> Draft | None:
    """The draft, or None."""
    row = db.one(
        "SELECT text, mentions, quote, updated_at FROM drafts WHERE conversation_id = ?", (conversation_id,)
    )
    if row is None:
        return None
    return Draft(
        conversation_id=conversation_id,
        text=row[0],
        mentions=tuple(msgspec.msgpack.decode(row[1])) if row[1] else (),
        quote=msgspec.msgpack.decode(row[2], type=Quote) if row[2] else None,
        updated_at=row[3],
    )


def put(db: Writer, draft: Draft) -> None:
    """Keep a draft; one without text and quote is removed."""
    if not draft.text.strip() and draft.quote is None:
        remove(db, draft.conversation_id)
        return
    db.run(
        """INSERT OR REPLACE INTO drafts(conversation_id, text, mentions, quote, updated_at)
           VALUES(?, ?, ?, ?, ?)""",
        (
            draft.conversation_id,
            draft.text,
            msgspec.msgpack.encode(draft.mentions) if draft.mentions else None,
            msgspec.msgpack.encode(draft.quote) if draft.quote else None,
            draft.updated_at,
        ),
    )
    _changed(db, draft.conversation_id)


def remove(db: Writer, conversation_id: str) -> None:
    """Forget a draft."""
    if db.run("DELETE FROM drafts WHERE conversation_id = ?", (conversation_id,)):
        _changed(db, conversation_id)


def _changed(db: Writer, conversation_id: str) -> None:
    db.changed("drafts", conversation_id, [conversation_id])
    db.changed("conversations", conversation_id, [conversation_id])
