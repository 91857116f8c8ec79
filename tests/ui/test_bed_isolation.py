"""Tests with windows leave nothing behind that a later one would measure or collect."""

import gc

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

LEFT = "QWidget { padding: 7px; }"


def test_one_that_dresses_the_application(qapp: QApplication) -> None:
    qapp.setStyleSheet(LEFT)
    qapp.setFont(QFont("monospace", 31))
    assert qapp.font().pointSize() == 31


def test_and_the_next_finds_it_undressed(qapp: QApplication) -> None:
    assert qapp.styleSheet() != LEFT
    assert qapp.font().pointSize() != 31


def test_garbage_is_not_collected_in_whatever_thread_is_at_work() -> None:
    # What belongs to Qt must be destroyed on the interface thread: here and in the program it is collected there.
    assert not gc.isenabled()
