"""Ctrl+K: the search over everything of an account, and what it can open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from app.console import console_entries
from app.features.contacts.service import SessionContacts
from app.features.search.items import (
    Target,
    file_rows,
    group_rows,
    message_rows,
    people_rows,
    place_rows,
    unit_rows,
)
from app.features.search.places import Place, find
from app.features.search.service import SessionSearch
from app.features.settings.lock_service import LockSettingsService
from app.features.settings.view import SECTIONS, WORDS
from app.session.session import Session
from app.session.states import NetworkError
from app.shell.page import ShellPage
from app.shell.tasks import Tasks
from app.shell.window import MainWindow
from app.store.records import ConversationRow
from server_stub.contract.directory import Person, SearchResult
from widgets.lists import PeopleItem
from widgets.theme import ThemeManager

if TYPE_CHECKING:
    from app.features.search.advanced import AdvancedDialog
    from app.features.search.view import SearchDialog


_FEW = 3
"""Rows of each kind that are shown elsewhere than in the search window."""
_MOST_GROUPS = 2000


class Ways(Protocol):
    """Where a find may lead; the workspace."""

    lock_settings: Callable[[], LockSettingsService | None]

    def write_to(self, person_id: str) -> None: ...

    def open_unit(self, unit_id: str) -> None: ...

    def open_conversation(self, conversation_id: str, seq: int = 0) -> None: ...

    def open_settings(self, section: str) -> None: ...

    def open_console(self, section: str) -> object: ...

    def lock(self) -> None: ...


class SearchDesk:
    """Opens the search dialogs and what is chosen in them."""

    def __init__(
        self,
        session: Session,
        contacts: SessionContacts,
        themes: ThemeManager,
        tasks: Tasks,
        window: MainWindow,
        pages: Sequence[ShellPage],
        ways: Ways,
    ) -> None:
        self._session, self._contacts, self._themes, self._tasks = session, contacts, themes, tasks
        self._window, self._pages, self._ways = window, pages, ways
        self._search = SessionSearch(session)

    def open(self, conversation_id: str = "", *, text: str = "") -> SearchDialog:
        """Search everything, or one conversation's messages; `text` is looked for at once."""
        from app.features.search.view import SearchDialog

        dialog = SearchDialog(
            self._search,
            self._themes,
            self._tasks,
            self._window,
            conversation_id=conversation_id,
            places=() if conversation_id else self.places(),
        )
        dialog.person_chosen.connect(self._ways.write_to)
        dialog.unit_chosen.connect(self._ways.open_unit)
        dialog.conversation_chosen.connect(self._ways.open_conversation)
        dialog.place_chosen.connect(self.open_place)
        dialog.advanced_wanted.connect(self.open_advanced)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        if text:
            dialog.search.edit.setText(text)
        return dialog

    async def find(self, text: str) -> list[PeopleItem]:
        """The first few of each kind under their headings; without a connection what this machine knows."""
        found = await self._directory(text, _FEW)
        places = await asyncio.to_thread(find, self.places(), text, _FEW)
        return [
            *people_rows(found.people[:_FEW]),
            *unit_rows(found.units[:_FEW]),
            *group_rows(await self._search.groups(text, _FEW)),
            *place_rows(places),
            *message_rows(await self._search.messages(text, "", _FEW), text),
            *file_rows(await self._search.files(text, "", _FEW), text),
        ]

    async def _directory(self, text: str, limit: int) -> SearchResult:
        try:
            return await self._search.people_and_units(text, limit)
        except NetworkError:
            return SearchResult(people=[], units=[])

    async def people(self, text: str, limit: int) -> list[Person]:
        """People of the directory, those with whom one talks first; none without a connection that this machine has not seen."""
        return (await self._directory(text, limit)).people[:limit]

    async def groups(self, text: str = "") -> list[ConversationRow]:
        """Own groups whose name holds the text."""
        return await self._search.groups(text, _MOST_GROUPS)

    def open_row(self, item_id: str) -> None:
        """Go to what a row of `find` stands for."""
        target = Target.of(item_id)
        if target.kind == "person":
            self._ways.write_to(target.id)
        elif target.kind == "unit":
            self._ways.open_unit(target.id)
        elif target.kind == "place":
            self.open_place(target.id)
        else:
            self._ways.open_conversation(target.id, target.seq)

    def quit(self) -> None:
        """End the program."""
        self._window.quit()

    def open_advanced(self) -> AdvancedDialog:
        """Search people of all units by separate conditions (3.1.3.8)."""
        from app.features.search.advanced import AdvancedDialog, SessionFinder

        finder = SessionFinder(self._session)
        dialog = AdvancedDialog(finder, self._contacts, self._themes, self._tasks, self._window)
        dialog.person_chosen.connect(self._ways.write_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def places(self) -> list[Place]:
        """What the search can open here: pages, sections of the settings, and for administrators of the console."""
        found = [Place(f"page:{page.id}", page.title, page.icon, "页面") for page in self._pages]
        locks = self._ways.lock_settings() is not None
        found += [
            Place(f"settings:{key}", title, icon, "设置", WORDS.get(key, ""))
            for key, icon, title in SECTIONS
            if locks or key != "lock"
        ]
        if self._session.is_admin:
            entries = console_entries(self._session, self._themes, lambda _words: None)
            found += [Place(f"console:{one.key}", one.title, one.icon, "控制台") for one in entries]
        found.append(Place("do:advanced", "高级搜索", "search", "命令"))
        found.append(Place("do:lock", "立即锁定", "lock", "命令"))
        found.append(Place("do:quit", "退出政钉", "close", "命令"))
        return found

    def open_place(self, key: str) -> None:
        """Open what `places` named."""
        kind, _, name = key.partition(":")
        if kind == "page":
            self._window.show_page(name)
        elif kind == "settings":
            self._ways.open_settings(name)
        elif kind == "console":
            self._ways.open_console(name)
        else:
            commands = {
                "advanced": self.open_advanced,
                "lock": self._ways.lock,
                "quit": self._window.quit,
            }
            commands[name]()
