"""Design tokens, themes and the style sheet made from them."""

from .faces import Faces
from .theme import Choice, Theme, ThemeManager
from .tokens import FONT_SCALE_NAMES, FONT_SCALES, FontScale, TextRole, ThemeName

__all__ = [
    "FONT_SCALES",
    "FONT_SCALE_NAMES",
    "Choice",
    "Faces",
    "FontScale",
    "TextRole",
    "Theme",
    "ThemeManager",
    "ThemeName",
]
