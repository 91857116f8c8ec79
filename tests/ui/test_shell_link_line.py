"""The quiet line about the connection: patient, silent when all is well, loud enough when the server is gone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.states import LinkState
from app.shell.link_line import OFFLINE_TEXT, LinkLine
from widgets.theme import ThemeManager


@pytest.fixture
def line(qtbot):
    host = QWidget()
    host.resize(600, 200)
    made = LinkLine(ThemeManager(animations=False))
    column = QVBoxLayout(host)
    column.addWidget(made)
    column.addStretch(1)
    qtbot.addWidget(host)
    host.show()
    qtbot.waitExposed(host)
    made.host = host
    return made


def test_a_short_interruption_is_not_mentioned(line):
    line.set_state(LinkState.OFFLINE)
    assert line._timer.isActive()
    line.set_state(LinkState.CONNECTING)
    line.set_state(LinkState.SYNCING)
    assert not line._timer.isActive()
    assert not line.isVisible()


def test_a_longer_one_is_said_and_then_taken_back(line, qtbot):
    line.set_state(LinkState.OFFLINE)
    qtbot.waitUntil(line.isVisible)
    assert line.words == OFFLINE_TEXT
    assert line.retry.isVisible()
    line.set_state(LinkState.CONNECTING)
    assert line.words == OFFLINE_TEXT
    line.set_state(LinkState.ONLINE)
    assert not line.isVisible()


def test_trying_again_is_a_button(line, qtbot):
    asked: list[bool] = []
    line.again.connect(lambda: asked.append(True))
    line.complain("内置服务没有启动")
    assert line.isVisible()
    QTest.mouseClick(line.retry, Qt.MouseButton.LeftButton)
    assert asked == [True]
