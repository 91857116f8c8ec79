"""Common emoji with Chinese names, and the panel to choose them from."""

from .panel import EmojiPanel
from .table import EMOJI, GROUPS, Emoji, find

__all__ = ["EMOJI", "GROUPS", "Emoji", "EmojiPanel", "find"]
