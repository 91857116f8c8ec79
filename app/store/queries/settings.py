"""The own setting of each conversation."""

from app.store.commands import SettingCommand
from app.store.database import Reader, Writer
from server_stub.contract.conversations import ConversationSetting


def put(db: Writer, setting: ConversationSetting) -> bool:
    """Take the server's row when it is not older than ours."""
    s = setting
    changed = db.run(
        """INSERT INTO settings(conversation_id, pinned, muted, hidden, marked_unread, event_id)
           VALUES(?, ?, ?, ?, ?, ?)
           ON CONFLICT(conversation_id) DO UPDATE SET pinned = excluded.pinned, muted = excluded.muted,
             hidden = excluded.hidden, marked_unread = excluded.marked_unread, event_id = excluded.event_id
             WHERE excluded.event_id >= event_id""",
        (s.conversation_id, s.pinned, s.muted, s.hidden, s.marked_unread, s.event_id),
    )
    _changed(db, s.conversation_id)
    return bool(changed)


def apply(db: Writer, conversation_id: str, command: SettingCommand) -> None:
    """Show the user's own change at once; the server's row replaces it later."""
    db.run("INSERT OR IGNORE INTO settings(conversation_id) VALUES(?)", (conversation_id,))
    db.run(
        """UPDATE settings SET pinned = coalesce(?, pinned), muted = coalesce(?, muted),
             hidden = coalesce(?, hidden), marked_unread = coalesce(?, marked_unread) WHERE conversation_id = ?""",
        (command.pinned, command.muted, command.hidden, command.marked_unread, conversation_id),
    )
    _changed(db, conversation_id)


def hidden_before(db: Reader, conversation_id: str, event_id: int) -> bool:
    """Whether the user removed the conversation from his list before something that happened to it."""
    return bool(
        db.value(
            "SELECT 1 FROM settings WHERE conversation_id = ? AND hidden AND event_id < ?",
            (conversation_id, event_id),
        )
    )


def _changed(db: Writer, conversation_id: str) -> None:
    db.changed("settings", conversation_id, [conversation_id])
    db.changed("conversations", conversation_id, [conversation_id])
