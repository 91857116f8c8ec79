"""The whole main window: rail, pages, the line about the connection, a toast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.chat.view import ChatPage
from app.features.contacts.view import ContactsPage
from app.features.settings.view import SettingsPage
from app.preferences import Preferences
from app.shell.link_line import OFFLINE_TEXT
from app.shell.page import Count, ShellPage
from app.shell.tasks import Tasks
from app.shell.window import MainWindow
from widgets.controls import AvatarSpec
from widgets.theme import ThemeManager

from .chat_service import ShowcaseChat
from .contacts_service import ShowcaseContacts
from .lock_pages import ShowcaseLock
from .office import ME
from .settings_service import ShowcaseAutostart, ShowcaseSettings

SIZE = (1366, 768)
UNREAD = 12


def _failed(error: BaseException, doing: str) -> None:
    raise RuntimeError(doing) from error


async def _window(themes: ThemeManager, data: Path, page: str, conversation: str = "") -> MainWindow:
    preferences = Preferences(data / "preferences.json")
    tasks = Tasks(_failed)
    unread = Count()
    unread.set(UNREAD)

    def chat(parent: QWidget) -> QWidget:
        return ChatPage(ShowcaseChat(), themes, preferences, tasks, parent)

    def settings(parent: QWidget) -> QWidget:
        return SettingsPage(
            ShowcaseSettings(data), themes, preferences, ShowcaseAutostart(), parent, lock=ShowcaseLock()
        )

    window = MainWindow(
        [
            ShellPage("chat", "message", "消息", chat, badge=unread),
            ShellPage(
                "contacts",
                "contacts",
                "通讯录",
                lambda parent: ContactsPage(ShowcaseContacts(), themes, parent),
            ),
            ShellPage("settings", "settings", "设置", settings, bottom=True, shortcut="Ctrl+,"),
        ],
        themes,
        preferences,
        title="政钉",
        user=AvatarSpec(name=ME.name, seed=ME.id),
    )
    unread.setParent(window)
    window.resize(*SIZE)
    window.show()
    shown = window.show_page(page)
    await tasks.settle()
    if isinstance(shown, ChatPage) and conversation:
        shown.open(conversation)
        await tasks.settle()
    if isinstance(shown, ContactsPage):
        await shown.tasks.settle()
        shown.people.rows.setCurrentIndex(shown.people_model.row_of("p-sun"))
        await shown.tasks.settle()
    if isinstance(shown, SettingsPage):
        await shown.settle()
    return window


async def chat(themes: ThemeManager, data: Path) -> QWidget:
    return await _window(themes, data, "chat", "c-flood")


async def contacts(themes: ThemeManager, data: Path) -> QWidget:
    return await _window(themes, data, "contacts")


async def settings(themes: ThemeManager, data: Path) -> QWidget:
    return await _window(themes, data, "settings")


async def offline(themes: ThemeManager, data: Path) -> QWidget:
    window = await _window(themes, data, "contacts")
    window.link_line.complain(OFFLINE_TEXT)
    window.toasts.show("打开会话没有成功：连接不上服务器，请检查网络后重试。", "bad")
    return window


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "main-chat": chat,
    "main-contacts": contacts,
    "main-settings": settings,
    "main-offline": offline,
}
