"""What other features add to a message's menu and to the composer's panel: message to todo, to calendar, to DING (E108, 3.1.2.2).

A feature implements one of the sources and hands it to the composition root, which puts it into `ChatTools`. Nothing here
knows any feature; what an entry does, it does by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from server_stub.contract.content import AnyContent


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """One readable message, as other features get it. `text` is all of it as plain words."""

    conversation_id: str
    conversation_title: str
    seq: int
    """0 while it is not acknowledged."""
    client_id: str
    sender_id: str
    sender_name: str
    sent_at: int
    """Unix milliseconds."""
    text: str
    content: AnyContent


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """One line of the menu. `icon` is a name of widgets.icons; `run` is awaited when it is chosen, a failure is shown."""

    name: str
    label: str
    icon: str
    run: Callable[[MessageFacts], Awaitable[None]]


class MessageActionSource(Protocol):
    """Offers entries for a message."""

    def entries(self, message: MessageFacts) -> Sequence[MessageEntry]:
        """What can be done with this message now; called each time the menu opens, must not block."""
        ...


@dataclass(frozen=True, slots=True)
class PlusEntry:
    """One place in the composer's panel (+号面板). `run` gets the conversation's id."""

    name: str
    label: str
    icon: str
    run: Callable[[str], Awaitable[None]]


class PlusSource(Protocol):
    """Offers places in the composer's panel."""

    def plus_entries(self, conversation_id: str) -> Sequence[PlusEntry]:
        """What can be sent or begun in this conversation now; must not block."""
        ...
