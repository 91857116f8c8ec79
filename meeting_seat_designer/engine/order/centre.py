"""Centre-out numbering of one line of chairs (居中向两侧)."""

from __future__ import annotations


def centre_out(chairs: int, people: int, toward: int, even: str) -> list[int]:
    """Chair indices in the order of the people, from number 1 outwards; covers every chair.

    `toward` is +1 when number 2 goes to the higher indices, -1 for the lower. `even` is the rule for an even
    number of people: B keeps number 2 at number 1's honoured side, A sets number 1 on the honoured half and
    number 2 on the other. Parity is that of `people`, not of chairs.
    """
    if chairs <= 0:
        return []
    swap = even == "A" and people > 0 and people % 2 == 0
    if chairs % 2:
        start = chairs // 2
        first = -toward if swap else toward
    elif swap:
        start = chairs // 2 if toward > 0 else chairs // 2 - 1
        first = -toward
    else:
        start = chairs // 2 - 1 if toward > 0 else chairs // 2
        first = toward
    order = [start]
    step = 1
    while len(order) < chairs:
        for side in (first, -first):
            index = start + side * step
            if 0 <= index < chairs:
                order.append(index)
        step += 1
    return order


def number_one_is_centred(chairs: int, people: int) -> bool:
    """False when an odd number of people sits on an even number of chairs: nobody can be in the centre."""
    return not (people % 2 == 1 and chairs % 2 == 0)
