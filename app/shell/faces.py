"""Own pictures of people and groups for everything that paints avatars: found, fetched, decoded and rounded off the interface
thread, and kept within bounds (E080, E148)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence

from PySide6.QtCore import QObject, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap

from app.shell.tasks import Tasks
from app.store.queries.pictures import Face
from widgets.controls import face_radius
from widgets.theme import ThemeManager

MOST_BYTES = 16 * 1024 * 1024
"""Decoded pictures in memory; one of 40 px at 150 % takes 14 kB."""
MOST_KNOWN = 20_000
"""People and groups of whom it is known which picture they have."""
AT_ONCE = 4
LATER_MS = 200
"""Every message changes its conversation: whether that was the picture is looked up for all of them together."""
AGAIN_SECONDS = 60.0
"""A picture that could not be fetched is asked for again after so long."""

Find = Callable[[Sequence[str]], Awaitable[dict[str, Face]]]
Fetch = Callable[[str], Awaitable[bytes]]


class AccountFaces(QObject):
    """`widgets.theme.Faces` of one account. `find` tells how an id is pictured, `fetch` brings a picture."""

    def __init__(
        self, themes: ThemeManager, tasks: Tasks, find: Find, fetch: Fetch, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._themes, self._tasks, self._find, self._fetch = themes, tasks, find, fetch
        self._generation = 0
        self._known: OrderedDict[str, Face] = OrderedDict()
        self._kept: OrderedDict[tuple[str, int], QPixmap] = OrderedDict()
        self.bytes = 0
        """Of the decoded pictures."""
        self._incomplete: set[str] = set()
        """Groups of whom more members will be known."""
        self._wanted: set[str] = set()
        self._loading: set[tuple[str, int]] = set()
        self._failed: dict[str, float] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._ask = self._timer(0, self._find_wanted)
        self._ask_later = self._timer(LATER_MS, self._find_wanted)
        # Many pictures come at once while the program starts: the lists are painted once for all of them.
        self._tell = self._timer(20, themes.faces_changed.emit)

    def _timer(self, milliseconds: int, work: Callable[[], object]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(work)
        return made

    @property
    def generation(self) -> int:
        """Another number whenever a picture came, changed or went."""
        return self._generation

    def picture(self, seed: str, pixels: int) -> QPixmap | None:
        """The rounded picture, or None while it is not here; see `widgets.theme.Faces`."""
        face = self._known.get(seed)
        if face is None:
            self._want(seed)
            return None
        id = face.picture
        if not id or pixels <= 0:
            return None
        key = (id, pixels)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        elif key not in self._loading and self._failed.get(id, 0.0) <= time.monotonic():
            self._loading.add(key)
            self._tasks.start(self._load(key), "读取头像", on_error=lambda _error, _doing: None)
        return found

    def members(self, seed: str) -> tuple[tuple[str, str], ...]:
        """Who stands for a group; see `widgets.theme.Faces`."""
        face = self._known.get(seed)
        return face.members if face is not None else ()

    def changed(self, ids: Collection[str]) -> None:
        """These people or groups may have another picture now (all when empty); the old one stays until that is known."""
        known = [id for id in ids if id in self._known] if ids else list(self._known)
        # A group of whose members the cards come one after another gets its faces so.
        known += self._incomplete if ids else ()
        if known:
            self._wanted.update(known)
            if not self._ask_later.isActive():
                self._ask_later.start()

    def _want(self, seed: str) -> None:
        self._wanted.add(seed)
        if not self._ask.isActive():
            self._ask.start()

    def _find_wanted(self) -> None:
        wanted, self._wanted = sorted(self._wanted), set()
        if not wanted:
            return
        self._tasks.start(self._look(wanted), "读取头像", on_error=lambda _error, _doing: None)

    async def _look(self, seeds: list[str]) -> None:
        found = await self._find(seeds)
        news = False
        for seed in seeds:
            now = found.get(seed, Face())
            news |= self._known.get(seed, Face()) != now
            self._known[seed] = now
            self._known.move_to_end(seed)
            (self._incomplete.add if now.waiting else self._incomplete.discard)(seed)
        while len(self._known) > MOST_KNOWN:
            old, _face = self._known.popitem(last=False)
            self._incomplete.discard(old)
        if news:
            self._something_new()

    async def _load(self, key: tuple[str, int]) -> None:
        id, pixels = key
        try:
            async with self._gate:
                data = await self._fetch(id)
                radius = face_radius(pixels, self._themes.theme)
                image = await asyncio.to_thread(rounded, data, pixels, radius)
        except BaseException:
            self._failed[id] = time.monotonic() + AGAIN_SECONDS
            raise
        finally:
            self._loading.discard(key)
        if image.isNull():
            # Not a picture: nothing will make it one.
            self._failed[id] = float("inf")
            return
        self._failed.pop(id, None)
        self._kept[key] = QPixmap.fromImage(image)
        self.bytes += _bytes(key)
        while self.bytes > MOST_BYTES and len(self._kept) > 1:
            old, _picture = self._kept.popitem(last=False)
            self.bytes -= _bytes(old)
        self._something_new()

    def _something_new(self) -> None:
        self._generation += 1
        if not self._tell.isActive():
            self._tell.start()

    def close(self) -> None:
        """Show nothing of this account any more."""
        self._ask.stop()
        self._ask_later.stop()
        self._tell.stop()
        self._known.clear()
        self._incomplete.clear()
        self._kept.clear()
        self.bytes = 0
        if self._themes.faces is self:
            self._themes.set_faces(None)


def _bytes(key: tuple[str, int]) -> int:
    return key[1] * key[1] * 4


def rounded(data: bytes, pixels: int, radius: float) -> QImage:
    """The middle of a picture, `pixels` wide and high, with round corners; a null image for no picture. Any thread."""
    image = QImage.fromData(data)
    if image.isNull():
        return image
    side = min(image.width(), image.height())
    middle = QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    small = image.copy(middle).scaled(
        pixels, pixels, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    made = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QBrush(small))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(0, 0, pixels, pixels), radius, radius)
    painter.end()
    return made
