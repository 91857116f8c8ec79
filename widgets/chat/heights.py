"""Heights of rows, measured or estimated, with sums in logarithmic time."""

from __future__ import annotations

from collections.abc import Sequence


class Heights:
    """A Fenwick tree over whole-pixel heights."""

    def __init__(self, heights: Sequence[int] = ()) -> None:
        self._heights = list(heights)
        count = len(self._heights)
        self._tree = [0] * (count + 1)
        for place, height in enumerate(self._heights, 1):
            self._tree[place] += height
            above = place + (place & -place)
            if above <= count:
                self._tree[above] += self._tree[place]
        self.total = sum(self._heights)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, place: int) -> int:
        return self._heights[place]

    def set(self, place: int, height: int) -> int:
        """Change one height; returns by how much it grew."""
        grown = height - self._heights[place]
        if grown:
            self._heights[place] = height
            self.total += grown
            at = place + 1
            while at < len(self._tree):
                self._tree[at] += grown
                at += at & -at
        return grown

    def top(self, place: int) -> int:
        """The sum of all before `place`."""
        total = 0
        while place > 0:
            total += self._tree[place]
            place -= place & -place
        return total

    def at(self, y: int) -> int:
        """The row that holds `y` (the first or last one outside); -1 when there is none."""
        count = len(self._heights)
        if not count:
            return -1
        place, step = 0, 1 << count.bit_length()
        while step:
            after = place + step
            if after <= count and self._tree[after] <= y:
                place = after
                y -= self._tree[after]
            step >>= 1
        return min(place, count - 1)
