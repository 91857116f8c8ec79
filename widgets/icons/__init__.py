"""The product's one icon set: vector paths on a 20 px grid, tinted from the theme."""

from .iconset import IconSet
from .paths import ICONS, IconShape

__all__ = ["ICONS", "IconSet", "IconShape"]
