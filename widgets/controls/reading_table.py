"""A table to read and choose rows in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget

from widgets.theme import ThemeManager


def reading_table(
    themes: ThemeManager, headings: Sequence[str], name: str, *, stretch: int, row: int = 0
) -> QTableWidget:
    """No grid, nothing to edit; columns as wide as their texts, and column `stretch` takes the rest.

    `name` is the accessible name; `row` a row's height in pixels at 100 % (0: compact).
    """
    theme = themes.theme
    made = QTableWidget(0, len(headings))
    made.setHorizontalHeaderLabels(list(headings))
    made.setAccessibleName(name)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(theme.grow(row or theme.sizes.row_compact))
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setShowGrid(False)
    made.setWordWrap(False)
    head = made.horizontalHeader()
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    head.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return made
