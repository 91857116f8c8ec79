"""Writes units, people and posts in bulk, and keeps the counts of the tree."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from .tables import persons, posts, units

BATCH = 2000


def insert_all(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows` in batches."""
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(table), rows[start : start + BATCH])


def recount(connection: Connection, paths: Iterable[str] | None = None) -> None:
    """Count direct sub-units and people of subtrees anew; `paths` limits it to these units and those above.

    A person with two posts in one subtree counts once there.
    """
    rows = connection.execute(select(units.c.id, units.c.parent_id, units.c.path)).all()
    wanted = None if paths is None else {part for path in paths for part in path.split("/") if part}
    children: dict[str, int] = {}
    for row in rows:
        children[row.parent_id] = children.get(row.parent_id, 0) + 1
    path_of = {row.id: row.path for row in rows}
    people: dict[str, int] = {}
    held: dict[str, list[str]] = {}
    for post in connection.execute(
        select(posts.c.person_id, posts.c.unit_id)
        .join(persons, persons.c.id == posts.c.person_id)
        .where(persons.c.active.is_(True))
    ):
        held.setdefault(post.person_id, []).append(path_of[post.unit_id])
    for person_paths in held.values():
        for unit_id in {part for path in person_paths for part in path.split("/") if part}:
            people[unit_id] = people.get(unit_id, 0) + 1
    changed = [
        {"key": row.id, "below": children.get(row.id, 0), "staff": people.get(row.id, 0)}
        for row in rows
        if wanted is None or row.id in wanted
    ]

    statement = (
        update(units)
        .where(units.c.id == bindparam("key"))
        .values(unit_count=bindparam("below"), people_count=bindparam("staff"))
    )
    for start in range(0, len(changed), BATCH):
        connection.execute(statement, changed[start : start + BATCH])


def is_empty(connection: Connection) -> bool:
    """Whether there is no organisation yet."""
    return connection.execute(select(func.count()).select_from(units)).scalar_one() == 0
