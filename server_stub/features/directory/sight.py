"""What one caller may see of the directory, worked out from the visibility rules (E142).

Without rules everybody sees everything, and this costs one look into an empty table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select, true

from server_stub.contract.directory_admin import Scope, VisibilityRule, Who
from server_stub.http.endpoint import Caller

from .tables import line_members, persons, posts, units, visibility_rules

_decoder = msgspec.json.Decoder(VisibilityRule)


@dataclass(frozen=True, slots=True)
class Place:
    """A post as far as rules look at it: ids of the units from the top down, and the highest level among them."""

    parts: tuple[str, ...]
    level: int

    @property
    def path(self) -> str:
        """As units.path holds it."""
        return "/" + "".join(f"{part}/" for part in self.parts)

    @property
    def authority(self) -> str:
        """The path of the second-level unit, or of the root for posts at it."""
        return "/" + "".join(f"{part}/" for part in self.parts[:2])


@dataclass(frozen=True, slots=True)
class Sight:
    """`hidden_paths`: subtrees that do not exist for the caller. `hidden_people`: ids, even where their units are seen.
    `scopes`: the only subtrees that he sees, or None for no bound; units above them are shown as the way to them.
    """

    person_id: str
    hidden_paths: tuple[str, ...] = ()
    hidden_people: frozenset[str] = frozenset()
    scopes: tuple[str, ...] | None = None

    @property
    def everything(self) -> bool:
        """Whether no rule bounds the caller."""
        return not self.hidden_paths and not self.hidden_people and self.scopes is None

    def sees_unit(self, path: str) -> bool:
        """Whether the unit at `path` exists for the caller, if only as the way to what he sees."""
        if path.startswith(self.hidden_paths):
            return False
        return self.scopes is None or any(
            path.startswith(scope) or scope.startswith(path) for scope in self.scopes
        )

    def sees_people_in(self, path: str) -> bool:
        """Whether the people of the unit at `path` exist for the caller."""
        if path.startswith(self.hidden_paths):
            return False
        return self.scopes is None or path.startswith(self.scopes)

    def sees_person(self, person_id: str, paths: Iterable[str]) -> bool:
        """Whether a person with posts at `paths` exists for the caller."""
        if person_id == self.person_id:
            return True
        if person_id in self.hidden_people:
            return False
        every = list(paths)
        if not every:
            return self.scopes is None
        return any(self.sees_people_in(path) for path in every)

    def posts(self) -> ColumnElement[bool]:
        """The condition that a post (joined with its unit) is seen."""
        conditions: list[ColumnElement[bool]] = [
            not_(units.c.path.startswith(path, autoescape=True)) for path in self.hidden_paths
        ]
        if self.scopes is not None:
            conditions.append(or_(*[units.c.path.startswith(one, autoescape=True) for one in self.scopes]))
        if self.hidden_people:
            conditions.append(persons.c.id.not_in(self.hidden_people))
        return and_(true(), *conditions)


def sight_of(connection: Connection, caller: Caller) -> Sight:
    """Work out what `caller` sees; administrators see everything."""
    if caller.is_admin:
        return Sight(caller.person_id)
    rules = read_rules(connection)
    return Reckoning(connection, caller.person_id).sight(rules) if rules else Sight(caller.person_id)


def read_rules(connection: Connection) -> list[VisibilityRule]:
    """Return all rules, oldest first."""
    rows = connection.execute(
        select(visibility_rules.c.rule).order_by(visibility_rules.c.set_at, visibility_rules.c.id)
    )
    return [_decoder.decode(row.rule) for row in rows]


class Reckoning:
    """The rules applied to one person."""

    def __init__(self, connection: Connection, person_id: str) -> None:
        self._connection = connection
        self._person_id = person_id
        self.places = places_of(connection, person_id)
        self._lines: set[str] | None = None

    def sight(self, rules: Sequence[VisibilityRule]) -> Sight:
        """Every rule narrows what the ones before left."""
        hidden_paths: list[str] = []
        hidden_people: set[str] = set()
        scopes: list[str] | None = None
        for rule in rules:
            if rule.target is not None:
                if not self.inside(rule.target) and not any(self.inside(one) for one in rule.viewers):
                    self._hide(rule.target, hidden_paths, hidden_people)
            elif rule.scope is not Scope.ALL and any(self.inside(one) for one in rule.viewers):
                own = self._own(rule.scope)
                scopes = own if scopes is None else _narrower(scopes, own)
        return Sight(
            self._person_id,
            tuple(hidden_paths),
            frozenset(hidden_people - {self._person_id}),
            None if scopes is None else tuple(scopes),
        )

    def inside(self, who: Who) -> bool:
        """Whether the person is among those of whom a rule speaks."""
        if who.kind == "person":
            return who.id == self._person_id
        if who.kind == "unit":
            return any(who.id in place.parts for place in self.places)
        if who.kind == "level":
            return any(0 < place.level <= int(who.id) for place in self.places)
        return who.id in self._own_lines()

    def _own_lines(self) -> set[str]:
        if self._lines is None:
            self._lines = lines_of(self._connection, self._person_id, self.places)
        return self._lines

    def _own(self, scope: Scope) -> list[str]:
        if scope is Scope.UNIT:
            return sorted({place.path for place in self.places})
        return sorted({place.authority for place in self.places})

    def _hide(self, who: Who, paths: list[str], people: set[str]) -> None:
        if who.kind == "person":
            people.add(who.id)
        elif who.kind == "unit":
            paths += self._paths([who.id])
        elif who.kind == "line":
            rows = self._connection.execute(
                select(line_members.c.kind, line_members.c.subject_id).where(line_members.c.line_id == who.id)
            ).all()
            people |= {row.subject_id for row in rows if row.kind == "person"}
            paths += self._paths([row.subject_id for row in rows if row.kind == "unit"])
        else:
            # Of this level or higher: the units themselves and their departments, not what is ranked below them.
            rows = self._connection.execute(
                select(posts.c.person_id)
                .join(units, units.c.id == posts.c.unit_id)
                .where(units.c.level > 0, units.c.level <= int(who.id))
            )
            people |= set(rows.scalars())

    def _paths(self, unit_ids: Sequence[str]) -> list[str]:
        return list(
            self._connection.scalars(
                select(units.c.path).where(units.c.id.in_(unit_ids)).order_by(units.c.path)
            )
        )


def _narrower(one: list[str], other: list[str]) -> list[str]:
    """What lies in both sets of subtrees."""
    found = {a for a in one for b in other if a.startswith(b)} | {
        b for b in other for a in one if b.startswith(a)
    }
    return sorted(found)


def places_of(connection: Connection, person_id: str) -> list[Place]:
    """The posts of a person."""
    paths = list(
        connection.scalars(
            select(units.c.path)
            .join(posts, posts.c.unit_id == units.c.id)
            .where(posts.c.person_id == person_id)
            .order_by(posts.c.main.desc(), posts.c.sort_order)
        )
    )
    split = [tuple(part for part in path.split("/") if part) for path in paths]
    wanted = {part for parts in split for part in parts}
    levels = {
        row.id: row.level
        for row in connection.execute(select(units.c.id, units.c.level).where(units.c.id.in_(wanted)))
    }
    # A department (level 0) has the level of the unit that it belongs to: the deepest one with a level.
    return [
        Place(parts, next((levels[part] for part in reversed(parts) if levels.get(part)), 0))
        for parts in split
    ]


def lines_of(connection: Connection, person_id: str, places: Sequence[Place]) -> set[str]:
    """Ids of the lines in which a person is, himself or by one of his units."""
    subjects = {person_id, *(part for place in places for part in place.parts)}
    return set(
        connection.scalars(select(line_members.c.line_id).where(line_members.c.subject_id.in_(subjects)))
    )


class SeenCounts:
    """How many people of a subtree exist for the caller. Made of the kept counts, never by counting a city."""

    def __init__(self, connection: Connection, sight: Sight) -> None:
        self._sight = sight
        wanted = {*sight.hidden_paths, *(sight.scopes or ())}
        self._kept: dict[str, int] = {}
        self._hidden_at: list[str] = []
        if wanted:
            rows = connection.execute(
                select(units.c.path, units.c.people_count).where(units.c.path.in_(wanted))
            )
            self._kept = {row.path: row.people_count for row in rows}
        if sight.hidden_people:
            self._hidden_at = list(
                connection.scalars(
                    select(units.c.path)
                    .join(posts, posts.c.unit_id == units.c.id)
                    .where(posts.c.person_id.in_(sight.hidden_people))
                )
            )

    def of(self, path: str, kept: int) -> int:
        """`kept`: the count of everybody in the subtree at `path`."""
        sight = self._sight
        if sight.everything:
            return kept
        if sight.scopes is not None and not path.startswith(sight.scopes):
            kept = sum(self._kept.get(scope, 0) for scope in sight.scopes if scope.startswith(path))
        hidden = [one for one in sight.hidden_paths if one.startswith(path) and self._bounded(one)]
        tops = [one for one in hidden if not any(one != other and one.startswith(other) for other in hidden)]
        kept -= sum(self._kept.get(one, 0) for one in tops)
        kept -= sum(
            1
            for one in self._hidden_at
            if one.startswith(path) and self._bounded(one) and not one.startswith(sight.hidden_paths)
        )
        return max(0, kept)

    def _bounded(self, path: str) -> bool:
        return self._sight.scopes is None or path.startswith(self._sight.scopes)
