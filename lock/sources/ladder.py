"""Picks the first idle source that really answers on this desktop."""

from collections.abc import Iterable

from .idle import IdleSource, NullIdle


async def first_that_answers(candidates: Iterable[IdleSource | None]) -> IdleSource:
    """Try each in order and close those not taken; `NullIdle` when none answers.

    The order to give is X11, Mutter, freedesktop, Windows. logind's IdleHint is not among them: desktops set
    it late or never.
    """
    found: IdleSource | None = None
    for candidate in candidates:
        if candidate is None:
            continue
        if found is None and await candidate.idle_s() is not None:
            found = candidate
        else:
            await candidate.close()
    return found or NullIdle()
