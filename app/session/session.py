"""One signed-in account: the façade that views and services use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.session.listeners import Listeners
from app.session.states import LinkState
from app.store.records import Draft, MessageRow, SearchHit
from app.store.store import Store
from server_stub.contract.accounts import SessionInfo
from server_stub.contract.content import Quote
from server_stub.contract.conversations import Member
from server_stub.contract.directory import Person, SearchResult, UnitChildren


@dataclass(frozen=True, slots=True)
class TypingNotice:
    """Somebody is writing; forget it after five seconds."""

    conversation_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of somebody else's arrived live (not while catching up): for notifications and sounds."""

    message: MessageRow
    conversation_title: str
    sender_name: str
    text: str
    muted: bool
    mentioned: bool


class Session:
    """See app/README.md. All methods run on the asyncio loop; none blocks.

    What changes server state while offline goes through the outbox and returns at once (send_*, recall, mark_read,
    change_setting); what needs an answer (open_single, create_group, directory without cache …) raises
    states.NetworkError when offline and contract.errors.ApiError when refused; `states.refusal_text(error)` gives
    the sentence for the user.
    """

    store: Store
    me: Person
    is_admin: bool
    server_url: str
    link_changed: Listeners[LinkState]
    typing: Listeners[TypingNotice]
    presence_changed: Listeners[frozenset[str]]
    """Person ids whose presence changed; ask `is_online(id)`."""
    arrived: Listeners[Arrival]
    signed_out: Listeners[str]
    """The session ended remotely: the sentence for the user. Go to the login page, then `await close()`."""

    command_refused: Listeners[str]
    """A recall or setting was refused by the server: the sentence for the user."""

    @property
    def link_state(self) -> LinkState:
        """State of the connection now."""
        raise NotImplementedError

    def now_ms(self) -> int:
        """The server's time by our estimate, Unix ms."""
        raise NotImplementedError

    # Messages (through the outbox).

    async def send_text(
        self, conversation_id: str, text: str, *, mentions: Sequence[str] = (), quote: Quote | None = None
    ) -> str:
        """Send text (1 to 20,000 characters); return the client id. Raises ValueError when empty or too long."""
        raise NotImplementedError

    async def send_files(
        self, conversation_id: str, paths: Sequence[Path], *, quote: Quote | None = None
    ) -> list[str]:
        """Send files, each a message; return client ids. Raises files.FileRefused (missing, too large, type)."""
        raise NotImplementedError

    async def send_image(
        self,
        conversation_id: str,
        data: bytes,
        *,
        name: str,
        width: int,
        height: int,
        thumbnail: bytes = b"",
        media_type: str = "image/png",
        quote: Quote | None = None,
    ) -> str:
        """Send a picture from memory (pasted, screenshot, dropped). `thumbnail`: a JPEG of at most 16 KiB."""
        raise NotImplementedError

    async def recall(self, conversation_id: str, seq: int) -> None:
        """Take a message back; a refusal (too late) comes through `command_refused`."""
        raise NotImplementedError

    async def mark_read(self, conversation_id: str, seq: int | None = None) -> None:
        """Move the own read cursor to `seq` (None: the newest)."""
        raise NotImplementedError

    async def retry(self, client_id: str) -> None:
        """Send a failed message again."""
        raise NotImplementedError

    async def discard(self, client_id: str) -> None:
        """Give up a pending or failed message (and its upload)."""
        raise NotImplementedError

    async def change_setting(
        self,
        conversation_id: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: bool | None = None,
        marked_unread: bool | None = None,
    ) -> None:
        """Change the own setting; shown at once."""
        raise NotImplementedError

    def notify_typing(self, conversation_id: str) -> None:
        """The user is writing; sent at most every three seconds."""
        raise NotImplementedError

    async def save_draft(self, draft: Draft) -> None:
        """Keep what was typed; an empty text without quote removes the draft."""
        raise NotImplementedError

    async def set_preference(self, name: str, value: object) -> None:
        """Keep a preference of this account (any MessagePack value)."""
        raise NotImplementedError

    # Conversations.

    async def open_single(self, person_id: str) -> str:
        """The single chat with a person; its id. From the store when known, else from the server."""
        raise NotImplementedError

    async def create_group(self, member_ids: Sequence[str], name: str = "") -> str:
        """Make a group; its id."""
        raise NotImplementedError

    async def ensure_window(self, conversation_id: str, first_seq: int, last_seq: int) -> None:
        """Fetch what is missing between two seqs (inclusive); quiet when nothing is or when offline."""
        raise NotImplementedError

    async def load_older(self, conversation_id: str, before_seq: int, limit: int = 50) -> bool:
        """Make the `limit` messages before `before_seq` present; False when there are none before it."""
        raise NotImplementedError

    async def refresh_members(self, conversation_id: str) -> list[Member]:
        """Fetch all members and cursors into the store."""
        raise NotImplementedError

    async def change_members(
        self, conversation_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove members of a group."""
        raise NotImplementedError

    async def change_group(
        self, conversation_id: str, *, name: str | None = None, announcement: str | None = None
    ) -> None:
        """Change name or announcement."""
        raise NotImplementedError

    async def leave(self, conversation_id: str) -> None:
        """Leave a group."""
        raise NotImplementedError

    # Files.

    async def open_file(self, file_id: str) -> Path:
        """Fetch if needed, open into the private folder, return the plain path (wiped at exit)."""
        raise NotImplementedError

    async def save_file(self, file_id: str, target: Path) -> None:
        """Fetch if needed and write the plain file where the user wants it."""
        raise NotImplementedError

    async def file_bytes(self, file_id: str, limit: int = 32 * 1024 * 1024) -> bytes:
        """The plain content in memory (pictures in the viewer); never touches the disk in clear."""
        raise NotImplementedError

    async def download(self, file_id: str) -> None:
        """Start or resume a download in the background; follow it in the "transfers" table."""
        raise NotImplementedError

    async def pause(self, file_id: str) -> None:
        """Pause an upload or download."""
        raise NotImplementedError

    async def resume_transfer(self, file_id: str) -> None:
        """Go on with a paused or failed one."""
        raise NotImplementedError

    async def cancel(self, file_id: str) -> None:
        """Cancel: a download is dropped, an upload's message is discarded."""
        raise NotImplementedError

    # Directory.

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """The direct content of a unit ("" for the root): from the server, from the cache when offline."""
        raise NotImplementedError

    async def person(self, person_id: str) -> Person | None:
        """A person's card: cache first (refreshed in the background), then the server."""
        raise NotImplementedError

    async def people(self, person_ids: Sequence[str]) -> dict[str, Person]:
        """Cards by id; unknown ones are left out."""
        raise NotImplementedError

    async def search_directory(self, text: str, limit: int = 30) -> SearchResult:
        """People and units, by the server; by the cache when offline."""
        raise NotImplementedError

    async def search(self, text: str, *, conversation_id: str = "", limit: int = 50) -> list[SearchHit]:
        """Messages on this machine that hold `text`, newest first."""
        raise NotImplementedError

    def is_online(self, person_id: str) -> bool:
        """Whether a watched person is online."""
        raise NotImplementedError

    def watch(self, person_ids: Sequence[str]) -> None:
        """Whose presence to follow from now on (at most 200; replaces the last call)."""
        raise NotImplementedError

    # Account.

    async def sessions(self) -> list[SessionInfo]:
        """The own signed-in devices."""
        raise NotImplementedError

    async def end_session(self, session_id: str) -> None:
        """Sign another device out."""
        raise NotImplementedError

    async def change_password(self, old: str, new: str) -> None:
        """Change the password; other devices are signed out."""
        raise NotImplementedError

    async def sign_out(self) -> None:
        """Sign out on the server (quiet when offline), forget tokens, close."""
        raise NotImplementedError

    async def close(self) -> None:
        """End link, transfers and store in good order; the next start resumes."""
        raise NotImplementedError
