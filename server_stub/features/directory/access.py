"""The one way to read units and people: decides what a caller may see of each (E142, E143)."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from server_stub.contract.directory import Person, PersonField, Post
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller

from .display import read_settings
from .sight import Sight, sight_of
from .tables import person_fields, persons, posts, units


class RefusalLog(Protocol):
    """Learns of refusals; called from any thread, never blocks."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """See gateway.assembly.RefusalLog."""
        ...


class DirectoryAccess:
    """Deny by default: a person or unit that is not returned by these does not exist for the caller.

    Every signed-in person sees every active person and every unit that no visibility rule hides (sight.py); a phone
    number only within the own authority (the second level of the tree, such as 市应急管理局 or 中原区), or as
    administrator; that of a leader marked VIP only with the permission for it (查看领导电话). Whoever shares his number
    with the caller himself shows it in any case (E160).
    """

    def __init__(
        self,
        refusals: RefusalLog,
        may_see_leaders: Callable[[Connection, str], bool] = lambda _connection, _person_id: False,
        acquainted: Callable[[Connection, str, Sequence[str]], set[str]] = lambda _connection, _me, _ids: (
            set()
        ),
        phone_givers: Callable[[Connection, str], set[str]] = lambda _connection, _person_id: set(),
    ) -> None:
        """`may_see_leaders`: whether a person may see the phone numbers of leaders. `acquainted`: who of some people
        shares a conversation with a person; their names he must know. `phone_givers`: who shares his number with a person."""
        self._refusals = refusals
        self._may_see_leaders = may_see_leaders
        self._acquainted = acquainted
        self._phone_givers = phone_givers

    def access_unit(self, connection: Connection, caller: Caller, unit_id: str) -> Any:
        """Return the unit's row; NOT_FOUND where there is none for this caller."""
        row = connection.execute(select(units).where(units.c.id == unit_id)).one_or_none()
        if row is None or not sight_of(connection, caller).sees_unit(row.path):
            self._refusals.refused(caller, "unit", unit_id[:64], "read")
            raise ApiError(ErrorCode.NOT_FOUND)
        return row

    def access_person(self, connection: Connection, caller: Caller, person_id: str) -> Person:
        """Return what the caller may see of the person; NOT_FOUND where that is nothing."""
        found = self.access_people(connection, caller, [person_id])
        if not found:
            self._refusals.refused(caller, "person", person_id[:64], "read")
            raise ApiError(ErrorCode.NOT_FOUND)
        return found[0]

    def access_people(
        self, connection: Connection, caller: Caller, person_ids: Sequence[str], *, found: bool = False
    ) -> list[Person]:
        """Return what the caller may see of these people, in their order; others are left out.

        `found`: they were found by browsing or searching, where nobody comes up of whom only the name is known.
        """
        if not person_ids:
            return []
        wanted = list(dict.fromkeys(person_ids))
        rows = {
            row.id: row
            for row in connection.execute(select(persons).where(persons.c.id.in_(wanted)))
            if row.active or caller.is_admin
        }
        held = _posts_of(connection, [*rows, caller.person_id])
        sight = sight_of(connection, caller)
        if not sight.everything:
            rows = self._seen(connection, caller, rows, held, sight, found)
        mine = _authorities(held.get(caller.person_id, ()))
        leaders = any(row.vip for row in rows.values()) and self._may_see_leaders(
            connection, caller.person_id
        )
        given = set() if caller.is_admin else self._phone_givers(connection, caller.person_id)
        fields = _fields_of(
            connection, caller, [row.id for row in rows.values() if not isinstance(row, _NameOnly)]
        )
        return [
            _card(
                row,
                held.get(row.id, ()),
                fields.get(row.id, []),
                with_phone=row.id in given or self._may_see_phone(caller, row, held, mine, leaders),
            )
            for row in (rows[person_id] for person_id in wanted if person_id in rows)
        ]

    def _seen(
        self,
        connection: Connection,
        caller: Caller,
        rows: dict[str, Any],
        held: dict[str, list[Any]],
        sight: Sight,
        found: bool,
    ) -> dict[str, Any]:
        """Those of `rows` that exist for the caller; of whoever shares a conversation with him the name alone does."""
        seen: dict[str, Any] = {}
        unseen: dict[str, Any] = {}
        for person_id, row in rows.items():
            there = sight.sees_person(person_id, [post.path for post in held.get(person_id, ())])
            (seen if there else unseen)[person_id] = row
            if there and person_id != caller.person_id:
                held[person_id] = [
                    post for post in held.get(person_id, ()) if sight.sees_people_in(post.path)
                ]
        if unseen and not found:
            for person_id in self._acquainted(connection, caller.person_id, list(unseen)):
                held[person_id] = []
                seen[person_id] = _NameOnly(unseen[person_id])
        return seen

    def phone_contains(self, connection: Connection, caller: Caller, digits: str) -> ColumnElement[bool]:
        """Return the condition that a number holds `digits` and that the caller may see it."""
        holds = persons.c.phone.contains(digits, autoescape=True)
        if caller.is_admin:
            return holds
        paths = connection.scalars(
            select(units.c.path)
            .join(posts, posts.c.unit_id == units.c.id)
            .where(posts.c.person_id == caller.person_id)
        )
        near = [_same_authority(path) for path in paths]
        colleague = (
            select(posts.c.person_id)
            .join(units, units.c.id == posts.c.unit_id)
            .where(posts.c.person_id == persons.c.id, or_(false(), *near))
            .exists()
        )
        own = persons.c.id == caller.person_id
        leaders = persons.c.vip.is_(True) if self._may_see_leaders(connection, caller.person_id) else false()
        given = persons.c.id.in_(self._phone_givers(connection, caller.person_id))
        return and_(holds, or_(own, given, leaders, and_(persons.c.vip.is_(False), colleague)))

    @staticmethod
    def _may_see_phone(
        caller: Caller, row: Any, held: dict[str, list[Any]], mine: set[str], leaders: bool
    ) -> bool:
        if caller.is_admin or row.id == caller.person_id:
            return True
        if row.vip:
            return leaders
        return bool(mine & _authorities(held.get(row.id, ())))


