"""Fonts for paper: names a clerk knows (楷体, 黑体 …) with fallbacks, and widths that do not depend on the size."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

_SANS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
)
_SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "NSimSun", "STSong")

FONT_NAMES: dict[str, tuple[str, ...]] = {
    "黑体": ("SimHei", "STHeiti", "方正黑体简体", "FZHei-B01S", "Heiti SC"),
    "宋体": ("SimSun", "NSimSun", "STSong", "方正书宋简体", "FZShuSong-Z01S", "Songti SC"),
    "楷体": (
        "KaiTi",
        "KaiTi_GB2312",
        "STKaiti",
        "方正楷体简体",
        "FZKai-Z03S",
        "Kaiti SC",
        "AR PL UKai CN",
        "LXGW WenKai",
    ),
    "仿宋": ("FangSong", "FangSong_GB2312", "STFangsong", "方正仿宋简体", "FZFangSong-Z02S"),
    "华文新魏": ("STXinwei", "华文新魏", "FZWeiBei-S03S"),
    "小标宋": ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong"),
}
"""Chinese font name → the families that carry it, most usual first."""
_FALLBACK = {
    "黑体": _SANS,
    "宋体": _SERIF,
    "楷体": _SERIF,
    "仿宋": _SERIF,
    "华文新魏": _SERIF,
    "小标宋": _SERIF,
}
_REFERENCE = 1000


class Face(NamedTuple):
    """The families to try in order and a weight (QFont.Weight); hashable, so that it keys caches."""

    families: tuple[str, ...]
    weight: int = 400


class Choice(NamedTuple):
    """What a font name came to on this machine; `substitute` names the replacement, empty when it is the font itself."""

    face: Face
    substitute: str


def choose(name: str, weight: int = 400) -> Choice:
    """The face for a font name (楷体, 黑体 … or a family name), falling back on the CJK family of the product."""
    installed = set(QFontDatabase.families())
    wanted = FONT_NAMES.get(name, (name,))
    own = [family for family in wanted if family in installed]
    if own:
        return Choice(Face((own[0], *_SERIF, *_SANS), weight), "")
    backup = _FALLBACK.get(name, _SANS)
    found = next((family for family in (*backup, *_SANS, *_SERIF) if family in installed), "")
    heavier = 600 if name in ("华文新魏", "小标宋", "黑体") else 500 if name == "楷体" else weight
    return Choice(Face((found or backup[0], *backup, *_SANS), max(weight, heavier)), found or "系统字体")


def sans(weight: int = 400) -> Face:
    """The plain face of plans and lists."""
    return Face((*_SANS, *_SERIF), weight)


class Type:
    """Fonts and text widths of one output; keeps what it measured, so make one per drawing."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[Face, int], QFont] = {}
        self._metrics: dict[Face, QFontMetricsF] = {}
        self._widths: dict[tuple[Face, str], float] = {}

    def font(self, face: Face, size: int) -> QFont:
        """A font whose em is `size` units."""
        key = (face, size)
        font = self._fonts.get(key)
        if font is None:
            font = QFont()
            font.setFamilies(list(face.families))
            font.setWeight(QFont.Weight(face.weight))
            font.setPixelSize(max(size, 1))
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
            self._fonts[key] = font
        return font

    def width(self, face: Face, text: str) -> float:
        """Width of a text in ems."""
        key = (face, text)
        width = self._widths.get(key)
        if width is None:
            metrics = self._metrics.get(face)
            if metrics is None:
                metrics = self._metrics[face] = QFontMetricsF(self.font(face, _REFERENCE))
            width = metrics.horizontalAdvance(text) / _REFERENCE
            self._widths[key] = width
        return width
