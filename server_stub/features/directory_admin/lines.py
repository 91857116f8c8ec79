"""Functional lines (条线): a tree of lines that name units and people; everybody sees those that he belongs to (E133)."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.directory_admin import (
    Line,
    LineContent,
    LineList,
    LineMember,
    LineMembers,
    LineWanted,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.features.directory.access import DirectoryAccess
from server_stub.features.directory.sight import SeenCounts, lines_of, places_of, sight_of
from server_stub.features.directory.tables import line_members, lines, persons, units
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .ports import Record
from .units import good_name, unit_of

MOST_MEMBERS = 2000


class LineDesk:
    """Reading passes `access_line`, which denies by default."""

    def __init__(self, database: Database, access: DirectoryAccess, record: Record) -> None:
        self._database = database
        self._access = access
        self._record = record

    # For everybody.

    async def own(self, caller: Caller) -> LineList:
        """Return the lines that the caller belongs to, with all below them; administrators get all."""

        def work(connection: Connection) -> LineList:
            every = _all(connection)
            seen = _seen(connection, caller, every)
            return LineList(lines=[one for one in every if one.id in seen])

        return await self._database.read(work)

    async def content(self, caller: Caller, line_id: str) -> LineContent:
        """Return what a line holds, as far as the caller may see it."""

        def work(connection: Connection) -> LineContent:
            every = _all(connection)
            line = self.access_line(connection, caller, line_id, every)
            rows = _members(connection, line_id)
            sight = sight_of(connection, caller)
            counts = SeenCounts(connection, sight)
            ids = [row.subject_id for row in rows if row.kind == "unit"]
            found = {
                row.id: row
                for row in connection.execute(select(units).where(units.c.id.in_(ids)))
                if sight.sees_unit(row.path)
            }
            below = [
                msgspec.structs.replace(
                    unit_of(found[one]), people_count=counts.of(found[one].path, found[one].people_count)
                )
                for one in ids
                if one in found
            ]
            people = self._access.access_people(
                connection, caller, [row.subject_id for row in rows if row.kind == "person"], found=True
            )
            return LineContent(
                line=line,
                lines=[one for one in every if one.parent_id == line_id],
                units=below,
                people=people,
            )

        return await self._database.read(work)

    def access_line(
        self, connection: Connection, caller: Caller, line_id: str, every: Sequence[Line]
    ) -> Line:
        """Return the line; NOT_FOUND where it does not exist for the caller."""
        line = next((one for one in every if one.id == line_id), None)
        if line is None or line_id not in _seen(connection, caller, every):
            raise ApiError(ErrorCode.NOT_FOUND, "line")
        return line

    # For administrators.

    async def add(self, caller: Caller, wanted: LineWanted) -> Line:
        """Make a line."""
        line_id = uuid7()

        def work(connection: Connection) -> Line:
            if wanted.parent_id and not any(one.id == wanted.parent_id for one in _all(connection)):
                raise ApiError(ErrorCode.NOT_FOUND, "line")
            connection.execute(
                insert(lines).values(
                    id=line_id,
                    parent_id=wanted.parent_id,
                    name=good_name(wanted.name),
                    sort_order=wanted.order,
                )
            )
            return _one(connection, line_id)

        made = await self._database.write(work)
        await self._record("directory_line_add", caller.person_id, line_id, made.name)
        return made

    async def change(self, caller: Caller, line_id: str, wanted: LineWanted) -> Line:
        """Rename, order or move a line."""

        def work(connection: Connection) -> Line:
            every = {one.id: one for one in _all(connection)}
            _one(connection, line_id)
            above = wanted.parent_id
            while above:
                if above == line_id or above not in every:
                    raise ApiError(ErrorCode.CONFLICT, "cycle", message="不能把条线移到它自己的下级。")
                above = every[above].parent_id
            connection.execute(
                update(lines)
                .where(lines.c.id == line_id)
                .values(name=good_name(wanted.name), parent_id=wanted.parent_id, sort_order=wanted.order)
            )
            return _one(connection, line_id)

        changed = await self._database.write(work)
        await self._record("directory_line_change", caller.person_id, line_id, changed.name)
        return changed

    async def remove(self, caller: Caller, line_id: str) -> None:
        """Remove a line without sub-lines; units and people stay."""

        def work(connection: Connection) -> str:
            line = _one(connection, line_id)
            if connection.execute(select(lines.c.id).where(lines.c.parent_id == line_id).limit(1)).first():
                raise ApiError(ErrorCode.CONFLICT, "lines", message="请先删除下级条线。")
            connection.execute(delete(line_members).where(line_members.c.line_id == line_id))
            connection.execute(delete(lines).where(lines.c.id == line_id))
            return line.name

        name = await self._database.write(work)
        await self._record("directory_line_remove", caller.person_id, line_id, name)

    async def members(self, line_id: str) -> LineMembers:
        """Return all members of a line with their names, for the administrator's table."""

        def work(connection: Connection) -> LineMembers:
            _one(connection, line_id)
            rows = _members(connection, line_id)
            ids = [row.subject_id for row in rows]
            names = dict(
                connection.execute(select(units.c.id, units.c.name).where(units.c.id.in_(ids))).all()
            ) | dict(
                connection.execute(select(persons.c.id, persons.c.name).where(persons.c.id.in_(ids))).all()
            )
            return LineMembers(
                members=[
                    LineMember(kind=row.kind, id=row.subject_id, name=names.get(row.subject_id, ""))
                    for row in rows
                ]
            )

        return await self._database.read(work)

    async def set_members(self, caller: Caller, line_id: str, wanted: LineMembers) -> LineMembers:
        """Replace the members of a line."""
        if len(wanted.members) > MOST_MEMBERS:
            raise ApiError(ErrorCode.TOO_LARGE, f"> {MOST_MEMBERS}")

        def work(connection: Connection) -> None:
            _one(connection, line_id)
            chosen = {(one.kind, one.id): None for one in wanted.members}
            for kind, table in (("unit", units), ("person", persons)):
                ids = [id_ for of, id_ in chosen if of == kind]
                known = set(connection.scalars(select(table.c.id).where(table.c.id.in_(ids))))
                if known != set(ids):
                    raise ApiError(ErrorCode.NOT_FOUND, kind)
            if any(kind not in ("unit", "person") for kind, _ in chosen):
                raise ApiError(ErrorCode.BAD_REQUEST, "kind")
            connection.execute(delete(line_members).where(line_members.c.line_id == line_id))
            if chosen:
                connection.execute(
                    insert(line_members),
                    [
                        {"line_id": line_id, "kind": kind, "subject_id": id_, "sort_order": place}
                        for place, (kind, id_) in enumerate(chosen)
                    ],
                )

        await self._database.write(work)
        await self._record("directory_line_members", caller.person_id, line_id, str(len(wanted.members)))
        return await self.members(line_id)


def _all(connection: Connection) -> list[Line]:
    counted = dict(
        connection.execute(
            select(line_members.c.line_id, func.count()).group_by(line_members.c.line_id)
        ).all()
    )
    return [
        Line(
            id=row.id,
            parent_id=row.parent_id,
            name=row.name,
            order=row.sort_order,
            members=counted.get(row.id, 0),
        )
        for row in connection.execute(select(lines).order_by(lines.c.sort_order, lines.c.id))
    ]


def _one(connection: Connection, line_id: str) -> Line:
    found = next((one for one in _all(connection) if one.id == line_id), None)
    if found is None:
        raise ApiError(ErrorCode.NOT_FOUND, "line")
    return found


def _members(connection: Connection, line_id: str):
    return connection.execute(
        select(line_members).where(line_members.c.line_id == line_id).order_by(line_members.c.sort_order)
    ).all()


def _seen(connection: Connection, caller: Caller, every: Sequence[Line]) -> set[str]:
    if caller.is_admin:
        return {one.id for one in every}
    seen = lines_of(connection, caller.person_id, places_of(connection, caller.person_id))
    grown = True
    while grown:
        below = {one.id for one in every if one.parent_id in seen} - seen
        seen |= below
        grown = bool(below)
    return seen
