"""One signed-in account: what it is made of, its beginning and end, and who hears what comes from the server."""

import logging
import time
from collections.abc import Callable

from app.session.api import ApiClient
from app.session.arrivals import Arrival, Arrivals
from app.session.assistant import AssistantCalls
from app.session.attachments import Attachments
from app.session.conversations import Conversations
from app.session.directory import Directory
from app.session.features import FeatureRights
from app.session.files import Files
from app.session.group_api import GroupApi
from app.session.groups import Groups
from app.session.http import HttpCaller, SessionEnded
from app.session.keys import Keys
from app.session.kinds import MessageKinds
from app.session.knowledge import KnowledgeCalls
from app.session.link import Link
from app.session.listeners import Listeners
from app.session.lock_calls import LockCalls
from app.session.locking import Locking
from app.session.messages import Messages
from app.session.outbox import Outbox
from app.session.presence import Presence
from app.session.seal_refusals import SealRefusals
from app.session.secret import SecretRooms
from app.session.sending import Sending
from app.session.side_work import SideWork
from app.session.states import LinkState, NetworkError
from app.session.sync import Applied, Sync
from app.session.tokens import DeviceKey, SessionTokens, pack
from app.store.queries import preferences, secrets
from app.store.store import Recovery, Store
from server_stub.contract import frames
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError
from server_stub.contract.events import (
    AssistantEvent,
    DirectoryEvent,
    FeaturesEvent,
    PersonEvent,
    SecretEvent,
)
from server_stub.contract.sm.algorithms import Algorithms

log = logging.getLogger(__name__)

SESSION_SECRET = "session"


