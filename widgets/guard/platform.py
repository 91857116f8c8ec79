"""Chooses the shield and the watchers for the system that the program runs on."""

from __future__ import annotations

from PySide6.QtCore import QObject

from widgets.theme import ThemeManager

from .guard import CaptureGuard
from .shields.base import NullShield


def make_guard(themes: ThemeManager, *, parent: QObject | None = None) -> CaptureGuard:
    """The guard of a program, with all that this system offers. Needs an application; make one per program."""
    return CaptureGuard(themes, NullShield(), [], parent=parent)
