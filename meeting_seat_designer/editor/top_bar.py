"""The bar above the plan: title, state, undo, frame, and the main commands; in a narrow window the lesser ones lie in the menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QWidget

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.geometry import FRAMES
from widgets.controls import ElidedLabel, IconButton, button, pill, rule
from widgets.theme import ThemeManager


class TopBar(QWidget):
    """Signals: `back_asked()`, `shift_asked()`, `cards_asked()`, `output_asked()`, `arrange_asked(way)`, `publish_asked()`, `check_in_asked()`,
    `compare_asked()`, `meeting_asked()`. `extras`: further commands of the host for the menu, each a text and what it does."""

    back_asked = Signal()
    shift_asked = Signal()
    cards_asked = Signal()
    output_asked = Signal()
    arrange_asked = Signal(str)
    compare_asked = Signal()
    publish_asked = Signal()
    check_in_asked = Signal()
    meeting_asked = Signal()

    def __init__(
        self,
        editing: Editing,
        themes: ThemeManager,
        *,
        back: bool,
        publish: bool,
        check_in: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editing, self._themes = editing, themes
        space = themes.theme.space
        self.setProperty("surface", "content")
        self.setProperty("line", "bottom")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back = IconButton(themes, "chevron-left", "返回会议列表")
        self.back.clicked.connect(self.back_asked)
        if not back:
            self.back.hide()
        self.title = ElidedLabel(themes, "", "title")
        self.title.setMinimumWidth(themes.theme.sizes.avatar_large)
        self.layout_pill = pill("", "brand")
        self.warn_pill = pill("", "warn")
        self.kept_pill = pill("", "neutral")
        self.undo = IconButton(themes, "undo", "撤销")
        self.undo.clicked.connect(editing.undo)
        self.redo = IconButton(themes, "redo", "重做")
        self.redo.clicked.connect(editing.redo)
        self.frames = QComboBox()
        self.frames.setAccessibleName("视角")
        # Its words stay whole: where room is short the title gives way.
        self.frames.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for key, text in FRAMES.items():
            self.frames.addItem(text, key)
        self.frames.activated.connect(lambda _index: editing.set_frame(self.frames.currentData()))
        self.shift = button("整体后移…")
        self.shift.clicked.connect(self.shift_asked)
        self.cards = button("座牌")
        self.cards.clicked.connect(self.cards_asked)
        self.output = button("导出")
        self.output.clicked.connect(self.output_asked)
        self.arrange = button("重新排座", "primary")
        self.arrange.clicked.connect(lambda: self.arrange_asked.emit("all"))
        self.more = IconButton(themes, "chevron-down", "更多排座方式")
        self.more.clicked.connect(self._more)
        self.publish = button("发布")
        self.publish.clicked.connect(self.publish_asked)
        if not publish:
            self.publish.hide()
        self.check_in = button("签到")
        self.check_in.clicked.connect(self.check_in_asked)
        if not check_in:
            self.check_in.hide()
        self.extras: list[tuple[str, Callable[[], object]]] = []
        self._folded: set[QWidget] = set()
        self._lesser = (self.kept_pill, self.layout_pill, self.shift, self.frames, self.cards, self.output)
        """What goes first when there is little room."""
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.s, space.l, space.s)
        row.setSpacing(space.s)
        row.addWidget(self.back)
        row.addWidget(self.title)
        for one in (self.layout_pill, self.warn_pill, self.kept_pill):
            row.addWidget(one, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(_mark(themes))
        for one in (self.undo, self.redo, _mark(themes), self.frames):
            row.addWidget(one)
        row.addStretch(1)
        for one in (
            self.shift,
            self.cards,
            self.output,
            self.arrange,
            self.more,
            self.publish,
            self.check_in,
        ):
            row.addWidget(one)
        for signal in (editing.changed, editing.replaced, editing.warnings_changed, editing.frame_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the document's present state."""
        document = self._editing.document
        self.title.setText(document.meeting.title or document.room.name)
        version = document.plan.published.version if document.plan.published else 0
        name = document.current().name or "布局"
        self.layout_pill.setText(f"{name} · 第 {version} 版" if version else name)
        count = sum(1 for warning in self._editing.warnings if warning.level != "note")
        self.warn_pill.setText(f"{count} 处提醒")
        self.warn_pill.setVisible(bool(count))
        self.kept_pill.setVisible(bool(self.kept_pill.text()))
        history = self._editing.history
        self.undo.setEnabled(bool(history.undo_text))
        self.redo.setEnabled(bool(history.redo_text))
        self.undo.set_label(f"撤销 {history.undo_text}".strip())
        self.redo.set_label(f"重做 {history.redo_text}".strip())
        self.frames.setCurrentIndex(self.frames.findData(self._editing.frame))
        self.arrange.setText("重新排座" if document.plan.seats else "一键排座")
        self._fold()

    def say_kept(self, text: str) -> None:
        """A quiet word about the file."""
        self.kept_pill.setText(text)
        self.kept_pill.setVisible(bool(text))
        self._fold()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Hide the lesser parts, one after the other, until the rest has room for its words; commands go into the menu."""
        self._folded = set()
        self.kept_pill.setVisible(bool(self.kept_pill.text()))
        for one in self._lesser[1:]:
            one.show()
        for one in self._lesser:
            if self._needs() <= self.width():
                return
            if not one.isHidden():
                one.hide()
                self._folded.add(one)

    def minimumSizeHint(self) -> QSize:
        """Without the parts that may be folded away."""
        lesser = [one for one in self._lesser if not one.isHidden()]
        spare = sum(one.sizeHint().width() + self.layout().spacing() for one in lesser)
        return QSize(self._needs() - spare, super().minimumSizeHint().height())

    def _needs(self) -> int:
        """The width at which nothing is cut off but the title."""
        row = self.layout()
        margins, wanted = row.contentsMargins(), 0
        for at in range(row.count()):
            one = row.itemAt(at).widget()
            if one is None:
                wanted += row.spacing()
            elif not one.isHidden():
                least = one.sizeHint().width()
                if one is self.title:
                    least = max(one.minimumWidth(), min(self._themes.theme.sizes.detail, least))
                wanted += row.spacing() + least
        return margins.left() + wanted + margins.right()

    def _more(self) -> None:
        self.more_menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def more_menu(self) -> QMenu:
        """Other ways to arrange, and what has no room in the bar."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one, text, asked in (
            (self.shift, "整体后移…", self.shift_asked),
            (self.cards, "座牌…", self.cards_asked),
            (self.output, "导出…", self.output_asked),
        ):
            if one in self._folded:
                menu.addAction(text, asked.emit)
        if self.frames in self._folded:
            views = menu.addMenu("视角")
            for key, text in FRAMES.items():
                action = QAction(text, views)
                action.setCheckable(True)
                action.setChecked(key == self._editing.frame)
                action.triggered.connect(lambda _on=False, key=key: self._editing.set_frame(key))
                views.addAction(action)
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction("最少变动重排（列出要换座的人）", lambda: self.arrange_asked.emit("least"))
        menu.addAction("只补入空位（其他人不动）", lambda: self.arrange_asked.emit("gaps"))
        menu.addSeparator()
        menu.addAction("保留与比较结果…", self.compare_asked.emit)
        menu.addAction("会议信息…", self.meeting_asked.emit)
        if self.extras:
            menu.addSeparator()
        for text, slot in self.extras:
            menu.addAction(text, slot)
        return menu


def _mark(themes: ThemeManager) -> QWidget:
    mark = rule(vertical=True)
    mark.setFixedHeight(themes.theme.sizes.icon)
    return mark
