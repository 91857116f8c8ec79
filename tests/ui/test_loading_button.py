"""A button that is busy for a while: it makes room for its ring and is afterwards as it was."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.controls.loading_button import LoadingButton
from widgets.theme import ThemeManager


def test_the_button_is_as_wide_as_before_when_the_work_is_done(qtbot) -> None:
    page = QWidget()
    button = LoadingButton(ThemeManager(animations=False), "发送")
    row = QHBoxLayout(page)
    row.addStretch(1)
    row.addWidget(button)
    page.resize(400, 60)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    before = button.width()
    button.set_loading(True, "发送")
    qtbot.waitUntil(lambda: button.width() > before)
    button.set_loading(False)
    qtbot.waitUntil(lambda: button.width() == before)
    assert (button.text(), button.isEnabled()) == ("发送", True)
