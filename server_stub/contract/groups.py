"""Joining and administering groups, and the files that they keep together."""

from enum import StrEnum

from .conversations import Conversation, MemberRole
from .group_rules import Who
from .wire import Request, Wire

CODE_PREFIX = "zhengding://group/"
"""What a group's QR code holds before the code itself."""
FACE_DIGITS = 4
FACE_SECONDS = 300


class RoleChange(Request, frozen=True, kw_only=True):
    """Make a member an administrator, or a plain member again (E109)."""

    person_id: str
    role: MemberRole


class Transfer(Request, frozen=True, kw_only=True):
    """Hand the group to another member; the caller becomes a plain member (E115)."""

    person_id: str


class MuteMember(Request, frozen=True, kw_only=True):
    """Silence one member until a time in Unix milliseconds; 0 lets him speak again (E114)."""

    person_id: str
    until: int


class OwnMemberChange(Request, frozen=True, kw_only=True):
    """The caller's own row: nickname (E086), the announcement that he has read (E120)."""

    nickname: str | None = None
    announcement_seen: int | None = None


class ClearHistory(Request, frozen=True, kw_only=True):
    """Let the caller see no message up to this number any more, on all his devices (E076, E087)."""

    up_to: int


class CodeWanted(Request, frozen=True, kw_only=True):
    """Ask for a group's code. `face`: a number of four digits that holds for five minutes (E118)."""

    face: bool = False
    renew: bool = False
    """Let the code that holds now lead nowhere, and make another."""


class GroupCode(Wire, frozen=True, kw_only=True):
    """A code that leads into a group until `expires_at`, Unix milliseconds (E083, E118)."""

    conversation_id: str
    code: str
    expires_at: int
    face: bool = False


class FaceGroup(Request, frozen=True, kw_only=True):
    """Begin a group for those who stand together; others enter its number within five minutes (E118)."""

    client_id: str
    name: str = ""


class FaceStarted(Wire, frozen=True, kw_only=True):
    """The new group with the number that leads into it."""

    conversation: Conversation
    code: GroupCode


class JoinGroup(Request, frozen=True, kw_only=True):
    """Join by a code: what a QR code says, or four digits (E119). `note` is for those who decide."""

    code: str
    note: str = ""


class GroupPeek(Wire, frozen=True, kw_only=True):
    """What a code says of its group before one joins."""

    conversation_id: str
    name: str
    member_count: int
    avatar_file: str = ""
    sample_members: list[str] = []
    rules_join: str = "free"
    joined: bool = False


class JoinState(StrEnum):
    """What became of a wish to join."""

    JOINED = "joined"
    WAITING = "waiting"
    REFUSED = "refused"


class JoinRequest(Wire, frozen=True, kw_only=True):
    """Somebody wishes to join, or a member wishes him to (`inviter_id`); told to him and to the managers."""

    id: str
    conversation_id: str
    group_name: str = ""
    person_id: str
    inviter_id: str = ""
    note: str = ""
    state: JoinState = JoinState.WAITING
    decided_by: str = ""
    created_at: int = 0
    event_id: int = 0


class JoinAnswer(Wire, frozen=True, kw_only=True):
    """`conversation` when one has joined, else `request`."""

    state: JoinState
    conversation: Conversation | None = None
    request: JoinRequest | None = None


class JoinDecision(Request, frozen=True, kw_only=True):
    """Let somebody in, or not."""

    accept: bool


class JoinRequests(Wire, frozen=True, kw_only=True):
    """Those that wait, oldest first."""

    requests: list[JoinRequest]


class SpaceEntry(Wire, frozen=True, kw_only=True):
    """A file or folder of a group's space (群文件空间, E079).

    `body` is sealed like a message of `author_id` with the entry's id as client id: its content is a FileContent, or
    a TextContent with the name of a folder. It is empty once the entry is gone.
    """

    id: str
    conversation_id: str
    parent_id: str = ""
    folder: bool = False
    author_id: str
    body: bytes = b""
    file_id: str = ""
    size: int = 0
    write: Who = Who.ALL
    """Of a folder: who may put something in, rename and remove."""
    changed_at: int = 0
    gone: bool = False
    event_id: int = 0


class PutSpaceEntry(Request, frozen=True, kw_only=True):
    """Put a file or folder into a group's space, or change one: body, place and right of writing."""

    body: bytes
    parent_id: str = ""
    folder: bool = False
    file_id: str = ""
    size: int = 0
    write: Who = Who.ALL


class SpaceList(Wire, frozen=True, kw_only=True):
    """All entries that are there."""

    entries: list[SpaceEntry]


class GroupLimits(Wire, frozen=True, kw_only=True):
    """The whole system's limits of groups (E089, 3.1.2.4), set by administrators."""

    group_members: int = 2000
    """The most members of any group."""
    large_from: int = 1000
    """A group with so many members is a large one (more than 999)."""
    large_groups: int = 20
    """So many large groups there may be."""


class GroupLimitsChange(Request, frozen=True, kw_only=True):
    """New limits; None leaves one as it is."""

    group_members: int | None = None
    large_from: int | None = None
    large_groups: int | None = None


class AdminGroup(Wire, frozen=True, kw_only=True):
    """What administrators of the system see of a group: never a word of what is written in it."""

    id: str
    name: str
    owner_id: str
    owner_name: str
    member_count: int
    member_limit: int = 0
    large: bool = False
    created_at: int = 0


class AdminGroups(Wire, frozen=True, kw_only=True):
    """Groups, the largest first. `large` counts all large groups of the system."""

    groups: list[AdminGroup]
    total: int
    large: int
    limits: GroupLimits


class AdminGroupChange(Request, frozen=True, kw_only=True):
    """What an administrator changes of one group; what is left out stays (3.2.3.4.2)."""

    member_limit: int | None = None
    """0: the general one."""
    name: str | None = None
    owner_id: str = ""
    """A member who becomes the owner."""
    add: list[str] = []
    remove: list[str] = []


class AdminGroupMember(Wire, frozen=True, kw_only=True):
    """Who is in a group."""

    person_id: str
    name: str
    role: MemberRole
    joined_at: int = 0


class AdminGroupMembers(Wire, frozen=True, kw_only=True):
    """Members, those with an office first."""

    members: list[AdminGroupMember]
    total: int
