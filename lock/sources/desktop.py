"""The desktop's own lock and sleep: what the platforms' sources tell, in one form."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol


class DesktopEvent(StrEnum):
    """What a desktop can say."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    SUSPENDING = "suspending"
    RESUMED = "resumed"
    LID_CLOSED = "lid_closed"


Listener = Callable[[DesktopEvent, str], None]
"""Called on the event loop with the event and the name of the source that told it."""


class DesktopSource(Protocol):
    """Tells desktop events to its listener from `start` to `close`."""

    async def start(self, listener: Listener) -> list[str]:
        """Subscribe; returns the names of what was subscribed, for the settings page and the log."""
        ...

    async def close(self) -> None:
        """Unsubscribe."""
        ...


class NullDesktop:
    """No source on this platform."""

    async def start(self, listener: Listener) -> list[str]:
        """Tells nothing."""
        return []

    async def close(self) -> None:
        """Nothing to let go of."""


class FakeDesktop:
    """A source that the test drives by `tell`."""

    def __init__(self) -> None:
        self._listener: Listener | None = None

    async def start(self, listener: Listener) -> list[str]:
        """Keep the listener."""
        self._listener = listener
        return ["fake"]

    def tell(self, event: DesktopEvent) -> None:
        """Pass `event` on."""
        if self._listener is not None:
            self._listener(event, "fake")

    async def close(self) -> None:
        """Forget the listener."""
        self._listener = None
