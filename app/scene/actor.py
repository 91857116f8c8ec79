"""One person of the scene: a whole client, worked by key strokes and mouse clicks on its windows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from app.client import Client
from app.embedded.server import EmbeddedServer
from app.features.chat.view import ChatPage
from app.features.login.view import LoginWindow
from app.main import Builders
from app.preferences import Preferences
from app.server_source import ServerSource
from app.session.accounts import Accounts
from app.session.session import Session
from app.shell.appearance import Appearance
from app.store.database import Reader
from app.store.folders import Home
from app.store.keyring_port import NoKeyring
from app.store.queries import messages
from app.store.records import MessageRow
from app.workspace import CHAT, Workspace
from server_stub.contract.sm.algorithms import Algorithms

PASSCODE = "135790"
STEP_S = 60.0


class Stuck(Exception):
    """What was waited for did not come."""


class Actor:
    """`name` is the profile's and the person's."""

    def __init__(
        self, name: str, home: Home, application: QApplication, algorithms: Algorithms, server: str = ""
    ) -> None:
        profile = home.profile(name)
        preferences = Preferences(profile.path / "preferences.json")
        appearance = Appearance(application, preferences)
        builders = Builders(home, profile, preferences, appearance)
        builders.algorithms = algorithms
        self.name = name
        self._appearance = appearance
        accounts = Accounts(profile, NoKeyring(), algorithms=algorithms)
        self.client = Client(
            accounts=accounts,
            server=ServerSource(EmbeddedServer(home.server), preferences, server),
            preferences=preferences,
            themes=appearance.themes,
            make_workspace=builders.workspace,
            make_about=builders.about,
            first_start=not server,
            fixed_server=server,
            make_lock=lambda desk: builders.lock(desk, accounts),
        )
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Open the first window."""
        self._running = asyncio.ensure_future(self.client.run())

    async def end(self) -> None:
        """Quit as from the menu."""
        self.client.stop()
        if self._running is not None:
            await self._running

    # What there is.

    @property
    def login(self) -> LoginWindow:
        """The login window; raises Stuck when it is not there."""
        if self.client.login is None:
            raise Stuck("没有登录窗口")
        return self.client.login

    @property
    def workspace(self) -> Workspace:
        """The main window's parts; raises Stuck before signing in."""
        if self.client.workspace is None:
            raise Stuck("没有主窗口")
        return self.client.workspace

    @property
    def window(self) -> QWidget:
        """What the person has before the eyes."""
        return self.client.workspace.window if self.client.workspace is not None else self.login

    @property
    def session(self) -> Session:
        """The signed-in session."""
        return self.workspace.session

    @property
    def chat(self) -> ChatPage:
        """The chat page."""
        page = self.workspace.window.page(CHAT)
        if not isinstance(page, ChatPage):
            raise Stuck("没有聊天页面")
        return page

    # What one does.

    async def until(self, condition: Callable[[], object], what: str, seconds: float = STEP_S) -> None:
        """Let the windows work until `condition` holds; raises Stuck with `what` did not come."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():  # noqa: ASYNC110  what a window shows has no event of its own
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise Stuck(f"没有等到：{what}") from None

    def click(self, button: QAbstractButton) -> None:
        """Click with the mouse."""
        QApplication.sendPostedEvents()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def type_into(self, field: QLineEdit, words: str) -> None:
        """Type; Chinese comes as from an input method."""
        field.setFocus()
        if words.isascii():
            QTest.keyClicks(field, words)
        else:
            field.insert(words)

    async def choose_passcode(self) -> None:
        """This machine has no keyring: choose the local passcode, as the page asks."""
        page = self.login.passcode
        await self.until(lambda: self.client.workspace or page.isVisible(), "本机口令页面")
        if self.client.workspace is None:
            for field in (page.passcode, page.again):
                self.type_into(field.edit, PASSCODE)
            self.click(page.go)
        await self.until(lambda: self.client.workspace and self.window.isVisible(), "主窗口")

    async def open_chat(self, conversation_id: str) -> None:
        """Go to a conversation and wait until it can be written into."""
        self.chat.open(conversation_id)
        view = self.chat.conversation
        await self.until(lambda: view.feed is not None and view.feed.opened, "会话打开")

    async def say(self, words: str) -> None:
        """Write into the input box and press Enter."""
        composer = self.chat.conversation.composer
        composer.focus_text()
        composer.set_text(words)
        await asyncio.sleep(0.05)
        QTest.keyClick(self.workspace.window.focusWidget() or composer, Qt.Key.Key_Return)

    async def send_files(self, *paths: Path) -> None:
        """Choose files, as the paper clip does once the dialog has answered."""
        self.chat.conversation.composer.files_chosen.emit(list(paths))

    async def rows(self, conversation_id: str) -> list[MessageRow]:
        """The newest acknowledged messages."""

        def work(db: Reader) -> list[MessageRow]:
            return messages.newest(db, conversation_id, 200)

        return await self.session.store.read(work)

    async def until_rows(
        self, conversation_id: str, wanted: Callable[[list[MessageRow]], object], what: str
    ) -> None:
        """Wait for messages."""
        try:
            async with asyncio.timeout(STEP_S):
                while not wanted(await self.rows(conversation_id)):  # noqa: ASYNC110  as `until`
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Stuck(f"没有等到：{what}") from None
