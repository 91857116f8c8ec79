"""Errors of the seating engine: every one carries a Chinese text a clerk can act on."""

from __future__ import annotations


class SeatingError(Exception):
    """Bad input or an edit that cannot be done; `text` is Chinese and fit for display."""

    def __init__(self, text: str, *, where: str = "") -> None:
        self.text = text
        self.where = where
        super().__init__(f"{where}：{text}" if where else text)


class FormatError(SeatingError):
    """A file that is not a seating document, is damaged, or is of an unreadable version."""


class EditError(SeatingError):
    """A command whose target does not exist or that would break the document."""
