"""Choosing several rows of a message list (E104)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .message_list import MessageListView

MOST = 100


class RowChoice:
    """Which rows are chosen; the list says `choice_changed` after every change."""

    def __init__(self, listed: MessageListView) -> None:
        self._list = listed
        self._keys: list[str] = []
        self.active = False
        self.full = False
        """The last one asked for was one too many."""

    @property
    def keys(self) -> list[str]:
        """The chosen rows in the order of the list."""
        return sorted(self._keys, key=self._list.store.place)

    def state(self, key: str) -> bool | None:
        """Whether a row is chosen; None while nothing is being chosen."""
        return key in self._keys if self.active else None

    def begin(self, key: str) -> None:
        """Start choosing, with this row."""
        self.active, self.full = True, False
        self._keys = []
        self._list.clear_selection()
        self.toggle(key)
        self._list.setFocus()

    def toggle(self, key: str) -> None:
        """Choose a row or leave it out; rows that cannot be chosen stay out."""
        place = self._list.store.place(key)
        if not self.active or place < 0:
            return
        self.full = False
        if key in self._keys:
            self._keys.remove(key)
        elif self._list.store.rows[place].selectable:
            if len(self._keys) >= MOST:
                self.full = True
            else:
                self._keys.append(key)
        self._changed()

    def keep(self) -> None:
        """Rows came or went: forget those that are gone or can no longer be chosen."""
        if not self.active:
            return
        rows, place = self._list.store.rows, self._list.store.place
        kept = [key for key in self._keys if place(key) >= 0 and rows[place(key)].selectable]
        if kept != self._keys:
            self._keys = kept
            self._changed()

    def end(self) -> None:
        """Choose no longer."""
        if self.active:
            self.active, self._keys = False, []
            self._changed()

    def _changed(self) -> None:
        self._list.viewport().update()
        self._list.choice_changed.emit()