class Session:
    """See app/README.md. All methods run on the asyncio loop; none blocks.

    Each job has a part of its own: `send` and `kinds` (new messages), `messages` (those that are there), `attachments`
    (their files), `conversations`, `groups`, `directory`, `presence`, `features` (rights), `assistant`, `knowledge`,
    `secret`, `locking`.

    What changes server state while offline goes through the outbox and returns at once (send.*, messages.recall,
    conversations.mark_read, change_setting); what needs an answer (conversations.open_single, create_group, directory
    without cache …) raises states.NetworkError when offline and contract.errors.ApiError when refused;
    `states.refusal_text(error)` gives the sentence for the user.
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
        self._http = http
        self._device = device
        self._closed = False
        self._over = False
        self._prepare_news()
        self._build_core(algorithms, heartbeat, answer_seconds)
        self._build_parts(algorithms)
        self._wire(tokens)

    def _prepare_news(self) -> None:
        self.link_changed: Listeners[LinkState] = Listeners()
        self.arrived: Listeners[Arrival] = Listeners()
        self.signed_out: Listeners[str] = Listeners()
        """The session ended remotely: the sentence for the user. Go to the login page, then `await close()`."""
        self.command_refused: Listeners[str] = Listeners()
        """A recall or setting was refused by the server: the sentence for the user."""
        self.directory_changed: Listeners[None] = Listeners()
        """How the directory is shown may be another now; cards are fetched anew when they are asked for."""
        self.lock_news: Listeners[frames.LockFrame] = Listeners()
        """The server has something about the app lock to heed."""
        self.assistant_news: Listeners[None] = Listeners()
        """Administrators changed something of the assistant."""
        self.on_signed_out_here: Callable[[], None] = lambda: None

    def _build_core(self, algorithms: Algorithms, heartbeat: float | None, answer_seconds: float) -> None:
        """What moves rows and files between store and server."""
        store = self.store
        self.api = ApiClient(self._http)
        self._side = SideWork()
        self._link = Link(self._http, heartbeat=heartbeat)
        self._keys = Keys(store, self.api, algorithms, self._device)
        refusals = SealRefusals(self.api, self._side, self.command_refused.emit)
        self._sync = Sync(
            store,
            self.api,
            self._keys,
            self.me.id,
            on_applied=self._applied,
            on_refused=lambda message, reason: refusals.refused(
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
            self.me.id,
            on_refused=self.command_refused.emit,
            answer_seconds=answer_seconds,
        )
        self.files = Files(
            store,
            self.api,
            algorithms,
            wait_connected=self._link.wait_connected,
            released=lambda client_id: self._side.start(self._outbox.kick_client(client_id)),
            upload_failed=self._outbox.fail,
            tampered=lambda conversation_id, file_id: refusals.refused(conversation_id, file_id, "chunk"),
        )
        self._outbox.files = self.files

    def _build_parts(self, algorithms: Algorithms) -> None:
        """What views and services use."""
        store, http, me = self.store, self._http, self.me
        self.presence = Presence(self._link.send)
        self.directory = Directory(store, self.api, self._connected, self._side)
        self.conversations = Conversations(
            store, self.api, self._sync, self._outbox, self.directory, self._side, me.id, self.now_ms
        )
        self.send = Sending(store, self._outbox, self.files, self.now_ms)
        self.kinds = MessageKinds(store, self._outbox, self.files, self.send, me, self.now_ms)
        """Voice, video, folders, cards, places, markdown, forwarding, reactions, deleting here."""
        self.messages = Messages(
            store, self._outbox, self._sync, self.files, connected=self._connected, now_ms=self.now_ms
        )
        self.attachments = Attachments(store, self.files, self.messages)
        self.groups = Groups(
            store=store,
            api=GroupApi(http),
            keys=self._keys,
            sync=self._sync,
            queue=self._outbox,
            files=self.files,
            me=me.id,
            now_ms=self.now_ms,
            refresh_members=self.conversations.refresh_members,
        )
        self._outbox.groups = self.groups
        self._arrivals = Arrivals(
            store,
            self.directory,
            self.groups,
            self._side,
            me.id,
            send=self._link.send,
            tell=self.arrived.emit,
        )
        self.features = FeatureRights(store, self.api)
        self.assistant = AssistantCalls(http)
        self.knowledge = KnowledgeCalls(http)
        self.secret = SecretRooms(self.api, algorithms, self._device, me.id)
        self.lock_calls = LockCalls(http)
        self.locking = Locking(store, self._sync, algorithms, self._device, me.id, lambda: self.tokens)

    def _wire(self, tokens: SessionTokens) -> None:
        http, link = self._http, self._link
        http.sign_in_as(tokens, self._device, self._keep_tokens)
        http.clock = lambda: time.time() + link.skew_ms / 1000
        http.on_ended = lambda ended: self._ended(ended.text)
        link.on_frame = self._frame
        link.on_welcome = self._welcomed
        link.on_ended = self._ended
        link.state_changed.connect(self._link_state)
        self.store.on_recovered = self._recovered

    async def start(self) -> None:
        """Begin to work in the background; everything in the store can be read before."""
        await self.features.start()
        await self.groups.start()
        await self.files.start()
        await self._outbox.start()
        self._sync.start()
        self._link.start()

    @property
    def tokens(self) -> SessionTokens | None:
        """The tokens in use; None when signed out."""
        return self._http.tokens

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

    async def set_preference(self, name: str, value: object) -> None:
        """Keep a preference of this account (any MessagePack value)."""
        await self.store.write(lambda db: preferences.put(db, name, value))

    # The end.

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

    async def close(self) -> None:
        """End link, transfers and store in good order; the next start resumes."""
        if self._closed:
            return
        self._closed = True
        self._side.refuse()
        await self._link.close()
        await self._outbox.close()
        await self._sync.close()
        await self.groups.close()
        await self.files.close()
        await self._side.close()
        await self._http.close()
        self._keys.forget()
        await self.store.close()

    async def _keep_tokens(self, tokens: SessionTokens) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, pack(tokens)))

    async def _forget_session(self) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, b""))

    def _ended(self, text: str) -> None:
        if self._over or self._closed:
            return
        self._over = True
        self._http.forget_tokens()
        self._side.start(self._forget_session())
        self.signed_out.emit(text)

    # What comes from below.

    def _connected(self) -> bool:
        return self._link.connected

    def _link_state(self, state: LinkState) -> None:
        if not self._link.connected:
            self._sync.disconnected()
            self._outbox.disconnected()
            self.presence.disconnected()
        self.link_changed.emit(state)

    def _welcomed(self, _welcome: frames.Welcome) -> None:
        self._sync.connected()
        self._outbox.connected()
        self._side.start(self.features.refresh())
        # What happened in secret chats meanwhile is asked for anew: nothing of them is kept.
        self.secret.changed.emit("")
        self.directory_changed.emit(None)
        self.presence.connected()

    def _applied(self, applied: Applied, live: bool) -> None:
        self._arrivals.take(applied, live)

    def _caught_up(self) -> None:
        self._link.synced()
        self._side.start(self._sync.reopen())
        # Lanes that stopped on an unexpected failure get another chance with every connection.
        self._side.start(self._outbox.start())
        self._side.start(self._arrivals.deliver_all())
        self.directory.refresh_soon()

    def _frame(self, frame: frames.AnyServerFrame) -> None:
        match frame:
            case frames.EventFrame(event=FeaturesEvent(features=allowed)):
                self._side.start(self.features.take(allowed))
            case frames.EventFrame(event=DirectoryEvent()):
                self._side.start(self._directory_changed())
            case frames.EventFrame(event=AssistantEvent()):
                self.assistant_news.emit(None)
            case frames.EventFrame(event=SecretEvent(chat_id=chat_id)):
                self.secret.changed.emit(chat_id)
            case frames.EventFrame():
                if isinstance(frame.event, PersonEvent) and frame.event.person.id == self.me.id:
                    # Another post may mean other permissions.
                    self._side.start(self.features.refresh())
                self._sync.live(frame.event)
            case frames.Ack() | frames.Nack():
                self._outbox.answered(frame)
            case frames.LockFrame():
                self.lock_news.emit(frame)
            case frames.TypingFrame() | frames.Presence():
                self.presence.take(frame)
            case _:
                return

    async def _directory_changed(self) -> None:
        await self.directory.outdate()
        self.directory_changed.emit(None)

    def _recovered(self, _recovery: Recovery) -> None:
        """The store was mended: fetch everything anew, and take up what was not sent."""
        if self._link.connected:
            self._sync.connected()
        self._side.start(self._take_up())

    async def _take_up(self) -> None:
        await self.files.start(wipe=False)
        await self._outbox.start()
