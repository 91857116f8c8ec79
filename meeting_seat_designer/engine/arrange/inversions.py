"""Counting rank inversions: pairs of people whose order along the path is not their rank order."""

from __future__ import annotations

from collections.abc import Sequence


def inversions(order: Sequence[int]) -> int:
    """Number of pairs (i < j) with order[i] > order[j], by merge sort: O(n log n)."""
    items = list(order)
    buffer = list(items)

    def count(low: int, high: int) -> int:
        if high - low < 2:
            return 0
        middle = (low + high) // 2
        total = count(low, middle) + count(middle, high)
        if items[middle - 1] <= items[middle]:
            return total
        left, right = low, middle
        for place in range(low, high):
            if left < middle and (right >= high or items[left] <= items[right]):
                buffer[place] = items[left]
                left += 1
            else:
                buffer[place] = items[right]
                total += middle - left
                right += 1
        items[low:high] = buffer[low:high]
        return total

    return count(0, len(items))
