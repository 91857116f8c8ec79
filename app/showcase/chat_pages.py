"""The chat page in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.chat.detail_view import DetailView
from app.features.chat.list_view import ConversationListView
from app.shell.tasks import Tasks
from widgets.theme import ThemeManager

from .chat_service import ShowcaseChat
from .office import BY_ID


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


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "chat-list": conversation_list,
    "chat-details": details,
    "chat-members": all_members,
}
