"""The chat page in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.chat.detail_view import DetailView
from app.features.chat.list_view import ConversationListView
from app.features.chat.view import ChatPage
from app.preferences import Preferences
from app.shell.tasks import Tasks
from widgets.theme import ThemeManager

from .chat_service import ShowcaseChat
from .office import BY_ID

WINDOW = (1366, 768)


def _failed(error: BaseException, doing: str) -> None:
    raise RuntimeError(doing) from error


async def conversation_list(themes: ThemeManager, _data: Path) -> QWidget:
    tasks = Tasks(_failed)
    made = ConversationListView(ShowcaseChat(), themes, tasks)
    made.start()
    made.set_link_text("连接中…")
    made.resize(themes.theme.sizes.list, 768)
    made.show()
    await tasks.settle()
    made.set_current("c-flood")
    await tasks.settle()
    return made


async def details(themes: ThemeManager, _data: Path) -> QWidget:
    tasks = Tasks(_failed)
    made = DetailView(ShowcaseChat(me=BY_ID["p-wang"]), themes, tasks)
    made.open("c-flood")
    made.resize(themes.theme.sizes.panel, 768)
    made.show()
    await tasks.settle()
    return made


async def all_members(themes: ThemeManager, data: Path) -> QWidget:
    made = await details(themes, data)
    assert isinstance(made, DetailView)  # noqa: S101 - for the type checker
    made.main.all_members_wanted.emit()
    return made


def _page(themes: ThemeManager, data: Path, service: ShowcaseChat | None = None) -> tuple[ChatPage, Tasks]:
    tasks = Tasks(_failed)
    preferences = Preferences(data / "preferences.json")
    made = ChatPage(service or ShowcaseChat(), themes, preferences, tasks)
    made.resize(WINDOW[0] - themes.theme.sizes.rail, WINDOW[1])
    made.show()
    return made, tasks


async def _settled(page: ChatPage, tasks: Tasks) -> ChatPage:
    await tasks.settle()
    await page.conversation.tasks.settle()
    await tasks.settle()
    return page


async def nothing_open(themes: ThemeManager, data: Path) -> QWidget:
    return await _settled(*_page(themes, data))


async def group(themes: ThemeManager, data: Path) -> QWidget:
    made, tasks = _page(themes, data)
    await tasks.settle()
    made.open("c-flood")
    await _settled(made, tasks)
    made.conversation.composer.edit.insert("请二七区同步核实泵站备用电源")
    return made


async def single(themes: ThemeManager, data: Path) -> QWidget:
    made, tasks = _page(themes, data)
    made.set_link_text("连接中…")
    await tasks.settle()
    made.open("c-zhao")
    return await _settled(made, tasks)


async def narrow(themes: ThemeManager, data: Path) -> QWidget:
    made, tasks = _page(themes, data)
    made.resize(780 - themes.theme.sizes.rail, 520)
    await tasks.settle()
    made.open("c-flood")
    await _settled(made, tasks)
    made.set_detail_open(True)
    return await _settled(made, tasks)


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "chat": group,
    "chat-nothing": nothing_open,
    "chat-single": single,
    "chat-narrow": narrow,
    "chat-list": conversation_list,
    "chat-details": details,
    "chat-members": all_members,
}
