"""Rows as readers get them: plain frozen values, safe to hand to any thread."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from server_stub.contract.content import AnyContent, Quote, Unknown
from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.group_rules import GroupRules


class MessageState(IntEnum):
    """What can be shown of a message, and where it is on its way."""

    OPENED = 0
    """`content` is there."""
    SEALED = 1
    """The key has not arrived yet: show "正在获取密钥…"."""
    DESTROYED = 2
    """The key was destroyed: show "密钥已销毁"."""
    DAMAGED = 3
    """Does not open under its key: show "消息已损坏，无法查看"."""
    RECALLED = 4
    """Recalled: `recalled_by`, `recalled_at`."""
    REMOVED = 5
    """Deleted on this machine by the user: the row stays, so that nothing seems to be missing; not shown."""
    PENDING = 10
    """Own, not acknowledged yet; `seq` is 0."""
    FAILED = 11
    """Own, definitely refused; `error` says why; offer retry and discard."""


MESSAGE_STATE_TEXT = {
    MessageState.SEALED: "正在获取密钥…",
    MessageState.DESTROYED: "密钥已销毁",
    MessageState.DAMAGED: "消息已损坏，无法查看",
}


@dataclass(frozen=True, slots=True)
class ReactionMark:
    """One emoji at a message, and who put it, in order of time."""

    emoji: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as the store has it. `client_id` stays the same from pending to acknowledged: key rows by it."""

    conversation_id: str
    seq: int
    client_id: str
    sender_id: str
    sent_at: int
    """Unix ms; server time once acknowledged, the client's estimate of it before."""
    state: MessageState
    content: AnyContent | Unknown | None = None
    file_ids: tuple[str, ...] = ()
    recalled_by: str = ""
    recalled_at: int = 0
    event_id: int = 0
    error: str = ""
    order: int = 0
    """Order among pending messages (by making)."""
    reactions: tuple[ReactionMark, ...] = ()
    """Emoji at the message, the first put first."""
    transcript: str = ""
    """What a voice message says, once the user asked for it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the user has typed and not sent."""

    conversation_id: str
    text: str
    mentions: tuple[str, ...] = ()
    quote: Quote | None = None
    updated_at: int = 0


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the conversation list, and the head of the open conversation."""

    id: str
    kind: ConversationKind
    title: str
    """Name to show: group name, the peer's name, or the members' names of an unnamed group."""
    peer_id: str = ""
    owner_id: str = ""
    avatar_file: str = ""
    member_count: int = 0
    sample_members: tuple[str, ...] = ()
    announcement: str = ""
    epoch: int = 1
    first_seq: int = 1
    last_seq: int = 0
    read_seq: int = 0
    """Own read cursor, with what waits in the outbox."""
    unread: int = 0
    mentioned: bool = False
    """Somebody named me (or everyone) in an unread message."""
    last: MessageRow | None = None
    """Newest message, pending ones included; None while it has not been fetched."""
    last_text: str = ""
    """One line of it, in Chinese, without the sender."""
    last_sender: str = ""
    """The sender's name; empty for own, system and single chats."""
    active_at: int = 0
    """Sort key, Unix ms."""
    draft: str = ""
    pinned: bool = False
    muted: bool = False
    hidden: bool = False
    marked_unread: bool = False
    muted_all: bool = False
    muted_until: int = 0
    """When `muted_all` ends; 0 for no end."""
    announcement_version: int = 0
    announced_by: str = ""
    announced_at: int = 0
    rules: GroupRules = field(default_factory=GroupRules)
    member_limit: int = 0
    left: bool = False
    dissolved: bool = False

    @property
    def writable(self) -> bool:
        """Whether the input is open."""
        return not (self.left or self.dissolved or self.kind is ConversationKind.SERVICE)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member with cursors; `name` from the people cache (the nickname first)."""

    conversation_id: str
    person_id: str
    name: str
    role: MemberRole
    nickname: str = ""
    joined_at: int = 0
    read_seq: int = 0
    delivered_seq: int = 0
    left: bool = False
    muted_until: int = 0
    announcement_seen: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who has read and received one message (the sender not counted)."""

    read: tuple[str, ...]
    delivered: tuple[str, ...]
    """Received, not read."""
    waiting: tuple[str, ...]


class CommandKind(StrEnum):
    """What the outbox carries."""

    SEND = "send"
    READ = "read"
    RECALL = "recall"
    SETTING = "setting"
    REACT = "react"
    CLEAR = "clear"
    OWN_MEMBER = "own_member"
    SPACE = "space"
    SPACE_REMOVE = "space_remove"
    PERSONAL = "personal"
    RELATION = "relation"
    STATUS = "status"


class CommandState(IntEnum):
    """Where a command is."""

    PENDING = 0
    FAILED = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the outbox."""

    id: int
    client_id: str
    kind: CommandKind
    conversation_id: str
    payload: bytes
    """MessagePack, by kind; see session/commands.py."""
    state: CommandState = CommandState.PENDING
    attempts: int = 0
    error_code: str = ""
    error: str = ""
    created_at: int = 0


class TransferDirection(StrEnum):
    """Up to the server or down from it."""

    UP = "up"
    DOWN = "down"


class TransferState(StrEnum):
    """Where a file is."""

    PREPARING = "preparing"
    """Being sealed into the cache (uploads)."""
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    """Definitely refused or damaged; `error` says why. Retry starts again."""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One file on its way or in the cache. `done` and `chunks` give the progress."""

    file_id: str
    direction: TransferDirection
    conversation_id: str
    client_id: str
    name: str
    size: int
    chunks: int
    done: int
    state: TransferState
    error: str = ""
    updated_at: int = 0
    have: frozenset[int] = field(default_factory=frozenset)
    """Indices of finished chunks."""

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return self.done / self.chunks if self.chunks else 1.0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One message found."""

    message: MessageRow
    conversation_title: str
    text: str
    """The text that was searched (text, file name or notice)."""
    sender: str = ""
    """Who said it, as far as his card is known."""
