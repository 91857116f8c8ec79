"""Choosing a part of the screen and taking it as a picture (截图)."""

from .capture import AreaCapture
from .grab import ScreenGrab, grab_screens
from .rubber import Rubber

__all__ = ["AreaCapture", "Rubber", "ScreenGrab", "grab_screens"]
