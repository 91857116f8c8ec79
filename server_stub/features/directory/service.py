"""Browses and searches the directory; every answer passes access.py."""

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, and_, func, or_, select, update

from server_stub.contract.directory import (
    ChangedCards,
    People,
    PeopleQuery,
    Person,
    SearchResult,
    Unit,
    UnitChildren,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import newest_event_id

from . import changes
from .access import DirectoryAccess
from .display import read_settings
from .finding import conditions
from .searching import DIGITS, PeopleSearch
from .sight import SeenCounts, sight_of
from .tables import persons, posts, units

MOST_PEOPLE = 500
_SPARE = 10
"""More hits than asked for, in place of those that access leaves out."""
_FURTHEST = 2000


class DirectoryService:
    """The directory as endpoints and other features see it."""

    def __init__(self, database: Database, access: DirectoryAccess) -> None:
        self._database = database
        self._access = access

    async def roots(self, caller: Caller) -> UnitChildren:
        """Return the top unit with its direct content."""

        def work(connection: Connection) -> UnitChildren:
            top = connection.execute(
                select(units.c.id).where(units.c.parent_id == "").order_by(units.c.sort_order).limit(1)
            ).scalar_one_or_none()
            if top is None:
                raise ApiError(ErrorCode.NOT_FOUND, "no organisation yet")
            return self._children(connection, caller, top, 0, MOST_PEOPLE)

        return await self._database.read(work)

    async def children(self, caller: Caller, unit_id: str, offset: int, limit: int) -> UnitChildren:
        """Return a unit's people (paged) and sub-units."""
        return await self._database.read(
            lambda connection: self._children(connection, caller, unit_id, offset, limit)
        )

    def _children(
        self, connection: Connection, caller: Caller, unit_id: str, offset: int, limit: int
    ) -> UnitChildren:
        row = self._access.access_unit(connection, caller, unit_id)
        sight = sight_of(connection, caller)
        counts = SeenCounts(connection, sight)
        ancestors = [part for part in row.path.split("/") if part and part != unit_id]
        found = {item.id: item for item in connection.execute(select(units).where(units.c.id.in_(ancestors)))}
        here = and_(posts.c.unit_id == unit_id, persons.c.active.is_(True))
        held = (
            select(posts.c.person_id)
            .join(persons, persons.c.id == posts.c.person_id)
            .join(units, units.c.id == posts.c.unit_id)
            .where(here)
        )
        if not sight.everything:
            # His own post he sees wherever it is.
            held = held.where(or_(sight.posts(), persons.c.id == caller.person_id))
        ids = (
            connection.execute(held.order_by(posts.c.sort_order, persons.c.id).offset(offset).limit(limit))
            .scalars()
            .all()
        )
        total = connection.execute(select(func.count()).select_from(held.subquery())).scalar_one()
        below = [
            item
            for item in connection.execute(
                select(units).where(units.c.parent_id == unit_id).order_by(units.c.sort_order, units.c.id)
            )
            if sight.sees_unit(item.path)
        ]
        return UnitChildren(
            unit=_unit(row, counts, len(below)),
            path=[_unit(found[part], counts) for part in ancestors if part in found],
            units=[_unit(item, counts) for item in below],
            people=self._access.access_people(connection, caller, ids, found=True),
            people_total=total,
        )

    async def person(self, caller: Caller, person_id: str) -> Person:
        """Return one person's card (E141)."""
        return await self._database.read(
            lambda connection: self._access.access_person(connection, caller, person_id)
        )

    async def people(self, caller: Caller, person_ids: Sequence[str]) -> People:
        """Return the cards of several people."""
        if len(person_ids) > MOST_PEOPLE:
            raise ApiError(ErrorCode.TOO_LARGE, f"> {MOST_PEOPLE}")
        return People(
            people=await self._database.read(
                lambda connection: self._access.access_people(connection, caller, person_ids)
            )
        )

    async def changed_cards(self, caller: Caller, after: int, person_ids: Sequence[str]) -> ChangedCards:
        """Return which of these people's cards changed later than an event, as the caller may see them now."""
        if len(person_ids) > MOST_PEOPLE:
            raise ApiError(ErrorCode.TOO_LARGE, f"> {MOST_PEOPLE}")

        def work(connection: Connection) -> ChangedCards:
            now = newest_event_id(connection)
            if changes.newest(connection) <= after:
                return ChangedCards(event_id=now, some=False)
            found = changes.changed(connection, person_ids, after)
            everybody = changes.EVERYBODY in found
            wanted = [] if everybody else [id_ for id_ in person_ids if id_ in found]
            cards = self._access.access_people(connection, caller, wanted)
            return ChangedCards(event_id=now, some=True, everybody=everybody, people=cards)

        return await self._database.read(work)

    async def search(self, caller: Caller, text: str, limit: int) -> SearchResult:
        """Find people by name, pinyin, initials, phone, post or unit in any combination, and units by name.

        Each word of the query must fit ("王 规划 处长"). A phone number is found only where it may be seen.
        """
        words = [word for word in re.split(r"\s+", text.strip()) if word][:5]
        if not words:
            return SearchResult(people=[], units=[])

        def work(connection: Connection) -> SearchResult:
            settings = read_settings(connection)
            wanted = settings.searchable
            own = [kind.id for kind in settings.fields if kind.searchable]
            search = PeopleSearch(connection, self._access, caller, words, frozenset(wanted), own)
            sight = sight_of(connection, caller)
            counts = SeenCounts(connection, sight)
            most = limit + _SPARE
            while True:
                ids = search.ids(most)
                found = self._access.access_people(connection, caller, ids, found=True)
                held = {word: search.holders(word, ids) for word in words if DIGITS.fullmatch(word)}
                shown = [person for person in found if _visible_match(person, held)]
                # Where rules hide much, the best hits may all be hidden: look further.
                if len(shown) >= limit or len(ids) < most or most >= _FURTHEST:
                    break
                most = min(_FURTHEST, most * 5)
            matching = (
                [row for row in search.units(most) if sight.sees_unit(row.path)] if "unit" in wanted else []
            )
            return SearchResult(people=shown[:limit], units=[_unit(row, counts) for row in matching[:limit]])

        return await self._database.read(work)

    async def find(self, caller: Caller, query: PeopleQuery) -> People:
        """Find people by separate conditions, across units (高级搜索, 3.1.3.8)."""
        limit = max(1, min(query.limit, MOST_PEOPLE))

        def work(connection: Connection) -> People:
            path = self._access.access_unit(connection, caller, query.unit_id).path if query.unit_id else ""
            sight = sight_of(connection, caller)
            asked = conditions(read_settings(connection), query, path, sight)
            if not asked:
                return People(people=[])
            ids = connection.scalars(
                select(persons.c.id)
                .where(persons.c.active.is_(True), *asked)
                .order_by(persons.c.pinyin, persons.c.id)
                .limit(limit if sight.everything else _FURTHEST)
            ).all()
            found = self._access.access_people(connection, caller, ids, found=True)
            return People(people=found[:limit])

        return await self._database.read(work)

    # For other features.

    async def own_card(self, person_id: str) -> Person:
        """Return the person's own card (accounts.ports.Cards)."""
        return await self.person(Caller(person_id, "", ""), person_id)

    async def note_changed(self, person_ids: Sequence[str]) -> int:
        """Keep whose cards changed, for those who are away (gateway.people_news.Cards); nobody: everybody's. Returns the event id."""
        return await self._database.write(lambda connection: changes.note(connection, person_ids))

    async def set_picture(self, person_id: str, avatar_id: str) -> None:
        """Put a picture on a card, "" for none; the new version replaces the old in every cache."""

        def work(connection: Connection) -> None:
            connection.execute(
                update(persons)
                .where(persons.c.id == person_id)
                .values(avatar_file=avatar_id, version=persons.c.version + 1)
            )

        await self._database.write(work)

    async def names(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those whom the caller may contact (conversations.ports.People)."""
        found = await self._database.read(
            lambda connection: self._access.access_people(connection, caller, person_ids)
        )
        return {person.id: person.name for person in found if person.active}

    async def people_of_unit(self, caller: Caller, unit_id: str, limit: int) -> list[str]:
        """Return the active people of a unit and of those below it (conversations.ports.People)."""

        def work(connection: Connection) -> list[str]:
            row = self._access.access_unit(connection, caller, unit_id)
            ids = connection.scalars(
                select(persons.c.id)
                .join(posts, posts.c.person_id == persons.c.id)
                .join(units, units.c.id == posts.c.unit_id)
                .where(units.c.path.startswith(row.path, autoescape=True), persons.c.active.is_(True))
                .distinct()
                .limit(limit)
            ).all()
            seen = self._access.access_people(connection, caller, ids)
            return [person.id for person in seen if person.active]

        return await self._database.read(work)

    async def visible(self, caller: Caller, person_ids: Sequence[str]) -> Collection[str]:
        """Return those of `person_ids` whom the caller may see (gateway.ports.Visibility)."""
        return set(await self.names(caller, person_ids))

    async def top_name(self) -> str:
        """Return the organisation's name; "" while there is none."""
        return await self._database.read(
            lambda connection: (
                connection.execute(
                    select(units.c.name).where(units.c.parent_id == "").order_by(units.c.sort_order).limit(1)
                ).scalar_one_or_none()
                or ""
            )
        )


def _visible_match(person: Person, held: Mapping[str, Collection[str]]) -> bool:
    """`held`: numbers among the words, each with the people of whom an own field holds it."""
    # A phone number that the caller may not see must not be found either: the hit itself would tell it.
    return all(word in person.phone or person.id in holders for word, holders in held.items())


def _unit(row, counts: SeenCounts, below: int | None = None) -> Unit:
    """`below`: how many direct sub-units the caller sees, where that is known."""
    return Unit(
        id=row.id,
        parent_id=row.parent_id,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        order=row.sort_order,
        unit_count=row.unit_count if below is None else below,
        people_count=counts.of(row.path, row.people_count),
    )
