"""How a conversation of the store looks as a row of the list."""

from __future__ import annotations

from collections.abc import Mapping

from app.store.records import ConversationRow, MessageState
from server_stub.contract.conversations import ConversationKind
from widgets.controls import AvatarSpec, Presence
from widgets.lists import ConversationItem

from .times import short_time

MOSAIC = 4
"""Members drawn in a group's avatar."""


def avatar_of(row: ConversationRow, names: Mapping[str, str], *, presence: Presence = "") -> AvatarSpec:
    """The peer in a single chat; of a group the first members whose names are known, else its own initial. An own picture comes
    before all of them where there is one."""
    if row.kind is ConversationKind.SINGLE:
        return AvatarSpec(row.title, row.peer_id or row.id, presence=presence)
    known = [AvatarSpec(names[id], id) for id in row.sample_members if id in names][:MOSAIC]
    if row.kind is ConversationKind.GROUP and len(known) > 1:
        return AvatarSpec(row.title, row.id, members=tuple(known))
    return AvatarSpec(row.title, row.id)


def item_of(
    row: ConversationRow, names: Mapping[str, str], now_ms: int, *, presence: Presence = ""
) -> ConversationItem:
    """The row as it is drawn: a draft comes before the last message, a mention before both."""
    text, mark = row.last_text, ""
    if row.last_sender and text:
        text = f"{row.last_sender}：{text}"
    if row.mentioned and row.unread:
        mark = "[有人@我]"
    elif row.draft:
        text, mark = " ".join(row.draft.split()), "[草稿]"
    state = row.last.state if row.last is not None and not row.draft else None
    return ConversationItem(
        id=row.id,
        title=row.title or "未命名的群聊",
        text=text,
        time=short_time(row.active_at, now_ms),
        avatar=avatar_of(row, names, presence=presence),
        mark=mark,
        count=row.unread,
        dot=row.marked_unread and not row.unread,
        pinned=row.pinned,
        muted=row.muted,
        pending=state is MessageState.PENDING,
        failed=state is MessageState.FAILED,
    )
