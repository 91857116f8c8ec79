"""What the chat views need of the rest of the client, in one interface; see session_service.py for the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from app.session.presence import TypingNotice
from app.store.changes import Change, Subscription
from app.store.records import (
    ConversationRow,
    Draft,
    MemberRow,
    MessageRow,
    Receipt,
    TransferRow,
)
from server_stub.contract.content import LinkPreview, Quote
from server_stub.contract.directory import Person, SearchResult, UnitChildren

from .group_service import Arrangement, GroupFiles, GroupService
from .kinds_service import KindsService


class ChatReads(Protocol):
    """Reads of the local store. None of them waits for the network, except where it says so."""

    @property
    def me(self) -> Person:
        """The signed-in person."""
        ...

    @property
    def recall_seconds(self) -> int:
        """How long after sending a message may be taken back."""
        ...

    def now_ms(self) -> int:
        """The server's time, Unix ms."""
        ...

    def listen(
        self,
        listener: Callable[[Change], None],
        *,
        table: str | None = None,
        conversation_id: str | None = None,
    ) -> Subscription:
        """Be told of committed changes of the store."""
        ...

    def on_typing(self, listener: Callable[[TypingNotice], None]) -> Subscription:
        """Be told when somebody writes."""
        ...

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        """Be told whose presence changed."""
        ...

    def is_online(self, person_id: str) -> bool:
        """Whether a watched person is online."""
        ...

    def watch(self, person_ids: Sequence[str], party: str = "chat") -> None:
        """Whose presence `party` (a view) follows from now on; it replaces what that view asked for last."""
        ...

    async def overview(self, ids: Sequence[str] | None = None) -> list[ConversationRow]:
        """All conversations (or those named) in the order of the list."""
        ...

    async def newest(self, conversation_id: str, limit: int) -> list[MessageRow]:
        """The newest acknowledged messages, ascending."""
        ...

    async def before(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        """Messages before `seq`, ascending; fetched from the server where the store has none or a hole."""
        ...

    async def after(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        """Messages after `seq`, ascending; fetched where missing."""
        ...

    async def around(self, conversation_id: str, seq: int, limit: int) -> list[MessageRow]:
        """Messages on both sides of `seq`, ascending; fetched where missing."""
        ...

    async def pending(self, conversation_id: str) -> list[MessageRow]:
        """Own messages that are not acknowledged yet, in the order of writing."""
        ...

    async def by_client_ids(self, conversation_id: str, ids: Sequence[str]) -> list[MessageRow]:
        """The messages that a change names."""
        ...

    async def members(self, conversation_id: str) -> list[MemberRow]:
        """Members with cursors, from the store."""
        ...

    async def refresh_members(self, conversation_id: str) -> None:
        """Bring members and cursors up to date from the server; quiet when offline."""
        ...

    async def receipt(self, conversation_id: str, seq: int, sender_id: str) -> Receipt:
        """Who, the sender aside, has read and received a message."""
        ...

    async def people(self, ids: Sequence[str]) -> dict[str, Person]:
        """Cards by person id; unknown ones are left out."""
        ...

    async def draft(self, conversation_id: str) -> Draft | None:
        """What was typed and not sent."""
        ...

    async def transfers(self, conversation_id: str) -> list[TransferRow]:
        """Files of the conversation that are on their way or in the cache."""
        ...

    async def files(self, conversation_id: str, limit: int) -> list[MessageRow]:
        """The newest messages that carry a file."""
        ...

    async def links(self, conversation_id: str, limit: int) -> list[MessageRow]:
        """The newest texts with an address in them, newest first."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit; "" for the top of the organisation."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """People and units, best first."""
        ...

    async def search_people(self, text: str, limit: int) -> list[Person]:
        """People by name, pinyin or phone."""
        ...


class ChatCommands(Protocol):
    """What the user can do. Calls that go through the outbox return at once, online or not."""

    async def send_text(
        self,
        conversation_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        quote: Quote | None = None,
        preview: LinkPreview | None = None,
    ) -> str:
        """Send text; the message's client id."""
        ...

    async def send_files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> None:
        """Send files, each as a message; pictures are sent as pictures."""
        ...

    async def send_image(
        self,
        conversation_id: str,
        data: bytes,
        *,
        name: str,
        width: int,
        height: int,
        thumbnail: bytes,
        media_type: str = "image/png",
        quote: Quote | None = None,
    ) -> None:
        """Send a picture from memory."""
        ...

    async def recall(self, conversation_id: str, seq: int) -> None:
        """Take an own message back."""
        ...

    async def retry(self, client_id: str) -> None:
        """Send a failed message again."""
        ...

    async def discard(self, client_id: str) -> None:
        """Give a failed message up."""
        ...

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        """Move the own read cursor."""
        ...

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        """Pin, mute, hide, mark as unread."""
        ...

    async def save_draft(self, draft: Draft) -> None:
        """Keep what was typed; an empty text removes it."""
        ...

    def notify_typing(self, conversation_id: str) -> None:
        """The user is writing."""
        ...

    async def open_single(self, person_id: str) -> str:
        """The single chat with a person."""
        ...

    async def create_group(self, member_ids: Sequence[str], name: str) -> str:
        """Make a group."""
        ...

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove members of a group."""
        ...

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        """Change a group's name or announcement."""
        ...

    async def leave(self, conversation_id: str) -> None:
        """Leave a group."""
        ...

    async def open_file(self, file_id: str) -> Path:
        """Fetch if needed and lay a plain copy for the system's program; wiped at exit."""
        ...

    async def save_file(self, file_id: str, target: Path) -> None:
        """Fetch if needed and write where the user wants it."""
        ...

    async def file_bytes(self, file_id: str) -> bytes:
        """The plain content in memory (picture viewer)."""
        ...

    async def download(self, file_id: str) -> None:
        """Start or resume a download in the background."""
        ...

    async def pause(self, file_id: str) -> None:
        """Pause a transfer."""
        ...

    async def resume(self, file_id: str) -> None:
        """Go on with a transfer."""
        ...

    async def cancel(self, file_id: str) -> None:
        """Cancel a transfer."""
        ...


class ChatService(ChatReads, ChatCommands, Protocol):
    """All of it."""

    @property
    def kinds(self) -> KindsService:
        """Voice, films, folders, cards, places, forwarding, emoji, deleting here."""
        ...

    @property
    def groups(self) -> GroupService:
        """Groups at full depth."""
        ...

    @property
    def space(self) -> GroupFiles:
        """The files of groups."""
        ...

    @property
    def personal(self) -> Arrangement:
        """The account's own arrangement, relations and statuses."""
        ...

    async def avatar(self, avatar_id: str) -> bytes:
        """A small picture of a person or group."""
        ...
