"""Naming people in the text being written: when the list opens, what it writes, who is still named (E095)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from widgets.theme import ThemeManager

from .composer_edit import ComposerEdit
from .composer_mentions import MentionOption, MentionPopup, mention_query, still_named

MentionSource = Callable[[str], Sequence[MentionOption]]
"""Who is offered for what was typed after the @."""


class ComposerNames(QObject):
    """`source` says whom to offer (None: nobody can be named); `chosen` maps ids to the names as they were written."""

    def __init__(self, themes: ThemeManager, edit: ComposerEdit) -> None:
        super().__init__(edit)
        self._themes, self._edit = themes, edit
        self._popup: MentionPopup | None = None
        self.source: MentionSource | None = None
        self.chosen: dict[str, str] = {}
        edit.navigated.connect(self._navigate)
        edit.picked.connect(self._take)

    @property
    def open_popup(self) -> MentionPopup | None:
        """The list while it is open."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def named(self) -> list[str]:
        """Ids of those chosen whose names still stand in the text."""
        return still_named(self._edit.toPlainText(), self.chosen)

    def begin(self) -> None:
        """Write an @ and open the list."""
        self._edit.setFocus()
        before = self._edit.toPlainText()[: self._edit.textCursor().position()]
        # Right behind a letter an @ would be read as an e-mail address.
        self._edit.insert(" @" if before and before[-1].isascii() and before[-1].isalnum() else "@")

    def offer(self) -> None:
        """Open, narrow or close the list after the text or its cursor changed."""
        query = self._query()
        if self.source is None or query is None or not self._edit.hasFocus():
            self.hide()
            return
        options = self.source(query)
        self._popup_here().offer(options, self._edit.cursor_place())
        self._edit.choosing = bool(options)

    def hide(self) -> None:
        """Close the list."""
        self._edit.choosing = False
        if self._popup is not None:
            self._popup.hide()

    def _query(self) -> str | None:
        return mention_query(self._edit.toPlainText(), self._edit.textCursor().position())

    def _popup_here(self) -> MentionPopup:
        window = self._edit.window()
        if self._popup is None or self._popup.parentWidget() is not window:
            if self._popup is not None:
                self._popup.deleteLater()
            self._popup = MentionPopup(self._themes, window)
            self._popup.chosen.connect(self._write)
        return self._popup

    def _navigate(self, rows: int) -> None:
        if self._popup is not None:
            self._popup.step(rows)

    def _take(self) -> None:
        if self._popup is not None:
            self._popup.take()

    def _write(self, option: MentionOption) -> None:
        self._edit.choosing = False
        query = self._query()
        if query is None:
            return
        self.chosen[option.id] = option.name
        self._edit.replace_before(len(query) + 1, f"@{option.name} ")
        self._edit.setFocus()
