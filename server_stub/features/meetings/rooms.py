"""Buildings and rooms under units, each room with several layouts in versions (3.1.6.1)."""

import json
import time
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.meetings import (
    Building,
    BuildingChange,
    LayoutSummary,
    Room,
    RoomChange,
    RoomDocument,
    Rooms,
    Version,
    Versions,
)
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .access import MeetingAccess, Scope
from .reader import read_file, room_only
from .tables import buildings, room_versions, rooms

_NAME = 100
_MOST = 2000


class RoomService:
    """Reads and writes rooms; every call passes MeetingAccess."""

    def __init__(self, database: Database, access: MeetingAccess) -> None:
        self._database = database
        self._access = access

    async def all(self, caller: Caller) -> Rooms:
        """Return the buildings and rooms that the caller may see."""

        def work(connection: Connection) -> Rooms:
            scope = self._access.scope(connection, caller)
            found = connection.execute(select(rooms).where(rooms.c.active.is_(True)).limit(_MOST)).all()
            houses = connection.execute(select(buildings).limit(_MOST)).all()
            places = self._access.units.places(connection, [one.unit_id for one in (*found, *houses)])
            seen = [one for one in found if one.unit_id in places and scope.sees(places[one.unit_id].path)]
            near = [one for one in houses if one.unit_id in places and scope.sees(places[one.unit_id].path)]
            names = {one.id: one.name for one in houses}
            people = self._access.units.contacts(connection, [one.changed_by for one in seen])
            return Rooms(
                buildings=sorted(
                    (_building(one, places, scope) for one in near), key=lambda one: (one.name, one.id)
                ),
                rooms=sorted(
                    (_room(one, places, names, people, scope) for one in seen),
                    key=lambda one: (one.building_name, one.floor, one.name, one.id),
                ),
                clerk=scope.is_admin or scope.is_clerk,
            )

        return await self._database.read(work)

    async def change_building(self, caller: Caller, building_id: str, wanted: BuildingChange) -> Building:
        """Make (with an empty id) or change a building."""
        name = _good_name(wanted.name, "楼宇名称")

        def work(connection: Connection) -> Building:
            self._access.access_unit(connection, caller, wanted.unit_id)
            values = {"unit_id": wanted.unit_id, "name": name, "address": wanted.address.strip()[:200]}
            ident = building_id or uuid7()
            if building_id:
                self._access.access_building(connection, caller, building_id, "edit")
                connection.execute(update(buildings).where(buildings.c.id == ident).values(**values))
            else:
                connection.execute(insert(buildings).values(id=ident, **values))
            row = connection.execute(select(buildings).where(buildings.c.id == ident)).one()
            places = self._access.units.places(connection, [row.unit_id])
            return _building(row, places, self._access.scope(connection, caller))

        return await self._database.write(work)

    async def change(self, caller: Caller, room_id: str, wanted: RoomChange) -> Room:
        """Make (with an empty id) or save a room with its layouts; CONFLICT over a version that is not the newest."""
        document = room_only(wanted.document)
        read, text = read_file(document)
        name = _good_name(read.room.name, "会议室名称")
        if not read.layouts:
            raise ApiError(ErrorCode.BAD_REQUEST, "layouts", message="会议室至少要有一个布局。")
        summary = json.dumps(
            [
                [one.id, one.name, sum(seat.kind != "disabled" for r in one.regions for seat in r.seats)]
                for one in read.layouts
            ],
            ensure_ascii=False,
        )

        def work(connection: Connection) -> Room:
            self._access.access_unit(connection, caller, wanted.unit_id)
            if wanted.building_id:
                self._access.access_building(connection, caller, wanted.building_id, "read")
            ident, version = room_id or uuid7(), 1
            values: dict[str, Any] = {
                "unit_id": wanted.unit_id,
                "building_id": wanted.building_id,
                "name": name,
                "floor": read.room.floor[:40],
                "layouts": summary,
                "changed_at": int(time.time() * 1000),
                "changed_by": caller.person_id,
            }
            if room_id:
                version = self._access.access_room(connection, caller, room_id, "edit").version + 1
                done = connection.execute(
                    update(rooms)
                    .where(rooms.c.id == ident, rooms.c.version == wanted.base_version)
                    .values(version=version, **values)
                ).rowcount
                if not done:
                    raise ApiError(ErrorCode.CONFLICT, f"version {version - 1}")
            else:
                connection.execute(insert(rooms).values(id=ident, version=version, **values))
            connection.execute(
                insert(room_versions).values(
                    room_id=ident,
                    version=version,
                    at=values["changed_at"],
                    by=caller.person_id,
                    document=text,
                )
            )
            return self._one(connection, caller, ident)

        return await self._database.write(work)

    async def open(self, caller: Caller, room_id: str, version: int) -> RoomDocument:
        """Return a room's document in a version (0: the newest)."""

        def work(connection: Connection) -> RoomDocument:
            row = self._access.access_room(connection, caller, room_id, "read")
            text = self._text(connection, room_id, version or row.version)
            return RoomDocument(room=self._one(connection, caller, room_id), document=json.loads(text))

        return await self._database.read(work)

    async def versions(self, caller: Caller, room_id: str) -> Versions:
        """Return who saved the room when."""

        def work(connection: Connection) -> Versions:
            self._access.access_room(connection, caller, room_id, "read")
            rows = connection.execute(
                select(room_versions.c.version, room_versions.c.at, room_versions.c.by)
                .where(room_versions.c.room_id == room_id)
                .order_by(room_versions.c.version.desc())
                .limit(200)
            ).all()
            names = self._access.units.contacts(connection, [row.by for row in rows])
            return Versions(
                versions=[
                    Version(version=row.version, at=row.at, by=names.get(row.by, ("", ""))[0]) for row in rows
                ]
            )

        return await self._database.read(work)

    async def remove(self, caller: Caller, room_id: str) -> None:
        """Take a room out of the list; its versions and its meetings stay."""

        def work(connection: Connection) -> None:
            self._access.access_room(connection, caller, room_id, "edit")
            connection.execute(update(rooms).where(rooms.c.id == room_id).values(active=False))

        await self._database.write(work)

    def document(self, connection: Connection, caller: Caller, room_id: str) -> tuple[Any, dict[str, Any]]:
        """The room's row and newest document, for a new meeting in it."""
        row = self._access.access_room(connection, caller, room_id, "read")
        return row, json.loads(self._text(connection, room_id, row.version))

    def _text(self, connection: Connection, room_id: str, version: int) -> str:
        text = connection.execute(
            select(room_versions.c.document).where(
                room_versions.c.room_id == room_id, room_versions.c.version == version
            )
        ).scalar_one_or_none()
        if text is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return text

    def _one(self, connection: Connection, caller: Caller, room_id: str) -> Room:
        row = connection.execute(select(rooms).where(rooms.c.id == room_id)).one()
        house = connection.execute(select(buildings).where(buildings.c.id == row.building_id)).one_or_none()
        return _room(
            row,
            self._access.units.places(connection, [row.unit_id]),
            {house.id: house.name} if house is not None else {},
            self._access.units.contacts(connection, [row.changed_by]),
            self._access.scope(connection, caller),
        )


def _good_name(name: str, what: str) -> str:
    name = name.strip()
    if not name or len(name) > _NAME or any(ord(one) < 32 for one in name):
        raise ApiError(ErrorCode.BAD_REQUEST, "name", message=f"{what}应为 1 到 {_NAME} 个字。")
    return name


def _building(row: Any, places: Any, scope: Scope) -> Building:
    place = places.get(row.unit_id)
    return Building(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=place.name if place else "",
        name=row.name,
        address=row.address,
        may_edit=bool(place) and scope.edits(place.path),
    )


def _room(row: Any, places: Any, houses: dict[str, str], people: Any, scope: Scope) -> Room:
    place = places.get(row.unit_id)
    return Room(
        id=row.id,
        unit_id=row.unit_id,
        unit_name=place.name if place else "",
        building_id=row.building_id,
        building_name=houses.get(row.building_id, ""),
        name=row.name,
        floor=row.floor,
        layouts=[
            LayoutSummary(id=ident, name=name, seats=seats) for ident, name, seats in json.loads(row.layouts)
        ],
        version=row.version,
        changed_at=row.changed_at,
        changed_by=people.get(row.changed_by, ("", ""))[0],
        may_edit=bool(place) and scope.edits(place.path),
    )
