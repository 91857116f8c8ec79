"""Keeps what belongs to one account alone, and tells its devices (and, of the status, those who watch)."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import AnyEvent, PersonalEvent, RelationEvent, StatusEvent
from server_stub.contract.ids import is_uuid, uuid7
from server_stub.contract.personal import (
    MAX_ITEM_BYTES,
    MAX_ITEMS,
    STATUS_TEXT,
    PersonalItem,
    PersonStatus,
    PutRelation,
    PutStatus,
    Relation,
    RelationKind,
    StatusKind,
)
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .tables import avatars, person_statuses, personal_items, relations

AVATAR_BYTES = 256 * 1024
_NAME = re.compile(r"[a-z][a-z0-9._/-]{0,79}")
_MAX_RELATIONS = 2000
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


class Names(Protocol):
    """The directory: who exists for the caller."""

    async def names(self, caller: Caller, person_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those whom the caller may see."""
        ...


class PersonalService:
    """Every read and write is of the caller's own rows; there is no way to name another's."""

    def __init__(
        self,
        *,
        database: Database,
        publisher: Publisher,
        people: Names,
        tell_status: Callable[[PersonStatus], Awaitable[None]],
        card_changed: Callable[[Sequence[str]], Awaitable[None]],
    ) -> None:
        """`tell_status` reaches those who watch the person, in every server process; `card_changed` tells everybody whose card may be
        seen in another way."""
        self._database = database
        self._publisher = publisher
        self._people = people
        self._tell_status = tell_status
        self._card_changed = card_changed

    # Values.

    async def items(self, caller: Caller) -> list[PersonalItem]:
        """Return all values of the account."""

        def work(connection: Connection) -> list[PersonalItem]:
            rows = connection.execute(
                select(personal_items)
                .where(personal_items.c.person_id == caller.person_id, personal_items.c.value != "")
                .order_by(personal_items.c.name)
            )
            return [_item(row) for row in rows]

        return await self._database.read(work)

    async def put_item(self, caller: Caller, name: str, value: str) -> PersonalItem:
        """Keep a value (JSON); "" removes it."""
        if not _NAME.fullmatch(name):
            raise ApiError(ErrorCode.BAD_REQUEST, "name")
        if len(value.encode()) > MAX_ITEM_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, "value")
        if value:
            try:
                json.loads(value)
            except ValueError:
                raise ApiError(ErrorCode.BAD_REQUEST, "value") from None

        def work(connection: Connection) -> PersonalItem:
            mine = personal_items.c.person_id == caller.person_id
            same = mine & (personal_items.c.name == name)
            event_id = next_event_ids(connection)[0]
            changed = connection.execute(
                update(personal_items).where(same).values(value=value, event_id=event_id)
            )
            if not changed.rowcount:
                count = connection.execute(
                    select(func.count()).select_from(personal_items).where(mine, personal_items.c.value != "")
                ).scalar_one()
                if count >= MAX_ITEMS:
                    raise ApiError(ErrorCode.TOO_LARGE, "items")
                connection.execute(
                    insert(personal_items).values(
                        person_id=caller.person_id, name=name, value=value, event_id=event_id
                    )
                )
            return PersonalItem(name=name, value=value, event_id=event_id)

        item = await self._database.write(work)
        event = PersonalEvent(event_id=item.event_id, item=item)
        self._publisher.publish([Outgoing(event, [caller.person_id])])
        return item

    # Relations.

    async def relations(self, caller: Caller) -> list[Relation]:
        """Return all relations of the account."""

        def work(connection: Connection) -> list[Relation]:
            rows = connection.execute(
                select(relations)
                .where(relations.c.owner_id == caller.person_id, relations.c.removed.is_(False))
                .order_by(relations.c.created_at)
            )
            return [_relation(row) for row in rows]

        return await self._database.read(work)

    async def put_relation(self, caller: Caller, wanted: PutRelation) -> Relation:
        """Begin or end a relation. One who was blocked by the other cannot make him a contact (E161)."""
        if wanted.person_id == caller.person_id or not is_uuid(wanted.person_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "person_id")
        if wanted.on and wanted.person_id not in await self._people.names(caller, [wanted.person_id]):
            raise ApiError(ErrorCode.NOT_FOUND)

        def work(connection: Connection) -> Relation:
            if wanted.on and wanted.kind is not RelationKind.BLOCKED:
                pair = (caller.person_id, wanted.person_id)
                if blocked(connection, {pair}):
                    raise ApiError(ErrorCode.FORBIDDEN, "blocked", message="对方已将您加入黑名单。")
            mine = (
                (relations.c.owner_id == caller.person_id)
                & (relations.c.kind == wanted.kind.value)
                & (relations.c.person_id == wanted.person_id)
            )
            values: dict[str, Any] = {
                "removed": not wanted.on,
                "created_at": int(time.time() * 1000),
                "event_id": next_event_ids(connection)[0],
            }
            if not connection.execute(update(relations).where(mine).values(**values)).rowcount:
                count = connection.execute(
                    select(func.count())
                    .select_from(relations)
                    .where(relations.c.owner_id == caller.person_id)
                ).scalar_one()
                if count >= _MAX_RELATIONS:
                    raise ApiError(ErrorCode.TOO_LARGE, "relations", message="数量已达上限，请先清理。")
                connection.execute(
                    insert(relations).values(
                        owner_id=caller.person_id,
                        kind=wanted.kind.value,
                        person_id=wanted.person_id,
                        **values,
                    )
                )
            return _relation(connection.execute(select(relations).where(mine)).one())

        relation = await self._database.write(work)
        event = RelationEvent(event_id=relation.event_id, relation=relation)
        self._publisher.publish([Outgoing(event, [caller.person_id])])
        if wanted.kind is RelationKind.PHONE:
            await self._card_changed([caller.person_id])
        return relation

    # Status.

    async def status(self, caller: Caller) -> PersonStatus:
        """Return the own status."""
        found = await self.statuses([caller.person_id])
        return found.get(caller.person_id, PersonStatus(person_id=caller.person_id))

    async def statuses(self, person_ids: Collection[str]) -> dict[str, PersonStatus]:
        """Return the statuses of those who have set one (gateway.ports.Statuses)."""
        wanted = list(person_ids)

        def work(connection: Connection) -> dict[str, PersonStatus]:
            rows = connection.execute(select(person_statuses).where(person_statuses.c.person_id.in_(wanted)))
            return {row.person_id: _status(row) for row in rows}

        return await self._database.read(work) if wanted else {}

    async def put_status(self, caller: Caller, wanted: PutStatus) -> PersonStatus:
        """Set the own status, on all devices and for all who watch (E059)."""
        text = " ".join(wanted.text.split())
        if len(text) > STATUS_TEXT:
            raise ApiError(ErrorCode.BAD_REQUEST, "text", message=f"状态说明不能超过 {STATUS_TEXT} 个字。")
        if wanted.kind is StatusKind.CUSTOM and not text:
            raise ApiError(ErrorCode.BAD_REQUEST, "text", message="请填写自定义状态的内容。")
        if not 0 <= wanted.until < 2**53:
            raise ApiError(ErrorCode.BAD_REQUEST, "until")

        def work(connection: Connection) -> PersonStatus:
            event_id = next_event_ids(connection)[0]
            connection.execute(delete(person_statuses).where(person_statuses.c.person_id == caller.person_id))
            values = {"kind": wanted.kind.value, "text": text, "until": wanted.until, "event_id": event_id}
            connection.execute(insert(person_statuses).values(person_id=caller.person_id, **values))
            return PersonStatus(
                person_id=caller.person_id,
                kind=wanted.kind,
                text=text,
                until=wanted.until,
                event_id=event_id,
            )

        status = await self._database.write(work)
        event = StatusEvent(event_id=status.event_id, status=status)
        self._publisher.publish([Outgoing(event, [caller.person_id])])
        await self._tell_status(status)
        return status

    # Pictures.

    async def put_avatar(self, caller: Caller, data: bytes) -> str:
        """Keep a small PNG or JPEG; returns its id, which a group or person may then carry."""
        media_type = next((kind for head, kind in _PICTURES if data.startswith(head)), "")
        if not media_type:
            raise ApiError(ErrorCode.TYPE_NOT_ALLOWED, "avatar", message="头像请使用 PNG 或 JPEG 图片。")
        made = uuid7()

        def work(connection: Connection) -> None:
            connection.execute(
                insert(avatars).values(
                    id=made,
                    owner=caller.person_id,
                    media_type=media_type,
                    data=data,
                    created_at=int(time.time() * 1000),
                )
            )

        await self._database.write(work)
        return made

    async def avatar(self, avatar_id: str) -> tuple[bytes, str]:
        """Return a picture and its media type; raises not_found."""

        def work(connection: Connection) -> Any:
            return connection.execute(select(avatars).where(avatars.c.id == avatar_id)).one_or_none()

        row = await self._database.read(work) if is_uuid(avatar_id) else None
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        return bytes(row.data), row.media_type

    async def has_avatar(self, avatar_id: str) -> bool:
        """Whether there is such a picture."""
        return await self._database.read(lambda connection: self.avatar_exists(connection, avatar_id))

    @staticmethod
    def avatar_exists(connection: Connection, avatar_id: str) -> bool:
        """Whether there is such a picture."""
        return connection.execute(select(avatars.c.id).where(avatars.c.id == avatar_id)).first() is not None


