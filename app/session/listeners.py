"""A typed list of callbacks: how the session tells the rest of the client what happened, without Qt."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from app.store.changes import Subscription

T = TypeVar("T")
log = logging.getLogger(__name__)


class Listeners(Generic[T]):
    """Callbacks that take one value; called at once, on the loop, in the order of connecting."""

    def __init__(self) -> None:
        self._callbacks: dict[int, Callable[[T], None]] = {}
        self._next = 0

    def connect(self, callback: Callable[[T], None]) -> Subscription:
        """Call `callback` for every value until the subscription is closed."""
        number = self._next
        self._next += 1
        self._callbacks[number] = callback
        return Subscription(lambda: self._callbacks.pop(number, None) and None)

    def emit(self, value: T) -> None:
        """Tell everybody. A callback that fails is logged and does not stop the others."""
        for number, callback in list(self._callbacks.items()):
            if number in self._callbacks:
                try:
                    callback(value)
                except Exception:
                    log.exception("a listener failed")
