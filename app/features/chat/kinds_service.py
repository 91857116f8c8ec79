"""What the chat views need for the richer kinds of messages; app/session/kinds.py is the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from app.session.kinds import VideoFacts
from server_stub.contract.content import AnyContent, FolderContent, LocationContent, Quote
from server_stub.contract.directory import Person


class KindsService(Protocol):
    """See session.kinds.MessageKinds; what sends goes through the outbox and returns at once, online or not."""

    async def send_voice(
        self,
        conversation_id: str,
        data: bytes,
        *,
        duration_ms: int,
        waveform: bytes,
        media_type: str,
        name: str,
        quote: Quote | None = None,
    ) -> str:
        """Send a recording from memory."""
        ...

    async def send_video(
        self,
        conversation_id: str,
        path: Path,
        facts: VideoFacts,
        *,
        media_type: str,
        quote: Quote | None = None,
    ) -> str:
        """Send a film from the disk."""
        ...

    async def send_folder(self, conversation_id: str, path: Path, *, quote: Quote | None = None) -> str:
        """Send a folder as one tree."""
        ...

    async def send_card(self, conversation_id: str, person: Person) -> str:
        """Send a colleague's card."""
        ...

    async def send_location(self, conversation_id: str, place: LocationContent) -> str:
        """Send a place."""
        ...

    async def send_markdown(
        self, conversation_id: str, title: str, text: str, *, quote: Quote | None = None
    ) -> str:
        """Send formatted text."""
        ...

    async def forward_each(
        self, source_id: str, seqs: Sequence[int], targets: Sequence[str], note: str = ""
    ) -> int:
        """Forward messages one by one."""
        ...

    async def forward_merged(
        self,
        source_id: str,
        seqs: Sequence[int],
        targets: Sequence[str],
        *,
        title: str,
        names: Callable[[str], str],
        note: str = "",
    ) -> None:
        """Forward messages as one record."""
        ...

    async def forward_content(self, content: AnyContent, targets: Sequence[str], note: str = "") -> None:
        """Forward a content out of an opened record."""
        ...

    async def recent_targets(self) -> list[str]:
        """Conversations that something was forwarded to, the latest first."""
        ...

    async def react(self, conversation_id: str, seq: int, emoji: str, *, on: bool | None = None) -> None:
        """Put an emoji to a message, or take it back."""
        ...

    async def remove_here(self, conversation_id: str, seqs: Sequence[int]) -> None:
        """Delete messages on this machine only."""
        ...

    async def keep_transcript(self, conversation_id: str, seq: int, text: str) -> None:
        """Keep what a voice message says."""
        ...

    async def save_folder(self, conversation_id: str, content: FolderContent, target: Path) -> Path:
        """Write a received folder below `target`."""
        ...
