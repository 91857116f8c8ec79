"""Adds, changes, moves, orders and removes units."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from server_stub.contract.directory import Unit
from server_stub.contract.directory_admin import ChildrenOrder, UnitChange, UnitCreate
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.features.directory.tables import line_members, posts, units
from server_stub.features.directory.writing import recount
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .ports import Record

LONGEST_NAME = 100
DEEPEST = 12


class UnitDesk:
    """Every change is one transaction and one line in the audit trail."""

    def __init__(self, database: Database, record: Record, announce: Callable[[], Awaitable[None]]) -> None:
        """`announce` tells clients that cards name units in another way."""
        self._database = database
        self._record = record
        self._announce = announce

    async def add(self, caller: Caller, wanted: UnitCreate) -> Unit:
        """Make a unit at the end of its siblings."""
        name, unit_id = good_name(wanted.name), uuid7()

        def work(connection: Connection) -> Unit:
            above = _row(connection, wanted.parent_id)
            _check_depth(above.path)
            _check_free(connection, above.id, name)
            last = connection.execute(
                select(func.max(units.c.sort_order)).where(units.c.parent_id == above.id)
            ).scalar()
            connection.execute(
                insert(units).values(
                    id=unit_id,
                    parent_id=above.id,
                    path=f"{above.path}{unit_id}/",
                    name=name,
                    short_name=good_name(wanted.short_name, what="简称", empty=True),
                    level=_level(wanted.level),
                    sort_order=0 if last is None else last + 1,
                )
            )
            _count_children(connection, above.id)
            return unit_of(_row(connection, unit_id))

        made = await self._database.write(work)
        await self._record("directory_unit_add", caller.person_id, made.id, name)
        return made

    async def change(self, caller: Caller, unit_id: str, wanted: UnitChange) -> Unit:
        """Rename, relevel or move a unit."""

        def work(connection: Connection) -> tuple[Unit, bool]:
            row = _row(connection, unit_id)
            values: dict[str, object] = {}
            if wanted.name is not None:
                values["name"] = good_name(wanted.name)
            if wanted.short_name is not None:
                values["short_name"] = good_name(wanted.short_name, what="简称", empty=True)
            if wanted.level is not None:
                values["level"] = _level(wanted.level)
            parent = row.parent_id if wanted.parent_id is None else wanted.parent_id
            if values.get("name", row.name) != row.name or parent != row.parent_id:
                _check_free(connection, parent, str(values.get("name", row.name)), but=unit_id)
            if values:
                connection.execute(update(units).where(units.c.id == unit_id).values(**values))
            if parent != row.parent_id:
                self._move(connection, row, parent)
            now = _row(connection, unit_id)
            return unit_of(now), (now.name, now.short_name, now.path) != (row.name, row.short_name, row.path)

        changed, on_cards = await self._database.write(work)
        await self._record("directory_unit_change", caller.person_id, unit_id, changed.name)
        if on_cards:
            await self._announce()
        return changed

    @staticmethod
    def _move(connection: Connection, row, parent_id: str) -> None:
        if not row.parent_id:
            raise ApiError(ErrorCode.CONFLICT, "root", message="最上级单位不能移动。")
        above = _row(connection, parent_id)
        if above.path.startswith(row.path):
            raise ApiError(ErrorCode.CONFLICT, "cycle", message="不能把单位移到它自己的下级。")
        _check_depth(above.path)
        new_path = f"{above.path}{row.id}/"
        inside = connection.execute(
            select(units.c.id, units.c.path).where(units.c.path.startswith(row.path, autoescape=True))
        ).all()
        connection.execute(
            update(units).where(units.c.id == bindparam("key")).values(path=bindparam("to")),
            [{"key": one.id, "to": new_path + one.path[len(row.path) :]} for one in inside],
        )
        last = connection.execute(
            select(func.max(units.c.sort_order)).where(units.c.parent_id == above.id)
        ).scalar()
        connection.execute(
            update(units)
            .where(units.c.id == row.id)
            .values(parent_id=above.id, sort_order=0 if last is None else last + 1)
        )
        recount(connection, [row.path, new_path])

    async def remove(self, caller: Caller, unit_id: str) -> None:
        """Remove an empty unit."""

        def work(connection: Connection) -> str:
            row = _row(connection, unit_id)
            if not row.parent_id:
                raise ApiError(ErrorCode.CONFLICT, "root", message="最上级单位不能删除。")
            if connection.execute(select(units.c.id).where(units.c.parent_id == unit_id).limit(1)).first():
                raise ApiError(ErrorCode.CONFLICT, "units", message="请先移走或删除下级单位。")
            if connection.execute(
                select(posts.c.person_id).where(posts.c.unit_id == unit_id).limit(1)
            ).first():
                raise ApiError(ErrorCode.CONFLICT, "people", message="请先移走该单位的人员。")
            connection.execute(
                delete(line_members).where(
                    line_members.c.kind == "unit", line_members.c.subject_id == unit_id
                )
            )
            connection.execute(delete(units).where(units.c.id == unit_id))
            _count_children(connection, row.parent_id)
            return row.name

        name = await self._database.write(work)
        await self._record("directory_unit_remove", caller.person_id, unit_id, name)

    async def order(self, caller: Caller, unit_id: str, wanted: ChildrenOrder) -> None:
        """Set the order of direct sub-units and people."""

        def work(connection: Connection) -> None:
            _row(connection, unit_id)
            below = connection.execute(
                select(units.c.id, units.c.sort_order)
                .where(units.c.parent_id == unit_id)
                .order_by(units.c.sort_order, units.c.id)
            ).all()
            _renumber(connection, units.c.id, [row.id for row in below], wanted.unit_ids, {})
            people = connection.execute(
                select(posts.c.person_id)
                .where(posts.c.unit_id == unit_id)
                .order_by(posts.c.sort_order, posts.c.person_id)
            )
            _renumber(
                connection, posts.c.person_id, list(people.scalars()), wanted.person_ids, {"unit": unit_id}
            )

        await self._database.write(work)
        await self._record("directory_order", caller.person_id, unit_id, "")


def _renumber(
    connection: Connection, column, present: Sequence[str], wanted: Sequence[str], more: dict[str, str]
) -> None:
    if not wanted:
        return
    if not set(wanted) <= set(present):
        raise ApiError(ErrorCode.CONFLICT, "order", message="名单已变化，请刷新后重新排序。")
    named = set(wanted)
    every = [*dict.fromkeys(wanted), *(one for one in present if one not in named)]
    statement = update(column.table).where(column == bindparam("key")).values(sort_order=bindparam("to"))
    if more:
        statement = statement.where(posts.c.unit_id == bindparam("unit"))
    connection.execute(statement, [{"key": one, "to": place, **more} for place, one in enumerate(every)])


def good_name(text: str, *, what: str = "名称", empty: bool = False) -> str:
    """Return a name without outer blanks; raises ApiError, which calls it `what`, for one that is empty or too long."""
    name = " ".join(text.split())
    if not name and not empty:
        raise ApiError(ErrorCode.BAD_REQUEST, "name", message=f"请填写{what}。")
    if len(name) > LONGEST_NAME:
        raise ApiError(ErrorCode.BAD_REQUEST, "name", message=f"{what}不能超过 {LONGEST_NAME} 个字。")
    return name


def unit_of(row) -> Unit:
    """The wire type of a row."""
    return Unit(
        id=row.id,
        parent_id=row.parent_id,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        order=row.sort_order,
        unit_count=row.unit_count,
        people_count=row.people_count,
    )


def _row(connection: Connection, unit_id: str):
    row = connection.execute(select(units).where(units.c.id == unit_id)).one_or_none()
    if row is None:
        raise ApiError(ErrorCode.NOT_FOUND, "unit")
    return row


def _level(level: int) -> int:
    if not 0 <= level <= 5:
        raise ApiError(ErrorCode.BAD_REQUEST, "level")
    return level


def _check_depth(path: str) -> None:
    if path.count("/") > DEEPEST:
        raise ApiError(ErrorCode.CONFLICT, "depth", message=f"单位层级不能超过 {DEEPEST} 级。")


def _check_free(connection: Connection, parent_id: str, name: str, but: str = "") -> None:
    same = select(units.c.id).where(units.c.parent_id == parent_id, units.c.name == name, units.c.id != but)
    if connection.execute(same.limit(1)).first() is not None:
        raise ApiError(ErrorCode.CONFLICT, "name", message=f"同一上级下已有“{name}”。")


def _count_children(connection: Connection, unit_id: str) -> None:
    below = select(func.count()).select_from(units).where(units.c.parent_id == unit_id).scalar_subquery()
    count = connection.execute(select(below)).scalar_one()
    connection.execute(update(units).where(units.c.id == unit_id).values(unit_count=count))
