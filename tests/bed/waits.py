"""Waiting for what tells nobody, such as the state of a widget."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 30.0
"""A wait in vain, not a measure of speed: machines under load are slow."""


async def until(condition: Callable[[], T], seconds: float = SECONDS) -> T:
    """Let the loop turn until `condition()` is true, and return it; a wait in vain says where every task stands."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := condition()):  # noqa: ASYNC110 - widgets tell nobody
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise TimeoutError(f"not within {seconds} s; at work:\n{at_work()}") from None
    return found


def at_work() -> str:
    """Where every task of the running loop stands."""
    said = io.StringIO()
    for task in asyncio.all_tasks():
        task.print_stack(file=said)
    return said.getvalue()
