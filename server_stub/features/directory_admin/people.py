"""Adds and changes people with their posts, and looks after their accounts."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.directory import Person
from server_stub.contract.directory_admin import PersonChange, PersonCreate, PersonRecord, PostWanted
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.features.directory.access import DirectoryAccess
from server_stub.features.directory.display import read_settings
from server_stub.features.directory.pinyin import of_name
from server_stub.features.directory.tables import person_fields, persons, posts, units
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .ports import AccountDesk, Announce, Record
from .units import good_name

_PHONE = re.compile(r"\+?[0-9]{5,19}")
MOST_POSTS = 20
LONGEST_VALUE = 200


class PeopleDesk:
    """Every change is one transaction, one line in the audit trail, and news to whoever sees the person."""

    def __init__(
        self,
        database: Database,
        access: DirectoryAccess,
        accounts: AccountDesk,
        record: Record,
        announce: Announce,
    ) -> None:
        self._database = database
        self._access = access
        self._accounts = accounts
        self._record = record
        self._announce = announce

    async def record(self, caller: Caller, person_id: str) -> PersonRecord:
        """Return what administrators see of a person."""
        return await self._database.read(lambda connection: self._read(connection, caller, person_id))

    def _read(self, connection: Connection, caller: Caller, person_id: str) -> PersonRecord:
        person: Person = self._access.access_person(connection, caller, person_id)
        kept = self._accounts.records(connection, [person_id]).get(person_id)
        if kept is None:
            return PersonRecord(person=person)
        login, disabled, activated, is_admin, last_seen = kept
        return PersonRecord(
            person=person,
            login=login,
            disabled=disabled,
            activated=activated,
            is_admin=is_admin,
            last_seen_at=last_seen,
        )

    async def add(self, caller: Caller, wanted: PersonCreate) -> PersonRecord:
        """Make a person with an account that waits for activation."""
        name, phone, person_id = good_name(wanted.name, what="姓名"), good_phone(wanted.phone), uuid7()
        pinyin, initials = of_name(name)

        def work(connection: Connection) -> PersonRecord:
            connection.execute(
                insert(persons).values(
                    id=person_id,
                    name=name,
                    pinyin=pinyin,
                    initials=initials[:40],
                    phone=phone,
                    rank=good_name(wanted.rank, what="职级", empty=True),
                    vip=wanted.vip,
                )
            )
            self._set_posts(connection, person_id, wanted.posts)
            _set_fields(connection, person_id, wanted.fields)
            self._accounts.add(connection, person_id, wanted.login.strip().lower(), pinyin, phone)
            return self._read(connection, caller, person_id)

        made = await self._database.write(work)
        await self._record("directory_person_add", caller.person_id, person_id, name)
        await self._announce([person_id])
        return made

    async def change(self, caller: Caller, person_id: str, wanted: PersonChange) -> PersonRecord:
        """Change name, number, rank, VIP mark or posts."""

        def work(connection: Connection) -> PersonRecord:
            row = self._row(connection, person_id)
            if row.version != wanted.version:
                raise ApiError(ErrorCode.CONFLICT, "version")
            values: dict[str, object] = {"version": row.version + 1}
            if wanted.name is not None:
                values["name"] = name = good_name(wanted.name, what="姓名")
                pinyin, initials = of_name(name)
                values |= {"pinyin": pinyin, "initials": initials[:40]}
            if wanted.phone is not None:
                values["phone"] = phone = good_phone(wanted.phone)
                self._accounts.change_phone(connection, person_id, phone)
            if wanted.rank is not None:
                values["rank"] = good_name(wanted.rank, what="职级", empty=True)
            if wanted.vip is not None:
                values["vip"] = wanted.vip
            connection.execute(update(persons).where(persons.c.id == person_id).values(**values))
            if wanted.posts is not None:
                self._set_posts(connection, person_id, wanted.posts)
            if wanted.fields is not None:
                _set_fields(connection, person_id, wanted.fields)
            return self._read(connection, caller, person_id)

        changed = await self._database.write(work)
        fields = [
            name
            for name in ("name", "phone", "rank", "vip", "posts", "fields")
            if getattr(wanted, name) is not None
        ]
        await self._record("directory_person_change", caller.person_id, person_id, ",".join(fields))
        await self._announce([person_id])
        return changed

    async def set_active(self, caller: Caller, person_id: str, active: bool) -> PersonRecord:
        """Disable or enable a person: a disabled one is not found any more and cannot sign in; nothing is deleted."""
        if not active and person_id == caller.person_id:
            raise ApiError(ErrorCode.CONFLICT, "self", message="不能停用自己的账号。")

        def work(connection: Connection) -> None:
            row = self._row(connection, person_id)
            if not active and not self._accounts.may_lose(connection, person_id):
                raise ApiError(ErrorCode.CONFLICT, "last", message="至少要保留一个可用的管理员账号。")
            if bool(row.active) != active:
                connection.execute(
                    update(persons)
                    .where(persons.c.id == person_id)
                    .values(active=active, version=row.version + 1)
                )
                _count_people(connection, _paths(connection, person_id))

        await self._database.write(work)
        await self._accounts.set_disabled(person_id, not active)
        await self._record(
            "directory_person_" + ("enable" if active else "disable"), caller.person_id, person_id, ""
        )
        await self._announce([person_id])
        return await self.record(caller, person_id)

    async def set_administrator(self, caller: Caller, person_id: str, on: bool) -> PersonRecord:
        """Make a person an administrator or an ordinary user again; he signs in anew to what he may now.

        Nobody takes it from himself, and one who can sign in always stays.
        """
        if not on and person_id == caller.person_id:
            raise ApiError(
                ErrorCode.CONFLICT, "self", message="不能取消自己的管理员身份，请由另一位管理员操作。"
            )

        def work(connection: Connection) -> bool:
            row = self._row(connection, person_id)
            if on and not row.active:
                raise ApiError(ErrorCode.CONFLICT, "disabled", message="该账号已停用，请先恢复账号。")
            if not on and not self._accounts.may_lose(connection, person_id):
                raise ApiError(ErrorCode.CONFLICT, "last", message="至少要保留一个可用的管理员账号。")
            return self._accounts.put_administrator(connection, person_id, on)

        if await self._database.write(work):
            await self._accounts.rights_changed(person_id)
            kind = "directory_admin_" + ("add" if on else "remove")
            await self._record(kind, caller.person_id, person_id, "")
        return await self.record(caller, person_id)

    async def reset_password(self, caller: Caller, person_id: str) -> PersonRecord:
        """End all sessions and forget the password: the person activates the account anew by a code to his phone."""
        await self._database.read(lambda connection: self._row(connection, person_id))
        await self._accounts.reset(person_id)
        await self._record("account_reset", caller.person_id, person_id, "")
        return await self.record(caller, person_id)

    @staticmethod
    def _row(connection: Connection, person_id: str):
        row = connection.execute(select(persons).where(persons.c.id == person_id)).one_or_none()
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND, "person")
        return row

    @staticmethod
    def _set_posts(connection: Connection, person_id: str, wanted: Sequence[PostWanted]) -> None:
        if not wanted or len(wanted) > MOST_POSTS:
            raise ApiError(ErrorCode.BAD_REQUEST, "posts", message="请为人员选择至少一个单位。")
        ids = [one.unit_id for one in wanted]
        if len(set(ids)) != len(ids):
            raise ApiError(ErrorCode.BAD_REQUEST, "posts", message="同一单位只能填写一个职务。")
        known = set(connection.scalars(select(units.c.id).where(units.c.id.in_(ids))))
        if known != set(ids):
            raise ApiError(ErrorCode.NOT_FOUND, "unit")
        if sum(one.main for one in wanted) != 1:
            raise ApiError(ErrorCode.BAD_REQUEST, "main", message="请指定一个主职。")
        before = _paths(connection, person_id)
        orders = {
            row.unit_id: row.sort_order
            for row in connection.execute(select(posts).where(posts.c.person_id == person_id))
        }
        connection.execute(delete(posts).where(posts.c.person_id == person_id))
        for one in wanted:
            order = orders.get(one.unit_id)
            if order is None:
                last = connection.execute(
                    select(func.max(posts.c.sort_order)).where(posts.c.unit_id == one.unit_id)
                ).scalar()
                order = 0 if last is None else last + 1
            connection.execute(
                insert(posts).values(
                    person_id=person_id,
                    unit_id=one.unit_id,
                    title=good_name(one.title, what="职务", empty=True),
                    main=one.main,
                    sort_order=order,
                )
            )
        _count_people(connection, [*before, *_paths(connection, person_id)])


def _set_fields(connection: Connection, person_id: str, wanted: Mapping[str, str]) -> None:
    """Set values of the organisation's own fields; an empty one removes it (3.1.3.8)."""
    known = {kind.id for kind in read_settings(connection).fields}
    for field_id, text in wanted.items():
        value = text.strip()
        if field_id not in known:
            raise ApiError(ErrorCode.BAD_REQUEST, "fields", message="没有这个自定义字段，请刷新后再试。")
        if len(value) > LONGEST_VALUE or not value.isprintable():
            message = f"自定义字段最多 {LONGEST_VALUE} 个字，且只能有一行。"
            raise ApiError(ErrorCode.BAD_REQUEST, "fields", message=message)
        connection.execute(
            delete(person_fields).where(
                person_fields.c.person_id == person_id, person_fields.c.field_id == field_id
            )
        )
        if value:
            connection.execute(
                insert(person_fields).values(person_id=person_id, field_id=field_id, value=value)
            )


