"""The tokens: every text that is read stands out from its ground; every literal is a colour."""

import re

import pytest

from widgets.theme.contrast import contrast
from widgets.theme.tokens import FONT_SCALES, PALETTES, READ_ON, THEME_NAMES, TYPE, palette_roles

PAIRS = [
    (theme, text, ground) for theme in THEME_NAMES for text, grounds in READ_ON.items() for ground in grounds
]


@pytest.mark.parametrize(("theme", "text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme, text, ground):
    palette = PALETTES[theme]
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_initials_and_file_kinds_stand_out(theme):
    palette = PALETTES[theme]
    for ground in (*palette.avatars, *palette.file_kinds):
        assert contrast(palette.on_avatar, ground) >= 4.5, ground


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_the_high_contrast_and_focus_marks_are_seen(theme):
    palette = PALETTES[theme]
    for ground in (palette.content, palette.list, palette.raised):
        assert contrast(palette.focus, ground) >= 3
    if theme == "contrast":
        assert contrast(palette.text, palette.content) >= 7
        assert contrast(palette.line_strong, palette.content) >= 7


@pytest.mark.parametrize("theme", THEME_NAMES)
def test_every_colour_is_a_colour(theme):
    palette = PALETTES[theme]
    for role in palette_roles():
        assert re.fullmatch(r"#([0-9a-f]{2})?[0-9a-f]{6}", getattr(palette, role)), role


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_four_font_sizes_grow():
    assert list(FONT_SCALES.values()) == sorted(FONT_SCALES.values())
    assert len(FONT_SCALES) == 4
    assert TYPE.of("body").size == 14
