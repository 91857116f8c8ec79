"""The list of people that opens while a name is typed after @, and the rules of where such a name begins (E095)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from widgets.controls import AvatarSpec
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import Theme, ThemeManager

LONGEST_QUERY = 20
VISIBLE_ROWS = 6


@dataclass(frozen=True, slots=True)
class MentionOption:
    """Somebody offered; `name` is written after the @, `note` (unit, title) only shown."""

    id: str
    name: str
    note: str = ""
    avatar: AvatarSpec | None = None


def mention_query(text: str, cursor: int) -> str | None:
    """What stands between an @ and the cursor; None when no name is being typed (an e-mail address is none)."""
    before = text[:cursor]
    at = before.rfind("@")
    if at < 0 or (at > 0 and re.match(r"[A-Za-z0-9._%+-]", before[at - 1])):
        return None
    query = before[at + 1 :]
    return None if len(query) > LONGEST_QUERY or re.search(r"\s", query) else query


def still_named(text: str, chosen: dict[str, str]) -> list[str]:
    """Of those chosen (id → name), the ids whose @name still stands in the text as a whole name."""
    found: list[str] = []
    rest = text
    # The longest names first, so that @王建 is not found inside @王建国.
    for id, name in sorted(chosen.items(), key=lambda each: -len(each[1])):
        if f"@{name}" in rest:
            rest = rest.replace(f"@{name}", "\0")
            found.append(id)
    return [id for id in chosen if id in found]


class MentionPopup(QFrame):
    """Lies over the window and never takes the keyboard from the text (an input method would lose its place): the text
    passes Up, Down, Enter and Esc on. Signals: `chosen(MentionOption)`."""

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._options: list[MentionOption] = []
        self.setObjectName("mentions")
        self.setProperty("surface", "raised")
        self.model = PeopleModel(parent=self)
        self.view = RowView(themes, PeopleDelegate(themes), surface="raised", name="选择要提醒的人")
        self.view.setModel(self.model)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.opened.connect(lambda _index: self.take())
        column = QVBoxLayout(self)
        space = themes.theme.space
        column.setContentsMargins(1, space.xs, 1, space.xs)
        column.addWidget(self.view)
        themes.changed.connect(self._frame)
        self._frame(themes.theme)
        self.hide()

    def _frame(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"#mentions {{ border: 1px solid {theme.palette.line_strong}; border-radius: {theme.radius.control}px; }}"
        )

    @property
    def options(self) -> list[MentionOption]:
        """Who is offered."""
        return list(self._options)

    @property
    def current(self) -> MentionOption | None:
        """The one that Enter would take."""
        row = self.view.currentIndex().row()
        return self._options[row] if 0 <= row < len(self._options) else None

    def offer(self, options: Sequence[MentionOption], anchor: QRect) -> None:
        """Show `options` above `anchor` (global, the place of the text cursor); none hides the list."""
        self._options = list(options)
        self.model.show_items([PersonItem(one.id, one.name, one.note, one.avatar) for one in self._options])
        if not self._options:
            self.hide()
            return
        self.view.go(0)
        theme = self._themes.theme
        row = theme.grow(theme.sizes.row_compact)
        height = row * min(VISIBLE_ROWS, len(self._options)) + 2 * theme.space.xs + 2
        parent = self.parentWidget()
        spot = parent.mapFromGlobal(anchor.topLeft())
        width = min(theme.sizes.list, parent.width() - 2 * theme.space.s)
        left = max(theme.space.s, min(spot.x() - theme.space.m, parent.width() - width - theme.space.s))
        top = spot.y() - height - theme.space.xs
        if top < 0:
            top = min(spot.y() + anchor.height() + theme.space.xs, parent.height() - height)
        self.setGeometry(QRect(QPoint(left, top), QPoint(left + width - 1, top + height - 1)))
        self.show()
        self.raise_()

    def step(self, rows: int) -> None:
        """Move the choice, around the ends."""
        count = len(self._options)
        if count:
            self.view.setCurrentIndex(self.model.index((self.view.currentIndex().row() + rows) % count))

    def take(self) -> None:
        """Choose the current one."""
        one = self.current
        self.hide()
        if one is not None:
            self.chosen.emit(one)
