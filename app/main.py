"""The client's composition root: the one place that builds objects and passes them to each other."""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import logging
import platform
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from qasync import QEventLoop

from app.announcer import PROGRAM
from app.chat_tools import chat_tools
from app.client import Client
from app.client_lock import ClientLock, Desk
from app.embedded.server import EmbeddedServer
from app.features.chat.contributed import MessageActionSource, PlusSource
from app.features.chat.service import ChatService
from app.features.chat.view import ChatPage
from app.features.settings.service import About, SettingsService
from app.preferences import Preferences
from app.server_facts import ServerFacts
from app.server_source import ServerSource
from app.session.accounts import Accounts
from app.session.device import app_version
from app.session.http import InsecureServer, normal_url
from app.session.session import Session
from app.shell.appearance import Appearance
from app.shell.appicon import app_icon
from app.shell.autostart import XdgAutostart, autostart_folder
from app.shell.chinese import date_in_chinese, speak_chinese
from app.shell.collector import Collector
from app.shell.guard import Guard
from app.shell.logs import ClientLog
from app.shell.notifications import Note, NotificationCentre
from app.shell.share import Share, of_files, of_link, pack
from app.shell.single import SingleInstance
from app.shell.stop_signals import StopSignals
from app.shell.tasks import Tasks
from app.spoken import spoken_words
from app.store.folders import DEFAULT_PROFILE, BadProfileName, Home, ProfileFolder
from app.store.keyring_port import KeyringPort, SystemKeyring
from app.workspace import Workspace
from server_stub.contract.frames import PROTOCOL
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import BackendUnavailable
from widgets.guard import CaptureGuard, make_guard

ROOT = Path(__file__).resolve().parents[1]
NAME = "zhengding"
SETTLED_MS = 4000
"""After so long the first window stands and what was built for it stays."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """The command line."""

    profile: str = DEFAULT_PROFILE
    server: str = ""
    share: Share = field(default_factory=Share)
    """Files or words that the user chose elsewhere to be sent."""


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; ends the program with a sentence when it is wrong."""
    parser = argparse.ArgumentParser(prog="app", description="政钉")
    parser.add_argument("--profile", default=DEFAULT_PROFILE, metavar="名称", help="另开一个互不影响的客户端")
    parser.add_argument("--server", default="", metavar="网址", help="连接已有的服务端，而不是自带的")
    parser.add_argument("--share", nargs="*", default=[], metavar="文件", help="选择会话，把文件发送过去")
    parser.add_argument("link", nargs="?", default="", metavar="链接", help="zhengding:// 开头的链接")
    found = parser.parse_args(list(arguments))
    server = ""
    if found.server:
        try:
            server = normal_url(found.server)
        except InsecureServer as error:
            parser.error(error.text)
        except ValueError as error:
            parser.error(str(error))
    share = of_files(found.share).and_also(of_link(found.link))
    return Options(found.profile, server, share)


def make_application(arguments: Sequence[str]) -> QApplication:
    """The Qt application in Chinese, sharp at every scale, alive without windows (tray)."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    date_in_chinese()
    application = QApplication([NAME, *arguments])
    application.setApplicationName(NAME)
    application.setApplicationDisplayName("政钉")
    application.setApplicationVersion(app_version())
    application.setDesktopFileName(NAME)
    application.setQuitOnLastWindowClosed(False)
    speak_chinese(application)
    return application


def system_text() -> str:
    """Operating system and Qt, for the page about the program."""
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        system = ""
    return f"{system or platform.platform(terse=True)}  {platform.machine()}  Qt {PySide6.__version__}"


def algorithm_rows(algorithms: Algorithms) -> tuple[tuple[str, str], ...]:
    """What does the sealing on this machine."""
    parts = (("SM4", algorithms.cipher), ("SM3", algorithms.hash), ("SM2", algorithms.sm2))
    return tuple((name, backend.name) for name, backend in parts)


class Builders:
    """Makes what a signed-in account needs, from what the whole program has."""

    def __init__(
        self, home: Home, profile: ProfileFolder, preferences: Preferences, appearance: Appearance
    ) -> None:
        self._home = home
        self._profile = profile
        self._preferences = preferences
        self._appearance = appearance
        self.algorithms: Algorithms | None = None
        self.accounts: Accounts | None = None
        self._guard: CaptureGuard | None = None

    @property
    def guard(self) -> CaptureGuard:
        """The program's one guard against capture; made when first asked for, with the application there."""
        if self._guard is None:
            self._guard = make_guard(self._appearance.themes)
        return self._guard

    def about(self, server_url: str, bundled: bool, organisation: str) -> About:
        """Facts for the settings page."""
        licences, news, privacy = (
            ROOT / "docs" / "licences.md",
            ROOT / "CHANGELOG.md",
            ROOT / "docs" / "privacy.md",
        )
        return About(
            version=app_version(),
            server_url=server_url,
            bundled=bundled,
            organisation=organisation,
            data_folder=self._profile.path,
            system=system_text(),
            protocol=PROTOCOL,
            algorithms=algorithm_rows(self.algorithms) if self.algorithms is not None else (),
            licences=licences if licences.exists() else None,
            news=news if news.exists() else None,
            privacy=privacy if privacy.exists() else None,
        )

    def workspace(self, session: Session, settings: SettingsService, facts: ServerFacts) -> Workspace:
        """The main window of a signed-in account."""
        command = [sys.executable, "-m", "app"]
        title = "政钉"
        if self._profile.name != DEFAULT_PROFILE:
            command += ["--profile", self._profile.name]
            # With the program's name last: Qt would else add it once more.
            title = f"{self._profile.name} · 政钉"
        return Workspace(
            session,
            themes=self._appearance.themes,
            preferences=self._preferences,
            settings=settings,
            autostart=XdgAutostart(autostart_folder(), command, ROOT),
            recall_seconds=facts.recall_seconds,
            make_chat=partial(self._chat, facts),
            centres=desktop_centres,
            title=title,
            make_guard=lambda: self.guard,
            proves=lambda secret: self._proves(session, secret),
            make_ear=partial(spoken_words, facts),
        )

    async def _proves(self, session: Session, secret: str) -> bool:
        return self.accounts is not None and await self.accounts.keys.proves(session, secret)

    def lock(self, desk: Desk, accounts: Accounts) -> ClientLock:
        """The app lock of a signed-in account."""
        if self.algorithms is None:
            raise RuntimeError("no algorithms yet")
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise RuntimeError("no application")
        guard = self.guard
        return ClientLock(
            desk,
            accounts,
            application,
            self._appearance.themes,
            self.algorithms,
            # The lock page shows nothing secret and must stay usable: never covered, only kept out of captures.
            protect=lambda page: guard.register(page, covers=False),
        )

    async def notify(self, title: str, text: str) -> None:
        """A notification of the program itself, also while no window of an account is there."""
        for centre in desktop_centres(lambda _target: None, lambda _target, _text: None):
            await centre.show(Note(PROGRAM, title, text, answerable=False, private=False))
            await centre.close()

    def _chat(
        self,
        facts: ServerFacts,
        service: ChatService,
        tasks: Tasks,
        parent: QWidget,
        message_actions: Sequence[MessageActionSource],
        plus: Sequence[PlusSource],
    ) -> QWidget:
        tools = chat_tools(facts, message_actions, plus)
        return ChatPage(service, self._appearance.themes, self._preferences, tasks, parent, tools=tools)


