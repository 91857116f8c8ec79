"""Pictures of all screens as they are now."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QImage, QScreen


@dataclass(frozen=True, slots=True)
class ScreenGrab:
    """One screen and its picture in device pixels; `area` is the screen's place in Qt's coordinates."""

    screen: QScreen
    area: QRect
    image: QImage

    def cut(self, rect: QRect) -> QImage:
        """The part `rect` (in the screen's own coordinates, from its upper left corner) in device pixels."""
        scale_x = self.image.width() / max(1, self.area.width())
        scale_y = self.image.height() / max(1, self.area.height())
        left, top = round(rect.left() * scale_x), round(rect.top() * scale_y)
        right = round((rect.left() + rect.width()) * scale_x)
        bottom = round((rect.top() + rect.height()) * scale_y)
        return self.image.copy(left, top, right - left, bottom - top)


def _by_mss(screen: QScreen) -> QImage:
    """The other way to the same picture, for where Qt's own gives none."""
    import mss
    from mss.exception import ScreenShotError

    scale = screen.devicePixelRatio()
    area = screen.geometry()
    # Qt puts a screen's corner at its native place and scales only its size.
    place = {
        "left": area.left(),
        "top": area.top(),
        "width": round(area.width() * scale),
        "height": round(area.height() * scale),
    }
    try:
        with mss.MSS() as grabber:
            shot = grabber.grab(place)
    except (ScreenShotError, OSError):
        return QImage()
    raw = QImage(bytes(shot.bgra), shot.width, shot.height, shot.width * 4, QImage.Format.Format_RGB32)
    return raw.copy()


def grab_screens() -> list[ScreenGrab]:
    """All screens; those of which no picture can be had (a Wayland session) are left out."""
    made: list[ScreenGrab] = []
    for screen in QGuiApplication.screens():
        image = screen.grabWindow(0).toImage()
        if image.isNull() and sys.platform != "darwin":
            image = _by_mss(screen)
        if not image.isNull():
            image.setDevicePixelRatio(1)
            made.append(ScreenGrab(screen, screen.geometry(), image))
    return made
