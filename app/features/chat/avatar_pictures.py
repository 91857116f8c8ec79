"""Makes a picture that somebody chose into one for a person or group (E080, E148)."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QRect, Qt
from PySide6.QtGui import QImage

SIDE = 256
"""Pixels of an own picture."""
MOST = 256 * 1024


def square_png(image: QImage) -> bytes:
    """The middle of a picture as a small square PNG, or JPEG where that is too large; b"" for no picture."""
    if image.isNull():
        return b""
    side = min(image.width(), image.height())
    middle = QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    small = image.copy(middle).scaled(
        SIDE, SIDE, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    for form, quality in (("PNG", -1), ("JPEG", 88)):
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        small.save(buffer, form, quality)  # type: ignore[call-overload]
        data = bytes(buffer.data().data())
        if len(data) <= MOST:
            return data
    return b""