def desktop_centres(
    on_open: Callable[[str], None], on_reply: Callable[[str, str], None]
) -> list[NotificationCentre]:
    """The desktop's own notifications; the tray's balloons come after them."""
    if sys.platform != "linux":
        return []
    from app.shell.notifications_dbus import DBusCentre

    return [DBusCentre(on_open, on_reply)]


async def live(
    options: Options,
    home: Home,
    profile: ProfileFolder,
    single: SingleInstance,
    guard: Guard,
    keyring: KeyringPort,
) -> None:
    """Everything between the first and the last window. Raises BackendUnavailable."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("no application")
    disk = ThreadPoolExecutor(1, thread_name_prefix="preferences")
    preferences = Preferences(profile.path / "preferences.json", disk)
    appearance = Appearance(application, preferences)
    application.setWindowIcon(app_icon(appearance.themes.theme))
    builders = Builders(home, profile, preferences, appearance)
    # Self-tests of the libraries take some 50 ms: in a thread.
    builders.algorithms = await asyncio.to_thread(Algorithms.best)
    embedded = EmbeddedServer(home.server)
    client_accounts = Accounts(profile, keyring, algorithms=builders.algorithms)
    builders.accounts = client_accounts
    client = Client(
        accounts=client_accounts,
        server=ServerSource(embedded, preferences, options.server),
        preferences=preferences,
        themes=appearance.themes,
        make_workspace=builders.workspace,
        make_about=builders.about,
        first_start=not home.server.exists(),
        fixed_server=options.server,
        make_lock=lambda desk: builders.lock(desk, client_accounts),
    )
    client.notifier = builders.notify
    collector = Collector(client)
    QTimer.singleShot(SETTLED_MS, collector, collector.settle)
    single.woken.connect(client.heard)
    client.share(options.share)
    guard.notice = lambda words: QTimer.singleShot(0, client, lambda: client.notice(words))
    stop = StopSignals(client.stop)
    try:
        await client.run()
    finally:
        guard.notice = lambda _words: None
        stop.close()
        collector.close()
        disk.shutdown()


def main(arguments: Sequence[str]) -> int:
    """Run the client; returns its exit code."""
    options = parse(arguments)
    home = Home.of_user()
    try:
        profile = home.profile(options.profile)
    except BadProfileName as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"数据文件夹无法写入：{home.path}（{type(error).__name__}）", file=sys.stderr)
        return 2
    application = make_application(arguments)
    single = SingleInstance(profile.path)
    if not single.claim(pack(options.share) if options.share else "activate"):
        return 0
    with ExitStack() as stack:
        stack.callback(single.release)
        client_log = ClientLog(profile.logs)
        client_log.start()
        stack.callback(client_log.stop)
        crash = stack.enter_context((profile.logs / "crash.txt").open("w", encoding="utf-8"))
        faulthandler.enable(crash)
        stack.callback(faulthandler.disable)
        loop = QEventLoop(application)
        guard = Guard()
        guard.install(loop)
        stack.callback(guard.remove, loop)
        with loop:
            try:
                loop.run_until_complete(live(options, home, profile, single, guard, SystemKeyring()))
            except BackendUnavailable:
                log.exception("no library for SM2, SM3, SM4")
                words = "本机缺少国密算法库，无法启动。请重新安装政钉，或联系管理员。"
                QMessageBox(QMessageBox.Icon.Critical, "政钉", words).exec()
                return 1
        return 0
