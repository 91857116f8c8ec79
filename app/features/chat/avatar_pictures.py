"""Pictures of people and groups, fetched once and kept in memory (E080, E148)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QBuffer, QObject, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from app.shell.tasks import Tasks

SIDE = 256
"""Pixels of an own picture."""
MOST = 256 * 1024


class AvatarPictures(QObject):
    """Signals: `changed()` when one more is there. What cannot be fetched leaves the initial or the mosaic."""

    changed = Signal()

    def __init__(
        self, fetch: Callable[[str], Awaitable[bytes]], tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._fetch, self._tasks = fetch, tasks
        self._pictures: dict[str, QPixmap] = {}
        self._asked: set[str] = set()

    def of(self, avatar_id: str) -> QPixmap | None:
        """The picture, or None while it is not here; asked for while painting."""
        if not avatar_id:
            return None
        found = self._pictures.get(avatar_id)
        if found is None and avatar_id not in self._asked:
            self._asked.add(avatar_id)
            self._tasks.start(self._get(avatar_id), "读取头像", on_error=lambda _error, _doing: None)
        return found

    async def _get(self, avatar_id: str) -> None:
        data = await self._fetch(avatar_id)
        picture = QPixmap()
        if picture.loadFromData(data):
            self._pictures[avatar_id] = picture
            self.changed.emit()


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
