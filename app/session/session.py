"""One signed-in account: the façade that views and services use."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.session.api import ApiClient
from app.session.assistant import AssistantCalls
from app.session.directory import Directory
from app.session.features import FeatureRights
from app.session.files import Files, FileUnavailable
from app.session.group_api import GroupApi
from app.session.groups import Groups
from app.session.http import HttpCaller, SessionEnded
from app.session.inbox import read_inbox
from app.session.keys import Keys
from app.session.kinds import MessageKinds
from app.session.knowledge import KnowledgeCalls
from app.session.link import Link
from app.session.listeners import Listeners
from app.session.lock_calls import LockCalls
from app.session.outbox import Outbox
from app.session.receiver import LockedReceiver
from app.session.secret import SecretRooms
from app.session.sending import Sending
from app.session.states import LinkState, NetworkError
from app.session.sync import Applied, Sync
from app.session.tokens import DeviceKey, SessionTokens, pack
from app.store.commands import ReadCommand, RecallCommand, SendCommand, SettingCommand
from app.store.database import Reader, Writer
from app.store.queries import (
    conversations,
    drafts,
    groups,
    members,
    messages,
    outbox,
    people,
    places,
    preferences,
    search,
    secrets,
    settings,
    transfers,
)
from app.store.records import (
    Command,
    CommandKind,
    CommandState,
    Draft,
    MessageRow,
    SearchHit,
    TransferDirection,
)
from app.store.store import Recovery, Store
from server_stub.contract.accounts import SessionInfo
from server_stub.contract.content import FileRef, LinkPreview, Quote, SystemContent, TextContent
from server_stub.contract.conversations import Member, Message
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.errors import ApiError
from server_stub.contract.events import (
    AnyEvent,
    AssistantEvent,
    DirectoryEvent,
    FeaturesEvent,
    PersonEvent,
    SecretEvent,
)
from server_stub.contract.frames import (
    Ack,
    AnyServerFrame,
    EventFrame,
    LockFrame,
    MarkDelivered,
    Nack,
    Presence,
    Typing,
    TypingFrame,
    Watch,
    Welcome,
)
from server_stub.contract.ids import uuid7
from server_stub.contract.keys import SealReport
from server_stub.contract.lock import UNLOCK_PURPOSE, LockReport, report_message
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope

log = logging.getLogger(__name__)

_TYPING_GAP = 3.0
_MAX_WATCHED = 200
_CARDS_PAUSE = 60.0
SESSION_SECRET = "session"
INBOX = "locked-inbox.bin"
"""What came while the client was locked."""


@dataclass(frozen=True, slots=True)
class TypingNotice:
    """Somebody is writing; forget it after five seconds."""

    conversation_id: str
    person_id: str


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


class Session:
    """See app/README.md. All methods run on the asyncio loop; none blocks.

    What changes server state while offline goes through the outbox and returns at once (send_*, recall, mark_read,
    change_setting); what needs an answer (open_single, create_group, directory without cache …) raises
    states.NetworkError when offline and contract.errors.ApiError when refused; `states.refusal_text(error)` gives
    the sentence for the user.
    """

    def __init__(
        self,
        *,
        store: Store,
        http: HttpCaller,
        algorithms: Algorithms,
        device: DeviceKey,
        tokens: SessionTokens,
        me: Person,
        heartbeat: float | None = None,
        answer_seconds: float = 20.0,
    ) -> None:
        """Built by Accounts; `heartbeat` and `answer_seconds` are shortened in tests."""
        self.store = store
        self.me = me
        self.is_admin = tokens.is_admin
        self.server_url = tokens.server_url
        self.api = ApiClient(http)
        self.link_changed: Listeners[LinkState] = Listeners()
        self.typing: Listeners[TypingNotice] = Listeners()
        self.presence_changed: Listeners[frozenset[str]] = Listeners()
        """Person ids whose presence changed; ask `is_online(id)`."""
        self.arrived: Listeners[Arrival] = Listeners()
        self.signed_out: Listeners[str] = Listeners()
        """The session ended remotely: the sentence for the user. Go to the login page, then `await close()`."""
        self.command_refused: Listeners[str] = Listeners()
        """A recall or setting was refused by the server: the sentence for the user."""
        self.directory_changed: Listeners[None] = Listeners()
        """How the directory is shown may be another now; cards are fetched anew when they are asked for."""
        self.lock_news: Listeners[LockFrame] = Listeners()
        """The server has something about the app lock to heed."""
        self.assistant_news: Listeners[None] = Listeners()
        """Administrators changed something of the assistant."""
        self.lock_calls = LockCalls(http)
        self.on_signed_out_here: Callable[[], None] = lambda: None
        self._http = http
        self._algorithms = algorithms
        self._device = device
        self._link = Link(http, heartbeat=heartbeat)
        self._keys = Keys(store, self.api, algorithms, device)
        self._sync = Sync(
            store,
            self.api,
            self._keys,
            me.id,
            on_applied=self._applied,
            on_refused=lambda message, reason: self._seal_refused(
                message.conversation_id, str(message.seq), reason
            ),
            on_caught_up=self._caught_up,
        )
        self._outbox = Outbox(
            store,
            self.api,
            self._link,
            self._sync,
            self._keys,
            me.id,
            on_refused=self.command_refused.emit,
            answer_seconds=answer_seconds,
        )
        self.files = Files(
            store,
            self.api,
            algorithms,
            wait_connected=self._link.wait_connected,
            released=lambda client_id: self._spawn(self._outbox.kick_client(client_id)),
            upload_failed=self._outbox.fail,
            tampered=lambda conversation_id, file_id: self._seal_refused(conversation_id, file_id, "chunk"),
        )
        self._outbox.files = self.files
        self._sending = Sending(store, self._outbox, self.files, self.now_ms)
        self.kinds = MessageKinds(store, self._outbox, self.files, self._sending, me, self.now_ms)
        """Voice, video, folders, cards, places, markdown, forwarding, reactions, deleting here."""
        self.directory = Directory(store, self.api, lambda: self._link.connected)
        self.groups = Groups(
            store=store,
            api=GroupApi(http),
            keys=self._keys,
            sync=self._sync,
            queue=self._outbox,
            files=self.files,
            me=me.id,
            now_ms=self.now_ms,
            refresh_members=self.refresh_members,
        )
        self._outbox.groups = self.groups
        self.features = FeatureRights(store, self.api)
        self.assistant = AssistantCalls(http)
        self.knowledge = KnowledgeCalls(http)
        self.secret = SecretRooms(self.api, algorithms, device, me.id)
        self._online: set[str] = set()
        self._watched: list[str] = []
        self._parties: dict[str, list[str]] = {}
        self._typed: dict[str, float] = {}
        self.cards_pause = _CARDS_PAUSE
        """Seconds within which old cards are fetched anew after a connection; shortened in tests."""
        self._refreshing_cards = False
        self._side: set[asyncio.Task[None]] = set()
        self._closed = False
        self._over = False
        self._reported: set[tuple[str, str]] = set()

        http.sign_in_as(tokens, device, self._keep_tokens)
        http.clock = lambda: time.time() + self._link.skew_ms / 1000
        http.on_ended = self._ended
        self._link.on_frame = self._frame
        self._link.on_welcome = self._welcomed
        self._link.on_ended = self._ended_with
        self._link.state_changed.connect(self._link_state)
        store.on_recovered = self._recovered

    async def start(self) -> None:
        """Begin to work in the background; everything in the store can be read before."""
        await self.features.start()
        await self.groups.start()
        await self.files.start()
        await self._outbox.start()
        self._sync.start()
        self._link.start()

    @property
    def device_id(self) -> str:
        """This device."""
        return self._device.id

    async def fetch_again(self) -> None:
        """Ask the server for everything anew, at once or when the link is back; what is there stays until then."""
        await self._sync.afresh()

    @property
    def link_state(self) -> LinkState:
        """State of the connection now."""
        return self._link.state

    def now_ms(self) -> int:
        """The server's time by our estimate, Unix ms."""
        return int(time.time() * 1000) + self._link.skew_ms

    def move_to(self, server_url: str) -> None:
        """The bundled server answers at another address now: go there."""
        self._http.move_to(server_url)
        self.server_url = self._http.base_url
        self._link.wake()

    def network_hint(self) -> None:
        """The network changed or the machine woke up: connect, or test the connection, at once."""
        self._link.wake()
        self._sync.hint()
        self._outbox.connected()

    # Messages (through the outbox).

    async def send_text(
        self,
        conversation_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        quote: Quote | None = None,
        preview: LinkPreview | None = None,
    ) -> str:
        """Send text (1 to 20,000 characters); return the client id. Raises ValueError when empty or too long.

        The conversation's draft goes in the same transaction.
        """
        return await self._sending.text(conversation_id, text, mentions, quote, preview)

    async def send_files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> list[str]:
        """Send files, each a message; return client ids. Raises files.FileRefused (missing, too large, type)."""
        return await self._sending.paths(conversation_id, paths, quote)

    async def send_image(
        self,
        conversation_id: str,
        data: bytes,
        *,
        name: str,
        width: int,
        height: int,
        thumbnail: bytes = b"",
        media_type: str = "image/png",
        quote: Quote | None = None,
    ) -> str:
        """Send a picture from memory (pasted, screenshot, dropped). `thumbnail`: a JPEG of at most 16 KiB."""
        return await self._sending.image(
            conversation_id,
            data,
            name=name,
            width=width,
            height=height,
            thumbnail=thumbnail,
            media_type=media_type,
            quote=quote,
        )

    def limit_files(self, max_bytes: int, blocked_extensions: Sequence[str]) -> None:
        """The server's limits (ServerInfo), so that a refused file is refused before it is sealed."""
        self._sending.limits(max_bytes, blocked_extensions)

    async def recall(self, conversation_id: str, seq: int) -> None:
        """Take a message back; a refusal (too late) comes through `command_refused`."""
        await self._command(conversation_id, RecallCommand(seq))

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        """Move the own read cursor to `seq` (None: the newest)."""

        def work(db: Writer) -> bool:
            bounds = conversations.bounds(db, conversation_id)
            if bounds is None:
                return False
            wanted = bounds[1] if seq is None else min(seq, bounds[1])
            row = conversations.get(db, conversation_id)
            if row is not None and row.marked_unread:
                change = SettingCommand(marked_unread=False)
                settings.apply(db, conversation_id, change)
                outbox.add(db, uuid7(), conversation_id, change, self.now_ms())
            moved = members.move_read(db, conversation_id, self.me.id, wanted)
            if moved:
                outbox.drop_reads(db, conversation_id)
                outbox.add(db, uuid7(), conversation_id, ReadCommand(wanted), self.now_ms())
            return moved or (row is not None and row.marked_unread)

        if await self.store.write(work):
            self._outbox.kick(conversation_id, CommandKind.READ)

    async def retry(self, client_id: str) -> None:
        """Send a failed message again."""

        def work(db: Writer) -> list[str]:
            command = outbox.get(db, client_id)
            if command is None:
                return []
            outbox.set_state(db, command, CommandState.PENDING)
            return _uploads_of(command)

        for file_id in await self.store.write(work):
            await self.files.resume(file_id)
        await self._outbox.kick_client(client_id)

    async def discard(self, client_id: str) -> None:
        """Give up a pending or failed message (and its upload)."""

        def work(db: Writer) -> tuple[str, list[str]]:
            command = outbox.get(db, client_id)
            if command is None:
                return "", []
            outbox.finish(db, command)
            return command.conversation_id, _uploads_of(command)

        conversation_id, file_ids = await self.store.write(work)
        for file_id in file_ids:
            await self.files.cancel(file_id)
        if conversation_id:
            # What stood behind it need not wait any more.
            self._outbox.kick(conversation_id)

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        """Change the own setting; shown at once."""
        await self._command(conversation_id, SettingCommand(pinned, muted, hidden, marked_unread))

    def notify_typing(self, conversation_id: str) -> None:
        """The user is writing; sent at most every three seconds."""
        now = time.monotonic()
        if now - self._typed.get(conversation_id, -_TYPING_GAP) >= _TYPING_GAP:
            self._typed[conversation_id] = now
            self._link.send(Typing(conversation_id=conversation_id))

    async def save_draft(self, draft: Draft) -> None:
        """Keep what was typed; an empty text without quote removes the draft."""
        await self.store.write(lambda db: drafts.put(db, draft))

    async def set_preference(self, name: str, value: object) -> None:
        """Keep a preference of this account (any MessagePack value)."""
        await self.store.write(lambda db: preferences.put(db, name, value))

    # Conversations.

    async def open_single(self, person_id: str) -> str:
        """The single chat with a person; its id. From the store when known, else from the server."""
        known = await self.store.read(lambda db: conversations.single_with(db, person_id))
        if known is not None:
            return known
        conversation = await self.api.open_single(person_id)
        await self._sync.apply_conversation(conversation)
        self._spawn(self._names([person_id]))
        return conversation.id

    async def create_group(self, member_ids: Sequence[str], name: str = "") -> str:
        """Make a group; its id."""
        client_id = uuid7()
        try:
            conversation = await self.api.create_group(client_id, name, member_ids)
        except NetworkError:
            # The answer may have been lost: the same client id gives the same group.
            conversation = await self.api.create_group(client_id, name, member_ids)
        await self._sync.apply_conversation(conversation)
        return conversation.id

    async def ensure_window(self, conversation_id: str, first_seq: int, last_seq: int) -> None:
        """Fetch what is missing between two seqs (inclusive); quiet when nothing is or when offline."""
        if not self._link.connected:
            return
        try:
            await self._sync.fill(conversation_id, first_seq, last_seq)
        except NetworkError:
            return

    async def load_older(self, conversation_id: str, before_seq: int, limit: int = 50) -> bool:
        """Make the `limit` messages before `before_seq` present; False when there are none before it."""
        bounds = await self.store.read(lambda db: conversations.bounds(db, conversation_id))
        if bounds is None or before_seq <= bounds[0]:
            return False
        await self._sync.fill(conversation_id, max(bounds[0], before_seq - limit), before_seq - 1)
        return True

    async def refresh_members(self, conversation_id: str) -> list[Member]:
        """Fetch all members and cursors into the store."""
        found = await self.api.members(conversation_id)

        def work(db: Writer) -> list[str]:
            members.replace_all(db, conversation_id, found, int(time.time() * 1000))
            return people.missing(db, [member.person_id for member in found])

        missing = await self.store.write(work)
        if missing:
            self._spawn(self._names(missing))
        return found

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove members of a group."""
        await self._sync.apply_conversation(await self.api.change_members(conversation_id, add, remove))
        await self.refresh_members(conversation_id)

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        """Change name or announcement."""
        await self._sync.apply_conversation(await self.api.change_group(conversation_id, name, announcement))

    async def leave(self, conversation_id: str) -> None:
        """Leave a group."""
        await self._sync.apply_conversation(await self.api.leave(conversation_id))

    # Files.

    async def open_file(self, file_id: str) -> Path:
        """Fetch if needed, open into the private folder, return the plain path (wiped at exit).

        Raises files.FileUnavailable.
        """
        conversation_id, file = await self._file(file_id)
        return await self.files.open_copy(file, conversation_id)

    async def save_file(self, file_id: str, target: Path) -> None:
        """Fetch if needed and write the plain file where the user wants it. Raises files.FileUnavailable."""
        conversation_id, file = await self._file(file_id)
        await self.files.save(file, conversation_id, target)

    async def file_bytes(self, file_id: str, limit: int = 32 * 1024 * 1024) -> bytes:
        """The plain content in memory (pictures in the viewer); never touches the disk in clear."""
        conversation_id, file = await self._file(file_id)
        if file.size > limit:
            raise FileUnavailable("文件太大，无法直接预览，请保存后查看。")
        return await self.files.read(file, conversation_id)

    async def download(self, file_id: str) -> None:
        """Start or resume a download in the background; follow it in the "transfers" table."""
        conversation_id, file = await self._file(file_id)
        await self.files.fetch(file, conversation_id)

    async def pause(self, file_id: str) -> None:
        """Pause an upload or download."""
        await self.files.pause(file_id)

    async def resume_transfer(self, file_id: str) -> None:
        """Go on with a paused or failed one."""
        row = await self.store.read(lambda db: transfers.get(db, file_id))
        if row is not None and row.direction is TransferDirection.UP and row.client_id:
            await self.retry(row.client_id)
        await self.files.resume(file_id)

    async def cancel(self, file_id: str) -> None:
        """Cancel: a download is dropped, an upload's message is discarded."""
        row = await self.store.read(lambda db: transfers.get(db, file_id))
        if row is not None and row.direction is TransferDirection.UP and row.client_id:
            if await self.store.read(lambda db: outbox.get(db, row.client_id)) is None:
                return  # It has gone out: what is in the cache belongs to a message now.
            await self.discard(row.client_id)
        else:
            await self.files.cancel(file_id)

    # Directory.

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit ("" for the root): from the server, from the cache when offline."""
        return await self.directory.unit_children(unit_id)

    async def person(self, person_id: str) -> Person | None:
        """A person's card: cache first (refreshed in the background), then the server."""
        return await self.directory.person(person_id)

    async def people(self, person_ids: Sequence[str]) -> dict[str, Person]:
        """Cards by id; unknown ones are left out."""
        return await self.directory.people(person_ids)

    async def search_directory(self, text: str, limit: int = 30) -> SearchResult:
        """People and units, by the server; by the cache when offline."""
        return await self.directory.search(text, limit)

    async def search(self, text: str, *, conversation_id: str = "", limit: int = 50) -> list[SearchHit]:
        """Messages on this machine that hold `text`, newest first."""
        return await self.store.read(
            lambda db: search.hits(db, text, conversation_id=conversation_id, limit=limit), background=True
        )

    def is_online(self, person_id: str) -> bool:
        """Whether a watched person is online."""
        return person_id in self._online

    def watch(self, person_ids: Sequence[str], party: str = "chat") -> None:
        """Whose presence `party` follows from now on (replaces its last call; 200 in all)."""
        self._parties[party] = list(person_ids)
        everybody = (id_ for ids in self._parties.values() for id_ in ids)
        self._watched = list(dict.fromkeys(everybody))[:_MAX_WATCHED]
        self._link.send(Watch(person_ids=self._watched))

    # Account.

    async def sessions(self) -> list[SessionInfo]:
        """The own signed-in devices."""
        return await self.api.sessions()

    async def end_session(self, session_id: str) -> None:
        """Sign another device out."""
        await self.api.end_session(session_id)

    async def change_password(self, old: str, new: str) -> None:
        """Change the password; other devices are signed out."""
        await self.api.change_password(old, new)

    async def sign_out(self) -> None:
        """Sign out on the server (quiet when offline), forget tokens, close."""
        self._over = True
        await self._link.close()
        try:
            await self.api.sign_out()
        except (NetworkError, ApiError, SessionEnded) as error:
            log.info("signed out here only", extra={"reason": type(error).__name__})
        self._http.forget_tokens()
        await self._forget_session()
        self.on_signed_out_here()
        await self.close()

    # Locking (3.2.3.1).

    async def receiver_for_lock(self) -> LockedReceiver | None:
        """What goes on receiving after `close`, unable to read anything; None when signed out."""
        tokens = self._http.tokens
        if tokens is None:
            return None
        file = self.store.folder.path / INBOX
        since = await self.store.read(messages.newest_event_id)
        return LockedReceiver(tokens, self.me.id, since, file, self._algorithms, self._device.public)

    def signed_report(self, report: LockReport) -> LockReport:
        """The report with the device's signature (about a millisecond)."""
        message = report_message(self._device.id, report)
        return msgspec.structs.replace(
            report, signature=self._algorithms.sm2_sign(self._device.private, message)
        )

    def open_phone_key(self, envelope: bytes) -> bytes:
        """The wrapping key of the phone's slot. Raises SealError."""
        return open_envelope(
            self._algorithms,
            self._device.private,
            conversation_id=f"{UNLOCK_PURPOSE}/{self._device.id}",
            epoch=0,
            envelope=envelope,
        )

    @property
    def tokens(self) -> SessionTokens | None:
        """The tokens in use; None when signed out."""
        return self._http.tokens

    async def merge_inbox(self) -> int:
        """Take over what came while locked; returns how many events. Whatever is missing the catch-up brings."""
        file = self.store.folder.path / INBOX
        records = await asyncio.to_thread(read_inbox, file, self._algorithms, self._device)
        events: list[AnyEvent] = []
        for record in records:
            try:
                events.append(msgspec.msgpack.decode(record, type=AnyEvent))
            except msgspec.DecodeError:
                log.warning("not an event in the locked inbox")
        for start in range(0, len(events), 200):
            await self._sync.apply(events[start : start + 200], live=False)
        await asyncio.to_thread(file.unlink, True)
        return len(events)

    async def close(self) -> None:
        """End link, transfers and store in good order; the next start resumes."""
        if self._closed:
            return
        self._closed = True
        await self._link.close()
        await self._outbox.close()
        await self._sync.close()
        await self.groups.close()
        await self.files.close()
        for task in list(self._side):
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)
        await self._http.close()
        self._keys.forget()
        await self.store.close()

    # What comes from below.

    def _link_state(self, state: LinkState) -> None:
        if not self._link.connected:
            self._sync.disconnected()
            self._outbox.disconnected()
            gone, self._online = frozenset(self._online), set()
            if gone:
                self.presence_changed.emit(gone)
        self.link_changed.emit(state)

    def _seal_refused(self, conversation_id: str, what: str, reason: str) -> None:
        """Something is not what its sender sealed: it is not shown; the user and the administrators hear of it, once."""
        if (conversation_id, what) in self._reported:
            return
        self._reported.add((conversation_id, what))
        log.error("a sealed body was refused", extra={"reason": reason})
        self.command_refused.emit("收到的内容未通过校验，可能被篡改或重放，已拒绝显示并上报管理员。")
        self._spawn(self._report(SealReport(conversation_id=conversation_id, what=what, reason=reason)))

    async def _report(self, report: SealReport) -> None:
        try:
            await self.api.report_seal(report)
        except (NetworkError, ApiError, SessionEnded):
            # The next start fetches it, refuses it and reports it again.
            self._reported.discard((report.conversation_id, report.what))

    def _welcomed(self, _welcome: Welcome) -> None:
        self._sync.connected()
        self._outbox.connected()
        self._spawn(self.features.refresh())
        # What happened in secret chats meanwhile is asked for anew: nothing of them is kept.
        self.secret.changed.emit("")
        self.directory_changed.emit(None)
        if self._watched:
            self._link.send(Watch(person_ids=self._watched))

    def _caught_up(self) -> None:
        self._link.synced()
        self._spawn(self._sync.reopen())
        # Lanes that stopped on an unexpected failure get another chance with every connection.
        self._spawn(self._outbox.start())
        self._spawn(self._deliver_all())
        if not self._refreshing_cards:
            self._refreshing_cards = True
            self._spawn(self._refresh_cards())

    async def _refresh_cards(self) -> None:
        # Not all clients of a city at once, when they have waited for the same server.
        await asyncio.sleep(random.uniform(0, self.cards_pause))
        try:
            await self.directory.refresh_shown()
        except (NetworkError, ApiError, SessionEnded) as error:
            log.info("old cards not fetched", extra={"reason": type(error).__name__})
        finally:
            self._refreshing_cards = False

    def _frame(self, frame: AnyServerFrame) -> None:
        match frame:
            case EventFrame(event=FeaturesEvent(features=allowed)):
                self._spawn(self.features.take(allowed))
            case EventFrame(event=DirectoryEvent()):
                self._spawn(self._directory_changed())
            case EventFrame(event=AssistantEvent()):
                self.assistant_news.emit(None)
            case EventFrame(event=SecretEvent(chat_id=chat_id)):
                self.secret.changed.emit(chat_id)
            case EventFrame():
                if isinstance(frame.event, PersonEvent) and frame.event.person.id == self.me.id:
                    # Another post may mean other permissions.
                    self._spawn(self.features.refresh())
                self._sync.live(frame.event)
            case Ack() | Nack():
                self._outbox.answered(frame)
            case LockFrame():
                self.lock_news.emit(frame)
            case TypingFrame():
                self.typing.emit(TypingNotice(frame.conversation_id, frame.person_id))
            case Presence():
                changed = frozenset(frame.online) ^ (frozenset(frame.online) & self._online)
                changed |= frozenset(frame.offline) & self._online
                self._online.update(frame.online)
                self._online.difference_update(frame.offline)
                if changed:
                    self.presence_changed.emit(changed)
            case _:
                return

    async def _directory_changed(self) -> None:
        await self.store.write(people.outdate)
        self.directory_changed.emit(None)

    def _applied(self, applied: Applied, live: bool) -> None:
        heads: dict[str, int] = {}
        for message in applied.new:
            if message.sender_id != self.me.id:
                heads[message.conversation_id] = max(heads.get(message.conversation_id, 0), message.seq)
        if live:
            for conversation_id, seq in heads.items():
                self._link.send(MarkDelivered(conversation_id=conversation_id, seq=seq))
            others = [m for m in applied.new if m.sender_id != self.me.id]
            if others:
                self._spawn(self._announce(others))

    async def _deliver_all(self) -> None:
        """After catching up: everything that is here has been delivered."""

        def behind(db: Reader) -> list[tuple[str, int]]:
            rows = db.all(
                """SELECT c.id, c.last_seq FROM conversations c JOIN members m
                     ON m.conversation = c.number AND m.person_id = ?
                   WHERE c.left = 0 AND c.dissolved = 0 AND m.delivered_seq < c.last_seq
                     AND m.read_seq < c.last_seq""",
                (self.me.id,),
            )
            return [(id_, seq) for id_, seq in rows]

        for conversation_id, seq in await self.store.read(behind):
            self._link.send(MarkDelivered(conversation_id=conversation_id, seq=seq))

    async def _announce(self, found: list[Message]) -> None:
        for message in found[-20:]:
            await self._names([message.sender_id])
            arrival = await self.store.read(lambda db, message=message: self._arrival(db, message))
            if arrival is not None:
                self.arrived.emit(arrival)

    def _arrival(self, db: Reader, message: Message) -> Arrival | None:
        row = messages.get(db, message.conversation_id, message.seq)
        place = conversations.get(db, message.conversation_id)
        if row is None or place is None or isinstance(row.content, SystemContent) or row.recalled_at:
            return None
        names = people.names(db, [message.sender_id])
        number = places.number_of(db, message.conversation_id) or 0
        named = isinstance(row.content, TextContent) and messages.names_me(
            db, number, row.content, message.sender_id, self.me.id
        )
        return Arrival(
            message=row,
            conversation_title=place.title,
            sender_name=names.get(message.sender_id, ""),
            text=conversations.line_of(row, self.me.id, names),
            muted=place.muted or (self.groups.focus and not place.pinned),
            mentioned=named,
            special=self.groups.is_special(message.sender_id),
        )

    async def _names(self, person_ids: Sequence[str]) -> None:
        missing = await self.store.read(lambda db: people.missing(db, person_ids))
        if missing:
            try:
                await self.directory.fetch(missing)
            except (NetworkError, ApiError, SessionEnded):
                return

    async def _command(self, conversation_id: str, command: RecallCommand | SettingCommand) -> None:
        def work(db: Writer) -> None:
            if isinstance(command, SettingCommand):
                settings.apply(db, conversation_id, command)
            outbox.add(db, uuid7(), conversation_id, command, self.now_ms())

        await self.store.write(work)
        self._outbox.kick(conversation_id, CommandKind.SETTING)

    async def _file(self, file_id: str) -> tuple[str, FileRef]:
        def find(db: Reader) -> tuple[str, FileRef] | None:
            return (
                transfers.ref(db, file_id) or messages.file_ref(db, file_id) or groups.file_ref(db, file_id)
            )

        found = await self.store.read(find)
        if found is None:
            raise FileUnavailable("文件不存在，或消息已被撤回。")
        return found

    async def _keep_tokens(self, tokens: SessionTokens) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, pack(tokens)))

    async def _forget_session(self) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, b""))

    def _ended(self, ended: SessionEnded) -> None:
        self._ended_with(ended.text)

    def _ended_with(self, text: str) -> None:
        if self._over or self._closed:
            return
        self._over = True
        self._http.forget_tokens()
        self._spawn(self._forget_session())
        self.signed_out.emit(text)

    def _recovered(self, _recovery: Recovery) -> None:
        """The store was mended: fetch everything anew, and take up what was not sent."""
        if self._link.connected:
            self._sync.connected()
        self._spawn(self._take_up())

    async def _take_up(self) -> None:
        await self.files.start(wipe=False)
        await self._outbox.start()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._side.add(task)
        task.add_done_callback(self._side_done)

    def _side_done(self, task: "asyncio.Task[None]") -> None:
        self._side.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error = task.exception()
            if not isinstance(error, NetworkError | ApiError | SessionEnded):
                log.error("background work failed", extra={"error": type(error).__name__})


def _uploads_of(command: Command) -> list[str]:
    """The files that go up with a message; none of a forwarded one."""
    payload = outbox.payload_of(command)
    return list(payload.file_ids) if isinstance(payload, SendCommand) and not payload.forwarded else []
