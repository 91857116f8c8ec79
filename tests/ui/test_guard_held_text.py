"""Lines of a held text are cut where the layout cuts them, also with characters outside the basic plane."""

from PySide6.QtGui import QFont

from widgets.guard.held_text import _Lines


def test_emoji_do_not_shift_the_lines(qapp):
    assert _Lines("😀😀甲\n乙丙", QFont(), 1000.0).lines == ["😀😀甲", "乙丙"]
