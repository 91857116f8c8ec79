"""The curtain over real windows: nothing of the content in any later picture, title or clipboard."""

import subprocess
from collections.abc import Iterator

import mss
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from lock.curtain.clipboard import clear_own
from lock.curtain.curtain import NEUTRAL_TITLE, Curtain

CONTENT = QColor(255, 0, 255)
LOCKED = QColor(0, 60, 140)


def paint(widget: QWidget, colour: QColor) -> None:
    palette = widget.palette()
    palette.setColor(widget.backgroundRole(), colour)
    widget.setPalette(palette)
    widget.setAutoFillBackground(True)


def content_window(kind: type[QWidget] = QWidget, title: str = "机密：干部调整名单") -> QWidget:
    window = kind()
    paint(window, CONTENT)
    window.setWindowTitle(title)
    window.resize(500, 300)
    return window


def content_pixels() -> int:
    """How many pixels of the content's colour are on the screen now, of every 5th row and column."""
    with mss.MSS() as screen:
        shot = screen.grab(screen.monitors[0])
    image = QImage(shot.raw, shot.width, shot.height, QImage.Format.Format_RGB32)
    wanted = CONTENT.rgb()
    return sum(
        image.pixel(x, y) == wanted for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)
    )


def titles() -> str:
    """The titles of all windows that the X server knows, mapped or not."""
    found = subprocess.run(["xdotool", "search", "--name", ""], capture_output=True, text=True, check=False)
    names = [
        subprocess.run(
            ["xdotool", "getwindowname", window], capture_output=True, text=True, check=False
        ).stdout
        for window in found.stdout.split()
    ]
    return "".join(names)


@pytest.fixture
def curtain(qapp: QApplication) -> Iterator[Curtain]:
    def lock_window() -> QWidget:
        window = QWidget()
        paint(window, LOCKED)
        window.setWindowTitle(NEUTRAL_TITLE)
        return window

    made = Curtain(qapp, lock_window)
    yield made
    made.lift()
    for widget in qapp.topLevelWidgets():
        widget.close()
        widget.deleteLater()


@pytest.mark.clause("3.2.3.1.2")
def test_windows_dialogs_menus_and_tooltips_leave_the_screen_at_once(qtbot, qapp, curtain: Curtain) -> None:
    windows = [content_window() for _ in range(3)]
    for index, window in enumerate(windows):
        window.move(100 * index, 60 * index)
        window.show()
    dialog = content_window(QDialog, "机密附件")
    assert isinstance(dialog, QDialog)
    dialog.setModal(True)
    dialog.show()
    menu = QMenu("机密", windows[0])
    paint(menu, CONTENT)
    for number in range(20):
        menu.addAction(f"机密 {number}")
    menu.popup(QPoint(20, 20))
    QToolTip.showText(QPoint(900, 500), "机密提示")
    for window in (*windows, dialog):
        qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: content_pixels() > 0)

    curtain.drop()
    assert curtain.is_down
    qtbot.waitUntil(lambda: content_pixels() == 0)
    assert qapp.activePopupWidget() is None
    assert [w for w in qapp.topLevelWidgets() if w.isVisible()] == [curtain.lock_window]
    assert "机密" not in titles()


@pytest.mark.clause("3.2.3.1.2")
def test_a_window_shown_while_locked_never_reaches_the_screen_and_comes_after_unlocking(
    qtbot, curtain: Curtain
) -> None:
    main = content_window(QMainWindow)
    main.show()
    qtbot.waitExposed(main)
    curtain.drop()
    late = content_window(QDialog)
    seen = []
    late.show()
    for _ in range(10):
        QGuiApplication.processEvents()
        seen.append(content_pixels())
    assert seen == [0] * 10
    assert not late.isVisible()
    curtain.lift()
    qtbot.waitUntil(lambda: late.isVisible() and main.isVisible() and content_pixels() > 0)
    assert late.windowTitle() == "机密：干部调整名单"


def test_an_unsaved_document_cannot_refuse(qtbot, curtain: Curtain) -> None:
    """KeePassXC's lock waits for its question; ours asks nobody."""

    class Stubborn(QDialog):
        def closeEvent(self, event) -> None:
            event.ignore()

        def reject(self) -> None:
            pass

    dialog = content_window(Stubborn)
    dialog.show()
    qtbot.waitExposed(dialog)
    curtain.drop()
    qtbot.waitUntil(lambda: content_pixels() == 0)


@pytest.mark.clause("3.2.3.1.3")
def test_a_meeting_window_stays_with_picture_mute_and_leave_only(qtbot, curtain: Curtain) -> None:
    class Meeting(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.chat = QLabel("会议聊天", self)
            QVBoxLayout(self).addWidget(self.chat)

        def spare_for_lock(self, locked: bool) -> None:
            self.chat.setVisible(not locked)

    meeting, other = Meeting(), content_window()
    for window in (meeting, other):
        window.show()
        qtbot.waitExposed(window)
    curtain.drop(spare_meeting=True)
    assert meeting.isVisible()
    assert not meeting.chat.isVisible()
    assert not other.isVisible()
    curtain.lift()
    assert meeting.chat.isVisible()
    curtain.drop()
    assert not meeting.isVisible()


def test_the_lock_window_takes_the_largest_windows_place_and_states_come_back(
    qtbot, curtain: Curtain
) -> None:
    small, large = content_window(), content_window()
    large.resize(900, 600)
    for window in (small, large):
        window.show()
        qtbot.waitExposed(window)
    place = large.geometry()
    small.showMinimized()
    curtain.drop()
    assert curtain.lock_window is not None
    assert curtain.lock_window.geometry().size() == place.size()
    assert curtain.drop() == 0.0
    curtain.lift()
    qtbot.waitUntil(lambda: large.isVisible() and small.isMinimized())


def test_windows_that_the_client_took_down_do_not_come_back(qtbot, curtain: Curtain) -> None:
    window = content_window()
    window.show()
    qtbot.waitExposed(window)
    curtain.drop()
    curtain.forget_hidden()
    curtain.lift()
    assert not window.isVisible()
    gone = content_window()
    gone.show()
    curtain.drop()
    gone.deleteLater()
    QApplication.sendPostedEvents(gone, QEvent.Type.DeferredDelete.value)
    curtain.lift()


@pytest.mark.clause("3.2.3.1.2")
def test_only_the_own_clipboard_is_cleared(qtbot, qapp) -> None:
    clipboard = qapp.clipboard()
    clipboard.setText("机密摘录")
    assert clear_own(clipboard)
    assert clipboard.text() == ""
    assert not clear_own(clipboard)


def test_the_lock_window_is_kept_out_of_captures_before_it_shows(qapp: QApplication) -> None:
    from widgets.guard import CaptureGuard, FakeShield, Level
    from widgets.theme import ThemeManager

    shield = FakeShield("Windows")
    guard = CaptureGuard(ThemeManager(animations=False), shield, [])
    seen: list[bool] = []

    def protect(window: QWidget) -> None:
        seen.append(window.isVisible())
        guard.register(window, covers=False)

    curtain = Curtain(qapp, QWidget, protect=protect)
    curtain.drop()
    assert seen == [False]
    assert any(one is curtain.lock_window for one in shield.protected)
    assert (guard.protection.level, guard.is_concealed) == (Level.EXCLUDED, False)
    curtain.lift()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not shield.active
    guard.close()