def _same_authority(path: str) -> ColumnElement[bool]:
    """Return the condition that a unit belongs to the authority of the unit at `path`; see `_authorities`."""
    parts = [part for part in path.split("/") if part]
    if len(parts) < 2:
        return units.c.path == path
    return units.c.path.startswith(f"/{parts[0]}/{parts[1]}/", autoescape=True)


def _authorities(rows: Sequence[Any]) -> set[str]:
    """Return the second-level units (or the root, for posts at it) of these posts."""
    found: set[str] = set()
    for row in rows:
        parts = [part for part in row.path.split("/") if part]
        found.add(parts[1] if len(parts) > 1 else parts[0])
    return found


def _posts_of(connection: Connection, person_ids: Sequence[str]) -> dict[str, list[Any]]:
    rows = connection.execute(
        select(posts, units.c.name.label("unit_name"), units.c.path)
        .join(units, units.c.id == posts.c.unit_id)
        .where(posts.c.person_id.in_(list(set(person_ids))))
        .order_by(posts.c.main.desc(), posts.c.sort_order)
    ).all()
    ancestors = {part for row in rows for part in row.path.split("/") if part}
    names = {
        row.id: row.name
        for row in connection.execute(select(units.c.id, units.c.name).where(units.c.id.in_(ancestors)))
    }
    held: dict[str, list[Any]] = {}
    for row in rows:
        parts = [names.get(part, "") for part in row.path.split("/") if part]
        held.setdefault(row.person_id, []).append(_PostRow(row, " / ".join(parts)))
    return held


class _PostRow:
    """A post with the path of its unit in words."""

    __slots__ = ("main", "path", "sort_order", "title", "unit_id", "unit_name", "unit_path")

    def __init__(self, row: Any, unit_path: str) -> None:
        self.main = bool(row.main)
        self.path = str(row.path)
        self.sort_order = int(row.sort_order)
        self.title = str(row.title)
        self.unit_id = str(row.unit_id)
        self.unit_name = str(row.unit_name)
        self.unit_path = unit_path


class _NameOnly:
    """A person of whom only name and picture may be told."""

    __slots__ = (
        "active",
        "avatar_file",
        "id",
        "initials",
        "name",
        "phone",
        "pinyin",
        "rank",
        "version",
        "vip",
    )

    def __init__(self, row: Any) -> None:
        self.id, self.name, self.avatar_file = row.id, row.name, row.avatar_file
        self.active, self.version = row.active, row.version
        self.pinyin = self.initials = self.phone = self.rank = ""
        self.vip = False


def _fields_of(
    connection: Connection, caller: Caller, person_ids: Sequence[str]
) -> dict[str, list[PersonField]]:
    """The organisation's own fields of these people that `caller` may see."""
    kinds = {
        kind.id: (place, kind.name)
        for place, kind in enumerate(read_settings(connection).fields)
        if kind.on_card or caller.is_admin
    }
    if not kinds or not person_ids:
        return {}
    rows = connection.execute(
        select(person_fields).where(
            person_fields.c.person_id.in_(person_ids), person_fields.c.field_id.in_(list(kinds))
        )
    ).all()
    found: dict[str, list[PersonField]] = {}
    for row in sorted(rows, key=lambda one: kinds[one.field_id][0]):
        field = PersonField(id=row.field_id, name=kinds[row.field_id][1], value=row.value)
        found.setdefault(row.person_id, []).append(field)
    return found


def _card(row: Any, held: Sequence[Any], fields: list[PersonField], *, with_phone: bool) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        pinyin=row.pinyin,
        initials=row.initials,
        phone=row.phone if with_phone else "",
        rank=row.rank,
        posts=[
            Post(
                unit_id=post.unit_id,
                unit_name=post.unit_name,
                unit_path=post.unit_path,
                title=post.title,
                main=post.main,
                order=post.sort_order,
            )
            for post in held
        ],
        avatar_file=row.avatar_file,
        active=bool(row.active),
        vip=bool(row.vip),
        version=row.version,
        fields=fields,
    )
