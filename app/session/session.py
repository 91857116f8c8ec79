"""One signed-in account: what it is made of, its beginning and end, and who hears what comes from the server."""

import logging
import time
from collections.abc import Callable

from app.session.applying import Applied
from app.session.arrivals import Arrival, Arrivals
from app.session.assistant import AssistantCalls
from app.session.attachments import Attachments
from app.session.conversations import Conversations
from app.session.directory import Directory
from app.session.exchange import Exchange
from app.session.features import FeatureRights
from app.session.group_api import GroupApi
from app.session.group_space import GroupSpace
from app.session.groups import Groups
from app.session.http import HttpCaller, SessionEnded
from app.session.kinds import MessageKinds
from app.session.knowledge import KnowledgeCalls
from app.session.listeners import Listeners
from app.session.lock_calls import LockCalls
from app.session.locking import Locking
from app.session.messages import Messages
from app.session.personal import Personal
from app.session.pictures import Pictures
from app.session.presence import Presence
from app.session.secret import SecretRooms
from app.session.sending import Sending
from app.session.states import LinkState, NetworkError
from app.session.tokens import DeviceKey, SessionTokens, pack
from app.store.queries import preferences, secrets
from app.store.records import CommandKind
from app.store.store import Recovery, Store
from server_stub.contract import frames
from server_stub.contract.directory import Person
from server_stub.contract.errors import ApiError
from server_stub.contract.events import (
    AssistantEvent,
    DirectoryEvent,
    FeaturesEvent,
    LinksEvent,
    PersonEvent,
    SecretEvent,
)
from server_stub.contract.sm.algorithms import Algorithms

log = logging.getLogger(__name__)

SESSION_SECRET = "session"


class Session:
    """See app/README.md. All methods run on the asyncio loop; none blocks.

    Each job has a part of its own: `send` and `kinds` (new messages), `messages` (those that are there), `attachments`
    (their files), `conversations`, `groups` and `space` (files of groups), `personal` (what is the account's alone),
    `pictures`, `directory`, `presence`, `features` (rights), `assistant`, `knowledge`, `secret`, `lock_calls`, `locking`.

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
        self.ended_text = ""
        """Why the server ended this session; "" while it did not. For who came too late to hear `signed_out`."""
        self._prepare_news()
        self._exchange = Exchange(
            store,
            http,
            algorithms,
            device,
            me.id,
            heartbeat=heartbeat,
            answer_seconds=answer_seconds,
            tell=self.command_refused.emit,
            on_applied=self._applied,
            on_caught_up=self._caught_up,
        )
        self.api = self._exchange.api
        self.files = self._exchange.files
        self._side = self._exchange.side
        self._link = self._exchange.link
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
        self.link_news: Listeners[None] = Listeners()
        """The rules for links may be others now."""
        self.on_signed_out_here: Callable[[], None] = lambda: None

    def _build_parts(self, algorithms: Algorithms) -> None:
        """What views and services use."""
        store, http, me, exchange = self.store, self._http, self.me.id, self._exchange
        api, files, applying, queue = self.api, self.files, exchange.applying, exchange.outbox
        connected = exchange.is_connected
        self.presence = Presence(self._link.send)
        self.directory = Directory(store, api, connected, self._side)
        self.conversations = Conversations(
            store, api, applying, queue, self.directory, self._side, me, self.now_ms
        )
        self.send = Sending(store, queue, files, self.now_ms)
        self.kinds = MessageKinds(store, queue, files, self.send, self.me, self.now_ms)
        """Voice, video, folders, cards, places, markdown, forwarding, reactions, deleting here."""
        self.messages = Messages(store, queue, exchange.gaps, files, connected)
        self.attachments = Attachments(store, files, self.messages)
        group_api = GroupApi(http)
        self.groups = Groups(store, group_api, applying, queue, me, self.conversations.refresh_members)
        self.space = GroupSpace(store, group_api, exchange.keys, applying, queue, files, me, self.now_ms)
        self.personal = Personal(store, group_api, applying, queue, me, self.now_ms)
        self.pictures = Pictures(store, group_api, self.now_ms)
        queue.parts = (self.groups, self.space, self.personal)
        self._arrivals = Arrivals(
            store,
            self.directory,
            self.personal,
            self._side,
            me,
            send=self._link.send,
            tell=self.arrived.emit,
        )
        self.features = FeatureRights(store, api)
        self.assistant = AssistantCalls(http)
        self.knowledge = KnowledgeCalls(http)
        self.secret = SecretRooms(api, algorithms, self._device, me)
        self.lock_calls = LockCalls(http)
        self.locking = Locking(store, applying, algorithms, self._device, me, lambda: self.tokens)

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
        await self.personal.start()
        await self._exchange.start()

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
        await self._exchange.sync.afresh()

    @property
    def link_state(self) -> LinkState:
        """State of the connection now."""
        return self._link.state

    def now_ms(self) -> int:
        """The server's time by our estimate, Unix ms."""
        return self._exchange.now_ms()

    def move_to(self, server_url: str) -> None:
        """The bundled server answers at another address now: go there."""
        self._http.move_to(server_url)
        self.server_url = self._http.base_url
        self._link.wake()

    def network_hint(self) -> None:
        """The network changed or the machine woke up: connect, or test the connection, at once."""
        self._exchange.hint()

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
        await self.personal.close()
        await self._exchange.close()
        await self._http.close()
        await self.store.close()

    async def _keep_tokens(self, tokens: SessionTokens) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, pack(tokens)))

    async def _forget_session(self) -> None:
        await self.store.write(lambda db: secrets.put(db, SESSION_SECRET, b""))

    def _ended(self, text: str) -> None:
        if self._over or self._closed:
            return
        self._over = True
        self.ended_text = text
        self._http.forget_tokens()
        self._side.start(self._forget_session())
        self.signed_out.emit(text)

    # What comes from below.

    def _link_state(self, state: LinkState) -> None:
        if not self._link.connected:
            self._exchange.disconnected()
            self.presence.disconnected()
        self.link_changed.emit(state)

    def _welcomed(self, _welcome: frames.Welcome) -> None:
        self._exchange.connected()
        self._side.start(self.features.refresh())
        # What happened in secret chats meanwhile is asked for anew: nothing of them is kept.
        self.secret.changed.emit("")
        self.directory_changed.emit(None)
        self.link_news.emit(None)
        self.presence.connected()

    def _applied(self, applied: Applied, live: bool) -> None:
        self._arrivals.take(applied, live)
        for id_ in applied.listed:
            self._exchange.outbox.kick(id_, CommandKind.SETTING)

    def _caught_up(self) -> None:
        self._exchange.caught_up()
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
            case frames.EventFrame(event=LinksEvent()):
                self.link_news.emit(None)
            case frames.EventFrame(event=SecretEvent(chat_id=chat_id)):
                self.secret.changed.emit(chat_id)
            case frames.EventFrame():
                if isinstance(frame.event, PersonEvent) and frame.event.person.id == self.me.id:
                    # Another post may mean other permissions.
                    self._side.start(self.features.refresh())
                self._exchange.sync.live(frame.event)
            case frames.Ack() | frames.Nack():
                self._exchange.outbox.answered(frame)
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
        self._exchange.recovered()
