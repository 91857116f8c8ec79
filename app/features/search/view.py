"""The search window: one field, what was found below it, Enter leads there (E051–E055, E072, E082)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import SearchResult
from widgets.controls import Dialog, EmptyState, FilterItem, FilterTabs, SearchField, button
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

from .items import Target, file_rows, group_rows, message_rows, people_rows, place_rows, unit_rows
from .places import Place, find
from .service import SearchService

EVERYTHING = (
    FilterItem("all", "全部"),
    FilterItem("person", "联系人"),
    FilterItem("group", "群组"),
    FilterItem("unit", "单位"),
    FilterItem("place", "应用"),
    FilterItem("message", "聊天记录"),
    FilterItem("file", "文件"),
)
Found = dict[str, list[PeopleItem]]
"""Rows by kind, each kind under its heading."""
FEW, MANY = 5, 60
"""Rows of each kind under 全部, and under a tab of its own."""


class SearchDialog(Dialog):
    """Searches everything, or one conversation's messages when `conversation_id` is given.

    Signals: `person_chosen(id)`, `unit_chosen(id)`, `conversation_chosen(id, seq)` (seq 0: no certain message),
    `place_chosen(key)`, `advanced_wanted()` for the search by separate conditions.
    """

    person_chosen = Signal(str)
    unit_chosen = Signal(str)
    conversation_chosen = Signal(str, int)
    place_chosen = Signal(str)
    advanced_wanted = Signal()

    def __init__(
        self,
        service: SearchService,
        themes: ThemeManager,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        conversation_id: str = "",
        places: Sequence[Place] = (),
    ) -> None:
        """`places`: pages and commands of the client that can be found. `tasks` belongs to the window that outlives this one."""
        title = "查找聊天内容" if conversation_id else "搜索"
        super().__init__(themes, title, parent, width=themes.theme.sizes.dialog_wide)
        self._service = service
        self._conversation = conversation_id
        self._places = places
        self._asked = 0
        self._counts: dict[str, int] = {}
        """How many of each kind the search under 全部 found."""
        self._counted = ""
        self._tasks = tasks
        hint = "输入要找的内容" if conversation_id else "搜索人、群、单位、聊天记录、文件、应用"
        self.search = SearchField(themes, hint)
        self.tabs = FilterTabs(themes, EVERYTHING)
        if conversation_id:
            self.tabs.hide()
        self.model = PeopleModel(parent=self)
        self.rows = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="搜索结果", uniform=False
        )
        self.rows.setModel(self.model)
        self.nothing = EmptyState(themes, "search", "", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.rows)
        self.stack.setMinimumHeight(themes.theme.sizes.picker_height - themes.theme.sizes.detail)
        self.advanced = button("高级搜索", "link")
        self.advanced.setToolTip("按姓名、职务、单位、条线等条件跨单位找人")
        if conversation_id:
            self.advanced.hide()
        self.advanced.clicked.connect(self._go_advanced)
        head = QHBoxLayout()
        head.addWidget(self.search, 1)
        head.addWidget(self.advanced)
        self.content.addLayout(head)
        self.content.addWidget(self.tabs)
        self.content.addWidget(self.stack, 1)
        self.search.query_changed.connect(lambda _text: self._start())
        self.search.moved.connect(self.rows.step)
        self.search.submitted.connect(lambda _text: self._enter())
        self.search.cancelled.connect(self.reject)
        self.tabs.current_changed.connect(lambda _key: self._start())
        self.rows.opened.connect(self._opened)
        self.rows.left_above.connect(self.search.setFocus)
        self.finished.connect(lambda _result: self._stop())
        self._say_idle()
        self.search.setFocus()

    def _say_idle(self) -> None:
        self.nothing.set_texts("输入关键词开始搜索", "聊天记录只在本机查找，内容不会上传。")
        self.stack.setCurrentWidget(self.nothing)

    def _start(self) -> None:
        self._asked += 1
        text = self.search.text().strip()
        if text != self._counted:
            self._count({})
        if not text:
            self.model.show_items([])
            self._say_idle()
            return
        asked = self._asked
        self._tasks.start(
            self._find(text, self.tabs.current, asked),
            "搜索",
            on_error=lambda error, doing: self._failed(error, doing, asked),
        )

    async def _find(self, text: str, kind: str, asked: int) -> None:
        if self._conversation:
            kind = "message"
        local = await self._local(text, kind)
        if asked != self._asked:
            return
        self._present({}, local, kind, text)
        if kind in ("all", "person", "unit"):
            found = await self._service.people_and_units(text, MANY)
            if asked == self._asked:
                self._present(self._directory(found, kind), local, kind, text)

    async def _local(self, text: str, kind: str) -> Found:
        """What this machine knows: groups and messages."""
        rows: Found = {}
        if self._places and kind in ("all", "place"):
            # The first pinyin of all reads a large table.
            rows["place"] = place_rows(await asyncio.to_thread(find, self._places, text, MANY))
        if kind in ("all", "group"):
            rows["group"] = group_rows(await self._service.groups(text, MANY))
        if kind in ("all", "message"):
            hits = await self._service.messages(text, self._conversation, MANY)
            rows["message"] = message_rows(hits, text, within=bool(self._conversation))
        if kind in ("all", "file") or self._conversation:
            rows["file"] = file_rows(await self._service.files(text, self._conversation, MANY), text)
        return rows

    @staticmethod
    def _directory(found: SearchResult, kind: str) -> Found:
        rows: Found = {}
        if kind in ("all", "person"):
            rows["person"] = people_rows(found.people[:MANY])
        if kind in ("all", "unit"):
            rows["unit"] = unit_rows(found.units[:MANY])
        return rows

    def _present(self, directory: Found, local: Found, kind: str, text: str) -> None:
        """Under 全部 the first few of each kind, and on the tabs how many there are."""
        found = {**directory, **local}
        if kind == "all":
            # Each begins with its heading.
            self._count({one: max(0, len(rows) - 1) for one, rows in found.items()})
            self._counted = text
            found = {one: rows[: FEW + 1] for one, rows in found.items()}
        self._show([row for rows in found.values() for row in rows], text)

    def _count(self, counts: dict[str, int]) -> None:
        if counts != self._counts:
            self._counts = counts
            self.tabs.set_items(
                [
                    replace(one, count=counts.get(one.key, 0), more=counts.get(one.key, 0) >= MANY)
                    for one in EVERYTHING
                ]
            )

    def _show(self, rows: list[PeopleItem], text: str) -> None:
        self.model.show_items(rows)
        if self.model.rowCount():
            self.stack.setCurrentWidget(self.rows)
            if not self.rows.currentIndex().isValid():
                self.rows.go(0)
        else:
            self.nothing.set_texts(f"没有找到“{text}”", "换一个词，或用空格分开几个词再试。")
            self.stack.setCurrentWidget(self.nothing)

    def _enter(self) -> None:
        """Enter in the field opens the row that is marked, once the answer is there."""
        self.rows.open_current()

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if not isinstance(item, PersonItem):
            return
        target = Target.of(item.id)
        self.accept()
        if target.kind == "person":
            self.person_chosen.emit(target.id)
        elif target.kind == "unit":
            self.unit_chosen.emit(target.id)
        elif target.kind == "place":
            self.place_chosen.emit(target.id)
        else:
            self.conversation_chosen.emit(target.id, target.seq)

    def _go_advanced(self) -> None:
        self.accept()
        self.advanced_wanted.emit()

    def _failed(self, error: BaseException, doing: str, asked: int) -> None:
        if asked == self._asked and not self.model.rowCount():
            self.nothing.set_texts("没有搜索成功", describe(error, doing).text)
            self.stack.setCurrentWidget(self.nothing)

    def _stop(self) -> None:
        self._asked += 1
