"""Feature permissions as endpoints and other features see them."""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.permissions import (
    BY_KEY,
    FEATURES,
    Feature,
    FeatureSummary,
    Grant,
    GrantChange,
    Grants,
    Subject,
)
from server_stub.features.directory.tables import persons, posts, units
from server_stub.storage.database import Database

from .rules import decide_many
from .tables import feature_grants

MOST_CHANGES = 500

Record = Callable[[str, str, str, str], Awaitable[None]]
"""kind, person, target, result: the audit trail."""


class PermissionService:
    """Deny by default. `on_change(feature, changes)` tells clients; it is set by the composition root."""

    def __init__(self, database: Database, record: Record) -> None:
        self._database = database
        self._record = record
        self._gates: dict[str, Callable[[Connection], bool]] = {}
        self._listeners: list[Callable[[str, Sequence[GrantChange]], Awaitable[None]]] = []

    def on_change(self, listener: Callable[[str, Sequence[GrantChange]], Awaitable[None]]) -> None:
        """Call `listener(feature, changes)` after every change is committed."""
        self._listeners.append(listener)

    def gate(self, feature: str, is_on: Callable[[Connection], bool]) -> None:
        """While `is_on` says no, nobody may use the feature, whatever the grants say (a switch of the feature's own)."""
        self._gates[feature] = is_on

    def _open(self, connection: Connection, features: Collection[str]) -> list[str]:
        return [one for one in features if one not in self._gates or self._gates[one](connection)]

    # For other features.

    async def allows(self, person_id: str, feature: str) -> bool:
        """Whether the person may use the feature."""
        return bool(await self.allowed_among([person_id], feature))

    async def allowed_among(self, person_ids: Collection[str], feature: str) -> set[str]:
        """Return those of `person_ids` who may use the feature."""
        return await self._database.read(lambda connection: self.allowed_now(connection, person_ids, feature))

    def allowed_now(self, connection: Connection, person_ids: Collection[str], feature: str) -> set[str]:
        """The same inside a transaction of the caller's."""
        decided = decide_many(connection, person_ids, self._open(connection, [feature]))
        return {person_id for person_id, features in decided.items() if feature in features}

    async def features_of(self, person_id: str) -> list[str]:
        """Return the keys of the features that the person may use, sorted."""
        return (await self.features_among([person_id]))[person_id]

    async def features_among(self, person_ids: Collection[str]) -> dict[str, list[str]]:
        """The same for several people."""
        decided = await self._database.read(
            lambda connection: decide_many(connection, person_ids, self._open(connection, BY_KEY))
        )
        return {person_id: sorted(features) for person_id, features in decided.items()}

    # For administrators.

    async def summaries(self) -> list[FeatureSummary]:
        """Return every feature with the number of its grants."""

        def work(connection: Connection) -> tuple[dict[tuple[str, str], int], dict[str, bool]]:
            counted = connection.execute(
                select(feature_grants.c.feature, feature_grants.c.subject, func.count()).group_by(
                    feature_grants.c.feature, feature_grants.c.subject
                )
            )
            rows = select(feature_grants.c.feature, feature_grants.c.allow).where(
                feature_grants.c.subject == Subject.EVERYONE.value
            )
            everyone = {key: bool(allow) for key, allow in connection.execute(rows)}
            return {(key, subject): count for key, subject, count in counted}, everyone

        counts, everyone = await self._database.read(work)
        return [
            FeatureSummary(
                feature=one,
                everyone=everyone.get(one.key),
                units=counts.get((one.key, Subject.UNIT.value), 0),
                people=counts.get((one.key, Subject.PERSON.value), 0),
            )
            for one in FEATURES
        ]

    async def grants(self, feature: str) -> Grants:
        """Return the rows of one feature."""
        known = _known(feature)

        def work(connection: Connection) -> list[Grant]:
            rows = list(connection.execute(select(feature_grants).where(feature_grants.c.feature == feature)))
            return _named(connection, rows)

        return Grants(feature=known, grants=await self._database.read(work))

    async def change(self, actor: str, feature: str, changes: Sequence[GrantChange]) -> Grants:
        """Set and remove rows, all or none; each is in the audit trail, and affected clients hear of it."""
        _known(feature)
        if not 0 < len(changes) <= MOST_CHANGES:
            raise ApiError(ErrorCode.BAD_REQUEST, "changes", message=f"一次最多更改 {MOST_CHANGES} 项权限。")
        now = int(time.time() * 1000)

        def work(connection: Connection) -> None:
            _check_subjects(connection, changes)
            for change in changes:
                _apply(connection, feature, change, actor, now)

        await self._database.write(work)
        for change in changes:
            result = "removed" if change.allow is None else ("allow" if change.allow else "deny")
            target = f"{feature} {change.subject.value} {change.subject_id}".strip()
            await self._record("feature_grant", actor, target, result)
        for listener in self._listeners:
            await listener(feature, changes)
        return await self.grants(feature)

    async def give_everyone(self, actor: str, features: Sequence[str]) -> None:
        """Allow features to everyone (the demo organisation)."""
        for feature in features:
            await self.change(actor, feature, [GrantChange(subject=Subject.EVERYONE, allow=True)])