def good_phone(text: str) -> str:
    """Return a phone number without blanks and dashes; raises ApiError for what is none. Empty is allowed."""
    phone = re.sub(r"[\s-]", "", text)
    if phone and not _PHONE.fullmatch(phone):
        raise ApiError(ErrorCode.BAD_REQUEST, "phone", message="电话号码只能是 5 至 19 位数字。")
    return phone


def _paths(connection: Connection, person_id: str) -> list[str]:
    return list(
        connection.scalars(
            select(units.c.path)
            .join(posts, posts.c.unit_id == units.c.id)
            .where(posts.c.person_id == person_id)
        )
    )


def _count_people(connection: Connection, paths: Sequence[str]) -> None:
    """Count the people of these units and those above anew. One grouped query a unit: cheap even at the root."""
    for unit_id in sorted({part for path in paths for part in path.split("/") if part}):
        path = connection.execute(select(units.c.path).where(units.c.id == unit_id)).scalar_one_or_none()
        if path is None:
            continue
        count = connection.execute(
            select(func.count(func.distinct(posts.c.person_id)))
            .join(units, units.c.id == posts.c.unit_id)
            .join(persons, persons.c.id == posts.c.person_id)
            .where(units.c.path.startswith(path, autoescape=True), persons.c.active.is_(True))
        ).scalar_one()
        connection.execute(update(units).where(units.c.id == unit_id).values(people_count=count))
