"""Gallery pages of the capture guard: protection page, badges, watermark, text that shows while held."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.controls import WatermarkOverlay, button, label, pill, surface, viewer_mark
from widgets.guard import (
    CaptureGuard,
    FakeShield,
    FakeWatcher,
    HeldText,
    Level,
    NullShield,
    Protection,
    ProtectionPage,
    Reading,
    show_protection,
)
from widgets.theme import ThemeManager

SECRET = "明早七点半，老地点碰头，材料带纸质件。\n不要带手机，也不要告诉其他人。\n看完即毁。"


def _badge(protection: Protection) -> QLabel:
    made = pill("", "neutral")
    show_protection(made, protection)
    return made


def _header(themes: ThemeManager, protection: Protection) -> QWidget:
    made = surface("content", "bottom")
    made.setFixedHeight(themes.theme.grow(themes.theme.sizes.header))
    row = QHBoxLayout(made)
    row.setContentsMargins(themes.theme.space.xl, 0, themes.theme.space.l, 0)
    row.setSpacing(themes.theme.space.s)
    other = pill(f"对方 {Protection(Level.EXCLUDED, 'Windows').for_others}", "neutral")
    for part in (label("＊＊＊", "title"), pill("最高 · 按住查看", "secret"), _badge(protection), other):
        row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addStretch(1)
    return made


def _bubbles(themes: ThemeManager, guard: CaptureGuard) -> tuple[QWidget, HeldText]:
    made = surface("content")
    space = themes.theme.space
    column = QVBoxLayout(made)
    column.setContentsMargins(space.xxl, space.xl, space.xxl, space.xl)
    column.setSpacing(space.m)
    column.addWidget(HeldText(themes, guard, lambda: SECRET), 0, Qt.AlignmentFlag.AlignLeft)
    own = HeldText(themes, guard, lambda: "收到。", ground="bubble_secret")
    column.addWidget(own, 0, Qt.AlignmentFlag.AlignRight)
    line = HeldText(themes, guard, lambda: SECRET, reading=Reading.LINE)
    column.addWidget(line, 0, Qt.AlignmentFlag.AlignLeft)
    column.addStretch(1)
    return made, line


def secret(themes: ThemeManager) -> QWidget:
    """A secret talk with texts to hold, under the viewer's watermark."""
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, FakeShield("Windows", per_window=False), [watcher])
    made = QWidget()
    guard.setParent(made)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_header(themes, Protection(Level.EXCLUDED, "Windows")))
    content, _line = _bubbles(themes, guard)
    guard.register(content)
    column.addWidget(content, 1)
    foot = surface("content", "top")
    row = QHBoxLayout(foot)
    record = button("开始假录屏", "secret")
    record.setCheckable(True)

    def toggle(on: bool) -> None:
        record.setText("结束假录屏" if on else "开始假录屏")
        if on:
            watcher.begin("showroom", tool="OBS")
        else:
            watcher.end("showroom")

    record.toggled.connect(toggle)
    row.addStretch(1)
    row.addWidget(record)
    column.addWidget(foot)
    WatermarkOverlay(
        themes, content, viewer_mark("李强", "13800003721"), color="watermark_secret", style="spread"
    )
    return made


def secret_covered(themes: ThemeManager) -> QWidget:
    """The same while somebody records."""
    watcher = FakeWatcher()
    guard = CaptureGuard(themes, NullShield(), [watcher], platform="X11")
    made = QWidget()
    guard.setParent(made)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_header(themes, Protection(Level.DETECTING, "X11")))
    content, _line = _bubbles(themes, guard)
    WatermarkOverlay(
        themes, content, viewer_mark("李强", "13800003721"), color="watermark_secret", style="spread"
    )
    guard.register(content)
    column.addWidget(content, 1)
    watcher.begin("showroom", tool="SimpleScreenRecorder")
    return made


def protection(themes: ThemeManager) -> QWidget:
    """All badges, and the page in small places."""
    made = QWidget()
    space = themes.theme.space
    grid = QGridLayout(made)
    grid.setContentsMargins(space.xxl, space.xl, space.xxl, space.xl)
    grid.setHorizontalSpacing(space.xl)
    grid.setVerticalSpacing(space.m)
    cases = [Protection(level, "统信 UOS") for level in Level]
    cases.append(Protection(Level.NONE, "Windows", excepted_until_ms=1))
    for row, case in enumerate(cases):
        grid.addWidget(_badge(case), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(f"对方 {case.for_others}", "secondary"), row, 1)
        grid.addWidget(label(case.explanation, "caption"), row, 2)
    row = len(cases)
    for number, (width, height) in enumerate(((260, 40), (420, 44), (420, 300))):
        page = ProtectionPage(themes, made)
        if number == 2:
            page.say(page.title, page.text, "检测到录屏软件 OBS，结束后自动恢复显示")
        page.setFixedSize(width, height)
        grid.addWidget(page, row + number, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
    grid.setColumnStretch(2, 1)
    grid.setRowStretch(row + 3, 1)
    return made