def _known(feature: str) -> Feature:
    known = BY_KEY.get(feature)
    if known is None:
        raise ApiError(ErrorCode.NOT_FOUND, "feature", message="没有这项功能。")
    return known


def _check_subjects(connection: Connection, changes: Sequence[GrantChange]) -> None:
    """Rows are made for what exists; what is gone may still be removed."""
    for change in changes:
        if (change.subject is Subject.EVERYONE) is bool(change.subject_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "subject_id", message="请选择单位或人员。")
    for subject, table in ((Subject.UNIT, units), (Subject.PERSON, persons)):
        wanted = {one.subject_id for one in changes if one.subject is subject and one.allow is not None}
        if wanted:
            there = set(connection.scalars(select(table.c.id).where(table.c.id.in_(list(wanted)))))
            if wanted - there:
                raise ApiError(
                    ErrorCode.NOT_FOUND, subject.value, message="所选单位或人员已不存在，请刷新后重试。"
                )


def _apply(connection: Connection, feature: str, change: GrantChange, actor: str, now: int) -> None:
    table = feature_grants
    here = (
        (table.c.feature == feature)
        & (table.c.subject == change.subject.value)
        & (table.c.subject_id == change.subject_id)
    )
    if change.allow is None:
        connection.execute(delete(table).where(here))
        return
    values = {"allow": change.allow, "set_by": actor, "set_at": now}
    if connection.execute(update(table).where(here).values(**values)).rowcount == 0:
        connection.execute(
            insert(table).values(
                feature=feature, subject=change.subject.value, subject_id=change.subject_id, **values
            )
        )


def _named(connection: Connection, rows: Sequence[Any]) -> list[Grant]:
    unit_ids = [row.subject_id for row in rows if row.subject == Subject.UNIT.value]
    person_ids = [row.subject_id for row in rows if row.subject == Subject.PERSON.value]
    setters = {row.set_by for row in rows}
    named = {
        row.id: row.name
        for row in connection.execute(
            select(persons.c.id, persons.c.name).where(persons.c.id.in_([*person_ids, *setters]))
        )
    }
    places = {
        row.id: row.path
        for row in connection.execute(select(units.c.id, units.c.path).where(units.c.id.in_(unit_ids)))
    }
    homes = _homes(connection, person_ids)
    above = {part for path in [*places.values(), *homes.values()] for part in path.split("/") if part}
    unit_names = {
        row.id: row.name
        for row in connection.execute(select(units.c.id, units.c.name).where(units.c.id.in_(above)))
    }

    def words(path: str) -> str:
        return " / ".join(unit_names.get(part, "") for part in path.split("/") if part)

    made = [
        Grant(
            subject=Subject(row.subject),
            subject_id=row.subject_id,
            name=unit_names.get(row.subject_id, "") or named.get(row.subject_id, ""),
            path=words(places.get(row.subject_id, "") or homes.get(row.subject_id, "")),
            allow=bool(row.allow),
            set_by=named.get(row.set_by, ""),
            set_at=row.set_at,
        )
        for row in rows
    ]
    order = {Subject.EVERYONE: 0, Subject.UNIT: 1, Subject.PERSON: 2}
    return sorted(made, key=lambda one: (order[one.subject], one.path, one.name, one.subject_id))


def _homes(connection: Connection, person_ids: Sequence[str]) -> dict[str, str]:
    """The path of each person's main post, which comes last and so stands."""
    rows = connection.execute(
        select(posts.c.person_id, units.c.path)
        .join(units, units.c.id == posts.c.unit_id)
        .where(posts.c.person_id.in_(person_ids))
        .order_by(posts.c.main)
    )
    return {person_id: path for person_id, path in rows}