def phone_givers(connection: Connection, person_id: str) -> set[str]:
    """Return those who share their phone number with a person (E160)."""
    rows = connection.scalars(
        select(relations.c.owner_id).where(
            relations.c.person_id == person_id,
            relations.c.kind == RelationKind.PHONE.value,
            relations.c.removed.is_(False),
        )
    )
    return set(rows)


def blocked(connection: Connection, pairs: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of `pairs` (from, to) in which `to` has blocked `from`."""
    if not pairs:
        return set()
    rows = connection.execute(
        select(relations.c.person_id, relations.c.owner_id).where(
            relations.c.kind == RelationKind.BLOCKED.value,
            relations.c.removed.is_(False),
            relations.c.owner_id.in_({to for _from, to in pairs}),
            relations.c.person_id.in_({from_ for from_, _to in pairs}),
        )
    )
    return {(row.person_id, row.owner_id) for row in rows} & set(pairs)


def personal_since(connection: Connection, me: str, after: int, limit: int) -> Iterable[AnyEvent]:
    """The caller's values, relations and status (a source of conversations.sync)."""
    found: list[AnyEvent] = []
    for row in connection.execute(
        select(personal_items)
        .where(personal_items.c.person_id == me, personal_items.c.event_id > after)
        .order_by(personal_items.c.event_id)
        .limit(limit)
    ):
        found.append(PersonalEvent(event_id=row.event_id, item=_item(row)))
    for row in connection.execute(
        select(relations)
        .where(relations.c.owner_id == me, relations.c.event_id > after)
        .order_by(relations.c.event_id)
        .limit(limit)
    ):
        found.append(RelationEvent(event_id=row.event_id, relation=_relation(row)))
    for row in connection.execute(
        select(person_statuses).where(person_statuses.c.person_id == me, person_statuses.c.event_id > after)
    ):
        found.append(StatusEvent(event_id=row.event_id, status=_status(row)))
    return found


def _item(row: Any) -> PersonalItem:
    return PersonalItem(name=row.name, value=row.value, event_id=row.event_id)


def _relation(row: Any) -> Relation:
    return Relation(
        person_id=row.person_id,
        kind=RelationKind(row.kind),
        removed=bool(row.removed),
        created_at=row.created_at,
        event_id=row.event_id,
    )


def _status(row: Any) -> PersonStatus:
    return PersonStatus(
        person_id=row.person_id,
        kind=StatusKind(row.kind),
        text=row.text,
        until=row.until,
        event_id=row.event_id,
    )
