"""Full-width letters, digits and signs to their half-width twins, one character to one character."""

from __future__ import annotations

_LETTERS_AND_DIGITS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code - 0xFEE0).isalnum()}
_ALL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def narrow(text: str) -> str:
    """All full-width ASCII twins and the ideographic space made half-width; the length stays."""
    return text.translate(_ALL)


def narrow_letters_and_digits(text: str) -> str:
    """Only letters and digits: Chinese punctuation stays as it is."""
    return text.translate(_LETTERS_AND_DIGITS)
