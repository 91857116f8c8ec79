"""Choosing a part of the screen: drawn, moved, resized and taken by hand and keyboard, exact to the pixel."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from widgets.capture_area import AreaCapture, Rubber, ScreenGrab, grab_screens
from widgets.capture_area.rubber import Grip
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


class Target(QWidget):
    """A window of one colour with a red square of 50 × 40 at 100, 80."""

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#204060"))
        painter.fillRect(QRect(100, 80, 50, 40), QColor("#ff0000"))


@pytest.fixture
def target(qtbot):
    target = Target(None, Qt.WindowType.BypassWindowManagerHint)
    target.setGeometry(200, 150, 400, 300)
    qtbot.addWidget(target)
    with qtbot.waitExposed(target):
        target.show()
    qtbot.waitUntil(lambda: target.screen().grabWindow(0).toImage().pixelColor(310, 240) == QColor("#ff0000"))
    return target


@pytest.fixture
def capture(qtbot):
    capture = AreaCapture(ThemeManager(animations=False))
    capture.images = []
    capture.captured.connect(capture.images.append)
    yield capture
    capture._end()


def drag(overlay, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(overlay, LEFT, pos=start)
    QTest.mouseMove(overlay, (start + end) / 2)
    QTest.mouseRelease(overlay, LEFT, pos=end)


def test_the_chosen_part_is_taken_to_the_pixel(target, capture):
    capture.start()
    (overlay,) = capture.overlays
    assert overlay.geometry() == overlay.screen().geometry()
    drag(overlay, QPoint(300, 230), QPoint(349, 269))
    assert overlay.rubber.rect == QRect(300, 230, 50, 40)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    (image,) = capture.images
    assert (image.width(), image.height()) == (50, 40)
    colours = {image.pixelColor(x, y).name() for x in (0, 25, 49) for y in (0, 20, 39)}
    assert colours == {"#ff0000"}
    assert capture.overlays == []


def test_a_double_click_takes_and_esc_gives_up(target, capture, qtbot):
    capture.start()
    drag(capture.overlays[0], QPoint(10, 10), QPoint(109, 59))
    QTest.mouseDClick(capture.overlays[0], LEFT, pos=QPoint(50, 30))
    assert [(one.width(), one.height()) for one in capture.images] == [(100, 50)]
    with qtbot.waitSignal(capture.cancelled):
        capture.start()
        QTest.keyClick(capture.overlays[0], Qt.Key.Key_Escape)
    assert len(capture.images) == 1


def test_enter_without_a_selection_takes_the_whole_screen(target, capture):
    capture.start()
    screen = capture.overlays[0].screen().geometry()
    QTest.keyClick(capture.overlays[0], Qt.Key.Key_Enter)
    assert (capture.images[0].width(), capture.images[0].height()) == (screen.width(), screen.height())


def test_arrows_move_and_resize_the_selection(target, capture):
    capture.start()
    overlay = capture.overlays[0]
    drag(overlay, QPoint(100, 100), QPoint(199, 149))
    QTest.keyClick(overlay, Qt.Key.Key_Right)
    QTest.keyClick(overlay, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert overlay.rubber.rect == QRect(101, 110, 100, 50)
    QTest.keyClick(overlay, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert overlay.rubber.rect == QRect(101, 110, 99, 50)


def test_a_right_click_drops_the_selection_and_then_gives_up(target, capture, qtbot):
    capture.start()
    overlay = capture.overlays[0]
    drag(overlay, QPoint(100, 100), QPoint(199, 149))
    QTest.mouseClick(overlay, Qt.MouseButton.RightButton, pos=QPoint(20, 20))
    assert overlay.rubber.rect.isNull()
    with qtbot.waitSignal(capture.cancelled):
        QTest.mouseClick(overlay, Qt.MouseButton.RightButton, pos=QPoint(20, 20))


def test_own_windows_are_hidden_and_come_back(target, capture, qtbot):
    capture.start(hide=[target])
    assert not target.isVisible()
    qtbot.waitUntil(lambda: bool(capture.overlays))
    QTest.keyClick(capture.overlays[0], Qt.Key.Key_Return)
    assert target.isVisible()
    assert capture.images[0].pixelColor(310, 240) != QColor("#ff0000")


def test_the_picture_shows_what_will_be_taken(target, capture):
    capture.start()
    overlay = capture.overlays[0]
    drag(overlay, QPoint(250, 200), QPoint(420, 320))
    shown = overlay.grab().toImage()
    assert shown.pixelColor(320, 250) == QColor("#ff0000")
    # Outside the selection the same window is dimmed.
    assert shown.pixelColor(230, 400) != QColor("#204060")
    assert shown.pixelColor(230, 400).lightness() < QColor("#204060").lightness() + 30


def test_cutting_respects_the_screens_scale(qapp):
    image = QImage(300, 150, QImage.Format.Format_RGB32)
    image.fill(QColor("#101010"))
    image.setPixelColor(30, 15, QColor("#ffffff"))
    shot = ScreenGrab(qapp.primaryScreen(), QRect(0, 0, 200, 100), image)
    part = shot.cut(QRect(20, 10, 100, 50))
    assert (part.width(), part.height()) == (150, 75)
    assert part.pixelColor(0, 0) == QColor("#ffffff")


def test_mss_sees_the_same(target):
    from widgets.capture_area.grab import _by_mss

    (shot,) = grab_screens()
    other = _by_mss(shot.screen)
    assert other.size() == shot.image.size()
    assert other.pixelColor(310, 240) == shot.image.pixelColor(310, 240) == QColor("#ff0000")


def test_rules_of_the_rubber():
    rubber = Rubber(QRect(0, 0, 200, 100), 6)
    rubber.press(QPoint(150, 80))
    rubber.move(QPoint(-50, 500))
    rubber.release()
    assert rubber.rect == QRect(QPoint(0, 80), QPoint(150, 99))
    assert rubber.grip_at(QPoint(2, 82)) is Grip.TOP_LEFT
    assert rubber.grip_at(QPoint(75, 78)) is Grip.TOP
    assert rubber.grip_at(QPoint(40, 90)) is Grip.INSIDE
    rubber.press(QPoint(40, 90))
    rubber.move(QPoint(400, -90))
    rubber.release()
    assert rubber.rect == QRect(49, 0, 151, 20)
    rubber.press(QPoint(100, 60))
    rubber.release()
    assert not rubber.chosen
    assert rubber.rect.isNull()
