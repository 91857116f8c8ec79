"""Dresses the application as the preferences say, at the start and at every change (E156)."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.preferences import Preferences
from widgets.theme import Choice, FontScale, ThemeManager


class Appearance(QObject):
    """Owns the theme manager of the program: `themes`."""

    def __init__(
        self, application: QApplication, preferences: Preferences, *, animations: bool = True
    ) -> None:
        super().__init__(application)
        self._preferences = preferences
        values = preferences.values
        self.themes = ThemeManager(
            cast(Choice, values.theme),
            cast(FontScale, values.font_size),
            animations=animations,
            parent=self,
        )
        self.themes.apply(application)
        preferences.changed.connect(self._changed)

    def _changed(self, name: str) -> None:
        values = self._preferences.values
        if name == "theme":
            self.themes.set_theme(cast(Choice, values.theme))
        elif name == "font_size":
            self.themes.set_font_scale(cast(FontScale, values.font_size))
