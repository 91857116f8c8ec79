"""Tells listeners on the asyncio loop what a committed write changed."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one table that changed in one transaction.

    `table`: "messages" (also pending ones), "conversations", "members", "settings", "drafts", "transfers",
    "people", "preferences", "sync"; "*" after the whole store was recovered: load everything again.
    `conversation_id`: empty where the table knows none. `keys`: for messages the client ids, for transfers file
    ids, for people person ids, for preferences names; empty means "any".
    """

    table: str
    conversation_id: str = ""
    keys: frozenset[str] = frozenset()


Listener = Callable[[Change], None]


class Subscription:
    """Ends the listening when closed; closing twice is harmless."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    def close(self) -> None:
        """Stop: the listener is not called any more, not even for what is already on its way."""
        self._close()


class Changes:
    """The store's listeners. Callbacks run on the loop, after the commit, in the order of commits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners: dict[int, tuple[str | None, str | None, Listener]] = {}
        self._next = 0

    def listen(
        self, listener: Listener, *, table: str | None = None, conversation_id: str | None = None
    ) -> Subscription:
        """Call `listener` for each change of `table` (None: all) in `conversation_id` (None: all)."""
        number = self._next
        self._next += 1
        self._listeners[number] = (table, conversation_id, listener)
        return Subscription(lambda: self._listeners.pop(number, None) and None)

    def post(self, changes: list[Change]) -> None:
        """Called by the writer thread after a commit."""
        if not changes:
            return
        try:
            self._loop.call_soon_threadsafe(self._deliver, changes)
        except RuntimeError:
            return  # The loop has ended: nobody is left to tell.

    def _deliver(self, changes: list[Change]) -> None:
        for change in changes:
            for number, (table, conversation_id, listener) in list(self._listeners.items()):
                if number not in self._listeners:
                    continue
                if change.table != "*":
                    if table is not None and table != change.table:
                        continue
                    if conversation_id is not None and change.conversation_id not in ("", conversation_id):
                        continue
                try:
                    listener(change)
                except Exception:
                    log.exception("a change listener failed", extra={"table": change.table})
