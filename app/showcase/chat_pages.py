"""The chat page in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.chat.list_view import ConversationListView
from app.shell.tasks import Tasks
from widgets.theme import ThemeManager

from .chat_service import ShowcaseChat


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


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "chat-list": conversation_list,
}
