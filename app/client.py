"""The life of the client: resume or sign in, work, sign out, end. Builds a workspace for each signed-in account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.client_lock import ClientLock, Desk
from app.console import DIRECTORY_IMPORT
from app.features.login.service import Outcome
from app.features.login.session_service import AccountsLogin
from app.features.login.view import LoginWindow
from app.features.settings.service import About, SessionSettings, SettingsService
from app.preferences import Preferences
from app.server_facts import SERVER_FACTS, ServerFacts
from app.server_source import ServerSource
from app.session.accounts import Accounts
from app.session.http import is_loopback, normal_url
from app.session.session import Session
from app.session.states import AccountEntry, LinkState, NetworkError, SignInStep
from app.shell.problems import describe
from app.shell.share import Share, unpack
from app.shell.tasks import Tasks
from app.store.queries import preferences as kept
from app.workspace import Spot, Workspace
from lock.policy.model import Trigger
from server_stub.contract.accounts import ServerInfo
from server_stub.contract.errors import ApiError
from widgets.theme import ThemeManager

log = logging.getLogger(__name__)

QUIT_SECONDS = 8.0
"""A server or a disk that hangs must not keep the program from ending."""


WorkspaceMaker = Callable[[Session, SettingsService, ServerFacts], Workspace]
AboutMaker = Callable[[str, bool, str], About]
"""Server address, whether it is the bundled one, organisation."""


class Client(QObject):
    """`await run()` from the first window to the last; `stop()` ends it from anywhere on the interface thread."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        server: ServerSource,
        preferences: Preferences,
        themes: ThemeManager,
        make_workspace: WorkspaceMaker,
        make_about: AboutMaker,
        first_start: bool,
        fixed_server: str = "",
        make_lock: Callable[[Desk], ClientLock] | None = None,
    ) -> None:
        """`first_start`: no organisation was ever set up here, so that the welcome page is due. `make_lock`: None
        leaves the app lock out (pictures)."""
        super().__init__()
        self._accounts = accounts
        self._server = server
        self._preferences = preferences
        self._themes = themes
        self._make_workspace = make_workspace
        self._make_about = make_about
        self._first_start = first_start
        self._fixed_server = fixed_server
        self._make_lock = make_lock
        self._session: Session | None = None
        self._key = ""
        self._facts = ServerFacts()
        self._spot = Spot()
        """Where the user was when the client locked."""
        self._shared = Share()
        """From outside, until the user is signed in and the client is not locked."""
        self._leaving = False
        self._finished: asyncio.Future[None] | None = None
        self.tasks = Tasks(self._failed)
        self.login: LoginWindow | None = None
        self.workspace: Workspace | None = None
        self.lock: ClientLock | None = None
        self.notifier: Callable[[str, str], Coroutine[Any, Any, None]] | None = None
        """Shows a notification while no workspace is there to do it."""

    # Beginning and end.

    async def run(self) -> None:
        """Live until the user ends the program."""
        self._finished = asyncio.get_running_loop().create_future()
        try:
            await self._begin()
            await self._finished
        finally:
            await self._end()

    def stop(self) -> None:
        """End in good order."""
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    def wake(self) -> None:
        """Another start of the same profile: come to the front."""
        page = self.lock.page if self.lock is not None else None
        if page is not None:
            page.showNormal()
            page.raise_()
            page.activateWindow()
        elif self.workspace is not None:
            self.workspace.window.bring_up()
        elif self.login is not None:
            self.login.show()
            self.login.raise_()
            self.login.activateWindow()

    def heard(self, message: str) -> None:
        """Another start of the same profile: come to the front, with what it brings."""
        self.wake()
        self.share(unpack(message))

    def share(self, share: Share) -> None:
        """Have the user choose where files or words from outside go; behind login and lock it waits."""
        self._shared = self._shared.and_also(share) if share else self._shared
        if self._shared and self.workspace is not None and not self._locked:
            share, self._shared = self._shared, Share()
            self.workspace.share(share)

    @property
    def _locked(self) -> bool:
        return self.lock is not None and self.lock.page is not None

    def notice(self, words: str) -> None:
        """Something went wrong that nobody else tells."""
        if self.workspace is not None:
            self.workspace.notice(words)

    async def _begin(self) -> None:
        entry = self._resumable()
        if entry is None:
            self._open_login()
            return
        result = await self._accounts.resume(entry.key)
        if result.step is SignInStep.SIGNED_IN and result.session is not None:
            await self._enter(result.session, None)
            self._keep_server()
            return
        log.info("not resumed: %s", result.step.value)
        if result.step is SignInStep.NEEDS_PASSCODE and await self._begin_locked(entry.key):
            return
        login = self._open_login()
        outcome = Outcome(result.step, result.text, result.detail)
        if result.step is SignInStep.NEEDS_PASSCODE:
            login.begin_passcode(outcome)
        else:
            login.say(result.text)

    async def _begin_locked(self, key: str) -> bool:
        """The client ended while it was locked: it begins so."""
        if self._make_lock is None:
            return False
        self._key = key
        self.lock = self._make_lock(self)
        if await self.lock.start_locked(key):
            return True
        await self._close_lock()
        return False

    def _resumable(self) -> AccountEntry | None:
        """The account used last on the server in use, if it is still signed in."""
        wanted = self._server.url
        try:
            wanted = normal_url(wanted) if wanted else ""
        except ValueError:
            return None
        for entry in self._accounts.entries():
            # The bundled server changes its address from start to start.
            same = is_loopback(entry.server_url) if self._server.bundled else entry.server_url == wanted
            if same:
                return entry if entry.signed_in else None
        return None

    async def _end(self) -> None:
        self._leaving = True
        await self.tasks.close()
        await self._close_lock()
        if self.login is not None:
            await self.login.tasks.close()
            self.login.hide()
            self.login.deleteLater()
        try:
            await asyncio.wait_for(self._close_session(), QUIT_SECONDS)
        except TimeoutError:
            log.error("the session did not close in time")
        await self._accounts.close()
        await self._server.close()
        self._preferences.flush()

    async def _close_session(self) -> None:
        workspace, self.workspace = self.workspace, None
        session, self._session = self._session, None
        if workspace is not None:
            await workspace.close()
            workspace.deleteLater()
        if session is not None:
            await session.close()

    # Signing in and out.

    def _open_login(self, words: str = "") -> LoginWindow:
        service = AccountsLogin(
            self._accounts, self._server, lambda session: self._signed_in(session, founded=service.founded)
        )
        login = self.login = LoginWindow(service, self._themes)
        login.signed_in.connect(self._close_login)
        login.closed.connect(self.stop)
        login.say(words)
        login.show()
        url = self._fixed_server or self._preferences.values.server_url
        if url:
            login.begin_connected(url)
        elif self._first_start and not self._preferences.values.welcomed:
            login.begin_welcome()
        else:
            login.begin_bundled()
        return login

    def _close_login(self) -> None:
        login, self.login = self.login, None
        if login is not None:
            login.hide()
            login.deleteLater()

    async def _signed_in(self, session: Session, *, founded: bool = False) -> None:
        """The login window got a session. `founded`: of the first administrator of an organisation just made."""
        self._preferences.set(welcomed=True)
        try:
            info = await self._accounts.server_info(session.server_url)
        except (NetworkError, ApiError):
            info = None
        await self._enter(session, info)
        self._keep_server()
        if founded and self.workspace is not None:
            self.workspace.open_console(DIRECTORY_IMPORT)

    async def _enter(self, session: Session, info: ServerInfo | None) -> None:
        self._session = session
        self._key = session.store.folder.path.name
        if info is not None:
            await self._learn(session, info)
        else:
            self._facts = ServerFacts.read(
                await session.store.read(lambda db: kept.get(db, SERVER_FACTS, None))
            )
            session.send.limit(self._facts.max_file_bytes, self._facts.blocked)
        self._build_windows(session)
        if self._make_lock is not None and self.lock is None:
            self.lock = self._make_lock(self)
            if await self.lock.start(session):
                return  # Locked from the start: the session is being closed behind the lock page.
        if self.workspace is not None:
            self.workspace.show()
            self.share(Share())
            self._leave_what_ended(session)

    def _leave_what_ended(self, session: Session) -> None:
        """The session works before its windows listen, and may have been ended in between: signed out from elsewhere while this
        client was away."""
        if session.ended_text and self._session is session:
            self._ended_elsewhere(session.ended_text)

    def _build_windows(self, session: Session) -> None:
        settings = SessionSettings(
            session,
            self._about,
            self._wants_sign_out,
            lambda password: self._accounts.keys.password_changed(session, password),
        )
        workspace = self.workspace = self._make_workspace(session, settings, self._facts)
        workspace.quit_wanted.connect(self.stop)
        workspace.server_retry.connect(self._keep_server)
        workspace.lock_wanted.connect(self._lock_now)
        workspace.kinds_shown.connect(self._kinds_shown)
        workspace.lock_settings = lambda: self.lock
        session.signed_out.connect(self._ended_elsewhere)
        session.link_changed.connect(self._link_changed)

    # Locking: what app.client_lock.Desk asks for.

    @property
    def session(self) -> Session | None:
        """The open session."""
        return self._session

    def _lock_now(self, trigger: str) -> None:
        if self.lock is not None:
            self.lock.lock(Trigger(trigger))

    def _kinds_shown(self, kinds: frozenset[str]) -> None:
        if self.lock is not None and self.lock.controller is not None:
            self.lock.controller.windows_open(kinds)

    async def server_url(self) -> str:
        """Where the server is; a client that starts locked starts the bundled one to be opened by phone."""
        if self._server.bundled:
            try:
                await self._server.start_bundled()
            except Exception as error:
                log.warning("no bundled server while locked: %s", type(error).__name__)
                return ""
        return self._server.url

    async def put_away(self) -> None:
        """Close windows and session; the lock page stands in their place."""
        self._spot = self.workspace.spot() if self.workspace is not None else Spot()
        await self._close_session()

    async def take_up(self, session: Session) -> None:
        """Build and show the windows of a session that was opened again."""
        self._session = session
        self._facts = ServerFacts.read(await session.store.read(lambda db: kept.get(db, SERVER_FACTS, None)))
        session.send.limit(self._facts.max_file_bytes, self._facts.blocked)
        self._build_windows(session)
        if self.workspace is not None:
            self.workspace.show()
            self.workspace.return_to(self._spot)
            # In the next turn: after the place where the user was is shown again.
            QTimer.singleShot(0, self, lambda: self.share(Share()))
        self._spot = Spot()
        self._keep_server()
        self._leave_what_ended(session)

    async def leave_locked(self) -> None:
        """The user left the locked account."""
        # The lock that asks is part of what is about to be closed: it must not wait for its own end.
        self.tasks.start(self._leave("", sign_out=False), "退出登录")

    def tell(self, title: str, text: str) -> None:
        """A native notification of the program itself."""
        if self.notifier is not None:
            self.tasks.start(self.notifier(title, text), "通知")

    async def _close_lock(self) -> None:
        lock, self.lock = self.lock, None
        if lock is not None:
            await lock.close()

    def _about(self) -> About:
        url = self._session.server_url if self._session is not None else self._server.url
        return self._make_about(url, self._server.bundled, self._facts.organisation)

    async def _learn(self, session: Session, info: ServerInfo) -> None:
        facts = ServerFacts.of(info)
        session.send.limit(facts.max_file_bytes, facts.blocked)
        if facts != self._facts:
            self._facts = facts
            await session.set_preference(SERVER_FACTS, facts.pack())

    async def _wants_sign_out(self) -> None:
        # The page that asks is part of what is about to be closed: it must not wait for its own end.
        self.tasks.start(self._sign_out(), "退出登录")

    async def _sign_out(self) -> None:
        await self._leave("", sign_out=True)

    def _ended_elsewhere(self, words: str) -> None:
        self.tasks.start(self._leave(words, sign_out=False), "返回登录页")

    async def _leave(self, words: str, *, sign_out: bool) -> None:
        if self._leaving:
            return
        self._leaving = True
        workspace, self.workspace = self.workspace, None
        session, self._session = self._session, None
        try:
            await self._close_lock()
            if workspace is not None:
                await workspace.close()
                workspace.deleteLater()
            if session is not None and sign_out:
                await session.sign_out()
            elif session is not None:
                await session.close()
        finally:
            self._leaving = False
            self._first_start = False
            self._open_login(words)

    # The server.

    def _keep_server(self) -> None:
        self.tasks.start(self._find_server(), "启动内置服务", on_error=self._server_failed)

    async def _find_server(self) -> None:
        """Start the bundled server if it is the one in use, follow it to its address, and hear its facts."""
        session = self._session
        if session is None:
            return
        if self._server.bundled:
            await self._server.start_bundled()
            self._follow_server()
        try:
            info = await self._accounts.server_info(session.server_url)
        except (NetworkError, ApiError):
            return  # The link keeps trying; the facts of last time do.
        if session is self._session:
            await self._learn(session, info)

    def _follow_server(self) -> None:
        session = self._session
        if session is None or not self._server.bundled or not self._server.url:
            return
        if session.server_url != self._server.url:
            session.move_to(self._server.url)
            self._accounts.moved(self._key, self._server.url)
        else:
            session.network_hint()

    def _link_changed(self, state: LinkState) -> None:
        if state is LinkState.OFFLINE and self._session is not None and self._server.bundled:
            url = self._server.url
            if url and url != self._session.server_url:
                self._follow_server()

    def _server_failed(self, error: BaseException, doing: str) -> None:
        problem = describe(error, doing)
        log.error("the bundled server did not start: %s", type(error).__name__)
        if self.workspace is not None:
            self.workspace.window.link_line.complain(problem.text)

    def _failed(self, error: BaseException, doing: str) -> None:
        self.notice(describe(error, doing).text)
