"""The stretch of a conversation that is held in memory: without holes, bounded, with own unsent messages below.

Pure: it is told what the store says and answers what is to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.store.records import MessageRow, MessageState

MAX_ROWS = 600
"""Acknowledged messages held at most; the far end is let go while scrolling."""
UNSENT = (MessageState.PENDING, MessageState.FAILED)


class MessageWindow:
    """`rows` ascend by seq without holes; `unsent` follow in the order of writing."""

    def __init__(self) -> None:
        self.rows: list[MessageRow] = []
        self.unsent: list[MessageRow] = []
        self.at_top = False
        """Nothing older exists (or it is not known yet that something does)."""
        self.at_bottom = True
        """The newest message is in `rows`; new ones are appended."""

    @property
    def first_seq(self) -> int:
        """0 when empty."""
        return self.rows[0].seq if self.rows else 0

    @property
    def last_seq(self) -> int:
        """0 when empty."""
        return self.rows[-1].seq if self.rows else 0

    def all(self) -> list[MessageRow]:
        """What is shown, top to bottom; unsent messages only where the newest is in view."""
        return self.rows + self.unsent if self.at_bottom else list(self.rows)

    def show_newest(
        self, rows: Sequence[MessageRow], unsent: Sequence[MessageRow], first_visible: int
    ) -> None:
        """Begin at the bottom. `first_visible`: the first seq that the user may see at all."""
        self.rows = _run_holding(rows, rows[-1].seq) if rows else []
        self.unsent = _unsent(unsent)
        self.at_bottom = True
        self.at_top = not self.rows or self.first_seq <= first_visible

    def show_around(self, rows: Sequence[MessageRow], seq: int, newest_seq: int, first_visible: int) -> bool:
        """Begin around `seq`; False when `rows` do not hold it."""
        if not any(row.seq == seq for row in rows):
            return False
        self.rows = _run_holding(rows, seq)
        self.at_bottom = self.last_seq >= newest_seq
        self.at_top = self.first_seq <= first_visible
        return True

    def add_older(self, rows: Sequence[MessageRow], first_visible: int) -> int:
        """Put older ones on top; how many were added. The bottom is let go beyond MAX_ROWS."""
        fresh = [row for row in rows if row.seq < self.first_seq] if self.rows else list(rows)
        if not fresh:
            self.at_top = True
            return 0
        before = len(self.rows)
        anchor = self.first_seq or fresh[-1].seq
        self.rows = _run_holding([*fresh, *self.rows], anchor)
        added = len(self.rows) - before
        if added <= 0:
            # There is a hole right above: it could not be fetched now.
            return 0
        self.at_top = self.first_seq <= first_visible
        if len(self.rows) > MAX_ROWS:
            del self.rows[MAX_ROWS:]
            self.at_bottom = False
        return added

    def add_newer(self, rows: Sequence[MessageRow], newest_seq: int) -> int:
        """Put newer ones below; how many were added. The top is let go beyond MAX_ROWS."""
        before = len(self.rows)
        fresh = [row for row in rows if row.seq > self.last_seq]
        anchor = self.last_seq or (fresh[0].seq if fresh else 0)
        self.rows = _run_holding([*self.rows, *fresh], anchor)
        added = len(self.rows) - before
        self.at_bottom = not fresh or self.last_seq >= newest_seq
        if len(self.rows) > MAX_ROWS:
            del self.rows[: len(self.rows) - MAX_ROWS]
            self.at_top = False
        return added

    def apply(self, named: Iterable[str], rows: Sequence[MessageRow], first_visible: int) -> None:
        """The store changed the messages `named` (client ids); `rows` are those of them that exist now."""
        names = set(named)
        unsent = {row.client_id: row for row in self.unsent if row.client_id not in names}
        unsent.update((row.client_id, row) for row in rows if row.state in UNSENT)
        known = {row.seq: row for row in self.rows}
        present = {row.client_id for row in rows}
        for row in self.rows:
            if row.client_id in names and row.client_id not in present:
                known.pop(row.seq)
        bottom = self.last_seq
        for row in rows:
            if row.state in UNSENT:
                continue
            unsent.pop(row.client_id, None)
            inside = not self.rows or self.first_seq <= row.seq <= self.last_seq
            touching_top = bool(self.rows) and row.seq < self.first_seq and not self.at_top
            if inside or touching_top or (self.at_bottom and row.seq > bottom):
                known[row.seq] = row
        self.unsent = _unsent(unsent.values())
        ordered = [known[seq] for seq in sorted(known)]
        if ordered:
            anchor = ordered[-1].seq if self.at_bottom else (self.first_seq or ordered[0].seq)
            self.rows = _run_holding(ordered, anchor)
            self.at_top = self.first_seq <= first_visible
        else:
            self.rows = []
        if len(self.rows) > MAX_ROWS and self.at_bottom:
            del self.rows[: len(self.rows) - MAX_ROWS]
            self.at_top = False


def _run_holding(rows: Sequence[MessageRow], seq: int) -> list[MessageRow]:
    """The stretch without holes around `seq`."""
    place = next((n for n, row in enumerate(rows) if row.seq == seq), -1)
    if place < 0:
        return list(rows[-1:])
    low = high = place
    while low > 0 and rows[low - 1].seq == rows[low].seq - 1:
        low -= 1
    while high + 1 < len(rows) and rows[high + 1].seq == rows[high].seq + 1:
        high += 1
    return list(rows[low : high + 1])


def _unsent(rows: Iterable[MessageRow]) -> list[MessageRow]:
    return sorted((row for row in rows if row.state in UNSENT), key=lambda row: (row.order, row.sent_at))
