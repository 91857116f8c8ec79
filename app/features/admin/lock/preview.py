"""The lock page as users will see it, small: the real page, drawn anew at every change."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from lock.page.appearance import LockAppearance
from lock.page.page import LockedAs, LockPage, Ways
from lock.policy.model import UnlockMethod
from widgets.theme import ThemeManager

SCREEN = QSize(1366, 768)
"""The office's usual screen, in device-independent pixels."""
_PAUSE_MS = 120
_WHO = LockedAs(
    "李强", "中原区政府办", "preview", "14:03", "无操作 5 分钟自动锁定。离开座位请按 Ctrl+Alt+L 主动锁定。"
)
_WAYS = Ways((UnlockMethod.PASSCODE, UnlockMethod.PASSWORD, UnlockMethod.PHONE))


class LockPreview(QWidget):
    """Keeps the screen's proportions; `show_appearance` redraws after a short pause in typing."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._page = LockPage(themes, _WHO, _WAYS)
        self._page.setParent(self, Qt.WindowType.Widget)
        self._page.hide()
        self._page.show_arrived(5)
        self._appearance = LockAppearance()
        self._pixmap = QPixmap()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._draw)
        self.setAccessibleName("锁屏预览")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(themes.theme.sizes.dialog)

    @property
    def appearance(self) -> LockAppearance:
        """What is shown."""
        return self._appearance

    def show_appearance(self, appearance: LockAppearance) -> None:
        """Show other texts or another picture."""
        self._appearance = appearance
        self._pause.start()

    def _draw(self) -> None:
        self._page.show_appearance(self._appearance)
        self._page.resize(SCREEN)
        self._pixmap = self._page.grab()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, arg__1: int) -> int:
        return arg__1 * SCREEN.height() // SCREEN.width()

    def sizeHint(self) -> QSize:
        width = self._themes.theme.sizes.dialog_wide
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, with the corners of a card."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        height = min(self.height(), self.heightForWidth(self.width()))
        place = QRectF(0, 0, height * SCREEN.width() / SCREEN.height(), height)
        path = QPainterPath()
        radius = self._themes.theme.radius.card
        path.addRoundedRect(place, radius, radius)
        painter.setClipPath(path)
        if self._pixmap.isNull():
            painter.fillRect(place, self._themes.theme.color("skeleton"))
        else:
            painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
