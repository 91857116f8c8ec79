"""What belongs to the account alone: its values, its relations to people, statuses; it works offline, through the outbox."""

import json
from collections.abc import Callable
from typing import Any

from app.session.applying import Applying
from app.session.group_api import GroupApi
from app.session.http import SessionEnded
from app.session.outbox import Outbox
from app.session.side_work import SideWork
from app.session.states import NetworkError
from app.store.changes import Change
from app.store.commands import AnyCommand, PersonalCommand, RelationCommand, StatusCommand
from app.store.queries import personal
from app.store.records import Command
from app.store.store import Store
from server_stub.contract.errors import ApiError
from server_stub.contract.events import PersonalEvent, RelationEvent, StatusEvent
from server_stub.contract.personal import PersonStatus, PutRelation, PutStatus, RelationKind, StatusKind


class Personal:
    """Part of a session. Statuses, special people and focus are held in memory: they are asked for while painting."""

    commands = (PersonalCommand, RelationCommand, StatusCommand)

    def __init__(
        self,
        store: Store,
        api: GroupApi,
        applying: Applying,
        queue: Outbox,
        me: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._store, self._api, self._applying, self._queue = store, api, applying, queue
        self._me, self._now_ms = me, now_ms
        self._statuses: dict[str, PersonStatus] = {}
        self._special: frozenset[str] = frozenset()
        self.focus = False
        """专注模式: only what is pinned, special or names the user may disturb him."""
        self._listening = store.changes.listen(self._changed)
        self._reading = SideWork()

    async def start(self) -> None:
        """Read what views ask for while they paint."""
        await self._read_statuses()
        await self._read_special()
        await self._read_focus()

    async def close(self) -> None:
        """Stop listening."""
        self._listening.close()
        await self._reading.close()

    def _changed(self, change: Change) -> None:
        if change.table in ("statuses", "*"):
            self._reading.start(self._read_statuses())
        if change.table in ("relations", "*"):
            self._reading.start(self._read_special())
        if change.table in ("personal", "*"):
            self._reading.start(self._read_focus())

    async def _read_statuses(self) -> None:
        self._statuses = await self._store.read(personal.statuses)

    async def _read_special(self) -> None:
        found = await self._store.read(lambda db: personal.related(db, RelationKind.SPECIAL))
        self._special = frozenset(found)

    async def _read_focus(self) -> None:
        values = await self._store.read(lambda db: personal.items(db, "focus"))
        self.focus = values.get("focus") is True

    # Asked for while painting.

    def status_of(self, person_id: str) -> PersonStatus | None:
        """What a person says of himself now; None where there is nothing, or its time is over."""
        status = self._statuses.get(person_id)
        if status is None or (status.kind is StatusKind.ONLINE and not status.text):
            return None
        return None if status.until and status.until <= self._now_ms() else status

    def is_special(self, person_id: str) -> bool:
        """Whether the user pays special attention to a person."""
        return person_id in self._special

    # Read and changed.

    async def items(self, prefix: str = "") -> dict[str, Any]:
        """Values whose names begin with `prefix`."""
        return await self._store.read(lambda db: personal.items(db, prefix))

    async def put_item(self, name: str, value: Any) -> None:
        """Keep a value (anything that JSON holds); None removes it."""
        text = "" if value is None else json.dumps(value, ensure_ascii=False)
        await self._queue.put(
            "", PersonalCommand(name, text), show=lambda db: personal.set_item(db, name, text)
        )

    async def related(self, kind: RelationKind) -> list[str]:
        """People of one relation, the newest first."""
        return await self._store.read(lambda db: personal.related(db, kind))

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        """What a person is to the user."""
        return await self._store.read(lambda db: personal.kinds_of(db, person_id))

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        """Begin or end a relation."""
        await self._queue.put(
            "",
            RelationCommand(person_id, kind.value, on),
            show=lambda db: personal.set_relation(db, person_id, kind, on, self._now_ms()),
        )

    async def set_status(self, kind: StatusKind, text: str = "", until: int = 0) -> None:
        """Set the own status."""
        status = PersonStatus(person_id=self._me, kind=kind, text=text, until=until)
        await self._queue.put(
            "", StatusCommand(kind.value, text, until), show=lambda db: personal.set_status(db, status)
        )

    # See outbox.CarriesOut.

    async def carry_out(self, command: Command, payload: AnyCommand) -> None:
        match payload:
            case PersonalCommand():
                item = await self._api.put_item(payload.name, payload.value)
                await self._applying.apply([PersonalEvent(event_id=item.event_id, item=item)], live=False)
            case RelationCommand():
                wanted = PutRelation(
                    person_id=payload.person_id, kind=RelationKind(payload.kind), on=payload.on
                )
                relation = await self._api.put_relation(wanted)
                event = RelationEvent(event_id=relation.event_id, relation=relation)
                await self._applying.apply([event], live=False)
            case StatusCommand():
                put = PutStatus(kind=StatusKind(payload.kind), text=payload.text, until=payload.until)
                status = await self._api.put_status(put)
                await self._applying.apply([StatusEvent(event_id=status.event_id, status=status)], live=False)
            case _:
                return

    async def restore(self, command: Command, payload: AnyCommand) -> None:
        try:
            match payload:
                case PersonalCommand():
                    items = await self._api.items()
                    await self._store.write(lambda db: personal.replace_items(db, items))
                case RelationCommand():
                    relations = await self._api.relations()
                    await self._store.write(lambda db: personal.replace_relations(db, relations))
                case StatusCommand():
                    status = await self._api.status()
                    await self._store.write(lambda db: personal.put_status(db, status))
                case _:
                    return
        except (NetworkError, ApiError, SessionEnded):
            return
