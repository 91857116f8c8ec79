"""Parts of the group dialogs: a scrolled column of rows with switches and choices, and dialogs that wait for an answer."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, Dialog, Switch, label, rule
from widgets.theme import ThemeManager


class QuietBox(QComboBox):
    """A box that a wheel over the page does not change."""

    def __init__(self, options: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for value, text in options:
            self.addItem(text, value)

    def wheelEvent(self, e: QWheelEvent) -> None:
        e.ignore()

    def show_value(self, value: str) -> None:
        """Choose without a signal."""
        blocked = self.blockSignals(True)
        self.setCurrentIndex(max(0, self.findData(value)))
        self.blockSignals(blocked)


class Rows(QFrame):
    """A card of rows with hairlines between them."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("surface", "card")
        space = themes.theme.space
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(space.l, space.xs, space.l, space.xs)
        self._column.setSpacing(0)

    def add(self, title: str, note: str, control: QWidget, *, below: bool = False) -> QWidget:
        """A row: what it is, a word about it, its control beside or below it."""
        theme, space = self._themes.theme, self._themes.theme.space
        if self._column.count():
            self._column.addWidget(rule())
        made = QWidget()
        made.setMinimumHeight(theme.grow(theme.sizes.row_compact))
        words = QVBoxLayout()
        words.setSpacing(space.half)
        words.addWidget(label(title, "body", wrap=True))
        if note:
            words.addWidget(label(note, "caption", wrap=True))
        line = QVBoxLayout(made) if below else QHBoxLayout(made)
        line.setContentsMargins(0, space.s, 0, space.s)
        line.setSpacing(space.xs if below else space.m)
        line.addLayout(words, 1)
        line.addWidget(control)
        if not below:
            line.setAlignment(control, Qt.AlignmentFlag.AlignVCenter)
        if not control.accessibleName():
            control.setAccessibleName(title)
        self._column.addWidget(made)
        return made

    def add_switch(self, title: str, note: str = "") -> Switch:
        """A row with a switch."""
        made = Switch(self._themes, title)
        self.add(title, note, made)
        return made

    def add_choice(self, title: str, options: Sequence[tuple[str, str]], note: str = "") -> QuietBox:
        """A row with a box of (value, text)."""
        made = QuietBox(options, title)
        self.add(title, note, made, below=True)
        return made


class Column(QScrollArea):
    """A scrolled column."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        space = themes.theme.space
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(space.l, 0, space.l, space.l)
        self.column.setSpacing(space.s)
        self.setWidget(body)


class WorkDialog(Dialog):
    """A dialog whose buttons ask the server: what goes wrong is said in it. Signals: `done_with(object)` when it closes."""

    done_with = Signal(object)

    def __init__(
        self, themes: ThemeManager, title: str, parent: QWidget | None = None, *, width: int | None = None
    ) -> None:
        super().__init__(themes, title, parent, width=width)
        self.over = False
        self.tasks = Tasks(self._failed)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.content.addWidget(self.notice)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def work(self, doing: Coroutine[Any, Any, Any], name: str) -> None:
        """Start something; the last refusal goes."""
        self.notice.hide()
        self.tasks.start(doing, name)

    def failed(self) -> None:
        """For subclasses: something was refused; show the state as it is."""

    def _failed(self, error: BaseException, doing: str) -> None:
        if not self.over:
            self.notice.say(describe(error, doing).text, "bad")
            self.notice.show()
            self.failed()

    def done(self, arg__1: int) -> None:
        self.over = True
        super().done(arg__1)
