"""The badge that says which protection is in force."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QLabel, QWidget

from widgets.controls import pill
from widgets.theme.stylesheet import restyle

from .guard import CaptureGuard
from .protection import Protection


class ProtectionBadge:
    """Keeps a pill equal to a guard's protection. `widget` goes into a header's layout."""

    def __init__(self, guard: CaptureGuard, parent: QWidget | None = None) -> None:
        self.widget: QLabel = pill("", "neutral", parent)
        guard.protection_changed.connect(self._show)
        self._guard = guard
        self.widget.destroyed.connect(self._forget)
        self._show(guard.protection)

    def _show(self, protection: Protection) -> None:
        show_protection(self.widget, protection)

    def _forget(self) -> None:
        # Where both go down together, the guard may be first.
        if shiboken6.isValid(self._guard):
            self._guard.protection_changed.disconnect(self._show)


def show_protection(badge: QLabel, protection: Protection) -> None:
    """Write a protection into a pill: words, colour, explanation."""
    badge.setText(protection.label)
    badge.setToolTip(protection.explanation)
    badge.setAccessibleName(protection.label)
    if badge.property("pill") != protection.tone:
        badge.setProperty("pill", protection.tone)
        restyle(badge)
