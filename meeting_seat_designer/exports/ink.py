"""Colours and sizes of printed plans; paper is always light, so the light theme's tokens serve. Unit: 0.01 mm."""

from __future__ import annotations

from widgets.theme.tokens import CONTRAST, LIGHT

MM = 100
"""Units of a drawing per millimetre of paper."""

TEXT = LIGHT.text
BLACK = CONTRAST.content
"""Names on cards: the deepest ink."""
TEXT_2 = LIGHT.text_2
PAPER = LIGHT.content
SEAT = LIGHT.content
SEAT_LINE = LIGHT.text_3
EMPTY = LIGHT.card
EMPTY_LINE = LIGHT.line_strong
ROSTRUM = LIGHT.brand_weak
ROSTRUM_LINE = LIGHT.brand
MARK = LIGHT.brand
ON_MARK = LIGHT.on_brand
TABLE = LIGHT.field
TABLE_LINE = LIGHT.line_strong
PLATFORM = LIGHT.list
AISLE = LIGHT.list
WALL = LIGHT.text_2
SCREEN = LIGHT.tooltip
WINDOW = LIGHT.brand_weak
RULE = LIGHT.text
HAIR = LIGHT.line_strong
BADGE = LIGHT.muted_badge
ON_BADGE = LIGHT.on_muted_badge

# Millimetres on A4; larger papers scale them by `growth`.
MARGIN = 12.0
TITLE = 6.6
SUBTITLE = 3.7
NOTE = 2.9
FOOT = 2.6
WALL_PEN = 0.45
PEN = 0.18
HAIR_PEN = 0.1
BACK_PEN = 0.5
LEAST_NAME = 1.8
"""Smallest em of a three-character name that auto paper accepts (5 pt)."""
LEAST_TEXT = 1.1
"""Smallest em drawn for codes and units; smaller ones are left out rather than printed as dust."""


def growth(width: float, height: float) -> float:
    """How much titles and notes grow on a paper of this size (mm): 1 on A4, 2 on A2 and so on, damped."""
    return max(1.0, (min(width, height) / 210) ** 0.8)
