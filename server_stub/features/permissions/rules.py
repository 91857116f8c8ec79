"""The decision: a person's row beats the nearest unit's, which beats everyone's; without a row it is no."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, or_, select

from server_stub.contract.permissions import BY_KEY, Subject
from server_stub.features.directory.tables import persons, posts, units

from .tables import feature_grants

_AT_ONCE = 500


@dataclass
class FeatureRows:
    """The rows of one feature that matter to some people."""

    everyone: bool = False
    units: dict[str, bool] = field(default_factory=dict)
    people: dict[str, bool] = field(default_factory=dict)

    def decide(self, person_id: str, paths: Iterable[Sequence[str]]) -> bool:
        """`paths`: for each post the ids from the root to its unit.

        Of several posts the one with the nearest row decides; of two rows equally near the refusal does.
        """
        own = self.people.get(person_id)
        if own is not None:
            return own
        nearest: tuple[int, bool] | None = None
        for path in paths:
            for distance, unit_id in enumerate(reversed(path)):
                allow = self.units.get(unit_id)
                if allow is not None:
                    nearest = min(nearest or (distance, allow), (distance, allow))
                    break
        return self.everyone if nearest is None else nearest[1]


def decide_many(
    connection: Connection, person_ids: Collection[str], features: Collection[str]
) -> dict[str, set[str]]:
    """Return for each of `person_ids` which of `features` he may use. Inactive and unknown people may nothing."""
    wanted = [one for one in features if one in BY_KEY]
    ids = list(dict.fromkeys(person_ids))
    found: dict[str, set[str]] = {one: set() for one in ids}
    if not wanted:
        return found
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        paths = _paths(connection, part)
        rows = _rows(
            connection, wanted, list(paths), {unit for ways in paths.values() for way in ways for unit in way}
        )
        for person_id, ways in paths.items():
            found[person_id] = {key for key in wanted if key in rows and rows[key].decide(person_id, ways)}
    return found


def _paths(connection: Connection, person_ids: Sequence[str]) -> dict[str, list[list[str]]]:
    """Active people with the unit ids of their posts from the root down."""
    active = connection.scalars(
        select(persons.c.id).where(persons.c.id.in_(person_ids), persons.c.active.is_(True))
    )
    paths: dict[str, list[list[str]]] = {person_id: [] for person_id in active}
    held = connection.execute(
        select(posts.c.person_id, units.c.path)
        .join(units, units.c.id == posts.c.unit_id)
        .where(posts.c.person_id.in_(person_ids))
    )
    for person_id, path in held:
        if person_id in paths:
            paths[person_id].append([part for part in path.split("/") if part])
    return paths


def _rows(
    connection: Connection, features: Sequence[str], person_ids: Sequence[str], unit_ids: Collection[str]
) -> dict[str, FeatureRows]:
    table = feature_grants.c
    about = [table.subject == Subject.EVERYONE.value]
    if person_ids:
        about.append(and_(table.subject == Subject.PERSON.value, table.subject_id.in_(list(person_ids))))
    if unit_ids:
        about.append(and_(table.subject == Subject.UNIT.value, table.subject_id.in_(list(unit_ids))))
    found: dict[str, FeatureRows] = {}
    for row in connection.execute(select(feature_grants).where(table.feature.in_(features), or_(*about))):
        rows = found.setdefault(row.feature, FeatureRows())
        if row.subject == Subject.EVERYONE.value:
            rows.everyone = bool(row.allow)
        elif row.subject == Subject.UNIT.value:
            rows.units[row.subject_id] = bool(row.allow)
        else:
            rows.people[row.subject_id] = bool(row.allow)
    return found
