"""The switch slides to where it was put, and at once where nothing may move."""

from __future__ import annotations

import pytest

from widgets.controls import Switch
from widgets.theme import ThemeManager


@pytest.mark.parametrize("animations", [True, False])
def test_it_ends_where_it_was_put(qtbot, animations: bool) -> None:
    switch = Switch(ThemeManager(animations=animations), "测试")
    qtbot.addWidget(switch)
    with qtbot.waitExposed(switch):
        switch.show()
    seen: list[float] = []
    switch._move.valueChanged.connect(seen.append)
    for on in (True, False):
        seen.clear()
        switch.setChecked(on)
        qtbot.waitUntil(lambda on=on: switch._at == float(on))
        assert any(0 < at < 1 for at in seen) == animations
