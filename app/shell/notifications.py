"""Notifications of the operating system: who wrote, what, a click that jumps there, and a reply where it can be typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

TEXT_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Note:
    """What to show. `target` comes back on click or reply (a conversation id); one note per target at a time."""

    target: str
    title: str
    text: str
    answerable: bool = True
    """Whether a reply makes sense: not to work notices, nor to what the program itself says."""
    private: bool = True
    """Whether `text` is somebody's words, kept back where the user wants none of them on the screen."""


class NotificationCentre(Protocol):
    """A way of showing notes. `on_open(target)` and `on_reply(target, text)` are called on the interface thread."""

    @property
    def can_reply(self) -> bool:
        """Whether a reply can be typed into a note."""
        ...

    async def show(self, note: Note) -> bool:
        """Show or replace the target's note; False when this way does not work here."""
        ...

    async def withdraw(self, target: str) -> None:
        """Take the target's note away, for it has been read."""
        ...

    async def close(self) -> None:
        """Take all notes away."""
        ...


class TrayCentre:
    """Notes as balloons of the tray icon: everywhere where there is a tray; a click jumps, no reply."""

    can_reply = False

    def __init__(self, tray: QSystemTrayIcon, on_open: Callable[[str], None]) -> None:
        self._tray = tray
        self._on_open = on_open
        self._target = ""
        tray.messageClicked.connect(self._clicked)

    async def show(self, note: Note) -> bool:
        if not self._tray.isVisible() or not QSystemTrayIcon.supportsMessages():
            return False
        self._target = note.target
        self._tray.showMessage(note.title, note.text, self._tray.icon())
        return True

    async def withdraw(self, target: str) -> None:
        if target == self._target:
            self._target = ""

    async def close(self) -> None:
        self._target = ""

    def _clicked(self) -> None:
        if self._target:
            self._on_open(self._target)


class Notifier(QObject):
    """Decides whether a message is worth a note and shows it by the first way that works.

    Signals: `opened(target)` after a click, `replied(target, text)` after a reply was typed into the note.
    """

    opened = Signal(str)
    replied = Signal(str, str)

    def __init__(
        self,
        centres: list[NotificationCentre],
        *,
        enabled: Callable[[], bool],
        with_text: Callable[[], bool],
        is_watched: Callable[[str], bool],
        parent: QObject | None = None,
    ) -> None:
        """`is_watched(target)`: the user looks at this conversation right now."""
        super().__init__(parent)
        self._centres = centres
        self._enabled = enabled
        self._with_text = with_text
        self._is_watched = is_watched

    async def tell(self, note: Note, *, muted: bool = False, mentioned: bool = False) -> bool:
        """Show the note unless it is switched off, muted without a mention, or already under the user's eyes."""
        if not self._enabled() or (muted and not mentioned) or self._is_watched(note.target):
            return False
        text = note.text if self._with_text() or not note.private else "收到一条新消息"
        if len(text) > TEXT_LIMIT:
            text = text[: TEXT_LIMIT - 1] + "…"
        for centre in self._centres:
            if await centre.show(replace(note, text=text)):
                return True
        return False

    async def withdraw(self, target: str) -> None:
        """The conversation was read."""
        for centre in self._centres:
            await centre.withdraw(target)

    async def close(self) -> None:
        """End every way of showing notes."""
        for centre in self._centres:
            await centre.close()
