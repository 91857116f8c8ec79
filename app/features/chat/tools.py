"""What the chat page gets from the composition root besides its service: devices, addresses, and other features' entries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.session.kinds import VideoFacts
from server_stub.contract.content import LinkPreview

from .contributed import MessageActionSource, PlusSource
from .sound import NoPlayer, NoRecorder, Player, Recorder, Transcriber

MAP_URL = "https://uri.amap.com/marker?position={longitude},{latitude}&name={name}&src=zhengding&callnative=0"
"""Opens a place in a map unless the administrators name another one."""


class LinkPreviews(Protocol):
    """Asks a page what it says of itself."""

    async def fetch(self, url: str) -> LinkPreview | None:
        """None where there is nothing to show, or the address may not be asked; never raises for the network."""
        ...


FilmReader = Callable[[Path], Awaitable[VideoFacts]]


async def no_facts(_path: Path) -> VideoFacts:
    """Where films cannot be looked into they are sent without a picture."""
    return VideoFacts()


@dataclass(frozen=True, slots=True)
class ChatTools:
    """Everything has a quiet default, so that a page can be built without devices."""

    recorder: Recorder = field(default_factory=NoRecorder)
    player: Player = field(default_factory=NoPlayer)
    transcriber: Transcriber | None = None
    previews: LinkPreviews | None = None
    film_facts: FilmReader = no_facts
    map_url: str = MAP_URL
    message_actions: Sequence[MessageActionSource] = ()
    plus: Sequence[PlusSource] = ()
