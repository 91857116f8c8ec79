"""The people beside the plan: search, the waiting, everyone; drag to a seat or press Enter. Source: 3.1.6.3, 3.1.6.4.2."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.panels.people_model import PeopleModel, PersonRow
from meeting_seat_designer.engine.edits.base import Batch
from meeting_seat_designer.engine.edits.people import RemovePeople, SetPerson
from widgets.controls import EmptyState, FilterItem, FilterTabs, SearchField, button
from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager


class _Delegate(QStyledItemDelegate):
    """Name and unit at the left, the seat (or why there is none) at the right."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        theme = self._themes.theme
        return QSize(theme.sizes.avatar_large, theme.grow(theme.sizes.row_compact))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = self._themes.theme
        row: PersonRow = index.data(PeopleModel.ROW)
        area: QRectF = QRectF(option.rect)  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        box = area.adjusted(theme.space.xs, 1, -theme.space.xs, -1)
        if state & QStyle.StateFlag.State_Selected:
            round_rect(painter, box, theme.radius.control, theme.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            round_rect(painter, box, theme.radius.control, theme.color("hover"))
        left = box.adjusted(theme.space.s, theme.space.half, -theme.space.s, -theme.space.half)
        high = left.height() / 2
        where = row.code or row.reason
        painter.setFont(theme.font("caption"))
        tone = "text_2" if row.seat or not row.attending else "warn_text"
        room = left.width() * 0.55
        shown = painter.fontMetrics().elidedText(where, Qt.TextElideMode.ElideRight, int(room))
        used = painter.fontMetrics().horizontalAdvance(shown) + theme.space.s
        painter.setPen(theme.color(tone))
        top = QRectF(left.left(), left.top(), left.width(), high)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(top, right, shown)
        low = QRectF(left.left(), left.top() + high, left.width(), high)
        painter.setPen(theme.color("text_2"))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        about = painter.fontMetrics().elidedText(row.about, Qt.TextElideMode.ElideRight, int(low.width()))
        painter.drawText(low, flags, about)
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.color("text" if row.attending else "text_2"))
        name = painter.fontMetrics().elidedText(
            row.name, Qt.TextElideMode.ElideRight, int(top.width() - used)
        )
        painter.drawText(top, flags, name)
        painter.restore()


class _List(QListView):
    """Signals: `entered_on(person)` when Enter is pressed on a row."""

    entered_on = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self.model()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(model, PeopleModel):
            if self.currentIndex().isValid():
                self.entered_on.emit(model.at(self.currentIndex()).id)
            return
        super().keyPressEvent(event)


