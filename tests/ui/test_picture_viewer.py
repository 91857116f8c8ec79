"""The picture viewer: zoom to the cursor, fit, turn, move, copy, next and previous, by mouse and by keyboard."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from widgets.showroom.chat import thumbnail
from widgets.theme import ThemeManager
from widgets.viewer import PictureItem, PictureViewer

ITEMS = [PictureItem("a", "一.png", thumbnail()), PictureItem("b", "二.png"), PictureItem("c", "三.png")]


def picture(width: int = 2000, height: int = 1000) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    return image


@pytest.fixture
def asked() -> list[str]:
    """Keys of the pictures that the viewer wanted, in order."""
    return []


@pytest.fixture
def viewer(qtbot, asked):
    made = PictureViewer(ThemeManager(animations=False), ITEMS, "a")
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.wanted.connect(asked.append)
    made.open()
    qtbot.waitExposed(made)
    return made


def wheel(viewer: PictureViewer, at: QPointF, turns: int) -> None:
    canvas = viewer.canvas
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


@pytest.mark.clause("E091")
def test_the_preview_stands_in_until_the_whole_picture_comes(viewer, asked):
    assert asked == ["a"]
    assert not viewer.canvas.image.isNull()
    assert not viewer.whole
    viewer.give("a", picture())
    assert viewer.whole
    assert viewer.canvas.image.width() == 2000
    rect = viewer.canvas.picture_rect()
    assert rect.width() <= viewer.canvas.width()
    assert rect.height() <= viewer.canvas.height()


def test_a_small_picture_is_not_blown_up(viewer):
    viewer.give("a", picture(40, 30))
    assert viewer.canvas.scale == 1.0
    assert viewer.percent.text() == "100%"


def test_the_wheel_zooms_to_what_is_under_the_cursor(viewer):
    viewer.give("a", picture())
    at = QPointF(viewer.canvas.width() * 0.7, viewer.canvas.height() * 0.5)
    viewer.canvas.zoom(4)
    rect = viewer.canvas.picture_rect()
    share = (at.x() - rect.left()) / rect.width()
    wheel(viewer, at, 1)
    rect = viewer.canvas.picture_rect()
    assert (at.x() - rect.left()) / rect.width() == pytest.approx(share, abs=1e-6)


def test_keys_zoom_turn_fit_and_move(viewer):
    viewer.give("a", picture())
    fitted = viewer.canvas.scale
    QTest.keyClick(viewer, Qt.Key.Key_1)
    assert viewer.canvas.scale == 1.0
    before = viewer.canvas.middle
    QTest.keyClick(viewer, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert viewer.canvas.middle.x() > before.x()
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.canvas.scale > 1.0
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.canvas.scale == fitted
    QTest.keyClick(viewer, Qt.Key.Key_R)
    assert viewer.canvas.turn == 90
    rect = viewer.canvas.picture_rect()
    assert rect.height() > rect.width()
    assert viewer.canvas.turned_image().height() == 2000


def test_a_zoomed_picture_is_dragged_but_not_out_of_sight(viewer):
    viewer.give("a", picture())
    viewer.canvas.actual()
    centre = viewer.canvas.rect().center()
    QTest.mousePress(viewer.canvas, Qt.MouseButton.LeftButton, pos=centre)
    to = QPointF(centre + QPoint(60, 0))
    # Not by the screen's own pointer, whose events come when they like.
    moved = QMouseEvent(
        QEvent.Type.MouseMove,
        to,
        QPointF(viewer.canvas.mapToGlobal(to.toPoint())),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewer.canvas, moved)
    QTest.mouseRelease(viewer.canvas, Qt.MouseButton.LeftButton, pos=centre + QPoint(60, 0))
    assert viewer.canvas.middle.x() == pytest.approx(60)
    viewer.canvas.move_by(QPointF(99999, 99999))
    assert viewer.canvas.picture_rect().left() <= 0.5


def test_next_and_previous_stop_at_the_ends(viewer, asked):
    viewer.give("a", picture())
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.key == "a"
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.key == "b"
    assert viewer.note.text() == "正在读取图片…"
    assert viewer.count.text() == "2 / 3"
    viewer.fail("b", "图片没有取到")
    assert viewer.note.text() == "图片没有取到"
    QTest.keyClick(viewer, Qt.Key.Key_R)
    assert asked == ["a", "b", "b"]
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.key == "c"
    assert not viewer.forward.isEnabled()
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.whole
    assert asked == ["a", "b", "b", "c", "b"]


def test_copy_save_and_close(viewer, qtbot):
    viewer.give("a", picture(30, 20))
    QTest.keyClick(viewer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().image().width() == 30
    with qtbot.waitSignal(viewer.save_wanted) as told:
        QTest.keyClick(viewer, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert told.args == ["a"]
    with qtbot.waitSignal(viewer.closed):
        QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()
