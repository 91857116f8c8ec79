"""Carries out the commands of the outbox: in order, each until the server has answered, none twice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from app.session.api import ApiClient
from app.session.applying import Applying
from app.session.files import Files
from app.session.gaps import Gaps
from app.session.http import SessionEnded, is_temporary
from app.session.keys import KeyDestroyed, KeyMissing, Keys
from app.session.link import Link
from app.session.side_work import SideWork
from app.session.states import NetworkError
from app.store.commands import (
    AnyCommand,
    ReactCommand,
    ReadCommand,
    RecallCommand,
    SendCommand,
    SettingCommand,
    SpaceCommand,
    kind_of,
)
from app.store.database import Reader, Writer
from app.store.queries import conversations, outbox, reactions, transfers
from app.store.records import (
    Command,
    CommandKind,
    CommandState,
    TransferDirection,
    TransferRow,
    TransferState,
)
from app.store.store import Store
from server_stub.contract.content_kinds import ReactionContent, encode_reaction
from server_stub.contract.conversations import Reaction, SettingChange
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import SettingEvent
from server_stub.contract.frames import Ack, Nack, Send
from server_stub.contract.ids import uuid7

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 20.0
_FIRST_PAUSE = 0.3
"""Seconds between two attempts; doubled from attempt to attempt."""
_LONGEST_PAUSE = 20.0
LARGE = 8 * 1024 * 1024
"""Bytes of a file above which texts do not wait for it: below, it is up in a moment on any office network."""
Lane = tuple[str, str]
"""Conversation id, and "send" or "other": commands of a lane go one after the other, lanes side by side."""


class CarriesOut(Protocol):
    """Commands of another part of the session."""

    commands: tuple[type, ...]
    """Their types."""

    async def carry_out(self, command: Command, payload: AnyCommand) -> None:
        """Do it; raises NetworkError, ApiError, KeyMissing, KeyDestroyed."""
        ...

    async def restore(self, command: Command, payload: AnyCommand) -> None:
        """It was refused: show things as the server has them; quiet."""
        ...


class Outbox:
    """Messages of a conversation go out in the order in which they were sent, files included; see `next_of`.

    Only a definite refusal marks a message as failed. Everything else (no network, no answer, busy server, stale
    key) leaves it pending, and it is sent again with the same client id.
    """

    def __init__(
        self,
        store: Store,
        api: ApiClient,
        link: Link,
        applying: Applying,
        gaps: Gaps,
        catch_up: Callable[[], Awaitable[None]],
        keys: Keys,
        me: str,
        *,
        now_ms: Callable[[], int],
        on_refused: Callable[[str], None] = lambda _text: None,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        """`on_refused(text)`: a recall or setting was refused."""
        self._store = store
        self._api = api
        self._link = link
        self._applying = applying
        self._gaps = gaps
        self._catch_up = catch_up
        self._keys = keys
        self._me = me
        self._now_ms = now_ms
        self._on_refused = on_refused
        self._answer_seconds = answer_seconds
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._kicks: dict[Lane, asyncio.Event] = {}
        self._answers: dict[str, asyncio.Future[Ack | Nack]] = {}
        self._uploads_again: dict[str, int] = {}
        self._stale: dict[str, int] = {}
        self._late = SideWork()
        self._running = False
        self.files: Files | None = None
        """Set by the session: for uploads that the server lost."""
        self.parts: tuple[CarriesOut, ...] = ()
        """Set by the session: they carry out the commands of groups and of the account."""

    async def start(self) -> None:
        """Take up everything that waits."""
        self._running = True
        for command in await self._store.read(outbox.waiting):
            self.kick(command.conversation_id, command.kind)

    async def close(self) -> None:
        """Stop; what was not answered waits for the next start."""
        self._running = False
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        await self._late.close()
        self._lanes.clear()

    async def put(
        self,
        conversation_id: str,
        command: AnyCommand,
        *,
        show: Callable[[Writer], object] = lambda _db: None,
        client_id: str = "",
    ) -> None:
        """Write a command down, in one transaction with what the user sees of it at once, and begin to carry it out."""
        id_ = client_id or uuid7()

        def work(db: Writer) -> None:
            show(db)
            outbox.add(db, id_, conversation_id, command, self._now_ms())

        await self._store.write(work)
        self.kick(conversation_id, kind_of(command))

    def kick(self, conversation_id: str, kind: CommandKind = CommandKind.SEND) -> None:
        """Something in this lane is new or became ready."""
        if not self._running:
            return
        lane = (conversation_id, "send" if kind is CommandKind.SEND else "other")
        self._kicks.setdefault(lane, asyncio.Event()).set()
        if lane not in self._lanes:
            task = asyncio.get_running_loop().create_task(self._run_lane(lane), name="outbox-lane")
            self._lanes[lane] = task
            task.add_done_callback(lambda done: self._lane_ended(lane, done))

    def _lane_ended(self, lane: Lane, done: "asyncio.Task[None]") -> None:
        if self._lanes.get(lane) is done:
            del self._lanes[lane]
        if not done.cancelled() and done.exception() is not None:
            log.error("an outbox lane failed", extra={"error": type(done.exception()).__name__})
        # A kick that came while the lane was ending must not be lost.
        if self._running and self._kicks[lane].is_set():
            self.kick(lane[0], CommandKind.SEND if lane[1] == "send" else CommandKind.READ)

    async def kick_client(self, client_id: str) -> None:
        """A command became ready (its upload is done, or the user asked for another try)."""
        command = await self._store.read(lambda db: outbox.get(db, client_id))
        if command is not None:
            self.kick(command.conversation_id, command.kind)

    async def fail(self, client_id: str, text: str, code: str = "") -> None:
        """Mark as failed with the reason."""

        def work(db: Writer) -> Command | None:
            command = outbox.get(db, client_id)
            if command is not None:
                outbox.set_state(db, command, CommandState.FAILED, error_code=code, error=text)
            return command

        command = await self._store.write(work)
        if command is not None:
            # What stood behind it need not wait any more.
            self.kick(command.conversation_id, command.kind)

    # From the link.

    def answered(self, frame: Ack | Nack) -> None:
        """An acknowledgement or refusal came."""
        waiter = self._answers.get(frame.client_id)
        if waiter is not None and not waiter.done():
            waiter.set_result(frame)
        elif isinstance(frame, Ack):
            # Of an earlier connection or a given-up wait: as good as any.
            self._late.start(self._late_ack(frame))

    def connected(self) -> None:
        """The link is signed in: whatever waits for another try may try now."""
        for kick in self._kicks.values():
            kick.set()

    def disconnected(self) -> None:
        """The link is gone: nobody answers any more what was sent over it."""
        for waiter in self._answers.values():
            if not waiter.done():
                waiter.set_exception(NetworkError(detail="link lost"))

    async def _late_ack(self, ack: Ack) -> None:
        """What fails here the next catch-up brings."""
        command = await self._store.read(lambda db: outbox.get(db, ack.client_id))
        if command is not None:
            await self._applying.apply_ack(command, ack)
        else:
            # Given up by the user, and gone out all the same: it is a message like any other.
            await self._gaps.fetch_page(
                ack.conversation_id, before_seq=ack.seq + 1, after_seq=ack.seq - 1, limit=1
            )

    # Lanes.

    async def _run_lane(self, lane: Lane) -> None:
        pause = _FIRST_PAUSE
        kick = self._kicks[lane]
        while True:
            kick.clear()
            command = await self._store.read(lambda db: _next(db, lane))
            if command is None:
                return  # An upload that ends kicks the lane.
            try:
                await self._link.wait_connected()
                await self._carry_out(command)
            except SessionEnded:
                return  # After the next sign-in, `start` takes it up again.
            except NetworkError:
                if not self._running:
                    return  # A failure in the moment of closing may come instead of the cancellation.
                rest = pause
            except ApiError as error:
                if await self._refused(command, error):
                    pause = _FIRST_PAUSE
                    continue
                # How long the server asks to be left alone holds also over a new connection.
                await asyncio.sleep(error.retry_after)
                rest = max(pause - error.retry_after, 0.0)
            except KeyMissing:
                rest = max(pause, 2.0)
            except KeyDestroyed as error:
                await self._key_gone(command, error)
                continue
            else:
                pause = _FIRST_PAUSE
                continue
            # A new connection ends the pause, however long it has grown.
            await _either(kick, rest)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _key_gone(self, command: Command, error: KeyDestroyed) -> None:
        if command.kind is CommandKind.SEND:
            await self.fail(command.client_id, error.text, ErrorCode.KEY_DESTROYED)
        else:
            await self._store.write(lambda db: outbox.finish(db, command))
            self._on_refused(error.text)
            await self._restore_truth(command)

    async def _carry_out(self, command: Command) -> None:
        payload = outbox.payload_of(command)
        id_ = command.conversation_id
        match payload:
            case SendCommand():
                await self._send(command, payload)
                return
            case ReadCommand():
                await self._applying.apply_member(await self._api.mark_read(id_, payload.seq))
            case ReactCommand():
                reaction = await self._react(command, payload)
                # Done first: while it waits, the server's row does not replace what the user sees.
                await self._store.write(lambda db: outbox.finish(db, command))
                await self._applying.apply_reaction(reaction)
                return
            case RecallCommand():
                await self._applying.apply_messages([await self._api.recall(id_, payload.seq)])
            case SettingCommand():
                setting = await self._api.change_setting(
                    id_,
                    SettingChange(
                        pinned=payload.pinned,
                        muted=payload.muted,
                        hidden=payload.hidden,
                        marked_unread=payload.marked_unread,
                    ),
                )
                event = SettingEvent(event_id=setting.event_id, setting=setting)
                await self._applying.apply([event], live=False)
            case _:
                for part in self._parts_for(payload):
                    await part.carry_out(command, payload)
        await self._store.write(lambda db: outbox.finish(db, command))

    async def _react(self, command: Command, payload: ReactCommand) -> Reaction:
        id_, client_id = command.conversation_id, command.client_id
        body = b""
        if payload.emoji:
            content = encode_reaction(ReactionContent(seq=payload.seq, emoji=payload.emoji))
            body = await self._keys.seal(
                id_, await self._epoch(id_), sender_id=self._me, client_id=client_id, plaintext=content
            )
        return await self._api.react(id_, payload.seq, client_id, body)

    async def _epoch(self, conversation_id: str) -> int:
        epoch = await self._store.read(lambda db: conversations.epoch_of(db, conversation_id))
        if not epoch:
            # Recovered without its conversation: ask for it.
            await self._applying.apply_conversation(await self._api.conversation(conversation_id))
            epoch = await self._store.read(lambda db: conversations.epoch_of(db, conversation_id))
        return epoch

    async def _send(self, command: Command, payload: SendCommand) -> None:
        id_, client_id = command.conversation_id, command.client_id
        epoch = await self._epoch(id_)
        body = await self._keys.seal(
            id_, epoch, sender_id=self._me, client_id=client_id, plaintext=payload.content
        )
        answer: asyncio.Future[Ack | Nack] = asyncio.get_running_loop().create_future()
        self._answers[client_id] = answer
        try:
            frame = Send(client_id=client_id, conversation_id=id_, body=body, file_ids=payload.file_ids)
            if not self._link.send(frame):
                raise NetworkError(detail="not connected")
            try:
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the answer.
                async with asyncio.timeout(self._answer_seconds):
                    outcome = await answer
            except TimeoutError:
                # The connection looks alive and is not: only a new one can tell what became of the message.
                self._link.drop()
                raise NetworkError(detail="no answer") from None
        finally:
            self._answers.pop(client_id, None)
        if isinstance(outcome, Nack):
            raise ApiError(
                outcome.error.code,
                outcome.error.detail,
                message=outcome.error.message,
                retry_after=outcome.error.retry_after,
            )
        await self._applying.apply_ack(command, outcome)

    async def _refused(self, command: Command, error: ApiError) -> bool:
        """Deal with a refusal; False: it is not definite, try again later."""
        if is_temporary(error):
            return False
        if error.code is ErrorCode.CONFLICT and error.detail.startswith("epoch"):
            # A member left meanwhile: the conversation has a newer key.
            stale = self._stale[command.client_id] = self._stale.get(command.client_id, 0) + 1
            await self._applying.apply_conversation(await self._api.conversation(command.conversation_id))
            return stale < 4
        if command.kind is CommandKind.SEND:
            lost = error.code is ErrorCode.NOT_FOUND and error.detail == "file_ids"
            if lost and await self._upload_again(command):
                return True
            log.info("a message was refused", extra={"code": error.code.value})
            await self.fail(command.client_id, error.message, error.code)
            return True
        log.info("a command was refused", extra={"kind": command.kind, "code": error.code.value})
        await self._store.write(lambda db: outbox.finish(db, command))
        if command.kind is not CommandKind.READ:
            self._on_refused(error.message)
        await self._restore_truth(command)
        return True

    def _parts_for(self, payload: AnyCommand) -> list[CarriesOut]:
        return [part for part in self.parts if isinstance(payload, part.commands)]

    async def _restore_truth(self, command: Command) -> None:
        """What was shown at once and refused is shown as the server has it."""
        payload = outbox.payload_of(command)
        for part in self._parts_for(payload):
            await part.restore(command, payload)
        if isinstance(payload, ReactCommand):
            id_, seq = command.conversation_id, payload.seq
            await self._store.write(lambda db: reactions.forget_own(db, id_, seq, self._me))
            try:
                await self._gaps.fetch_page(id_, before_seq=seq + 1, after_seq=seq - 1, limit=1)
            except (NetworkError, ApiError, SessionEnded):
                return
        if command.kind is CommandKind.SETTING:
            try:
                await self._catch_up()
            except (NetworkError, ApiError, SessionEnded):
                return

    async def _upload_again(self, command: Command) -> bool:
        """The server collected a file that waited too long for its message: send it up once more."""
        payload = outbox.payload_of(command)
        tries = self._uploads_again.get(command.client_id, 0)
        if self.files is None or not isinstance(payload, SendCommand) or tries >= 2:
            return False
        self._uploads_again[command.client_id] = tries + 1
        again = [await self.files.upload_again(file_id) for file_id in payload.file_ids]
        return all(again)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _next(db: Reader, lane: Lane) -> Command | None:
    """The command of the lane that goes next, or None while all have to wait."""
    commands = [
        command
        for command in outbox.waiting(db, lane[0])
        if (command.kind is CommandKind.SEND) == (lane[1] == "send")
    ]
    if lane[1] != "send":
        # A file of a group's space waits for its upload; nothing waits for it.
        ready = (
            command
            for command in commands
            if all(row.state is TransferState.DONE for row in _uploads(db, command))
        )
        return next(ready, None)
    return next_of((command, _uploads(db, command)) for command in commands)


def next_of(queue: Iterable[tuple[Command, list[TransferRow]]]) -> Command | None:
    """The message of one conversation that goes next, of those that wait, in the order of sending, with their uploads.

    A message waits for those before it. Two exceptions, so that nobody's words are held up for minutes: a message
    without files does not wait for a file of more than LARGE that is still going up (nor for files queued behind it),
    and nobody waits for an upload that the user has paused. Files never overtake one another.
    """
    behind_large = False
    for command, uploads in queue:
        moving = [row for row in uploads if row.state is not TransferState.DONE]
        if any(row.state is TransferState.PAUSED for row in moving):
            continue
        if not uploads or not (moving or behind_large):
            return command
        if not behind_large and not any(row.size > LARGE for row in moving):
            return None
        behind_large = True
    return None


def _uploads(db: Reader, command: Command) -> list[TransferRow]:
    payload = outbox.payload_of(command)
    file_ids = payload.file_ids if isinstance(payload, SendCommand | SpaceCommand) else []
    rows = (transfers.get(db, file_id) for file_id in file_ids)
    # What is only being fetched (a forwarded file, perhaps paused) lies on the server: nobody waits for it.
    return [row for row in rows if row is not None and row.direction is TransferDirection.UP]
