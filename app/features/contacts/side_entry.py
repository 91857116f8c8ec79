"""The quiet entries above the organisation's tree, all of one shape."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from widgets.controls import button
from widgets.theme import ThemeManager


def side_entry(themes: ThemeManager, icon: str, text: str, *, color: str = "text_2") -> QPushButton:
    """A small button with icon and text at its left; a long text gives way to the column."""
    made = button(text, "ghost", "small")
    made.setIcon(themes.icons.icon(icon, color))
    made.setStyleSheet("text-align: left;")
    made.setMinimumWidth(1)
    return made
