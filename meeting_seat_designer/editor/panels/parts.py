"""Small parts that the panels share: headings, facts, cards, number fields."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.controls import label
from widgets.theme import ThemeManager


def heading(text: str) -> QLabel:
    """The name of a section."""
    return label(text, "caption", "weak")


def fact(name: str, value: str) -> QWidget:
    """A line: what it is at the left, the value at the right."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(label(name, "secondary", "weak"))
    shown = label(value, "secondary", wrap=True)
    shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    line.addWidget(shown, 1)
    return row


def clear(column: QVBoxLayout | QHBoxLayout | QFormLayout) -> None:
    """Take every widget out of a layout."""
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def number(
    themes: ThemeManager,
    name: str,
    value: float,
    low: float,
    high: float,
    changed: Callable[[float], object],
    suffix: str = " mm",
) -> QDoubleSpinBox:
    """A number field that reports when it is left or Enter is pressed, and at every step of its arrows."""
    field = QDoubleSpinBox()
    field.setDecimals(0 if suffix != "°" else 1)
    field.setRange(low, high)
    field.setValue(value)
    field.setSuffix(suffix)
    field.setSingleStep(50 if suffix == " mm" else 1)
    field.setKeyboardTracking(False)
    field.setAccessibleName(name)
    field.setMinimumWidth(themes.theme.sizes.avatar_large)
    field.valueChanged.connect(lambda now: changed(float(now)))
    return field
