"""One line of a console form: what is set, what that means, and the control."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from widgets.controls import label


def add_row(form: QFormLayout, title: str, words: str, control: QWidget) -> None:
    """Add `control` behind its title and, below that, a quiet line of explanation."""
    holder = QWidget()
    lines = QVBoxLayout(holder)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(0)
    lines.addWidget(label(title))
    lines.addWidget(label(words, "caption"))
    form.addRow(holder, control)
