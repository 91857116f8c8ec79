"""Conversations, members, cursors and messages."""

from enum import StrEnum

from .group_rules import GroupRules
from .wire import Request, Wire


class ConversationKind(StrEnum):
    """What a conversation is."""

    SINGLE = "single"
    GROUP = "group"
    SERVICE = "service"
    """Work notices and the like: written by the server, read only (会务, 工作通知)."""


class MemberRole(StrEnum):
    """A member's role in a group."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Conversation(Wire, frozen=True, kw_only=True):
    """A conversation as the caller sees it; sent whole whenever something in it changes."""

    id: str
    kind: ConversationKind
    name: str = ""
    """Group or service name; empty for single chats, where the client shows the peer's name."""
    peer_id: str = ""
    """The other person of a single chat."""
    owner_id: str = ""
    avatar_file: str = ""
    created_at: int = 0
    member_count: int = 0
    sample_members: list[str] = []
    """The first nine members, for the mosaic."""
    epoch: int = 1
    """Current key epoch; messages are sealed under its key."""
    first_seq: int = 1
    """The first message that the caller may see."""
    last_seq: int = 0
    event_id: int = 0
    announcement: str = ""
    announcement_version: int = 0
    """Counts its changes; a member who has read it has this number in `Member.announcement_seen`."""
    announced_by: str = ""
    announced_at: int = 0
    muted_all: bool = False
    muted_until: int = 0
    """When `muted_all` ends, Unix milliseconds; 0 for no end."""
    rules: GroupRules = GroupRules()
    member_limit: int = 0
    """The most members it may have; 0 where the server's general limit holds."""
    left: bool = False
    """The caller is no longer a member; the client keeps what it has and writes no more."""
    dissolved: bool = False
    destroyed_epoch: int = 0
    """Keys up to this epoch were destroyed (紧急销密): the client drops what it has of them,"""
    destroyed_seq: int = 0
    """and the texts of the messages up to this number."""


class Member(Wire, frozen=True, kw_only=True):
    """One member with his cursors."""

    conversation_id: str
    person_id: str
    role: MemberRole = MemberRole.MEMBER
    nickname: str = ""
    joined_at: int = 0
    read_seq: int = 0
    delivered_seq: int = 0
    muted_until: int = 0
    """May not write until then, Unix milliseconds."""
    announcement_seen: int = 0
    left: bool = False
    event_id: int = 0


class ConversationSetting(Wire, frozen=True, kw_only=True):
    """The caller's own setting of a conversation, the same on all his devices."""

    conversation_id: str
    pinned: bool = False
    muted: bool = False
    hidden: bool = False
    marked_unread: bool = False
    event_id: int = 0


class Message(Wire, frozen=True, kw_only=True):
    """One message. The server knows its envelope; `body` is sealed (see sm/sealed.py) and empty once recalled."""

    conversation_id: str
    seq: int
    """1, 2, 3 … in the conversation, without gaps."""
    event_id: int
    client_id: str
    sender_id: str
    """Person id; "system" for what the server wrote."""
    sent_at: int
    """Server time, Unix milliseconds."""
    body: bytes = b""
    file_ids: list[str] = []
    recalled: bool = False
    recalled_by: str = ""
    recalled_at: int = 0


class Reaction(Wire, frozen=True, kw_only=True):
    """What one person put to one message (表情回复, E103); the row is replaced whole whenever it changes.

    `body` is a sealed ReactionContent (sender = person, client id = `client_id`); empty when everything was taken back.
    """

    conversation_id: str
    seq: int
    person_id: str
    client_id: str
    event_id: int
    at: int = 0
    """Server time of the change, Unix milliseconds."""
    body: bytes = b""


class SetReaction(Request, frozen=True, kw_only=True):
    """Replace all own emoji at a message; an empty `body` takes them back. `client_id` is new for each change."""

    client_id: str
    body: bytes = b""


class CreateSingle(Request, frozen=True, kw_only=True):
    """Open the single chat with a person; the same one is returned each time."""

    person_id: str


class CreateGroup(Request, frozen=True, kw_only=True):
    """Make a group; the caller becomes its owner. `client_id` makes repeats harmless."""

    client_id: str
    name: str = ""
    member_ids: list[str] = []
    unit_id: str = ""
    """Everybody of this unit and of those below it whom the caller may contact joins too (E117)."""


class GroupChange(Request, frozen=True, kw_only=True):
    """Change a group; None leaves a field as it is. `avatar_file`: "" goes back to the members' faces."""

    name: str | None = None
    announcement: str | None = None
    avatar_file: str | None = None
    rules: GroupRules | None = None
    muted_all: bool | None = None
    muted_until: int = 0
    """With `muted_all`: when it ends, Unix milliseconds; 0 for no end."""


class MembersChange(Request, frozen=True, kw_only=True):
    """Add and remove members; a removal starts a new key epoch."""

    add: list[str] = []
    remove: list[str] = []


class SettingChange(Request, frozen=True, kw_only=True):
    """Change the caller's own setting; None leaves a field as it is."""

    pinned: bool | None = None
    muted: bool | None = None
    hidden: bool | None = None
    marked_unread: bool | None = None


class SendMessage(Request, frozen=True, kw_only=True):
    """Send a sealed body; the same fields as the websocket's `send` frame."""

    client_id: str
    body: bytes
    file_ids: list[str] = []


class Sent(Wire, frozen=True, kw_only=True):
    """Acknowledgement: given only after the commit is on disk."""

    client_id: str
    conversation_id: str
    seq: int
    event_id: int
    sent_at: int
    duplicate: bool = False


class Page(Wire, frozen=True, kw_only=True):
    """Messages in ascending `seq`. `first_seq` is the first one that the caller may see at all."""

    messages: list[Message]
    first_seq: int
    last_seq: int
    reactions: list[Reaction] = []
    """Of these messages, those taken back left out."""


class MemberList(Wire, frozen=True, kw_only=True):
    """Members in order of role and joining, those who left included on request."""

    members: list[Member]


class EnvelopeRequest(Request, frozen=True, kw_only=True):
    """Ask for the keys of conversations, sealed to this session's device key. `epochs` empty: all allowed."""

    items: list["EnvelopeWanted"]


class EnvelopeWanted(Request, frozen=True, kw_only=True):
    """One conversation's keys."""

    conversation_id: str
    epochs: list[int] = []


class KeyEnvelope(Wire, frozen=True, kw_only=True):
    """A conversation key under the device's SM2 key; `destroyed` in its place where the key is gone."""

    conversation_id: str
    epoch: int
    envelope: bytes = b""
    destroyed: bool = False


class Envelopes(Wire, frozen=True, kw_only=True):
    """Keys that the caller may have; others are left out."""

    envelopes: list[KeyEnvelope]
