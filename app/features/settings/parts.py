"""Parts of the settings pages: a scrolled column, groups, and rows with a control at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from widgets.controls import label, rule
from widgets.theme import ThemeManager


class Group(QFrame):
    """A card of rows with hairlines between them."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("surface", "card")
        space = themes.theme.space
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.l, space.xs, space.l, space.xs)
        self.column.setSpacing(0)

    def add_row(self, title: str, explanation: str = "", control: QWidget | None = None) -> QWidget:
        """A line: what it is, a word about it, and its control, which gets the line's name."""
        if self.column.count():
            self.column.addWidget(rule())
        theme, space = self._themes.theme, self._themes.theme.space
        row = QWidget()
        row.setMinimumHeight(theme.grow(theme.sizes.row_compact))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, space.s, 0, space.s)
        line.setSpacing(space.l)
        words = QVBoxLayout()
        words.setSpacing(space.half)
        words.addWidget(label(title, "body", wrap=True))
        if explanation:
            words.addWidget(label(explanation, "caption", wrap=True))
        line.addLayout(words, 1)
        if control is not None:
            if not control.accessibleName():
                control.setAccessibleName(title)
            if explanation and not control.accessibleDescription():
                control.setAccessibleDescription(explanation)
            line.addWidget(control, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.column.addWidget(row)
        return row

    def add_fact(self, title: str, value: str) -> QWidget:
        """A line that only says something, for the user to read and copy."""
        words = label(value, "body", "weak", wrap=True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        words.setAccessibleName(f"{title}：{value}")
        words.setMinimumWidth(self._themes.theme.sizes.dialog)
        return self.add_row(title, control=words)


class SettingsSection(QScrollArea):
    """One page of the settings: title and groups. `entered` is called each time it is shown."""

    def __init__(self, themes: ThemeManager, title: str) -> None:
        super().__init__()
        self.themes = themes
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        theme, space = themes.theme, themes.theme.space
        body = QWidget()
        outer = QHBoxLayout(body)
        outer.setContentsMargins(space.section, space.xxl, space.section, space.section)
        column_host = QWidget()
        column_host.setMaximumWidth(theme.sizes.dialog_wide + theme.sizes.panel // 2)
        outer.addWidget(column_host, 100)
        outer.addStretch(1)
        self.column = QVBoxLayout(column_host)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(space.s)
        self.column.addWidget(label(title, "headline"))
        self.column.addSpacing(space.s)
        self.setWidget(body)

    def add_group(self, title: str = "") -> Group:
        """A card of rows under a small heading."""
        if title:
            self.column.addWidget(label(title, "caption"))
        group = Group(self.themes)
        self.column.addWidget(group)
        self.column.addSpacing(self.themes.theme.space.m)
        return group

    def finish(self) -> None:
        """Nothing more comes."""
        self.column.addStretch(1)

    def entered(self) -> None:
        """The page is shown."""


def choice(options: Sequence[tuple[str, str]], current: str, name: str) -> QComboBox:
    """A box to choose one of (value, text); `currentData()` is the value."""
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in options:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, box.findData(current)))
    box.setMinimumWidth(160)
    # A wheel over the page must scroll it, not change a setting under the pointer.
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
    return box


def size_text(size: int) -> str:
    """Bytes as a clerk reads them."""
    value = float(size)
    for unit in ("B", "KB", "MB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GB"
