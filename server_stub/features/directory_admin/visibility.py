"""Visibility rules (E142) and how the directory is shown, for administrators."""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.directory_admin import (
    CARD_FIELDS,
    SEARCHABLE,
    DirectorySettings,
    PersonFieldKind,
    VisibilityCheck,
    VisibilityRule,
    VisibilityRules,
    Who,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.features.directory.display import read_settings, write_settings
from server_stub.features.directory.sight import Reckoning, places_of, read_rules
from server_stub.features.directory.tables import lines, person_fields, persons, units, visibility_rules
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .ports import Record

MOST_RULES = 200
MOST_VIEWERS = 200
MOST_FIELDS = 20
LONGEST_NAME = 20
_TABLES: dict[str, Any] = {"unit": units, "person": persons, "line": lines}
_LEVELS = {"1": "市级", "2": "区县及市直", "3": "乡镇街道", "4": "村社区", "5": "网格"}


class VisibilityDesk:
    """Rules hold for every read from the moment of their commit."""

    def __init__(self, database: Database, record: Record, announce: Callable[[], Awaitable[None]]) -> None:
        """`announce` tells clients that the directory is shown in another way, or to others: each asks for what it may see."""
        self._database = database
        self._record = record
        self._announce = announce

    async def rules(self) -> VisibilityRules:
        """Return all rules with the names of whom they speak of."""
        return VisibilityRules(
            rules=await self._database.read(
                lambda connection: [_named(connection, rule) for rule in read_rules(connection)]
            )
        )

    async def add(self, caller: Caller, wanted: VisibilityRule) -> VisibilityRule:
        """Add a rule."""
        rule = msgspec.structs.replace(wanted, id=uuid7())

        def work(connection: Connection) -> VisibilityRule:
            if len(read_rules(connection)) >= MOST_RULES:
                raise ApiError(ErrorCode.TOO_LARGE, f"> {MOST_RULES}", message="可见性规则过多，请先合并。")
            _check(connection, rule)
            connection.execute(
                insert(visibility_rules).values(
                    id=rule.id,
                    rule=msgspec.json.encode(rule),
                    set_by=caller.person_id,
                    set_at=int(time.time() * 1000),
                )
            )
            return _named(connection, rule)

        made = await self._database.write(work)
        await self._record("visibility_add", caller.person_id, rule.id, _target(rule))
        await self._announce()
        return made

    async def change(self, caller: Caller, rule_id: str, wanted: VisibilityRule) -> VisibilityRule:
        """Replace a rule."""
        rule = msgspec.structs.replace(wanted, id=rule_id)

        def work(connection: Connection) -> VisibilityRule:
            _check(connection, rule)
            changed = connection.execute(
                update(visibility_rules)
                .where(visibility_rules.c.id == rule_id)
                .values(rule=msgspec.json.encode(rule), set_by=caller.person_id)
            )
            if not changed.rowcount:
                raise ApiError(ErrorCode.NOT_FOUND, "rule")
            return _named(connection, rule)

        changed = await self._database.write(work)
        await self._record("visibility_change", caller.person_id, rule_id, _target(rule))
        await self._announce()
        return changed

    async def remove(self, caller: Caller, rule_id: str) -> None:
        """Remove a rule."""

        def work(connection: Connection) -> None:
            removed = connection.execute(delete(visibility_rules).where(visibility_rules.c.id == rule_id))
            if not removed.rowcount:
                raise ApiError(ErrorCode.NOT_FOUND, "rule")

        await self._database.write(work)
        await self._record("visibility_remove", caller.person_id, rule_id, "")
        await self._announce()

    async def check(self, viewer_id: str, kind: str, target_id: str) -> VisibilityCheck:
        """Say whether one person sees a person or unit, and which rule decided."""

        def work(connection: Connection) -> VisibilityCheck:
            if connection.execute(select(persons.c.id).where(persons.c.id == viewer_id)).first() is None:
                raise ApiError(ErrorCode.NOT_FOUND, "viewer")
            if kind == "unit":
                path = connection.execute(
                    select(units.c.path).where(units.c.id == target_id)
                ).scalar_one_or_none()
                if path is None:
                    raise ApiError(ErrorCode.NOT_FOUND, "unit")
                paths = [path]
            else:
                paths = [place.path for place in places_of(connection, target_id)]
            reckoning = Reckoning(connection, viewer_id)
            rules = read_rules(connection)
            for count in range(1, len(rules) + 1):
                sight = reckoning.sight(rules[:count])
                seen = sight.sees_unit(paths[0]) if kind == "unit" else sight.sees_person(target_id, paths)
                if not seen:
                    rule = _named(connection, rules[count - 1])
                    return VisibilityCheck(visible=False, reason=_in_words(rule))
            return VisibilityCheck(visible=True)

        return await self._database.read(work)

    async def settings(self) -> DirectorySettings:
        """Return how the directory is shown; anyone may know."""
        return await self._database.read(read_settings)

    async def set_settings(self, caller: Caller, wanted: DirectorySettings) -> DirectorySettings:
        """Change how the directory is shown."""
        if not set(wanted.searchable) <= set(SEARCHABLE) or "name" not in wanted.searchable:
            raise ApiError(ErrorCode.BAD_REQUEST, "searchable", message="姓名必须可以搜索。")
        if not set(wanted.card) <= set(CARD_FIELDS) or len(set(wanted.card)) != len(wanted.card):
            raise ApiError(ErrorCode.BAD_REQUEST, "card")

        def work(connection: Connection) -> DirectorySettings:
            known = {kind.id for kind in read_settings(connection).fields}
            kinds = _good_kinds(wanted.fields, known)
            settings = msgspec.structs.replace(wanted, fields=kinds)
            gone = known - {kind.id for kind in kinds}
            connection.execute(delete(person_fields).where(person_fields.c.field_id.in_(gone)))
            write_settings(connection, settings)
            return settings

        made = await self._database.write(work)
        await self._record("directory_settings", caller.person_id, "", "")
        await self._announce()
        return made


def _good_kinds(wanted: Sequence[PersonFieldKind], known: Collection[str]) -> list[PersonFieldKind]:
    """The fields with clean names, new ones with ids; raises BAD_REQUEST."""
    if len(wanted) > MOST_FIELDS:
        raise ApiError(ErrorCode.BAD_REQUEST, "fields", message=f"自定义字段最多 {MOST_FIELDS} 个。")
    kinds: list[PersonFieldKind] = []
    for kind in wanted:
        name = kind.name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            message = f"自定义字段的名称要有 1 至 {LONGEST_NAME} 个字。"
            raise ApiError(ErrorCode.BAD_REQUEST, "fields", message=message)
        if any(one.name == name or (kind.id and one.id == kind.id) for one in kinds):
            raise ApiError(ErrorCode.BAD_REQUEST, "fields", message=f"自定义字段“{name}”重复了。")
        if kind.id and kind.id not in known:
            raise ApiError(ErrorCode.NOT_FOUND, "field", message="自定义字段已被别人删除，请刷新后再试。")
        kinds.append(msgspec.structs.replace(kind, id=kind.id or uuid7(), name=name))
    return kinds


def _check(connection: Connection, rule: VisibilityRule) -> None:
    if rule.target is None and not rule.viewers:
        raise ApiError(ErrorCode.BAD_REQUEST, "viewers", message="请选择规则对谁生效。")
    if len(rule.viewers) > MOST_VIEWERS:
        raise ApiError(ErrorCode.TOO_LARGE, f"> {MOST_VIEWERS}")
    if len(rule.note) > 200:
        raise ApiError(ErrorCode.BAD_REQUEST, "note", message="备注不能超过 200 个字。")
    for who in [*rule.viewers, *([rule.target] if rule.target is not None else [])]:
        if who.kind == "level":
            if who.id not in _LEVELS:
                raise ApiError(ErrorCode.BAD_REQUEST, "level")
            continue
        table = _TABLES.get(who.kind)
        if table is None:
            raise ApiError(ErrorCode.BAD_REQUEST, "kind")
        found = connection.execute(select(table.c.id).where(table.c.id == who.id)).first()
        if found is None:
            raise ApiError(ErrorCode.NOT_FOUND, who.kind)
    if rule.target is not None and rule.target.kind == "unit":
        row = connection.execute(select(units.c.parent_id).where(units.c.id == rule.target.id)).scalar_one()
        if not row:
            raise ApiError(ErrorCode.BAD_REQUEST, "root", message="不能隐藏最上级单位。")


def _named(connection: Connection, rule: VisibilityRule) -> VisibilityRule:
    def name(who: Who) -> Who:
        if who.kind == "level":
            return msgspec.structs.replace(who, name=_LEVELS.get(who.id, who.id))
        table = _TABLES[who.kind]
        found = connection.execute(select(table.c.name).where(table.c.id == who.id)).scalar_one_or_none()
        return msgspec.structs.replace(who, name=found or "（已删除）")

    return msgspec.structs.replace(
        rule,
        target=None if rule.target is None else name(rule.target),
        viewers=[name(one) for one in rule.viewers],
    )


def _target(rule: VisibilityRule) -> str:
    return rule.scope.value if rule.target is None else rule.target.kind


def _in_words(rule: VisibilityRule) -> str:
    viewers = "、".join(one.name for one in rule.viewers) or "（无）"
    if rule.target is not None:
        return f"“{rule.target.name}”只对 {viewers} 可见"
    scope = {"authority": "本地区或本部门", "unit": "本单位"}[rule.scope.value]
    return f"{viewers} 只能看到{scope}"
