"""The search window in its states."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.search.advanced import AdvancedDialog
from app.features.search.view import SearchDialog
from app.shell.tasks import Tasks
from server_stub.contract.directory import PeopleQuery, Person
from server_stub.contract.directory_admin import DirectorySettings, PersonFieldKind
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import PEOPLE
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


class _Finder:
    """An address book with own fields."""

    async def display(self) -> DirectorySettings:
        kinds = [
            PersonFieldKind(id="f1", name="工号", searchable=True),
            PersonFieldKind(id="f2", name="专长", searchable=True),
        ]
        return DirectorySettings(fields=kinds)

    async def find(self, query: PeopleQuery) -> list[Person]:
        return [one for one in PEOPLE if query.post in one.posts[0].title]


async def advanced(themes: ThemeManager, _data: Path) -> QWidget:
    def failed(error: BaseException, doing: str) -> None:
        raise RuntimeError(doing) from error

    tasks = Tasks(failed)
    dialog = AdvancedDialog(_Finder(), ShowcaseContacts(), themes, tasks)
    dialog.show()
    await tasks.settle()
    dialog.post.setText("科")
    dialog.go.click()
    await tasks.settle()
    return dialog


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "search-idle": idle,
    "search-everything": everything,
    "search-unit": person,
    "search-nothing": nothing,
    "search-conversation": conversation,
    "search-advanced": advanced,
}
