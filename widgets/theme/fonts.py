"""The interface's font family: the desktop's own where it can write Chinese, else the first installed CJK sans."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from .tokens import EMOJI_FAMILIES, FONT_FAMILIES


def interface_families() -> list[str]:
    """Families in order; at least one of them, so that Qt may still fall back on its own."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    chinese = set(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))
    found = [family for family in FONT_FAMILIES if family in chinese]
    # A serif or decorative system font is somebody's choice; a Latin-only one would mix two designs in a line.
    if system in chinese and "Serif" not in system and "Mono" not in system and system not in found:
        found.insert(0, system)
    installed = set(QFontDatabase.families())
    return (found or [FONT_FAMILIES[0], system]) + [one for one in EMOJI_FAMILIES if one in installed]


def make_font(families: list[str], size: int, weight: int) -> QFont:
    """A font of `size` pixels."""
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(max(8, size))
    font.setWeight(QFont.Weight(weight))
    return font
