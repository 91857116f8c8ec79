"""Pictures made ready to send: decoded and shrunk off the interface thread (E091)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

THUMBNAIL_SIDE = 360
THUMBNAIL_BYTES = 16 * 1024
MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 80_000_000
"""Larger ones are sent as files: decoding them would take too much memory."""
MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to send. `thumbnail` is a JPEG of at most 16 KiB."""

    data: bytes
    name: str
    media_type: str
    width: int
    height: int
    thumbnail: bytes


def encode(image: QImage, form: str, quality: int = -1) -> bytes:
    """The bytes of `image` as "PNG" or "JPEG". Raises ValueError when Qt cannot encode it."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, form, quality):  # type: ignore[call-overload]
        raise ValueError("the picture cannot be encoded")
    buffer.close()
    return bytes(store.data())


def thumbnail_of(image: QImage) -> bytes:
    """A small JPEG; transparent parts become white."""
    small = image
    if max(image.width(), image.height()) > THUMBNAIL_SIDE:
        small = image.scaled(
            THUMBNAIL_SIDE,
            THUMBNAIL_SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    if small.hasAlphaChannel():
        flat = QImage(small.size(), QImage.Format.Format_RGB32)
        flat.fill(Qt.GlobalColor.white)
        from PySide6.QtGui import QPainter

        painter = QPainter(flat)
        painter.drawImage(0, 0, small)
        painter.end()
        small = flat
    for quality in (82, 70, 55, 40, 25, 12):
        data = encode(small, "JPEG", quality)
        if len(data) <= THUMBNAIL_BYTES:
            return data
    tiny = small.scaled(QSize(120, 120), Qt.AspectRatioMode.KeepAspectRatio)
    return encode(tiny, "JPEG", 40)


def from_image(image: QImage, name: str) -> Picture:
    """A picture from memory (pasted, screenshot): PNG, or JPEG where PNG would be far larger (photographs)."""
    if image.isNull():
        raise ValueError("there is no picture")
    data, media = encode(image, "PNG"), "image/png"
    if len(data) > 2 * 1024 * 1024 and not image.hasAlphaChannel():
        photo = encode(image, "JPEG", 90)
        if len(photo) < len(data) // 2:
            data, media, name = photo, "image/jpeg", name.rsplit(".", 1)[0] + ".jpg"
    return Picture(data, name, media, image.width(), image.height(), thumbnail_of(image))


def from_file(path: Path) -> Picture | None:
    """A picture file as it is, with a thumbnail; None when it is to be sent as a file (no picture, too large)."""
    media = MEDIA_TYPES.get(path.suffix.lower().lstrip("."))
    if media is None or path.stat().st_size > MAX_PICTURE_BYTES:
        return None
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MAX_PIXELS:
        return None
    image = reader.read()
    if image.isNull():
        return None
    return Picture(path.read_bytes(), path.name, media, image.width(), image.height(), thumbnail_of(image))
