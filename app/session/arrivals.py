"""Messages of others that arrive: told to the server as delivered, and to the user's notifications when they come live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.session.applying import Applied
from app.session.directory import Directory
from app.session.personal import Personal
from app.session.side_work import SideWork
from app.store.database import Reader
from app.store.queries import conversations, messages, people, places
from app.store.records import MessageRow
from app.store.store import Store
from server_stub.contract.content import SystemContent, TextContent
from server_stub.contract.conversations import ConversationKind, Message
from server_stub.contract.frames import MarkDelivered

_MOST_TOLD = 20
"""Of one batch; a flood is told of by its newest."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of somebody else's arrived live (not while catching up): for notifications and sounds."""

    message: MessageRow
    conversation_title: str
    sender_name: str
    text: str
    muted: bool
    mentioned: bool
    special: bool = False
    """Of somebody to whom the user pays special attention: told of also where the conversation is muted."""
    answerable: bool = True
    """Whether the user can write there: not to work notices."""


class Arrivals:
    """Part of a session."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        personal: Personal,
        side: SideWork,
        me: str,
        *,
        send: Callable[[MarkDelivered], object],
        tell: Callable[[Arrival], None],
    ) -> None:
        self._store, self._directory, self._personal = store, directory, personal
        self._side, self._me = side, me
        self._send, self._tell = send, tell

    def take(self, applied: Applied, live: bool) -> None:
        """What sync wrote into the store."""
        if not live:
            return
        others = [message for message in applied.new if message.sender_id != self._me]
        heads: dict[str, int] = {}
        for message in others:
            heads[message.conversation_id] = max(heads.get(message.conversation_id, 0), message.seq)
        for conversation_id, seq in heads.items():
            self._send(MarkDelivered(conversation_id=conversation_id, seq=seq))
        if others:
            self._side.start(self._announce(others))

    async def deliver_all(self) -> None:
        """After catching up: everything that is here has been delivered."""

        def behind(db: Reader) -> list[tuple[str, int]]:
            rows = db.all(
                """SELECT c.id, c.last_seq FROM conversations c JOIN members m
                     ON m.conversation = c.number AND m.person_id = ?
                   WHERE c.left = 0 AND c.dissolved = 0 AND m.delivered_seq < c.last_seq
                     AND m.read_seq < c.last_seq""",
                (self._me,),
            )
            return [(id_, seq) for id_, seq in rows]

        for conversation_id, seq in await self._store.read(behind):
            self._send(MarkDelivered(conversation_id=conversation_id, seq=seq))

    async def _announce(self, found: Sequence[Message]) -> None:
        for message in found[-_MOST_TOLD:]:
            await self._directory.learn([message.sender_id])
            arrival = await self._store.read(lambda db, message=message: self._arrival(db, message))
            if arrival is not None:
                self._tell(arrival)

    def _arrival(self, db: Reader, message: Message) -> Arrival | None:
        row = messages.get(db, message.conversation_id, message.seq)
        place = conversations.get(db, message.conversation_id)
        if row is None or place is None or isinstance(row.content, SystemContent) or row.recalled_at:
            return None
        names = people.names(db, [message.sender_id])
        number = places.number_of(db, message.conversation_id) or 0
        named = isinstance(row.content, TextContent) and messages.names_me(
            db, number, row.content, message.sender_id, self._me
        )
        return Arrival(
            message=row,
            conversation_title=place.title,
            sender_name=names.get(message.sender_id, ""),
            text=conversations.line_of(row, self._me, names),
            muted=place.muted or (self._personal.focus and not place.pinned),
            mentioned=named,
            special=self._personal.is_special(message.sender_id),
            answerable=place.kind is not ConversationKind.SERVICE,
        )
