"""The rows of a message list with their heights; rows are measured only when they are to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.theme import Theme

from .heights import Heights
from .laid import Laid
from .row_layout import estimate, lay
from .rows import BubbleRow

KEPT = 160
"""Measured rows held at most; far ones are measured again when they come back. Their heights are remembered."""


class RowStore:
    """`rows` top to bottom; `heights` measured where known, else estimated."""

    def __init__(self, theme: Theme) -> None:
        self.rows: list[BubbleRow] = []
        self.heights = Heights()
        self.width = 0
        self.measurements = 0
        """How many rows were measured since the start (for tests and benchmarks)."""
        self._theme = theme
        self._places: dict[str, int] = {}
        self._laid: dict[str, Laid] = {}
        self._known: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def held(self) -> int:
        """How many measured rows are in memory."""
        return len(self._laid)

    def place(self, key: str) -> int:
        """Where a row is, or -1."""
        return self._places.get(key, -1)

    def set_rows(self, rows: Sequence[BubbleRow]) -> None:
        """Show other rows; what was measured of rows that stay as they are is kept. Raises ValueError for a key twice."""
        places = {row.key: place for place, row in enumerate(rows)}
        if len(places) != len(rows):
            raise ValueError("two rows with one key")
        for key, laid in list(self._laid.items()):
            place = places.get(key)
            if place is None or rows[place] != laid.row:
                del self._laid[key]
        # A changed row's old height is the best guess of its new one.
        self._known = {key: self._known[key] for key in places if key in self._known}
        self.rows, self._places = list(rows), places
        self._sum()

    def reset(self, width: int, theme: Theme) -> None:
        """Another width or theme: nothing that was measured holds any more."""
        self.width, self._theme = width, theme
        self._laid.clear()
        self._known.clear()
        self._sum()

    def _sum(self) -> None:
        known, theme = self._known, self._theme
        self.heights = Heights(
            [known[row.key] if row.key in known else estimate(row, theme) for row in self.rows]
        )

    def laid(self, place: int) -> Laid:
        """The measured row at `place`."""
        row = self.rows[place]
        found = self._laid.get(row.key)
        if found is None:
            found = self._laid[row.key] = lay(row, self.width, self._theme)
            self.measurements += 1
        self._known[row.key] = found.height
        self.heights.set(place, found.height)
        return found

    def trim(self, first: int, last: int) -> None:
        """Let go of measured rows that are far from those in view (`first` to `last`)."""
        if len(self._laid) <= KEPT:
            return
        middle = (first + last) // 2
        ranked = sorted(self._laid, key=lambda key: abs(self._places.get(key, -KEPT) - middle))
        for key in ranked[KEPT // 2 :]:
            del self._laid[key]
