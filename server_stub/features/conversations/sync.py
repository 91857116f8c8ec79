"""What changed since an event id, in what the caller may see, in ascending order of event id."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from server_stub.contract.events import (
    AnyEvent,
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    ReactionEvent,
    SettingEvent,
    SyncPage,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import newest_event_id

from .changes import WHOLE_ROW
from .limits import Limits
from .reading import own_conversations
from .rooms import rules_of, seat_of
from .tables import conversations, members, messages, reactions, settings
from .views import conversation_view, member_view, message_view, reaction_view, setting_view

RESET_BEHIND = 500_000
"""A client further behind than this many events of the whole server starts afresh: cheaper for both."""

_EVERYTHING = 100_000

Source = Callable[[Connection, str, int, int], Iterable[AnyEvent]]
"""(connection, person id, after, limit) → the events that the person may see, ascending; after 0: all that holds."""


class Sync:
    """Answers GET /sync."""

    def __init__(
        self,
        database: Database,
        limits: Limits,
        *,
        reset_behind: int = RESET_BEHIND,
        more: Sequence[Source] = (),
    ) -> None:
        """`more`: other features whose rows are synchronised too."""
        self._database = database
        self._more = more
        self._limits = limits
        self._reset_behind = reset_behind

    async def page(self, caller: Caller, after: int, limit: int) -> SyncPage:
        """Return the next page of at most `limit` events; with `reset`, everything small in one page."""
        return await self._database.read(
            lambda connection: self._page(connection, caller.person_id, after, limit)
        )

    def _page(self, connection: Connection, me: str, after: int, limit: int) -> SyncPage:
        newest = newest_event_id(connection)
        # A client ahead of the server was signed in to another one, or the server was restored from a backup.
        if after == 0 or newest - after > self._reset_behind or after > newest:
            return _reset(connection, me, newest, self._more)
        if after == newest:
            return SyncPage(events=[], next=newest)
        events: list[AnyEvent] = []
        for found in (
            _messages(connection, me, after, limit + 1),
            _conversations(connection, me, after, limit + 1),
            self._members(connection, me, after, limit + 1),
            _settings(connection, me, after, limit + 1),
            _reactions(connection, me, after, limit + 1),
            *(source(connection, me, after, limit + 1) for source in self._more),
        ):
            events.extend(found)
        events.sort(key=lambda event: event.event_id)
        more = len(events) > limit
        if more:
            # Never between two rows of one id: a change may touch the row of a conversation and of a member.
            cut = limit
            while cut < len(events) and events[cut].event_id == events[cut - 1].event_id:
                cut += 1
            more = cut < len(events)
            events = events[:cut]
        return SyncPage(events=events, next=events[-1].event_id if more else newest, more=more)

    def _members(self, connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
        mine = members.alias("mine")
        small = conversations.c.member_count <= self._limits.cursor_audience
        rows = connection.execute(
            select(members, conversations.c.id.label("conversation_id"), conversations.c.rules)
            .select_from(mine)
            .join(conversations, conversations.c.number == mine.c.conversation_no)
            .join(
                members,
                and_(members.c.conversation_no == mine.c.conversation_no, members.c.event_id > after),
            )
            .where(
                mine.c.person_id == me,
                or_(
                    members.c.person_id == me,
                    and_(mine.c.left.is_(False), or_(small, members.c.membership_event_id > after)),
                ),
            )
            .order_by(members.c.event_id)
            .limit(limit)
        )
        for row in rows:
            cursors = row.person_id == me or rules_of(row.rules).receipts
            member = member_view(row, row.conversation_id, cursors=cursors)
            yield MemberEvent(event_id=member.event_id, member=member)


def _reset(connection: Connection, me: str, newest: int, more: Sequence[Source]) -> SyncPage:
    own = own_conversations(connection, me)
    events: list[AnyEvent] = [
        *(ConversationEvent(event_id=one.event_id, conversation=one) for one in own.conversations),
        *(MemberEvent(event_id=one.event_id, member=one) for one in own.members),
        *(SettingEvent(event_id=one.event_id, setting=one) for one in own.settings),
        *(event for source in more for event in source(connection, me, 0, _EVERYTHING)),
    ]
    events.sort(key=lambda event: event.event_id)
    return SyncPage(events=events, next=newest, more=False, reset=True)


def _messages(connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
    rows = connection.execute(
        select(messages, conversations.c.id.label("conversation_id"))
        .select_from(members)
        .join(conversations, conversations.c.number == members.c.conversation_no)
        .join(
            messages,
            and_(
                messages.c.conversation_no == members.c.conversation_no,
                messages.c.event_id > after,
                messages.c.seq >= members.c.first_seq,
                or_(members.c.last_seq.is_(None), messages.c.seq <= members.c.last_seq),
            ),
        )
        .where(members.c.person_id == me)
        .order_by(messages.c.event_id)
        .limit(limit)
    )
    for row in rows:
        message = message_view(row, row.conversation_id)
        yield MessageEvent(event_id=message.event_id, message=message)


def _conversations(connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
    mine: dict[int, Any] = {
        row.conversation_no: row
        for row in connection.execute(select(members).where(members.c.person_id == me))
    }
    rows = connection.execute(
        WHOLE_ROW.join(members, members.c.conversation_no == conversations.c.number).where(
            members.c.person_id == me,
            or_(
                and_(members.c.left.is_(False), conversations.c.event_id > after),
                members.c.membership_event_id > after,
            ),
        )
    ).all()
    found = [
        conversation_view(row, seat_of(own), me, event_id=_event_id(row, own))
        for row in rows
        if (own := mine[row.number]) is not None
    ]
    found.sort(key=lambda one: one.event_id)
    for one in found[:limit]:
        yield ConversationEvent(event_id=one.event_id, conversation=one)


def _event_id(row: Any, own: Any) -> int:
    # One who left hears of his leaving, and of nothing after it.
    return own.membership_event_id if own.left else max(row.event_id, own.membership_event_id)


def _settings(connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
    rows = connection.execute(
        select(settings, conversations.c.id.label("conversation_id"))
        .join(conversations, conversations.c.number == settings.c.conversation_no)
        .where(settings.c.person_id == me, settings.c.event_id > after)
        .order_by(settings.c.event_id)
        .limit(limit)
    )
    for row in rows:
        setting = setting_view(row, row.conversation_id)
        yield SettingEvent(event_id=setting.event_id, setting=setting)


def _reactions(connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
    rows = connection.execute(
        select(reactions, conversations.c.id.label("conversation_id"))
        .select_from(members)
        .join(conversations, conversations.c.number == members.c.conversation_no)
        .join(
            reactions,
            and_(
                reactions.c.conversation_no == members.c.conversation_no,
                reactions.c.event_id > after,
                reactions.c.seq >= members.c.first_seq,
            ),
        )
        # One who left hears of nothing that happens after.
        .where(members.c.person_id == me, members.c.left.is_(False))
        .order_by(reactions.c.event_id)
        .limit(limit)
    )
    for row in rows:
        reaction = reaction_view(row, row.conversation_id)
        yield ReactionEvent(event_id=reaction.event_id, reaction=reaction)
