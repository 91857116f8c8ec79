"""The capture guard: what it covers, when, and what it says is in force."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QVBoxLayout, QWidget

from widgets.guard import (
    CaptureGuard,
    FakeShield,
    FakeWatcher,
    Grip,
    HeldText,
    Kind,
    LeaseRefused,
    Level,
    NullShield,
    Protection,
    ProtectionBadge,
    Reading,
)
from widgets.guard.guard import LINGER_MS
from widgets.theme import ThemeManager

CONTENT = QColor(255, 0, 255)


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager(animations=False)


def content(qtbot, width: int = 500, height: int = 360) -> QWidget:
    """A window of one colour."""
    made = QWidget()
    qtbot.addWidget(made)
    palette = made.palette()
    palette.setColor(made.backgroundRole(), CONTENT)
    made.setPalette(palette)
    made.setAutoFillBackground(True)
    made.resize(width, height)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shows(widget: QWidget) -> bool:
    """Whether any sampled pixel of the window on the screen is content."""
    picture = widget.screen().grabWindow(widget.winId()).toImage()
    return any(
        picture.pixelColor(x, y) == CONTENT
        for x in range(0, picture.width(), 7)
        for y in range(0, picture.height(), 7)
    )


@pytest.mark.clause("3.1.1.8")
def test_all_surfaces_are_covered_while_recording_and_only_then(qtbot, themes) -> None:
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, NullShield(), [watcher], platform="X11")
    windows = [content(qtbot), content(qtbot)]
    for window in windows:
        guard.register(window)
    assert not guard.is_concealed
    qtbot.waitUntil(lambda: all(shows(window) for window in windows))
    told = []
    guard.capture_began.connect(lambda event: told.append((event.words, event.ended_ms, guard.is_concealed)))
    guard.capture_ended.connect(lambda event: told.append((event.words, event.ended_ms > 0)))
    watcher.begin("1", Kind.RECORDER, "OBS")
    watcher.begin("2", Kind.SHARING, "会议")
    assert guard.is_concealed
    # The pages are on the screen when the call returns; the X server is asked after it.
    assert not any(shows(window) for window in windows)
    page = windows[0].findChild(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert page is not None
    assert (page.accessibleName(), page.accessibleDescription()) == ("安全防护中", "录屏期间隐藏你的密聊信息")
    windows[0].resize(700, 500)
    QLabel("新来的", windows[0]).show()
    QTest.qWait(50)
    assert not shows(windows[0])
    watcher.end("1")
    QTest.qWait(LINGER_MS + 200)
    assert guard.is_concealed
    with qtbot.waitSignal(guard.revealed, timeout=5000):
        watcher.end("2")
    qtbot.waitUntil(lambda: all(shows(window) for window in windows))
    assert told == [
        ("录屏软件 OBS", 0, True),
        ("屏幕共享 会议", 0, True),
        ("录屏软件 OBS", True),
        ("屏幕共享 会议", True),
    ]
    assert [event.tool for event in guard.events] == ["OBS", "会议"]
    guard.close()


def test_a_surface_registered_while_recording_never_shows(qtbot, themes) -> None:
    watcher = FakeWatcher(ready_at_once=False)
    guard = CaptureGuard(themes, NullShield(), [watcher])
    first = content(qtbot)
    guard.register(first)
    assert guard.is_concealed
    assert not shows(first)
    watcher.begin("1")
    assert watcher.report is not None
    watcher.report.ready()
    late = QWidget()
    qtbot.addWidget(late)
    late.setStyleSheet("background: rgb(255, 0, 255)")
    guard.register(late)
    with qtbot.waitExposed(late):
        late.show()
    assert not shows(late)
    late.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not any(guard.is_registered(widget) for widget in (late,))
    guard.unregister(first)
    assert watcher.report is None
    assert guard.events[-1].ended_ms > 0
    guard.close()


def test_a_menu_of_a_covered_surface_is_closed(qtbot, themes) -> None:
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, NullShield(), [watcher])
    window = content(qtbot)
    guard.register(window)
    menu = QMenu(window)
    menu.addAction("销毁")
    menu.popup(window.mapToGlobal(QPoint(30, 30)))
    qtbot.waitUntil(menu.isVisible)
    watcher.begin("1")
    assert not menu.isVisible()
    guard.close()


def test_the_level_is_what_is_in_force_and_said_in_words(qtbot, themes) -> None:
    silent = FakeWatcher("静默", ready_at_once=False)
    guard = CaptureGuard(themes, NullShield(), [silent], platform="X11")
    badge = ProtectionBadge(guard)
    window = content(qtbot)
    assert guard.protection.level is Level.NONE
    guard.register(window)
    assert guard.protection.level is Level.NONE
    assert silent.report is not None
    silent.report.ready()
    assert guard.protection == Protection(Level.DETECTING, "X11")
    assert (badge.widget.text(), badge.widget.property("pill")) == ("录屏检测 生效中", "warn")
    assert guard.protection.for_others == "X11 录屏检测"
    silent.report.failed("X 服务器没有应答")
    assert guard.protection.level is Level.NONE
    assert "X 服务器没有应答" in badge.widget.toolTip()
    assert Level.of_wire(Level.DETECTING.wire) is Level.DETECTING
    assert Level.of_wire("something newer") is Level.NONE
    guard.close()


def test_a_watcher_that_never_answers_is_not_waited_for_for_ever(qtbot, themes) -> None:
    guard = CaptureGuard(themes, NullShield(), [FakeWatcher(), FakeWatcher("总线", ready_at_once=False)])
    window = content(qtbot)
    guard.register(window)
    assert guard.is_concealed
    with qtbot.waitSignal(guard.revealed, timeout=5000):
        pass
    assert guard.protection.level is Level.DETECTING
    assert guard.protection.problems == ("总线 没有应答，未能检测录屏。",)
    guard.close()


def test_windows_that_the_system_does_not_confirm_stay_covered(qtbot, themes) -> None:
    shield = FakeShield("Windows")
    guard = CaptureGuard(themes, shield, [])
    window = content(qtbot)
    shield.answer = Grip(Level.NONE, "窗口不支持防截屏")
    guard.register(window)
    assert not shows(window)
    assert guard.protection.level is Level.NONE
    assert "窗口不支持防截屏" in guard.protection.explanation
    shield.answer = Grip(Level.EXCLUDED)
    window.hide()
    window.show()
    qtbot.waitUntil(lambda: shows(window))
    assert guard.protection.label == "防截屏 生效中"
    other = content(qtbot)
    assert any(one is other for one in shield.protected)
    shield.answer = Grip(Level.NONE)
    menu = QMenu(window)
    menu.addAction("销毁")
    menu.popup(window.mapToGlobal(QPoint(30, 30)))
    qtbot.waitUntil(lambda: not menu.isVisible())
    guard.close()
    assert not shield.active


def test_an_exception_is_bounded_logged_and_lets_no_recorder_through(qtbot, themes) -> None:
    watcher, shield = FakeWatcher(), FakeShield("Windows")
    guard = CaptureGuard(themes, shield, [watcher])
    window = content(qtbot)
    guard.register(window)
    assert guard.protection.level is Level.EXCLUDED
    told = []
    guard.lease_changed.connect(told.append)
    for seconds, why in ((0, "x"), (-1, "x"), (7200, "x"), (60, "  ")):
        with pytest.raises(LeaseRefused):
            guard.lease(seconds, why)
    lease = guard.lease(2, "信息中心远程协助")
    assert guard.assistive_allowed
    assert not shield.active
    assert (guard.protection.level, guard.protection.label) == (Level.NONE, "防截屏例外 生效中")
    watcher.begin("helper", Kind.REMOTE, "向日葵")
    assert not guard.is_concealed
    assert guard.events[-1].excepted
    watcher.begin("rec", Kind.RECORDER, "OBS")
    assert guard.is_concealed
    watcher.end("rec")
    qtbot.waitUntil(lambda: guard.active_lease is None, timeout=5000)
    # The helper is still there, now without an exception.
    assert guard.is_concealed
    assert shield.active
    assert [(one.why, one.ended_ms > 0) for one in told] == [(lease.why, False), (lease.why, True)]
    guard.close()


def held(qtbot, themes, guard: CaptureGuard, reading: Reading = Reading.WHOLE) -> tuple[QWidget, HeldText]:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    words = "明早七点半，老地点碰头，材料带纸质件。\n不要带手机。\n看完即毁。"
    text = HeldText(themes, guard, lambda: words, reading=reading)
    column.addWidget(text, 0, Qt.AlignmentFlag.AlignLeft)
    column.addStretch(1)
    window.resize(420, 300)
    guard.register(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window, text


@pytest.mark.clause("3.1.1.8")
def test_text_shows_only_while_held_in_the_active_window(qtbot, themes) -> None:
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, NullShield(), [watcher])
    _window, text = held(qtbot, themes, guard)
    closed = text.grab().toImage()
    centre = text.rect().center()
    changes = []
    text.hold.changed.connect(changes.append)

    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    assert text.hold.is_held
    assert text.height() > closed.height()
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=centre)
    assert not text.hold.is_held
    qtbot.waitUntil(lambda: text.grab().toImage() == closed)

    QTest.keyPress(text, Qt.Key.Key_Space)
    assert text.hold.is_held
    QTest.keyRelease(text, Qt.Key.Key_Space)
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseMove(text, QPoint(-50, -50))
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=QPoint(-50, -50))
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    watcher.begin("1")
    assert not text.hold.is_held
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=centre)
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    assert not text.hold.is_held
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=centre)
    with qtbot.waitSignal(guard.revealed, timeout=5000):
        watcher.end("1")

    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    other = content(qtbot)
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    qtbot.waitUntil(lambda: not text.hold.is_held)
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=centre)
    assert not text.hold.is_held
    assert changes == [True, False] * 5
    assert text.accessibleName() == "按住查看"
    guard.close()


def test_line_by_line_shows_one_line_at_a_time(qtbot, themes) -> None:
    guard = CaptureGuard(themes, NullShield(), [FakeWatcher()])
    _window, text = held(qtbot, themes, guard, Reading.LINE)
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=QPoint(40, 20))
    pictures = [text.grab().toImage()]
    for _ in range(2):
        QTest.keyClick(text, Qt.Key.Key_Down)
        pictures.append(text.grab().toImage())
    height = text.line_height
    top = (text.height() - 3 * height) // 2

    def inked(picture, line: int) -> bool:
        """Whether a line holds letters: a covered one is a bar with few colours."""
        rows = range(top + line * height, top + (line + 1) * height)
        colours = {picture.pixel(x, y) for y in rows for x in range(14, 120)}
        return len(colours) > 12

    assert [[inked(picture, line) for line in range(3)] for picture in pictures] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=QPoint(40, 20))
    guard.close()


def test_an_alarm_covers_for_a_moment_and_leaves_no_record(qtbot, themes) -> None:
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, NullShield(), [watcher])
    window = content(qtbot)
    guard.register(window)
    qtbot.waitUntil(lambda: shows(window))
    assert watcher.report is not None
    with qtbot.waitSignal(guard.revealed, timeout=5000):
        watcher.report.alarm()
        assert not shows(window)
    assert guard.events == ()
    guard.close()


def test_guard_and_surface_may_go_down_together(qtbot, themes) -> None:
    parent = QWidget()
    guard = CaptureGuard(themes, NullShield(), [FakeWatcher()])
    guard.setParent(parent)
    child = QWidget(parent)
    guard.register(child)
    parent.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert guard.events == ()
