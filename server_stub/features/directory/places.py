"""Where people and units stand in the tree, for features whose things belong to units."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, select

from .tables import persons, posts, units


class Place(NamedTuple):
    """A unit: its path of ids ("/a/b/") and its name."""

    path: str
    name: str


class UnitPlaces:
    """Reads for other features' access functions; decides nothing itself."""

    @staticmethod
    def posts_of(connection: Connection, person_id: str) -> list[str]:
        """Paths of the units that the person has a post in."""
        rows = connection.scalars(
            select(units.c.path)
            .join(posts, posts.c.unit_id == units.c.id)
            .where(posts.c.person_id == person_id)
        )
        return list(rows)

    @staticmethod
    def places(connection: Connection, unit_ids: Collection[str]) -> dict[str, Place]:
        """Units by id; unknown ones are missing."""
        found: dict[str, Place] = {}
        wanted = list(set(unit_ids))
        for start in range(0, len(wanted), 500):
            rows = connection.execute(
                select(units.c.id, units.c.path, units.c.name).where(
                    units.c.id.in_(wanted[start : start + 500])
                )
            )
            found.update({row.id: Place(row.path, row.name) for row in rows})
        return found

    @staticmethod
    def contacts(connection: Connection, person_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Name and registered phone of active people, for messages and check-in; never for a caller to read."""
        found: dict[str, tuple[str, str]] = {}
        wanted = list(set(person_ids))
        for start in range(0, len(wanted), 500):
            rows = connection.execute(
                select(persons.c.id, persons.c.name, persons.c.phone).where(
                    persons.c.id.in_(wanted[start : start + 500]), persons.c.active.is_(True)
                )
            )
            found.update({row.id: (row.name, row.phone) for row in rows})
        return found
