"""A search box with the shortcut that leads to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from widgets.theme import ThemeManager

from .icon_button import IconButton
from .labels import label
from .painted import Painted, focus_frame, round_rect


class SearchField(Painted):
    """Signals: `query_changed(text)` when typing rests for `delay_ms` (at once when cleared), `submitted(text)` on Enter,
    `moved(steps)` on Up and Down, `cancelled()` on Esc in an empty field; in a dialog that also closes it."""

    query_changed = Signal(str)
    submitted = Signal(str)
    moved = Signal(int)
    cancelled = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        placeholder: str = "搜索",
        shortcut: str = "",
        *,
        delay_ms: int = 150,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self.edit = QLineEdit(self)
        self.edit.setProperty("plain", True)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(placeholder)
        self.edit.installEventFilter(self)
        self._shortcut = shortcut
        self._hint = label(shortcut, "micro")
        self._clear = IconButton(themes, "close", "清除", size=20, icon_size=12)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self.clear)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(delay_ms)
        self._delay.timeout.connect(self._report)
        self._reported = ""
        space = themes.theme.space
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s + 2 + themes.theme.sizes.icon_small + space.s, 0, space.s, 0)
        row.setSpacing(space.xs)
        row.addWidget(self.edit, 1)
        row.addWidget(self._hint)
        row.addWidget(self._clear)
        self.edit.textChanged.connect(self._typed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.edit)
        if shortcut:
            jump = QShortcut(QKeySequence(shortcut), self)
            jump.activated.connect(self._jump)
        self._show_parts()

    def text(self) -> str:
        """What is written."""
        return self.edit.text()

    def set_placeholder(self, words: str) -> None:
        """Say what is looked for here now."""
        if words != self.edit.placeholderText():
            self.edit.setPlaceholderText(words)
            self.edit.setAccessibleName(words)

    @property
    def note(self) -> str:
        """The quiet word that stands in the field now; "" while it is only the shortcut."""
        return "" if self._hint.isHidden() or self._hint.text() == self._shortcut else self._hint.text()

    def set_note(self, words: str) -> None:
        """A quiet word about what is searched, in the place of the shortcut: nothing moves when it comes or goes. "" ends it.
        While something is written, the writing has the room."""
        self._hint.setText(words or self._shortcut)
        self._hint.setAccessibleName(words)
        self._show_parts()

    def clear(self) -> None:
        """Empty the field and say so at once."""
        self.edit.clear()
        self._report()

    def _jump(self) -> None:
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def _typed(self, _text: str) -> None:
        self._show_parts()
        self._delay.start()

    def _show_parts(self) -> None:
        written = bool(self.edit.text())
        self._clear.setVisible(written)
        self._hint.setVisible(not written and bool(self._hint.text()))

    def _report(self) -> None:
        self._delay.stop()
        if self.edit.text() != self._reported:
            self._reported = self.edit.text()
            self.query_changed.emit(self._reported)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        return super().eventFilter(watched, event)

    def _pressed(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._report()
            self.submitted.emit(self.edit.text())
        elif key == Qt.Key.Key_Escape and self.edit.text():
            self.clear()
        elif key == Qt.Key.Key_Escape:
            self.cancelled.emit()
            return not isinstance(self.window(), QDialog)
        else:
            return False
        return True

    def sizeHint(self) -> QSize:
        return QSize(
            self.theme.sizes.list - 2 * self.theme.space.m, self.theme.grow(self.theme.sizes.control)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        line = theme.color("line_strong") if theme.name == "contrast" else None
        round_rect(painter, rect, theme.radius.control, theme.color("field"), line)
        side = theme.sizes.icon_small
        spot = QRectF(theme.space.s + 2, (rect.height() - side) / 2, side, side)
        self.themes.icons.paint(painter, "search", spot, "text_2")
        if self.edit.hasFocus():
            focus_frame(painter, rect, theme.radius.control, theme, always=True)
