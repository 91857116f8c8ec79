"""The bus between server processes: in-process by default, Redis by URL behind the same interface."""

from collections.abc import Callable
from typing import Protocol

Receiver = Callable[[bytes], None]

TOPIC_EVENTS = "events"
"""Committed events with their audience, for the gateways (see gateway/fanout.py)."""
TOPIC_SESSION_ENDED = "session-ended"
"""Payload: session id. Connections of that session close, cached tokens of it are dropped."""
TOPIC_PRESENCE = "presence"
"""Who came online or left, per server process."""

TOPIC_PEOPLE = "people"
"""Whose cards changed (see gateway/people_news.py)."""
TOPIC_LOCK = "lock"
"""Whose phone pages look again; that everybody's lock policy or page changed (see features/lock/news.py)."""

TOPIC_FEATURES = "features"
"""Whose permissions may have changed (see gateway/feature_news.py)."""

TOPIC_DIRECTORY = "directory"
"""How the directory is shown has changed (see gateway/directory_news.py)."""

TOPIC_ASSISTANT = "assistant"
"""That the assistant's policy, words or models changed (see gateway/bare_news.py)."""

TOPIC_LINKS = "links"
"""That the rules for links changed (see gateway/bare_news.py)."""

TOPIC_STATUS = "status"
"""A person's status, for those who watch him."""


class Bus(Protocol):
    """Publishes bytes to every subscriber of a topic in every server process, the own one included.

    Delivery is at most once and may be lost when the bus breaks: what must not be lost is in the database, and
    receivers that notice a break tell their clients to sync again.
    """

    async def start(self) -> None:
        """Connect; raises when the bus cannot be reached."""
        ...

    async def ready(self) -> None:
        """Wait until every subscription made so far hears what is published; raises ConnectionError in vain."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send `payload` to every subscriber of `topic`."""
        ...

    def subscribe(self, topic: str, receiver: Receiver) -> Callable[[], None]:
        """Call `receiver` on the event loop for each payload; returns the function that ends it."""
        ...

    def on_break(self, told: Callable[[], None]) -> None:
        """Have `told` called after each break in which payloads may have been lost, once the bus works again."""
        ...


class InProcessBus:
    """The bus of a single server process."""

    def __init__(self) -> None:
        self._receivers: dict[str, list[Receiver]] = {}

    async def start(self) -> None:
        """Nothing to connect to."""

    async def ready(self) -> None:
        """A subscription hears at once."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """Call the receivers at once, in the order of subscription."""
        for receiver in list(self._receivers.get(topic, ())):
            receiver(payload)

    def subscribe(self, topic: str, receiver: Receiver) -> Callable[[], None]:
        """Add `receiver`; the returned function removes it."""
        self._receivers.setdefault(topic, []).append(receiver)
        return lambda: self._receivers[topic].remove(receiver)

    def on_break(self, told: Callable[[], None]) -> None:
        """It never breaks."""