class PeoplePanel(QWidget):
    """Signals: `seat_wanted(person)` (Enter, into the selected seat), `shown(seat)`, `import_asked()`, `add_asked()`, `pick_asked()` (from the organisation),
    `rules_asked()`, `edit_asked(person)`, `tables_asked()`; of several people `bind_wanted(people, "together" or "apart")` and
    `unbind_wanted(people)`."""

    seat_wanted = Signal(str)
    shown = Signal(str)
    import_asked = Signal()
    add_asked = Signal()
    pick_asked = Signal()
    rules_asked = Signal()
    edit_asked = Signal(str)
    bind_wanted = Signal(list, str)
    unbind_wanted = Signal(list)

    def __init__(
        self,
        editing: Editing,
        themes: ThemeManager,
        *,
        directory: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editing, self._themes = editing, themes
        space = themes.theme.space
        self.search = SearchField(themes, "找人、单位或座位", "Ctrl+F")
        self.tabs = FilterTabs(themes)
        self.model = PeopleModel(editing)
        self.list = _List()
        self.list.setModel(self.model)
        self._delegate = _Delegate(themes)
        self.list.setItemDelegate(self._delegate)
        self.list.setProperty("plain", True)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("参会人员")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.clicked.connect(self._clicked)
        self.list.doubleClicked.connect(lambda index: self.edit_asked.emit(self.model.at(index).id))
        self.list.entered_on.connect(self._entered)
        self.empty = EmptyState(themes, "users", "还没有参会人员", "从表格导入名单，或逐个添加。", "导入名单")
        self.empty.acted.connect(self.import_asked)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        top = QVBoxLayout()
        top.setContentsMargins(space.m, space.s, space.m, 0)
        top.setSpacing(space.s)
        top.addWidget(self.search)
        top.addWidget(self.tabs)
        foot = QHBoxLayout()
        foot.setContentsMargins(space.m, space.s, space.m, space.m)
        foot.setSpacing(space.xs)
        self.import_button = button("导入", size="small")
        self.import_button.clicked.connect(self.import_asked)
        self.add_button = button("添加", size="small")
        if directory:
            menu = QMenu(self.add_button)
            menu.addAction("从通讯录选择…", self.pick_asked.emit)
            menu.addAction("填写一人（可为外部人员）…", self.add_asked.emit)
            self.add_button.setMenu(menu)
        else:
            self.add_button.clicked.connect(self.add_asked)
        self.rules_button = button("规则", size="small")
        self.rules_button.setToolTip("职级、部门顺序和排序规则")
        self.rules_button.clicked.connect(self.rules_asked)
        for one in (self.import_button, self.add_button, self.rules_button):
            foot.addWidget(one, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)
        self.search.query_changed.connect(self._filter)
        self.search.moved.connect(lambda _steps: self.list.setFocus())
        self.tabs.current_changed.connect(self._filter)
        self.model.modelReset.connect(self._count)
        editing.selection_changed.connect(self._follow)
        self._count()

    def _count(self) -> None:
        waiting, total = self.model.waiting, self.model.total
        self.tabs.set_items([FilterItem("all", "全部", total), FilterItem("waiting", "待排", waiting)])
        nothing = self.model.rowCount() == 0
        if nothing and not total:
            self.empty.set_texts("还没有参会人员", "从表格导入名单，或逐个添加。", "导入名单")
        elif nothing and not self.search.text():
            self.empty.set_texts("没有待排的人", "所有参会人员都有座位。")
        elif nothing:
            self.empty.set_texts("没有找到", "换个名字、单位或座位号试试。")
        self.stack.setCurrentWidget(self.empty if nothing else self.list)

    def _filter(self, _text: str = "") -> None:
        self.model.filter(self.search.text(), self.tabs.current == "waiting")
        self._count()

    def _clicked(self, index: QModelIndex) -> None:
        row = self.model.at(index)
        chosen = [self.model.at(one) for one in self.list.selectedIndexes()]
        if len(chosen) > 1:
            # While several are being chosen the plan stays where it is, and marks their seats.
            self._editing.select([one.seat for one in chosen if one.seat])
        elif row.seat:
            self.shown.emit(row.seat)

    def _entered(self, person: str) -> None:
        seat = self._editing.places.get(person, "")
        if seat and self._editing.selection != [seat]:
            chosen = [ident for ident in self._editing.selection if ident in self._editing.seats]
            if len(chosen) != 1 or self._editing.person_at(chosen[0]) is not None:
                self.shown.emit(seat)
                return
        self.seat_wanted.emit(person)

    def _follow(self) -> None:
        """Show the person of the selected seat in the list."""
        chosen = self._editing.selection
        person = self._editing.person_at(chosen[0]) if len(chosen) == 1 else None
        if person is None or self.list.hasFocus():
            return
        row = self.model.row_of(person.id)
        if row >= 0:
            index = self.model.index(row, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        chosen = [
            self.model.at(one) for one in sorted(self.list.selectedIndexes(), key=lambda one: one.row())
        ]
        row = self.model.at(index)
        menu = self.menu_for_several(chosen) if len(chosen) > 1 and row in chosen else self.menu_for(row)
        menu.exec(self.list.viewport().mapToGlobal(at))

    def menu_for_several(self, rows: list[PersonRow]) -> QMenu:
        """The commands of several people chosen together."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ids, count = [row.id for row in rows], len(rows)
        menu.addAction("设为相邻（排座时坐在一起）", lambda: self.bind_wanted.emit(ids, "together"))
        menu.addAction("设为分开（排座时不相邻）", lambda: self.bind_wanted.emit(ids, "apart"))
        if any(set(ids) & set(group.people) for group in self._editing.document.plan.groups):
            menu.addAction("取消相邻 / 分开设置", lambda: self.unbind_wanted.emit(ids))
        menu.addSeparator()
        there = [row.id for row in rows if row.attending]
        away = [row.id for row in rows if not row.attending]
        if there:
            menu.addAction(f"{len(there)} 人标为请假", lambda: self._set_status(there, "leave"))
        if away:
            menu.addAction(f"{len(away)} 人恢复参会", lambda: self._set_status(away, "attending"))
        menu.addSeparator()
        menu.addAction(
            f"从名单移除 {count} 人",
            lambda: self._editing.run(RemovePeople(ids), f"{count} 人已移除"),
        )
        return menu

    def _set_status(self, people: list[str], status: str) -> None:
        word = "标为请假" if status == "leave" else "恢复参会"
        self._editing.close_merge()
        self._editing.run(
            Batch(word, [SetPerson(one, status=status) for one in people]), f"{len(people)} 人已{word}"
        )

    def menu_for(self, row: PersonRow) -> QMenu:
        """The commands of a person."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("人员信息…", lambda: self.edit_asked.emit(row.id))
        if row.attending:
            menu.addAction(
                "标为请假",
                lambda: self._editing.run(SetPerson(row.id, status="leave"), f"{row.name} 已标为请假"),
            )
        else:
            menu.addAction("恢复参会", lambda: self._editing.run(SetPerson(row.id, status="attending")))
        menu.addSeparator()
        menu.addAction("从名单移除", lambda: self._editing.run(RemovePeople([row.id]), f"{row.name} 已移除"))
        return menu
