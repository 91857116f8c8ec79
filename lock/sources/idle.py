"""How long the user has touched nothing: one small class per way of asking, each saying what it can do."""

from typing import Protocol


class IdleSource(Protocol):
    """Asks the platform for the user's idle time."""

    name: str
    """What the settings page shows, such as "X11"."""

    async def idle_s(self) -> float | None:
        """Seconds since the last input anywhere on the desktop; None when it cannot be told just now."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class NullIdle:
    """No source: the client's own input is all that counts."""

    name = "仅统计本程序内的操作"

    async def idle_s(self) -> float | None:
        """Never known."""
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


class FakeIdle:
    """A source whose value the test sets."""

    name = "fake"

    def __init__(self) -> None:
        self.value: float | None = 0.0

    async def idle_s(self) -> float | None:
        """Return what the test set."""
        return self.value

    async def close(self) -> None:
        """Nothing to let go of."""
