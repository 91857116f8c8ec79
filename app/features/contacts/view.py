"""The address book: the organisation's tree, who is in a unit, a search, and a person's card (E130–E132, E137, E141)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import Person, SearchResult, UnitChildren
from server_stub.contract.directory_admin import DirectorySettings, Line
from server_stub.contract.personal import RelationKind
from widgets.controls import ConfirmDialog, EmptyState, IconButton, SplitLayout, surface
from widgets.theme import ThemeManager

from .card import PersonCard
from .circles import KINDS, Circle
from .columns import PeopleColumn, UnitsColumn
from .groups_dialog import GroupsDialog
from .people_model import PeopleModel
from .service import ContactsService
from .tree_model import UnitTreeModel

FOUND = 60


class ContactsPage(QWidget):
    """Signals: `message_wanted(person_id)`; `conversation_wanted(id)` of an own group; `copied(what)`
    after something went to the clipboard.

    Keys: Ctrl+F searches, Down goes into the people, Enter writes to a person or enters a unit, Esc leaves a search.
    """

    message_wanted = Signal(str)
    conversation_wanted = Signal(str)
    copied = Signal(str)

    def __init__(self, service: ContactsService, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._asked = 0
        self._read_again: Callable[[int], Coroutine[Any, Any, None]] | None = None
        """Reads what is shown in the middle once more."""
        self._unit = ""
        self._shown: UnitChildren | None = None
        self._query = ""
        self._card_of = ""
        self._circle: Circle | None = None
        self._themes = themes
        self._started = False
        self._display = DirectorySettings()
        self.tasks = Tasks(self._failed)
        self.units_model = UnitTreeModel(service.unit_children, self.tasks, self)
        self.people_model = PeopleModel(service.is_online, self)
        self.units = UnitsColumn(themes, self.units_model, service.me)
        self.people = PeopleColumn(themes, self.people_model)
        self.card = PersonCard(themes)
        self.narrow_card = PersonCard(themes)
        self._build(themes)
        self._wire()
        self._subscriptions = [
            service.on_presence(self._presence_changed),
            service.on_directory(self._directory_changed),
            service.on_people(self._cards_came),
        ]

    def _build(self, themes: ThemeManager) -> None:
        space = themes.theme.space
        self.middle = QStackedWidget()
        self.middle.addWidget(self.people)
        alone = QWidget()
        column = QVBoxLayout(alone)
        column.setContentsMargins(space.s, space.s, 0, 0)
        column.setSpacing(0)
        self.back = IconButton(themes, "arrow-left", "返回")
        self.back.clicked.connect(self._close_narrow_card)
        column.addWidget(self.back)
        column.addWidget(self.narrow_card, 1)
        self.middle.addWidget(alone)
        panel = surface("panel", "left")
        row = QHBoxLayout(panel)
        row.setContentsMargins(1, 0, 0, 0)
        self.side = QStackedWidget()
        self.nobody = EmptyState(themes, "user", "未选择人员", "点一个人，查看任职和电话")
        self.side.addWidget(self.nobody)
        self.side.addWidget(self.card)
        row.addWidget(self.side)
        self.split = SplitLayout(themes)
        self.split.set_list(self.units)
        self.split.set_content(self.middle)
        self.split.set_panel(panel, open_now=True)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.split)

    def _wire(self) -> None:
        self.units.unit_chosen.connect(self.show_unit)
        self.units.circle_chosen.connect(self.show_circle)
        self.units.lines.chosen.connect(self.show_line)
        self.units.search.query_changed.connect(self._search)
        self.units.search.moved.connect(lambda _steps: self.people.take_keyboard())
        self.units.search.submitted.connect(lambda _text: self.people.take_keyboard())
        self.people.unit_chosen.connect(self.show_unit)
        self.people.person_chosen.connect(self._person_chosen)
        self.people.person_opened.connect(self._person_opened)
        self.people.again.connect(self._again)
        self.units_model.failed.connect(self._tree_failed)
        for card in (self.card, self.narrow_card):
            card.message_wanted.connect(self.message_wanted)
            card.unit_wanted.connect(self.show_unit)
            card.copied.connect(self.copied)
            card.relation_wanted.connect(self._relate)

    def close_page(self) -> None:
        """Stop listening (the account is being closed)."""
        for one in self._subscriptions:
            one.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._started:
            self._started = True
            self.units_model.start()
            self._read_display()
            main = next((post for post in self._service.me.posts if post.main), None)
            self.show_unit(main.unit_id if main else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The card beside the list makes the one instead of it needless.
        QTimer.singleShot(0, self, self._settle_narrow)

    def _settle_narrow(self) -> None:
        if self.split.panel_open and self.middle.currentIndex() == 1:
            self.middle.setCurrentIndex(0)

    def refresh(self) -> None:
        """The organisation has changed: read the tree anew, from the top."""
        if self._started:
            self.units_model.restart()
            self._read_display()
            self.show_unit("")

    # Units.

    def show_unit(self, unit_id: str) -> None:
        """Go to a unit; "" for the root."""
        if self._query:
            self._query = ""
            self.units.search.edit.blockSignals(True)
            self.units.search.clear()
            self.units.search.edit.blockSignals(False)
        self._unit = unit_id
        self._asked += 1
        self.middle.setCurrentIndex(0)
        if self._shown is None:
            self.people.say("通讯录")
        self.people.begin()
        self._read_again = lambda asked: self._load_unit(unit_id, asked)
        self.tasks.start(self._load_unit(unit_id, self._asked), "读取通讯录")

    async def _load_unit(self, unit_id: str, asked: int) -> None:
        content = await self._service.unit_children(unit_id)
        if asked != self._asked:
            return
        self._shown = content
        self._show_content(content)

    def _show_content(self, content: UnitChildren) -> None:
        self.people.delegate.marked = ""
        self.people.say(content.unit.name, f"{content.unit.people_count} 人")
        self.people.way.show_way([*content.path, content.unit])
        self.people.way.show()
        self.people_model.show_unit(content, people_first=self._display.people_first)
        self.units.tree.reveal([unit.id for unit in (*content.path, content.unit)])
        if self.people_model.rowCount():
            self.people.show_rows()
        else:
            self.people.show_empty("此部门还没有人员", "由管理员在管理控制台导入或添加。")
        self._watch()

    # How administrators want it shown, and the user's lines.

    def _read_display(self) -> None:
        self.tasks.start(self._load_display(), "读取通讯录设置", on_error=lambda _error, _doing: None)

    async def _load_display(self) -> None:
        display = await self._service.display()
        for card in (self.card, self.narrow_card):
            card.fields = display.card
        if display.card != self._display.card and self.card.person is not None:
            self._show_card(self.card.person)
        again = display.people_first != self._display.people_first
        self._display = display
        if again and self._shown is not None and not self._query:
            self._show_content(self._shown)
        self.units.lines.show_lines(await self._service.lines())

    def _directory_changed(self) -> None:
        if self._started:
            self._read_display()
            self.units_model.restart()
            if self._read_again is not None:
                # What was looked at stays there; whoever may not be seen any more goes.
                self._asked += 1
                self.tasks.start(
                    self._read_again(self._asked), "读取通讯录", on_error=lambda *_: self.show_unit("")
                )
            self._read_card()

    def _cards_came(self, ids: frozenset[str]) -> None:
        if self._card_of and (not ids or self._card_of in ids):
            self._read_card()

    def _read_card(self) -> None:
        if self._card_of:
            self.tasks.start(
                self._refresh_card(self._card_of), "读取名片", on_error=lambda _error, _doing: None
            )

    def show_line(self, line: Line) -> None:
        """Go to a functional line: its people and the units in it."""
        self._asked += 1
        self.middle.setCurrentIndex(0)
        self.people.begin()
        self._read_again = lambda asked: self._load_line(line.id, asked)
        self.tasks.start(self._load_line(line.id, self._asked), "读取条线")

    async def _load_line(self, line_id: str, asked: int) -> None:
        content = await self._service.line(line_id)
        if asked != self._asked:
            return
        self.people.say(content.line.name, "条线")
        self.people.way.hide()
        self.people.delegate.marked = ""
        self.people_model.show_found(SearchResult(people=content.people, units=content.units))
        if self.people_model.rowCount():
            self.people.show_rows()
        else:
            self.people.show_empty("条线里还没有单位和人员", "由管理员在控制台“条线”里添加。")
        self._watch()

    # The user's own circles.

    def show_circle(self, circle: Circle) -> None:
        """Show contacts, special attention, recent people or the blacklist; groups open a list of their own."""
        if circle is Circle.GROUPS:
            self.tasks.start(self._show_groups(), "读取群组")
            return
        self._asked += 1
        self.middle.setCurrentIndex(0)
        self.people.begin()
        self._read_again = lambda asked: self._load_circle(circle, asked)
        self.tasks.start(self._load_circle(circle, self._asked), circle.title)

    async def _load_circle(self, circle: Circle, asked: int) -> None:
        kind = KINDS.get(circle)
        ids = await (self._service.related(kind) if kind is not None else self._service.recent(FOUND))
        people = await self._service.people(ids) if ids else []
        if asked != self._asked:
            return
        self._circle = circle
        self.people.say(circle.title, f"{len(people)} 人" if people else "")
        self.people.way.hide()
        self.people.delegate.marked = ""
        self.people_model.show_found(SearchResult(people=people, units=[]))
        if people:
            self.people.show_rows()
        else:
            self.people.show_empty(circle.value[2], circle.value[3])
        self._watch()

    async def _show_groups(self) -> None:
        dialog = GroupsDialog(self._themes, await self._service.own_groups(), self.window())
        dialog.chosen.connect(self.conversation_wanted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _relate(self, kind: RelationKind, on: bool) -> None:
        person_id = self._card_of
        if kind is RelationKind.BLOCKED and on:
            dialog = ConfirmDialog(
                self._themes,
                "黑名单",
                "您将不再收到他的消息，他也不能把您加为联系人或拉进群聊。",
                "加入黑名单",
                danger=True,
                parent=self.window(),
            )
            dialog.accepted.connect(lambda: self._do_relate(person_id, kind, on=True))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
        else:
            self._do_relate(person_id, kind, on=on)

    def _do_relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        self.tasks.start(self._set_relation(person_id, kind, on=on), "修改联系人")

    async def _set_relation(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        await self._service.relate(person_id, kind, on=on)
        await self._read_relations(person_id)

    async def _read_relations(self, person_id: str) -> None:
        kinds = await self._service.relations_of(person_id)
        if person_id == self._card_of:
            for card in (self.card, self.narrow_card):
                card.show_relations(kinds)

    # Search.

    def _search(self, text: str) -> None:
        text = text.strip()
        if text == self._query:
            return
        self._query = text
        self._asked += 1
        self.middle.setCurrentIndex(0)
        if not text:
            if self._shown is not None:
                self._show_content(self._shown)
            unit = self._unit
            self._read_again = lambda asked: self._load_unit(unit, asked)
            return
        self.people.begin()
        self._read_again = lambda asked: self._find(text, asked)
        self.tasks.start(self._find(text, self._asked), "搜索通讯录")

    async def _find(self, text: str, asked: int) -> None:
        found = await self._service.search(text, FOUND)
        if asked != self._asked:
            return
        self.people.say(f"搜索“{text}”")
        self.people.way.hide()
        self.people.delegate.marked = text
        self.people_model.show_found(found)
        if self.people_model.rowCount():
            self.people.show_rows()
        else:
            self.people.show_empty(
                f"没有找到“{text}”", "可以试试姓名全拼、首字母，或手机号后四位；您无权查看的人员不会列出。"
            )
        self._watch()

    # People.

    def _person_chosen(self, person: Person) -> None:
        self._card_of = person.id
        self._show_card(person)
        self.tasks.start(self._read_relations(person.id), "读取名片", on_error=lambda _error, _doing: None)
        # The list may hold a card of some time ago: ask for the newest.
        self._read_card()

    async def _refresh_card(self, person_id: str) -> None:
        person = await self._service.person(person_id)
        if self._card_of != person_id:
            return
        if person is None or not (person.active or person.posts):
            # He is not told of any more.
            self._card_of = ""
            self.side.setCurrentWidget(self.nobody)
            self.middle.setCurrentIndex(0)
        elif person != self.card.person:
            self._show_card(person)

    def _show_card(self, person: Person) -> None:
        online = self._service.is_online(person.id)
        for card in (self.card, self.narrow_card):
            card.show_person(
                person,
                online=online,
                is_me=person.id == self._service.me.id,
                status=self._service.status_text(person.id),
            )
        self.side.setCurrentWidget(self.card)
        if not self.split.panel_open and not self.people.rows.hasFocus():
            self.middle.setCurrentIndex(1)

    def _person_opened(self, person: Person) -> None:
        if person.id == self._service.me.id:
            return
        self.message_wanted.emit(person.id)

    def _close_narrow_card(self) -> None:
        self.middle.setCurrentIndex(0)
        self.people.rows.setFocus(Qt.FocusReason.OtherFocusReason)

    def _watch(self) -> None:
        self._service.watch([person.id for person in self.people_model.people])

    def _presence_changed(self, person_ids: frozenset[str]) -> None:
        self.people_model.presence_changed(person_ids)
        if self._card_of in person_ids and self.card.person is not None:
            self._show_card(self.card.person)

    # What goes wrong.

    def _failed(self, error: BaseException, doing: str) -> None:
        self.people.show_problem(describe(error, doing))

    def _tree_failed(self, error: BaseException) -> None:
        if self.units_model.rowCount() == 0:
            self.people.show_problem(describe(error, "读取通讯录"))

    def _again(self) -> None:
        self.units_model.start()
        if self._query:
            text, self._query = self._query, ""
            self._search(text)
        else:
            self.show_unit(self._unit)
