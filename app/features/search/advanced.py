"""高级搜索: people of all units by separate conditions, also by the organisation's own fields (3.1.3.8)."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QStackedWidget, QWidget

from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from app.shell.org_picker import OrgPicker, OrgSource, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import PeopleQuery, Person
from server_stub.contract.directory_admin import DirectorySettings
from widgets.controls import Dialog, EmptyState, IconButton, LoadingButton, button, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

from .items import Target, people_rows

MOST = 200


class PeopleFinder(Protocol):
    """The server's search by conditions."""

    async def display(self) -> DirectorySettings:
        """What may be searched, the organisation's own fields among it."""
        ...

    async def find(self, query: PeopleQuery) -> list[Person]:
        """People who fulfil all conditions, as far as the caller may see them."""
        ...


class SessionFinder:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._api = OrganisationApi(session.api.http)

    async def display(self) -> DirectorySettings:
        return await self._api.settings()

    async def find(self, query: PeopleQuery) -> list[Person]:
        return await self._api.find(query)


class AdvancedDialog(Dialog):
    """Signals: `person_chosen(id)`."""

    person_chosen = Signal(str)

    def __init__(
        self,
        finder: PeopleFinder,
        source: OrgSource,
        themes: ThemeManager,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        """`source`: the units to choose from. `tasks` belongs to the window that outlives this one."""
        super().__init__(themes, "高级搜索", parent, width=themes.theme.sizes.dialog_wide)
        self._finder, self._source, self._themes, self._tasks = finder, source, themes, tasks
        self._asked = 0
        self._unit_id = ""
        self.form = QFormLayout()
        self.form.setSpacing(themes.theme.space.s)
        self.name = self._line("姓名", "姓名、拼音或首字母")
        self.post = self._line("职务", "如：处长")
        self.unit = button("全部单位", "secondary")
        self.unit.setAccessibleName("单位")
        self.unit.clicked.connect(self._pick_unit)
        self.every_unit = IconButton(themes, "close", "不限单位")
        self.every_unit.clicked.connect(lambda: self._set_unit("", ""))
        self.every_unit.hide()
        row = QHBoxLayout()
        row.addWidget(self.unit)
        row.addWidget(self.every_unit)
        row.addStretch(1)
        self.form.addRow("单位", row)
        self.line = self._line("条线", "如：应急")
        self.fields: dict[str, QLineEdit] = {}
        """The lines of the organisation's own fields, by their ids."""
        self.content.addLayout(self.form)
        self.note = label("", "caption")
        self.content.addWidget(self.note)
        self.model = PeopleModel(parent=self)
        self.rows = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="搜索结果", uniform=False
        )
        self.rows.setModel(self.model)
        self.nothing = EmptyState(
            themes, "search", "填写一项或几项条件", "各项条件同时满足；跨所有单位查找。"
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.rows)
        self.stack.setMinimumHeight(themes.theme.sizes.detail * 2)
        self.content.addWidget(self.stack, 1)
        self.add_button("关闭", slot=self.reject)
        self.go = LoadingButton(themes, "搜索")
        self.go.setDefault(True)
        self.go.clicked.connect(self.search)
        self.foot.addWidget(self.go)
        self.rows.opened.connect(self._opened)
        self.finished.connect(lambda _result: self._stop())
        self._tasks.start(
            self._read(), "读取搜索条件", on_error=lambda error, doing: self._failed(error, doing, 0)
        )
        self.name.setFocus()

    def _line(self, title: str, hint: str = "") -> QLineEdit:
        edit = QLineEdit()
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(title)
        edit.setMaxLength(100)
        self.form.addRow(title, edit)
        return edit

    async def _read(self) -> None:
        display = await self._finder.display()
        if self._asked < 0:
            return
        self.form.setRowVisible(self.post, "post" in display.searchable)
        self.form.setRowVisible(self.line, "line" in display.searchable)
        for kind in display.fields:
            if kind.searchable and kind.id not in self.fields:
                self.fields[kind.id] = self._line(kind.name)

    def _pick_unit(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            self._set_unit(picked[0].id, picked[0].name)

        picker = OrgPicker(
            self._source, self._themes, "选择单位", accept, people=False, several=False, parent=self
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _set_unit(self, unit_id: str, name: str) -> None:
        self._unit_id = unit_id
        self.unit.setText(name or "全部单位")
        self.every_unit.setVisible(bool(unit_id))

    def search(self) -> None:
        """Ask the server for what is filled in."""
        query = PeopleQuery(
            name=self.name.text().strip(),
            post=self.post.text().strip(),
            unit_id=self._unit_id,
            line=self.line.text().strip(),
            fields={key: words for key, edit in self.fields.items() if (words := edit.text().strip())},
            limit=MOST,
        )
        if query == PeopleQuery(limit=MOST):
            self._say("填写一项或几项条件", "各项条件同时满足；跨所有单位查找。")
            return
        self._asked += 1
        asked = self._asked
        self.go.set_loading(True)
        self._tasks.start(
            self._find(query, asked),
            "搜索",
            on_error=lambda error, doing: self._failed(error, doing, asked),
        )

    async def _find(self, query: PeopleQuery, asked: int) -> None:
        found = await self._finder.find(query)
        if asked != self._asked:
            return
        self.go.set_loading(False)
        if not found:
            self._say("没有找到符合条件的人", "减少一项条件再试。")
            return
        self.model.show_items([row for row in people_rows(found) if isinstance(row, PersonItem)])
        more = f"只显示前 {MOST} 人，请增加条件" if len(found) >= MOST else f"找到 {len(found)} 人"
        self.note.setText(more)
        self.stack.setCurrentWidget(self.rows)
        self.rows.go(0)

    def _say(self, title: str, text: str) -> None:
        self.note.clear()
        self.model.show_items([])
        self.nothing.set_texts(title, text)
        self.stack.setCurrentWidget(self.nothing)

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem):
            self.accept()
            self.person_chosen.emit(Target.of(item.id).id)

    def _failed(self, error: BaseException, doing: str, asked: int) -> None:
        if asked == self._asked:
            self.go.set_loading(False)
            self._say("没有搜索成功", describe(error, doing).text)

    def _stop(self) -> None:
        self._asked = -1
