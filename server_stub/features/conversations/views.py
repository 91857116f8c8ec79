"""Turns rows into what goes over the wire."""

from typing import Any

from sqlalchemy import Row

from server_stub.contract.conversations import (
    Conversation,
    ConversationKind,
    ConversationSetting,
    Member,
    MemberRole,
    Message,
    Reaction,
)

from .rooms import Seat, rules_of

AnyRow = Row[Any]


def conversation_view(
    row: AnyRow, seat: Seat, person_id: str, *, event_id: int | None = None
) -> Conversation:
    """Return the conversation as `person_id` sees it.

    `row` holds the columns of `conversations` and `conversation_heads`. One who left learns no more of what
    happens in it: no members, no announcement, and no message after the last that was his to see.
    """
    left = seat.left
    last_seq = row.last_seq if seat.last_seq is None else min(seat.last_seq, row.last_seq)
    return Conversation(
        id=row.id,
        kind=ConversationKind(row.kind),
        name=row.name,
        peer_id=_peer(row, person_id),
        owner_id=row.owner_id,
        avatar_file=row.avatar_file,
        created_at=row.created_at,
        member_count=0 if left else row.member_count,
        sample_members=[] if left else row.sample_members.split(),
        epoch=row.epoch if seat.last_epoch is None else seat.last_epoch,
        first_seq=seat.first_seq,
        last_seq=last_seq,
        event_id=row.event_id if event_id is None else event_id,
        announcement="" if left else row.announcement,
        announcement_version=row.announcement_version,
        announced_by="" if left else row.announced_by,
        announced_at=row.announced_at,
        muted_all=row.muted_all,
        muted_until=row.muted_until,
        rules=rules_of(row.rules),
        member_limit=row.member_limit,
        left=left,
        dissolved=row.dissolved,
        destroyed_epoch=row.destroyed_epoch,
        destroyed_seq=row.destroyed_seq,
    )


def _peer(row: AnyRow, person_id: str) -> str:
    if row.kind != ConversationKind.SINGLE:
        return ""
    pair = row.unique_key.removeprefix("single:").split("|")
    # A chat with oneself (文件传输) has the same person on both ends.
    return next((one for one in pair if one != person_id), person_id)


def member_view(row: AnyRow, conversation_id: str, *, cursors: bool = True) -> Member:
    """Return a member of a row of `members`; without `cursors` where the group keeps them to itself (E113)."""
    return Member(
        conversation_id=conversation_id,
        person_id=row.person_id,
        role=MemberRole(row.role),
        nickname=row.nickname,
        joined_at=row.joined_at,
        read_seq=row.read_seq if cursors else 0,
        delivered_seq=row.delivered_seq if cursors else 0,
        muted_until=row.muted_until,
        announcement_seen=row.announcement_seen,
        left=row.left,
        event_id=row.event_id,
    )


def setting_view(row: AnyRow, conversation_id: str) -> ConversationSetting:
    """Return a setting of a row of `settings`."""
    return ConversationSetting(
        conversation_id=conversation_id,
        pinned=row.pinned,
        muted=row.muted,
        hidden=row.hidden,
        marked_unread=row.marked_unread,
        event_id=row.event_id,
    )


def message_view(row: AnyRow, conversation_id: str) -> Message:
    """Return a message of a row of `messages`."""
    return Message(
        conversation_id=conversation_id,
        seq=row.seq,
        event_id=row.event_id,
        client_id=row.client_id,
        sender_id=row.sender_id,
        sent_at=row.sent_at,
        body=bytes(row.body),
        file_ids=row.file_ids.split(),
        recalled=row.recalled_at > 0,
        recalled_by=row.recalled_by,
        recalled_at=row.recalled_at,
    )


def reaction_view(row: AnyRow, conversation_id: str) -> Reaction:
    """Return a reaction of a row of `reactions`."""
    return Reaction(
        conversation_id=conversation_id,
        seq=row.seq,
        person_id=row.person_id,
        client_id=row.client_id,
        event_id=row.event_id,
        at=row.at,
        body=bytes(row.body),
    )
