"""Administration of the directory: units, people, functional lines (条线), visibility, and how it is shown."""

from enum import StrEnum
from typing import Annotated

import msgspec

from .directory import Person, Unit
from .wire import Request, Wire

Small = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A number that every database keeps."""


class UnitCreate(Request, frozen=True, kw_only=True):
    """A new unit below `parent_id`, at the end of its siblings. `level`: see Unit."""

    parent_id: str
    name: str
    short_name: str = ""
    level: Small = 0


class UnitChange(Request, frozen=True, kw_only=True):
    """What is to change of a unit; None leaves it. A new `parent_id` moves the unit with all below it."""

    name: str | None = None
    short_name: str | None = None
    level: Small | None = None
    parent_id: str | None = None


class ChildrenOrder(Request, frozen=True, kw_only=True):
    """The order of a unit's direct sub-units and people: ids from first to last; those not named keep their place
    behind the named ones."""

    unit_ids: list[str] = []
    person_ids: list[str] = []


class PostWanted(Request, frozen=True, kw_only=True):
    """A post that a person shall hold; exactly one of a person's posts is `main`."""

    unit_id: str
    title: str = ""
    main: bool = False


class PersonCreate(Request, frozen=True, kw_only=True):
    """A new person with an account that waits for activation. An empty `login` is made from the name's pinyin."""

    name: str
    phone: str = ""
    login: str = ""
    rank: str = ""
    vip: bool = False
    posts: list[PostWanted]
    fields: dict[str, str] = {}
    """Field id → value; see PersonFieldKind."""


class PersonChange(Request, frozen=True, kw_only=True):
    """What is to change of a person; None leaves it. `posts` replaces all posts. `version`: the one that was read;
    another administrator's change in between is a CONFLICT."""

    version: Small
    name: str | None = None
    phone: str | None = None
    rank: str | None = None
    vip: bool | None = None
    posts: list[PostWanted] | None = None
    fields: dict[str, str] | None = None
    """Field id → value for those that change; an empty value removes it."""


class PersonRecord(Wire, frozen=True, kw_only=True):
    """A person as administrators see him. Times in unix milliseconds; 0: never."""

    person: Person
    login: str = ""
    disabled: bool = False
    activated: bool = False
    is_admin: bool = False
    last_seen_at: int = 0


class Line(Wire, frozen=True, kw_only=True):
    """A functional line (条线), such as 财政 or 应急; lines form a tree. `members`: units and people named in it."""

    id: str
    parent_id: str = ""
    name: str
    order: int = 0
    members: int = 0


class LineMember(Wire, frozen=True, kw_only=True):
    """A unit (with all below it) or a person in a line; `name` is for the eye."""

    kind: str
    """"unit" or "person"."""
    id: str
    name: str = ""


class LineWanted(Request, frozen=True, kw_only=True):
    """A new or changed line."""

    name: str
    parent_id: str = ""
    order: Small = 0


class LineMembers(Request, frozen=True, kw_only=True):
    """All members of a line, in order; replaces what was there."""

    members: list[LineMember]


class LineList(Wire, frozen=True, kw_only=True):
    """Lines; for administrators all, for others those that they belong to with what is below them."""

    lines: list[Line]


class LineContent(Wire, frozen=True, kw_only=True):
    """What a line holds: sub-lines, units (to open in the tree) and people, as far as the caller may see them."""

    line: Line
    lines: list[Line]
    units: list[Unit]
    people: list[Person]


class Who(Request, frozen=True, kw_only=True):
    """Whom a rule speaks of. `kind`: "unit" (with all below), "person", "line", or "level" (people whose highest post
    is in a unit of this level or a higher one; `id` is "1" to "5")."""

    kind: str
    id: str
    name: str = ""


class Scope(StrEnum):
    """How far a viewer sees: everything, the own authority (second level of the tree), or the own units."""

    ALL = "all"
    AUTHORITY = "authority"
    UNIT = "unit"


class VisibilityRule(Request, frozen=True, kw_only=True):
    """Two kinds. With `target`: the target is hidden from everybody but `viewers`, those inside it and administrators.
    Without: `viewers` see no further than `scope`. Where several rules speak, all must allow."""

    id: str = ""
    target: Who | None = None
    viewers: list[Who] = []
    scope: Scope = Scope.ALL
    note: str = ""


class VisibilityRules(Wire, frozen=True, kw_only=True):
    """All rules, oldest first."""

    rules: list[VisibilityRule]


class VisibilityCheck(Wire, frozen=True, kw_only=True):
    """What one person sees of another or of a unit, for the administrator's test box."""

    visible: bool
    reason: str = ""
    """Which rule decided, in words."""


SEARCHABLE = ("name", "pinyin", "phone", "post", "unit", "line")
CARD_FIELDS = ("posts", "rank", "phone", "lines")


class PersonFieldKind(Request, frozen=True, kw_only=True):
    """A field of people that administrators defined (3.1.3.8). An empty `id` makes a new one."""

    id: str = ""
    name: str
    searchable: bool = False
    on_card: bool = True


class DirectorySettings(Request, frozen=True, kw_only=True):
    """How the directory is shown. `people_first`: people before sub-units. `searchable`: of SEARCHABLE; `card`: of
    CARD_FIELDS, in the order of the card. `own_phone_change`: whether people may change their own number (E138)."""

    people_first: bool = True
    searchable: list[str] = msgspec.field(default_factory=lambda: list(SEARCHABLE))
    card: list[str] = msgspec.field(default_factory=lambda: list(CARD_FIELDS))
    own_phone_change: bool = False
    fields: list[PersonFieldKind] = []
    """Own fields of people, in the order of the card; leaving one out removes its values."""
