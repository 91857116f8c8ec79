"""What belongs to one account alone, the same on all its devices: arrangement, relations, status."""

from enum import StrEnum

from .wire import Request, Wire

MAX_ITEM_BYTES = 64 * 1024
MAX_ITEMS = 300
STATUS_TEXT = 20
PERSON_PREFIX = "zhengding://person/"
"""What a person's own QR code holds before his id."""


class PersonalItem(Wire, frozen=True, kw_only=True):
    """A named value of the account, such as "layout" or "folder/<id>"; `value` is JSON, "" once removed."""

    name: str
    value: str = ""
    event_id: int = 0


class PutPersonalItem(Request, frozen=True, kw_only=True):
    """Keep a value; "" removes it."""

    name: str
    value: str


class RelationKind(StrEnum):
    """What another person is to the account."""

    CONTACT = "contact"
    """我的联系人."""
    SPECIAL = "special"
    """特别关注: told of also where the conversation is muted."""
    BLOCKED = "blocked"
    """黑名单: he can no longer write to the account nor add it to groups."""
    PHONE = "phone"
    """共享手机号的联系人: sees the account's number also from another authority (E160)."""


class Relation(Wire, frozen=True, kw_only=True):
    """One relation; known to its owner alone."""

    person_id: str
    kind: RelationKind
    removed: bool = False
    created_at: int = 0
    event_id: int = 0


class PutRelation(Request, frozen=True, kw_only=True):
    """Begin or end a relation."""

    person_id: str
    kind: RelationKind
    on: bool


class StatusKind(StrEnum):
    """个人状态 (E059)."""

    ONLINE = "online"
    """在线: nothing special."""
    BUSY = "busy"
    MEETING = "meeting"
    LEAVE = "leave"
    CUSTOM = "custom"


STATUS_NAMES = {
    StatusKind.ONLINE: "在线",
    StatusKind.BUSY: "忙碌",
    StatusKind.MEETING: "会议中",
    StatusKind.LEAVE: "休假",
    StatusKind.CUSTOM: "自定义",
}


class PersonStatus(Wire, frozen=True, kw_only=True):
    """A person's status. `text` goes with it ("出差，周三回"); `until`: its end, Unix milliseconds, 0 for none."""

    person_id: str = ""
    kind: StatusKind = StatusKind.ONLINE
    text: str = ""
    until: int = 0
    event_id: int = 0


class PutStatus(Request, frozen=True, kw_only=True):
    """Set the own status."""

    kind: StatusKind
    text: str = ""
    until: int = 0


class PersonalItems(Wire, frozen=True, kw_only=True):
    """All values of the account."""

    items: list[PersonalItem]


class Relations(Wire, frozen=True, kw_only=True):
    """All relations of the account."""

    relations: list[Relation]


class Avatar(Wire, frozen=True, kw_only=True):
    """A picture that was kept."""

    id: str


class OwnCardChange(Request, frozen=True, kw_only=True):
    """Change the own card: the picture (E148); "" goes back to the name's initial."""

    avatar_file: str
