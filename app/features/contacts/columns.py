"""The columns of the address book page: units at the left, people in the middle."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QStackedWidget, QVBoxLayout, QWidget

from app.shell.problems import Problem
from server_stub.contract.directory import Person, Unit
from widgets.controls import ElidedLabel, EmptyState, SearchField, Skeleton, label, surface
from widgets.theme import ThemeManager

from .breadcrumb import Breadcrumb
from .circles import CircleList
from .lines import LineList
from .people_delegate import RowDelegate
from .people_model import ROW_ROLE, Heading, PeopleModel, PersonRow
from .side_entry import side_entry
from .tree_model import UnitTreeModel
from .tree_view import UnitTree

SKELETON_AFTER_MS = 120
"""Answers from the store come sooner; a flash of grey would only disturb."""


class UnitsColumn(QWidget):
    """Search box, the own units, and the organisation's tree. Signals: `unit_chosen(unit_id)`, `circle_chosen(Circle)`."""

    unit_chosen = Signal(str)
    circle_chosen = Signal(object)

    def __init__(self, themes: ThemeManager, model: UnitTreeModel, me: Person) -> None:
        super().__init__()
        space = themes.theme.space
        self.setProperty("surface", "list")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.m, 0, 0)
        column.setSpacing(space.s)
        self.search = SearchField(themes, "搜索姓名、拼音、手机号、单位", "Ctrl+F")
        head = QHBoxLayout()
        head.setContentsMargins(space.m, 0, space.m, 0)
        head.addWidget(self.search)
        column.addLayout(head)
        own = QVBoxLayout()
        own.setContentsMargins(space.s, 0, space.s, 0)
        own.setSpacing(0)
        self.own = []
        for post in sorted(me.posts, key=lambda post: not post.main)[:3]:
            entry = side_entry(themes, "user", f"我的部门  {post.unit_name}", color="brand_text")
            entry.setToolTip(post.unit_path)
            entry.clicked.connect(lambda _checked=False, id=post.unit_id: self.unit_chosen.emit(id))
            own.addWidget(entry)
            self.own.append(entry)
        column.addLayout(own)
        self.lines = LineList(themes)
        column.addWidget(self.lines)
        self.circles = CircleList(themes)
        self.circles.chosen.connect(self.circle_chosen)
        column.addWidget(self.circles)
        title = label("组织架构", "caption")
        title.setContentsMargins(space.l, space.xs, 0, 0)
        column.addWidget(title)
        self.tree = UnitTree(themes, model)
        self.tree.unit_chosen.connect(self.unit_chosen)
        self.skeleton = Skeleton(themes, "text")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.tree)
        self.stack.addWidget(self.skeleton)
        column.addWidget(self.stack, 1)


class _Rows(QListView):
    """Enter stands for a double click."""

    entered_row = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.entered_row.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class PeopleColumn(QWidget):
    """Where one is, and who and what is there, or why there is nothing.

    Signals: `person_chosen(Person)` on a single click or when the keyboard moves there; `person_opened(Person)` on a
    double click or Enter; `unit_chosen(unit_id)`; `again()` to try again after a failure.
    """

    person_chosen = Signal(object)
    person_opened = Signal(object)
    unit_chosen = Signal(str)
    again = Signal()

    def __init__(self, themes: ThemeManager, model: PeopleModel) -> None:
        super().__init__()
        self._model = model
        theme, space = themes.theme, themes.theme.space
        head = surface("content", "bottom")
        head.setMinimumHeight(theme.grow(theme.sizes.header))
        words = QVBoxLayout(head)
        words.setContentsMargins(space.xl, space.s, space.xl, space.s)
        words.setSpacing(space.half)
        self.title = ElidedLabel(themes, "", "title")
        self.count = label("", "secondary")
        top = QHBoxLayout()
        top.setSpacing(space.s)
        top.addWidget(self.title)
        top.addWidget(self.count, 1)
        self.way = Breadcrumb(themes)
        self.way.unit_chosen.connect(self.unit_chosen)
        words.addLayout(top)
        words.addWidget(self.way)
        self.rows = _Rows()
        self.rows.setModel(model)
        self.delegate = RowDelegate(themes, model)
        self.rows.setItemDelegate(self.delegate)
        self.rows.setProperty("plain", True)
        self.rows.setMouseTracking(True)
        self.rows.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setAccessibleName("人员和下级单位")
        self.rows.selectionModel().currentChanged.connect(self._moved)
        self.rows.clicked.connect(self._clicked)
        self.rows.doubleClicked.connect(self._opened)
        self.rows.entered_row.connect(self._opened)
        self.skeleton = Skeleton(themes, "list")
        self.empty = EmptyState(themes, "contacts", "", "")
        self.failed = EmptyState(themes, "wifi-off", "没有读到通讯录", "", "重试")
        self.failed.acted.connect(self.again)
        self.stack = QStackedWidget()
        for page in (self.rows, self.skeleton, self.empty, self.failed):
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addSpacing(space.s)
        column.addWidget(self.stack, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SKELETON_AFTER_MS)
        self._wait.timeout.connect(lambda: self.stack.setCurrentWidget(self.skeleton))
        themes.changed.connect(lambda _theme: self.rows.scheduleDelayedItemsLayout())
        themes.faces_changed.connect(self.rows.viewport().update)

    def say(self, title: str, count: str = "") -> None:
        """Name what is shown."""
        self.title.setText(title)
        self.count.setText(count)

    def begin(self) -> None:
        """Something is being fetched."""
        self._wait.start()

    def show_rows(self) -> None:
        """The model has what was asked for."""
        self._wait.stop()
        self.rows.scrollToTop()
        self.stack.setCurrentWidget(self.rows)

    def show_empty(self, title: str, text: str) -> None:
        """There is nothing, and why."""
        self._wait.stop()
        self.empty.set_texts(title, text)
        self.stack.setCurrentWidget(self.empty)

    def show_problem(self, problem: Problem) -> None:
        """It could not be fetched."""
        self._wait.stop()
        self.failed.set_texts("没有读到通讯录", problem.text, "重试")
        self.failed.setToolTip(problem.detail)
        self.stack.setCurrentWidget(self.failed)

    def take_keyboard(self) -> None:
        """Move the keyboard into the rows, to the first one."""
        first = self._model.first_choice()
        if self.stack.currentWidget() is self.rows and first.isValid():
            self.rows.setFocus(Qt.FocusReason.TabFocusReason)
            self.rows.setCurrentIndex(first)

    def _moved(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, PersonRow):
            self.person_chosen.emit(row.person)

    def _clicked(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Unit):
            self.unit_chosen.emit(row.id)
        elif isinstance(row, PersonRow):
            self.person_chosen.emit(row.person)

    def _opened(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Heading):
            return
        if isinstance(row, PersonRow):
            self.person_opened.emit(row.person)
        elif isinstance(row, Unit):
            self.unit_chosen.emit(row.id)
