"""A theme's resolved colours, fonts and sizes, and the manager that puts one on the application."""

from __future__ import annotations

import zlib
from typing import Literal

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from widgets.icons.iconset import IconSet

from .faces import Faces
from .fonts import interface_families, make_font
from .stylesheet import stylesheet, write_marks
from .tokens import (
    ELEVATION,
    FONT_SCALES,
    MOTION,
    NO_MOTION,
    PALETTES,
    RADIUS,
    SIZES,
    SPACE,
    TYPE,
    Elevation,
    FontScale,
    Motion,
    Palette,
    Radius,
    Sizes,
    Space,
    TextRole,
    ThemeName,
)
from .way import InputWay

Choice = Literal["light", "dark", "contrast", "system"]


class Theme:
    """One theme at one font size: look colours up with `color`, fonts with `font`, text-bound heights with `grow`."""

    def __init__(
        self,
        name: ThemeName = "light",
        font_scale: FontScale = "standard",
        *,
        animations: bool = True,
        way: InputWay | None = None,
    ) -> None:
        self.name: ThemeName = name
        self.font_scale: FontScale = font_scale
        self.palette: Palette = PALETTES[name]
        self.space: Space = SPACE
        self.radius: Radius = RADIUS
        self.sizes: Sizes = SIZES
        self.elevation: Elevation = ELEVATION
        self.motion: Motion = MOTION if animations else NO_MOTION
        self.animations: bool = animations
        self.factor: float = FONT_SCALES[font_scale]
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, int | None], QFont] = {}
        self._families: list[str] | None = None
        self._way = way

    @property
    def shows_focus(self) -> bool:
        """Whether the ring is shown around what has the keyboard: not to who works by mouse."""
        return self._way is None or self._way.by_keys

    @property
    def is_dark(self) -> bool:
        """Whether grounds are darker than text."""
        return self.name != "light"

    @property
    def families(self) -> list[str]:
        """Font families in order of preference (needs an application)."""
        if self._families is None:
            self._families = interface_families()
        return self._families

    def color(self, token: str) -> QColor:
        """A palette colour by its token name, or any `#rrggbb` that came from `avatar_color` or `file_color`."""
        found = self._colors.get(token)
        if found is None:
            value = token if token.startswith("#") else getattr(self.palette, token)
            found = self._colors[token] = QColor(value)
        return found

    def avatar_color(self, seed: str) -> QColor:
        """The same colour for the same seed (a person's or group's id), in every session."""
        mixed = zlib.crc32(seed.encode())
        return self.color(self.palette.avatars[mixed % len(self.palette.avatars)])

    def px(self, role: TextRole = "body") -> int:
        """Font size of a role in pixels."""
        return round(TYPE.of(role).size * self.factor)

    def line(self, role: TextRole = "body") -> int:
        """Line height of a role in pixels."""
        return round(TYPE.of(role).line * self.factor)

    def font(self, role: TextRole = "body", weight: int | None = None) -> QFont:
        """The font of a role; `weight` (400, 600, …) overrides the role's own."""
        key = (role, weight)
        found = self._fonts.get(key)
        if found is None:
            style = TYPE.of(role)
            found = make_font(self.families, self.px(role), weight or style.weight)
            self._fonts[key] = found
        return found

    def grow(self, size: int) -> int:
        """A height that holds text, grown with the user's font size (never below the drawn one)."""
        return max(size, round(size * self.factor))

    def qpalette(self) -> QPalette:
        """The Qt palette for what the style sheet does not reach."""
        palette, role = QPalette(), QPalette.ColorRole
        for target, token in (
            (role.Window, "content"),
            (role.WindowText, "text"),
            (role.Base, "content"),
            (role.AlternateBase, "list"),
            (role.Text, "text"),
            (role.PlaceholderText, "text_2"),
            (role.Button, "content"),
            (role.ButtonText, "text"),
            (role.BrightText, "on_bad"),
            (role.ToolTipBase, "tooltip"),
            (role.ToolTipText, "text_on_tooltip"),
            (role.Highlight, "selection"),
            (role.HighlightedText, "on_selection"),
            (role.Link, "link"),
            (role.LinkVisited, "link"),
            (role.Light, "line"),
            (role.Midlight, "line"),
            (role.Mid, "line_strong"),
            (role.Dark, "line_strong"),
            (role.Shadow, "text_3"),
            (role.Accent, "brand"),
        ):
            palette.setColor(target, self.color(token))
        for target in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, target, self.color("text_disabled"))
        return palette


class ThemeManager(QObject):
    """Holds the current theme and puts it on the application. Signals: `changed(Theme)` after every change; `faces_changed()` when
    avatars are to be painted anew."""

    changed = Signal(object)
    faces_changed = Signal()

    def __init__(
        self,
        choice: Choice = "light",
        font_scale: FontScale = "standard",
        *,
        animations: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choice: Choice = choice
        self._app: QApplication | None = None
        self._marks: QTemporaryDir | None = None
        self._way = InputWay(self)
        self._theme = Theme(self._resolve(choice), font_scale, animations=animations, way=self._way)
        self.icons = IconSet(self)
        """The icon set, tinted from this manager's theme."""
        self.faces: Faces | None = None
        """Own pictures of people and groups; None while nobody is signed in."""
        hints = QGuiApplication.styleHints() if QGuiApplication.instance() else None
        if hints is not None:
            hints.colorSchemeChanged.connect(self._system_changed)

    @property
    def theme(self) -> Theme:
        """The current theme."""
        return self._theme

    @property
    def choice(self) -> Choice:
        """What the user chose; "system" follows the desktop."""
        return self._choice

    def apply(self, app: QApplication) -> None:
        """Dress the application now and after every later change."""
        self._app = app
        app.setStyle("Fusion")
        self._way.watch(app)
        self._dress(app)

    def set_faces(self, faces: Faces | None) -> None:
        """Take pictures of people and groups from here; None shows initials again."""
        self.faces = faces
        self.faces_changed.emit()

    def set_theme(self, name: Choice) -> None:
        """Change to a theme by name."""
        self._choice = name
        self._become(self._resolve(name), self._theme.font_scale, self._theme.animations)

    def set_font_scale(self, font_scale: FontScale) -> None:
        """Change the user's font size."""
        self._become(self._theme.name, font_scale, self._theme.animations)

    def set_animations(self, enabled: bool) -> None:
        """Turn all motion on or off."""
        self._become(self._theme.name, self._theme.font_scale, enabled)

    def _become(self, name: ThemeName, font_scale: FontScale, animations: bool) -> None:
        now = self._theme
        if (now.name, now.font_scale, now.animations) == (name, font_scale, animations):
            return
        self._theme = Theme(name, font_scale, animations=animations, way=self._way)
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit(self._theme)

    def _dress(self, app: QApplication) -> None:
        # Qt style sheets take check marks and arrows only from files.
        self._marks = QTemporaryDir()
        marks = write_marks(self._theme, self._marks.path()) if self._marks.isValid() else {}
        app.setPalette(self._theme.qpalette())
        app.setFont(self._theme.font("body"))
        app.setStyleSheet(stylesheet(self._theme, marks))

    def _system_changed(self) -> None:
        if self._choice == "system":
            self.set_theme("system")

    @staticmethod
    def _resolve(choice: Choice) -> ThemeName:
        if choice != "system":
            return choice
        if QGuiApplication.instance() is None:
            return "light"
        return "dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
