"""Tables that are empty say so in words, but not before they were read."""

from __future__ import annotations

from PySide6.QtWidgets import QTableWidget, QTableWidgetItem
from shiboken6 import delete

from widgets.controls import EmptyNote
from widgets.theme import ThemeManager


def test_an_empty_table_says_so_once_it_was_read_and_is_silent_with_rows(qtbot):
    table = QTableWidget(0, 2)
    note = EmptyNote(ThemeManager(animations=False), table, "还没有规则")
    table.resize(400, 300)
    table.show()
    qtbot.waitExposed(table)
    assert not note.label.isVisible()
    note.settle()
    assert note.label.isVisible()
    assert note.label.geometry() == table.viewport().rect()
    table.resize(600, 500)
    qtbot.waitUntil(lambda: note.label.geometry() == table.viewport().rect())
    table.setRowCount(1)
    table.setItem(0, 0, QTableWidgetItem("规则"))
    assert not note.label.isVisible()
    table.setRowCount(0)
    assert note.label.isVisible()
    note.settle("没有这样的规则")
    assert note.label.text() == "没有这样的规则"
    # A table that goes away with its rows is asked for nothing any more.
    table.setRowCount(2)
    delete(table)
