"""The search window in its states."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.search.view import SearchDialog
from app.shell.tasks import Tasks
from widgets.theme import ThemeManager

from .search_service import ShowcaseSearch


async def _dialog(themes: ThemeManager, text: str, conversation_id: str = "") -> SearchDialog:
    def failed(error: BaseException, doing: str) -> None:
        raise RuntimeError(doing) from error

    tasks = Tasks(failed)
    dialog = SearchDialog(ShowcaseSearch(), themes, tasks, conversation_id=conversation_id)
    dialog.show()
    if text:
        asked = asyncio.get_running_loop().create_future()
        dialog.search.query_changed.connect(lambda _text: asked.done() or asked.set_result(None))
        dialog.search.edit.setText(text)
        await asked
        await tasks.settle()
    return dialog


async def idle(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(themes, "")


async def everything(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(themes, "防汛")


async def person(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(themes, "中原区")


async def nothing(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(themes, "绝无此词")


async def conversation(themes: ThemeManager, _data: Path) -> QWidget:
    return await _dialog(themes, "值守", "c-flood")


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "search-idle": idle,
    "search-everything": everything,
    "search-unit": person,
    "search-nothing": nothing,
    "search-conversation": conversation,
}
