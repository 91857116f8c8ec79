"""A person's desk for tests of the client: its folder and keyring stay while clients come and go."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bed.waits import until
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.chat_tools import chat_tools
from app.client import Client
from app.embedded.server import EmbeddedServer
from app.features.chat.view import ChatPage
from app.features.settings.service import About
from app.preferences import Preferences
from app.server_facts import ServerFacts
from app.server_source import ServerSource
from app.session.accounts import Accounts
from app.session.session import Session
from app.shell.notifications import Note
from app.showcase.settings_service import ShowcaseAutostart
from app.store.folders import Home
from app.workspace import Workspace
from widgets.guard import CaptureGuard
from widgets.theme import ThemeManager

SECONDS = 40


class Keys:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class Centre:
    """A notification centre that shows into a list."""

    can_reply = True

    def __init__(self, on_open, on_reply) -> None:
        self.on_open, self.on_reply = on_open, on_reply
        self.notes: list[Note] = []
        self.withdrawn: list[str] = []

    async def show(self, note: Note) -> bool:
        self.notes.append(note)
        return True

    async def withdraw(self, target: str) -> None:
        self.withdrawn.append(target)

    async def close(self) -> None:
        return


class Desk:
    """A person's desk: the client's folder and keyring stay while clients come and go."""

    def __init__(self, home: Path, url: str = "") -> None:
        """`url`: a server that runs already; "" for the bundled one."""
        self.home = Home(home)
        self.profile = self.home.profile()
        self.keys = Keys()
        self.url = url
        self.client: Client | None = None
        self.centre: Centre | None = None
        self.run: asyncio.Task[None] | None = None
        self.make_guard: Callable[[], CaptureGuard] | None = None
        """The capture guard, without which there is no secret chat."""

    def _workspace(self, session: Session, settings, facts: ServerFacts) -> Workspace:
        assert facts.recall_seconds > 0

        def centres(on_open, on_reply):
            self.centre = Centre(on_open, on_reply)
            return [self.centre]

        return Workspace(
            session,
            themes=self.themes,
            preferences=self.preferences,
            settings=settings,
            autostart=ShowcaseAutostart(),
            recall_seconds=facts.recall_seconds,
            make_chat=lambda service, tasks, parent, actions, plus: ChatPage(
                service,
                self.themes,
                self.preferences,
                tasks,
                parent,
                tools=chat_tools(facts, actions, plus),
            ),
            centres=centres,
            make_guard=self.make_guard,
            proves=lambda secret: self.client._accounts.keys.proves(session, secret),
        )

    def _about(self, url: str, bundled: bool, organisation: str) -> About:
        return About("0.1.0", url, bundled, organisation, self.profile.path, "test")

    def make_lock(self, client: Client):
        """What the client gets as its lock; None leaves it out."""
        return None

    async def start(self) -> Client:
        self.preferences = Preferences(self.profile.path / "preferences.json")
        self.themes = ThemeManager(animations=False)
        source = ServerSource(EmbeddedServer(self.home.server), self.preferences, self.url)
        self.client = Client(
            accounts=Accounts(self.profile, self.keys, heartbeat=1.0),
            server=source,
            preferences=self.preferences,
            themes=self.themes,
            make_workspace=self._workspace,
            make_about=self._about,
            first_start=True,
            fixed_server=self.url,
        )
        self.client._make_lock = self.make_lock(self.client)
        self.run = asyncio.ensure_future(self.client.run())
        await self.until(
            lambda: self.client.login or self.client.workspace or (self.client.lock and self.client.lock.page)
        )
        return self.client

    async def until(self, condition) -> None:
        """Wait until something is so; the end of the client is told at once."""

        def now() -> bool:
            assert self.run is not None
            if self.run.done():
                self.run.result()
            return bool(condition())

        await until(now, SECONDS)

    async def sign_in(self, login: str, password: str) -> Workspace:
        client = self.client
        page = client.login.sign_in
        await self.until(lambda: client.login.stack.currentWidget() is page)
        page.login.edit.setText(login)
        page.password.edit.setText(password)
        QTest.keyClick(page.password.edit, Qt.Key.Key_Return)
        await self.until(lambda: client.workspace is not None and client.login is None)
        return client.workspace

    async def end(self) -> None:
        if self.run is not None and not self.run.done():
            self.client.stop()
        if self.run is not None:
            await asyncio.wait_for(self.run, SECONDS)
