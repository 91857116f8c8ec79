"""Writes server facts into the store, and is the only one that does: batches of events, acknowledgements, answers to calls."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from app.session.api import ApiClient
from app.session.keys import Keys
from app.session.states import NetworkError
from app.store.commands import SendCommand, SettingCommand
from app.store.database import Writer
from app.store.queries import (
    conversations,
    groups,
    members,
    messages,
    outbox,
    people,
    personal,
    places,
    ranges,
    reactions,
    settings,
    sync_state,
)
from app.store.records import Command, MessageState
from app.store.store import Store
from server_stub.contract.content import AnyContent, SystemContent, Unknown, decode_content
from server_stub.contract.conversations import Conversation, Member, Message, Reaction
from server_stub.contract.errors import ApiError
from server_stub.contract.events import (
    AnyEvent,
    ConversationEvent,
    JoinRequestEvent,
    MemberEvent,
    MessageEvent,
    PersonalEvent,
    PersonEvent,
    ReactionEvent,
    RelationEvent,
    SettingEvent,
    SpaceEvent,
    StatusEvent,
)
from server_stub.contract.frames import Ack
from server_stub.contract.ids import uuid7

log = logging.getLogger(__name__)

Opened = tuple[Message, MessageState, AnyContent | Unknown | None]


@dataclass(slots=True)
class Applied:
    """What a batch brought, for notifications and delivery marks."""

    new: list[Message] = field(default_factory=list)
    """Messages that were not in the store before."""
    conversations: set[str] = field(default_factory=set)
    """Conversations with messages in the batch."""
    listed: set[str] = field(default_factory=set)
    """Those of them that the user had removed from his list and that stand in it again; the server is yet to hear it."""


class Applying:
    """Idempotent: any event may come twice, late, or in another order; the store ends up the same."""

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        keys: Keys,
        me: str,
        *,
        on_refused: Callable[[Message, str], None] = lambda _message, _reason: None,
    ) -> None:
        """`on_refused(message, reason)` for each message that is not what its sender sealed ("tampered", "replayed")."""
        self._store = store
        self._api = api
        self._keys = keys
        self._me = me
        self._on_refused = on_refused
        self.on_applied: Callable[[Applied, bool], None] = lambda _applied, _live: None
        """Set by Sync: called with (applied, live) after each batch."""
        self._applying = asyncio.Lock()

    async def apply(self, events: Sequence[AnyEvent], *, live: bool, position: int | None = None) -> Applied:
        """Write a batch in one transaction, with the position that it completes."""
        async with self._applying:
            found = [e.message for e in events if isinstance(e, MessageEvent)]
            put = [e.reaction for e in events if isinstance(e, ReactionEvent)]
            fresh = await self._unknown_conversations(events)
            await self._keys.load({m.conversation_id for m in (*found, *put)})
            try:
                await self._keys.ensure_for([*found, *put])
            except (NetworkError, ApiError) as error:
                # They are kept sealed, and opened when the key comes.
                log.info("keys not fetched", extra={"reason": type(error).__name__})
            opened = await self._open(found)
            emoji = [(one, self._keys.open_reaction(one)) for one in put]

            refused: list[tuple[Message, str]] = []

            def work(db: Writer) -> Applied:
                copies = messages.replayed(db, found)
                checked = [
                    (m, MessageState.DAMAGED, None)
                    if (m.conversation_id, m.seq) in copies
                    else (m, state, content)
                    for m, state, content in opened
                ]
                refused[:] = [
                    (m, "replayed" if (m.conversation_id, m.seq) in copies else "tampered")
                    for m, state, _ in checked
                    if state is MessageState.DAMAGED
                ]
                done = self._write_batch(db, fresh, events, checked, position)
                for reaction, content in emoji:
                    reactions.put(db, reaction, None if content is None else content.emoji)
                return done

            applied = await self._store.write(work)
        for message, reason in refused:
            self._on_refused(message, reason)
        self.on_applied(applied, live)
        return applied

    async def _open(self, found: list[Message]) -> list[Opened]:
        if len(found) > 20:
            return await asyncio.to_thread(lambda: [(m, *self._keys.open(m)) for m in found])
        return [(m, *self._keys.open(m)) for m in found]

    async def _unknown_conversations(self, events: Iterable[AnyEvent]) -> list[Conversation]:
        """A message may come before the news of its conversation."""
        coming = {e.conversation.id for e in events if isinstance(e, ConversationEvent)}
        wanted: set[str] = set()
        for event in events:
            if isinstance(event, MessageEvent):
                wanted.add(event.message.conversation_id)
            elif isinstance(event, MemberEvent) and event.member.person_id == self._me:
                wanted.add(event.member.conversation_id)
            elif isinstance(event, ReactionEvent):
                wanted.add(event.reaction.conversation_id)
        wanted -= coming
        if not wanted:
            return []
        known = await self._store.read(
            lambda db: {id_ for id_ in wanted if places.number_of(db, id_) is not None}
        )
        fetched: list[Conversation] = []
        for id_ in wanted - known:
            try:
                fetched.append(await self._api.conversation(id_))
            except ApiError as error:
                log.info("unknown conversation", extra={"code": error.code.value})
        return fetched

    def _write_batch(
        self,
        db: Writer,
        fresh: list[Conversation],
        events: Sequence[AnyEvent],
        opened: list[Opened],
        position: int | None,
    ) -> Applied:
        for conversation in fresh:
            conversations.put(db, conversation)
        for event in events:
            if isinstance(event, ConversationEvent):
                conversations.put(db, event.conversation)
            elif isinstance(event, PersonEvent):
                people.put(db, [event.person], int(time.time() * 1000))
        for event in events:
            if isinstance(event, MemberEvent):
                members.put(db, event.member)
                db.changed("conversations", event.member.conversation_id, [event.member.conversation_id])
            elif isinstance(event, SettingEvent):
                settings.put(db, event.setting)
            else:
                _put_more(db, event)
        applied = self._write_messages(db, opened)
        if position is not None:
            sync_state.put(db, sync_state.POSITION, position)
        return applied

    def _write_messages(self, db: Writer, opened: list[Opened]) -> Applied:
        applied = Applied()
        for message, state, content in opened:
            number = places.number_of(db, message.conversation_id)
            if number is None:
                continue  # Not ours (any more): the server refused the conversation.
            bounds = conversations.bounds(db, message.conversation_id)
            if bounds is not None and message.seq < bounds[0]:
                continue  # The user cleared it before the server heard of that.
            row_id = places.message_id(number, message.seq)
            new = db.one("SELECT 1 FROM messages WHERE id = ?", (row_id,)) is None
            messages.put(db, message, state, content, me=self._me)
            ranges.add(db, number, message.seq, message.seq)
            applied.conversations.add(message.conversation_id)
            if new:
                applied.new.append(message)
                if not isinstance(content, SystemContent) and bounds is not None and message.seq >= bounds[1]:
                    self._list_again(db, message, applied)
        return applied

    def _list_again(self, db: Writer, message: Message, applied: Applied) -> None:
        """What somebody says after the user removed the conversation from his list puts it there again."""
        if settings.hidden_before(db, message.conversation_id, message.event_id):
            shown = SettingCommand(hidden=False)
            settings.apply(db, message.conversation_id, shown)
            outbox.add(db, uuid7(), message.conversation_id, shown, int(time.time() * 1000))
            applied.listed.add(message.conversation_id)

    async def apply_ack(self, command: Command, ack: Ack) -> None:
        """The server has a message of ours: it becomes an acknowledged row, and leaves the outbox."""

        def work(db: Writer) -> None:
            payload = outbox.get(db, command.client_id) or command
            send = outbox.payload_of(payload)
            if not isinstance(send, SendCommand):
                return
            message = Message(
                conversation_id=ack.conversation_id,
                seq=ack.seq,
                event_id=ack.event_id,
                client_id=ack.client_id,
                sender_id=self._me,
                sent_at=ack.sent_at,
                file_ids=send.file_ids,
            )
            listed.update(
                self._write_messages(
                    db, [(message, MessageState.OPENED, decode_content(send.content))]
                ).listed
            )

        listed: set[str] = set()
        await self._store.write(work)
        # It is not news to anybody here, but what stands before it may be missing.
        self.on_applied(Applied(conversations={ack.conversation_id}, listed=listed), True)

    async def apply_messages(self, found: list[Message]) -> None:
        """Take rows that came as the answer to a call."""
        await self.apply([MessageEvent(event_id=m.event_id, message=m) for m in found], live=False)

    async def apply_reaction(self, reaction: Reaction) -> None:
        """Take a reaction that came as the answer to a call."""
        await self.apply([ReactionEvent(event_id=reaction.event_id, reaction=reaction)], live=False)

    async def apply_conversation(self, conversation: Conversation) -> None:
        """Take a conversation that came as the answer to a call."""
        event = ConversationEvent(event_id=conversation.event_id, conversation=conversation)
        await self.apply([event], live=False)

    async def apply_member(self, member: Member) -> None:
        """Take a membership that came as the answer to a call."""
        await self.apply([MemberEvent(event_id=member.event_id, member=member)], live=False)

    async def reopen(self) -> None:
        """Try again to open what waits for a key."""
        waiting = await self._store.read(messages.sealed)
        if waiting:
            await self.apply([MessageEvent(event_id=m.event_id, message=m) for _, m in waiting], live=False)
        emoji = await self._store.read(reactions.sealed)
        if emoji:
            await self.apply([ReactionEvent(event_id=r.event_id, reaction=r) for r in emoji], live=False)


def _put_more(db: Writer, event: AnyEvent) -> None:
    """Rows of groups and of the account alone."""
    match event:
        case JoinRequestEvent():
            groups.put_request(db, event.request)
        case SpaceEvent():
            groups.put_entry(db, event.entry)
        case PersonalEvent():
            personal.put_item(db, event.item)
        case RelationEvent():
            personal.put_relation(db, event.relation)
        case StatusEvent():
            personal.put_status(db, event.status)
        case _:
            return
