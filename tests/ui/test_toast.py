"""A message that comes and goes: its lines are of about one length."""

from __future__ import annotations

from widgets.controls.toast import Toast
from widgets.theme import ThemeManager


def test_a_text_a_little_too_long_for_one_line_is_not_left_with_a_single_character(qtbot) -> None:
    themes = ThemeManager(animations=False)
    most = themes.theme.sizes.toast
    short = Toast(themes, "已保存")
    metrics = short.text.fontMetrics()
    long = Toast(themes, "请" * (int(1.1 * most) // metrics.horizontalAdvance("请")))
    for one in (short, long):
        qtbot.addWidget(one)
    whole = metrics.horizontalAdvance(long.text.text())
    assert most < whole + themes.theme.space.l < 2 * most
    # What does not fit into the first line is about as much as does.
    assert whole / 2 < long.text.width() < 0.75 * most
    assert short.text.width() < most
