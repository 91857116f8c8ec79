"""What a system offers against capture of windows, behind one small interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from widgets.guard.protection import Level


@dataclass(frozen=True)
class Grip:
    """What was confirmed for one window: the level, and why it is not better, in Chinese."""

    level: Level
    problem: str = ""


class Shield(Protocol):
    """Keeps windows out of captures. Reports what it achieved, never what it tried.

    `per_window`: the system works on single windows: the guard calls `protect` for every window of the process, and
    conceals the surfaces of a window for which it answers NONE. Otherwise the protection is for the whole process
    or screen, `level` says what was confirmed, and `changed` is called when that becomes another.
    """

    @property
    def name(self) -> str:
        """The platform's name for the badge; "" for none."""
        ...

    @property
    def per_window(self) -> bool:
        """See the class."""
        ...

    @property
    def level(self) -> Level:
        """The weakest of what is in force now."""
        ...

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be put into force."""
        ...

    def begin(self, changed: Callable[[], None]) -> None:
        """The first surface was registered."""
        ...

    def protect(self, window: QWidget) -> Grip:
        """Protect a top-level window that has a native one, and read back. Called again at every show."""
        ...

    def release(self, window: QWidget) -> None:
        """The window needs no protection any more."""
        ...

    def end(self) -> None:
        """The last surface was unregistered, or an exception began: take everything back."""
        ...


class NullShield:
    """A system that offers nothing. `problem` says so where that is not plain."""

    per_window = False
    level = Level.NONE

    def __init__(self, name: str = "", problem: str = "") -> None:
        self.name = name
        self.problems: tuple[str, ...] = (problem,) if problem else ()

    def begin(self, changed: Callable[[], None]) -> None:
        """See `Shield`."""

    def protect(self, window: QWidget) -> Grip:
        """See `Shield`."""
        return Grip(Level.NONE)

    def release(self, window: QWidget) -> None:
        """See `Shield`."""

    def end(self) -> None:
        """See `Shield`."""


class FakeShield:
    """For tests and showrooms: answers what it is told to."""

    def __init__(self, name: str = "Fake", level: Level = Level.EXCLUDED, *, per_window: bool = True) -> None:
        self.name = name
        self.per_window = per_window
        self.level = level
        self.problems: tuple[str, ...] = ()
        self.answer = Grip(level)
        self.active = False
        self.protected: list[QWidget] = []
        self.changed: Callable[[], None] = lambda: None

    def begin(self, changed: Callable[[], None]) -> None:
        """See `Shield`."""
        self.active, self.changed = True, changed

    def protect(self, window: QWidget) -> Grip:
        """See `Shield`."""
        self.protected.append(window)
        return self.answer

    def release(self, window: QWidget) -> None:
        """See `Shield`."""
        self.protected = [one for one in self.protected if one is not window]

    def end(self) -> None:
        """See `Shield`."""
        self.active = False
        self.protected.clear()
