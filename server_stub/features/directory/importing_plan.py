"""Decides, row by row, what an import would change; writes nothing."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, select

from server_stub.contract.directory import ImportRowError

from .importing import FIELDS, Row, Sheet
from .tables import persons, posts, units

_CHUNK = 500
_LEVELS = 5
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_YES = {"是", "主", "主职", "1", "y", "yes", "true", "√"}
_NO = {"", "否", "兼", "兼职", "0", "n", "no", "false"}

UnitPath = tuple[str, ...]
"""Names from the top down."""


class AccountBook(Protocol):
    """Accounts, as far as an import needs them. All run inside a transaction of the import's."""

    def by_login(self, connection: Connection, logins: Sequence[str]) -> dict[str, str]:
        """Return login → person id of those that exist."""
        ...

    def by_phone(self, connection: Connection, phones: Sequence[str]) -> dict[str, list[str]]:
        """Return phone → person ids of those that exist."""
        ...

    def logins_of(self, connection: Connection, person_ids: Sequence[str]) -> dict[str, str]:
        """Return person id → login."""
        ...

    def add(self, connection: Connection, rows: Sequence[tuple[str, str, str]]) -> None:
        """Add accounts that wait for activation: person id, wanted login or pinyin ending in "*", phone."""
        ...

    def change_phones(self, connection: Connection, phones: dict[str, str]) -> None:
        """Give person ids new phone numbers."""
        ...


@dataclass(slots=True)
class PlannedPost:
    """A post as the file says; `order` is None where the file gives none."""

    row: int
    title: str
    main: bool
    order: int | None


@dataclass(slots=True)
class PlannedPerson:
    """A person of the file. `person_id` is empty for a new one."""

    row: int
    name: str
    phone: str
    login: str
    rank: str
    rows: list[int] = field(default_factory=list)
    posts: dict[UnitPath, PlannedPost] = field(default_factory=dict)
    person_id: str = ""
    changed: bool = False
    bad: bool = False


@dataclass(slots=True)
class Plan:
    """What is to be written, and what is wrong."""

    rows: int
    new_units: list[UnitPath] = field(default_factory=list)
    unit_ids: dict[UnitPath, str] = field(default_factory=dict)
    """Existing units that the file names."""
    new: list[PlannedPerson] = field(default_factory=list)
    changed: list[PlannedPerson] = field(default_factory=list)
    unchanged: int = 0
    good_rows: int = 0
    states: dict[int, str] = field(default_factory=dict)
    """Row number → what becomes of it; see `ImportRow.state`."""
    errors: list[ImportRowError] = field(default_factory=list)
    warnings: list[ImportRowError] = field(default_factory=list)


def make_plan(connection: Connection, sheet: Sheet, accounts: AccountBook, *, create_units: bool) -> Plan:
    """Compare the file with the directory as it is now."""
    return _Planner(connection, sheet, accounts, create_units).run()


class _Planner:
    def __init__(
        self, connection: Connection, sheet: Sheet, accounts: AccountBook, create_units: bool
    ) -> None:
        self._connection = connection
        self._sheet = sheet
        self._accounts = accounts
        self._create = create_units
        self._plan = Plan(rows=len(sheet.rows))
        self._by_login: dict[str, PlannedPerson] = {}
        self._by_phone: dict[str, PlannedPerson] = {}
        self._people: list[PlannedPerson] = []
        self._children: dict[tuple[str, str], str] = {}
        self._root = ("", "")
        self._resolved: dict[str, UnitPath | str] = {}

    def run(self) -> Plan:
        self._read_units()
        for row in self._sheet.rows:
            self._take(row)
        for person in self._people:
            self._settle_main(person)
        self._match()
        self._compare()
        plan = self._plan
        self._note_states()
        plan.errors.sort(key=lambda error: error.row)
        plan.warnings.sort(key=lambda error: error.row)
        return plan

    # One row.

    def _take(self, row: Row) -> None:
        cells = row.cells
        before = len(self._plan.errors)
        name = cells.get("name", "")
        if not name:
            self._error(row.number, "name", "", "姓名为空，请填写。")
        elif len(name) > 40:
            self._error(row.number, "name", name[:40], "姓名超过 40 个字，请检查是否填错列。")
        phone = re.sub(r"^(\+?86)(?=1\d{10}$)", "", re.sub(r"[\s()（）-]", "", cells.get("phone", "")))
        if phone and not re.fullmatch(r"1[0-9]{10}", phone):
            self._error(row.number, "phone", cells["phone"], "手机号应为以 1 开头的 11 位数字，请改正。")
        login = cells.get("login", "").lower()
        if login and (not _LOGIN.fullmatch(login) or re.fullmatch(r"1[0-9]{10}", login)):
            text = "账号只能用小写字母、数字、点、横线，2 至 64 位，且不能是手机号，请改正。"
            self._error(row.number, "login", login, text)
        if not phone and not login:
            self._error(row.number, "phone", "", "手机号和账号至少填写一项，用来区分人员。")
        unit = self._unit(row)
        order = self._order(row)
        main = self._main(row)
        for kind, limit in (("title", 100), ("rank", 60)):
            if len(cells.get(kind, "")) > limit:
                self._error(row.number, kind, cells[kind][:40], f"超过 {limit} 个字，请缩短。")
        good = len(self._plan.errors) == before
        person = self._person(row, name, phone, login, cells.get("rank", ""), good)
        if person is None:
            return
        person.rows.append(row.number)
        if len(self._plan.errors) > before or unit is None:
            person.bad = True
            return
        if unit in person.posts:
            text = f"与第 {person.posts[unit].row} 行重复：同一人在同一单位只能有一行，请删去一行。"
            self._error(row.number, "unit", cells["unit"], text)
            person.bad = True
            return
        person.posts[unit] = PlannedPost(row.number, cells.get("title", ""), main, order)

    def _person(
        self, row: Row, name: str, phone: str, login: str, rank: str, good: bool
    ) -> PlannedPerson | None:
        """Return the person whom the row speaks of, made at the first row."""
        one = self._by_login.get(login) if login else None
        other = self._by_phone.get(phone) if phone else None
        if one is not None and other is not None and one is not other:
            self._error(
                row.number,
                "login",
                login,
                f"账号与第 {one.row} 行相同，手机号却与第 {other.row} 行相同，请核对。",
            )
            one.bad = other.bad = True
            return one
        person = one or other
        if person is None:
            if not good and not (phone or login):
                return None
            person = PlannedPerson(row.number, name, phone, login, rank)
            self._people.append(person)
        else:
            self._same(row, person, name, phone, login, rank)
        if phone and not person.bad:
            person.phone = person.phone or phone
            self._by_phone.setdefault(phone, person)
        if login and not person.bad:
            person.login = person.login or login
            self._by_login.setdefault(login, person)
        return person

    def _same(self, row: Row, person: PlannedPerson, name: str, phone: str, login: str, rank: str) -> None:
        """Later rows of a person must not contradict the first."""
        for kind, mine, theirs in (
            ("name", name, person.name),
            ("phone", phone, person.phone),
            ("login", login, person.login),
            ("rank", rank, person.rank),
        ):
            if mine and theirs and mine != theirs:
                key = "手机号" if phone and phone == person.phone else "账号"
                word = FIELDS[kind][0]
                text = f"{key}与第 {person.row} 行相同，{word}却不同。若是同一人请改为一致，否则请核对{key}。"
                self._error(row.number, kind, mine, text)
                person.bad = True
        if rank and not person.rank:
            person.rank = rank

    def _order(self, row: Row) -> int | None:
        text = row.cells.get("order", "")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,8}", text):
            self._error(row.number, "order", text, "排序应为整数，例如 10；不需要排序请留空。")
            return None
        return int(text)

    def _main(self, row: Row) -> bool:
        text = row.cells.get("main", "").lower()
        if text not in _YES and text not in _NO:
            self._error(row.number, "main", text, "主职应填“是”或“否”。")
        return text in _YES

    def _settle_main(self, person: PlannedPerson) -> None:
        mains = [post for post in person.posts.values() if post.main]
        if len(mains) > 1:
            text = f"第 {mains[0].row} 行已标为主职，一人只能有一个主职，请将其余改为“否”。"
            self._error(mains[1].row, "main", "是", text)
            person.bad = True
        elif not mains and person.posts:
            next(iter(person.posts.values())).main = True

    # Units.

    def _read_units(self) -> None:
        for row in self._connection.execute(select(units.c.id, units.c.parent_id, units.c.name)):
            self._children[(row.parent_id, row.name)] = row.id
            if row.parent_id == "":
                self._root = (row.id, row.name)

    def _unit(self, row: Row) -> UnitPath | None:
        text = row.cells.get("unit", "")
        if not text:
            self._error(row.number, "unit", "", "单位为空，请填写从市级到本单位的完整路径。")
            return None
        found = self._resolved.get(text)
        if found is None:
            found = self._resolved[text] = self._resolve(text)
        if isinstance(found, str):
            self._error(row.number, "unit", text, found)
            return None
        return found

    def _resolve(self, text: str) -> UnitPath | str:
        parts = tuple(part.strip() for part in re.split(r"[/／\\>＞]", text) if part.strip())
        root_id, root_name = self._root
        if not parts:
            return "单位为空，请填写从市级到本单位的完整路径。"
        if not root_id:
            self._root = ("", parts[0]) if self._create and not root_name else self._root
            root_name = self._root[1]
        if parts[0] != root_name:
            if not root_id and root_name:
                return f"最上级单位只能有一个，前面的行是“{root_name}”，请改为一致。"
            if not root_id or (self._create and (root_id, parts[0]) not in self._children):
                return (
                    f"单位路径应从“{root_name}”写起，请补全。"
                    if root_name
                    else "尚无任何单位，请选择“自动新建单位”。"
                )
            # The city's own name may be left out.
            parts = (root_name, *parts)
        if len(parts) > _LEVELS:
            return f"单位最多 {_LEVELS} 级（市、区县、乡镇街道、村社区、网格），请减少级数。"
        if any(len(part) > 60 for part in parts):
            return "单位名称超过 60 个字，请缩短。"
        above = ""
        for depth, part in enumerate(parts, 1):
            unit_id = self._plan.unit_ids.get(parts[:depth]) or self._children.get((above, part))
            if unit_id is None:
                if not self._create:
                    return f"单位“{part}”不存在。请核对名称；确需新建，请选择“自动新建单位”。"
                break
            self._plan.unit_ids[parts[:depth]] = unit_id
            above = unit_id
        return parts

    # Against the directory.

    def _match(self) -> None:
        logins = self._chunked(
            self._accounts.by_login, [person.login for person in self._people if person.login]
        )
        owners = self._chunked(
            self._accounts.by_phone, [person.phone for person in self._people if person.phone]
        )
        taken: dict[str, PlannedPerson] = {}
        for person in self._people:
            if person.bad:
                continue
            by_login, by_phone = logins.get(person.login), owners.get(person.phone, [])
            if by_login is not None:
                others = [one for one in by_phone if one != by_login]
                if others:
                    self._fail(person, "phone", person.phone, "手机号已被其他人员使用，请核对。")
                person.person_id = by_login
            elif len(by_phone) > 1:
                self._fail(person, "phone", person.phone, "有多名人员使用此手机号，请填写账号来区分。")
            elif by_phone:
                if person.login:
                    self._fail(
                        person, "login", person.login, "此手机号的人员已有其他账号；账号不能由导入更改。"
                    )
                person.person_id = by_phone[0]
            if person.person_id and not person.bad:
                earlier = taken.setdefault(person.person_id, person)
                if earlier is not person:
                    text = f"与第 {earlier.row} 行是同一人，请为两行填写相同的账号和手机号。"
                    self._fail(person, "name", person.name, text)

    def _compare(self) -> None:
        ids = [person.person_id for person in self._people if person.person_id]
        kept = {row.id: row for row in self._rows(persons, persons.c.id, ids)}
        held: dict[str, dict[str, tuple[str, bool, int]]] = {}
        for row in self._rows(posts, posts.c.person_id, ids):
            held.setdefault(row.person_id, {})[row.unit_id] = (row.title, bool(row.main), row.sort_order)
        plan = self._plan
        for person in self._people:
            row = kept.get(person.person_id)
            if row is not None and not person.bad:
                self._compare_one(person, row, held.get(person.person_id, {}))
            if person.bad:
                continue
            plan.good_rows += len(person.rows)
            if row is None:
                plan.new.append(person)
                if not person.phone:
                    text = "没有手机号，此人无法用短信验证码激活账号，需由管理员设置密码。"
                    self._warn(person.row, "phone", "", text)
            elif person.changed:
                plan.changed.append(person)
            else:
                plan.unchanged += 1
        needed = {
            path[:depth]
            for person in (*plan.new, *plan.changed)
            for path in person.posts
            for depth in range(1, len(path) + 1)
        }
        plan.new_units = sorted(
            (path for path in needed if path not in plan.unit_ids), key=lambda path: (len(path), path)
        )

    def _note_states(self) -> None:
        """Say of each row what becomes of it; rows that name nobody have an error of their own."""
        states = self._plan.states
        for person in self._people:
            state = "left" if person.bad else "changed" if person.changed else "same"
            states.update(dict.fromkeys(person.rows, state))
        for person in self._plan.new:
            states.update(dict.fromkeys(person.rows, "new"))
        states.update(dict.fromkeys((error.row for error in self._plan.errors), "bad"))

    def _compare_one(self, person: PlannedPerson, row, held: dict[str, tuple[str, bool, int]]) -> None:
        if not row.active:
            self._fail(person, "name", person.name, "此人已停用，请先在人员管理中恢复后再导入。")
            return
        if row.name != person.name and not person.login:
            text = "手机号已属于另一姓名的人员。若是同一人改名，请同时填写其账号；否则请核对手机号。"
            self._fail(person, "phone", person.phone, text)
            return
        person.phone = person.phone or row.phone
        person.rank = person.rank or row.rank
        wanted: dict[str, tuple[str, bool, int]] = {}
        fresh = False
        for path, post in person.posts.items():
            unit_id = self._plan.unit_ids.get(path, "")
            before = held.get(unit_id)
            if before is not None and post.order is None:
                post.order = before[2]
            fresh = fresh or not unit_id
            wanted[unit_id] = (post.title, post.main, post.order or 0)
        person.changed = (
            fresh
            or (row.name, row.phone, row.rank) != (person.name, person.phone, person.rank)
            or wanted != held
        )
        for unit_id, (title, _main, _order) in held.items():
            if unit_id not in wanted:
                text = "文件中没有此人的这项职务，导入后将被移除。如需保留，请在文件中补上一行。"
                self._warn(person.row, "title", title, text)

    # Small things.

    def _rows(self, table, column, ids: Sequence[str]):
        for start in range(0, len(ids), _CHUNK):
            yield from self._connection.execute(select(table).where(column.in_(ids[start : start + _CHUNK])))

    def _chunked(self, ask: Callable, keys: Iterable[str]) -> dict:
        wanted = list(dict.fromkeys(keys))
        found: dict = {}
        for start in range(0, len(wanted), _CHUNK):
            found.update(ask(self._connection, wanted[start : start + _CHUNK]))
        return found

    def _fail(self, person: PlannedPerson, column: str, value: str, message: str) -> None:
        person.bad = True
        self._error(person.row, column, value, message)

    def _error(self, row: int, column: str, value: str, message: str) -> None:
        self._plan.errors.append(self._line(row, column, value, message))

    def _warn(self, row: int, column: str, value: str, message: str) -> None:
        self._plan.warnings.append(self._line(row, column, value, message))

    def _line(self, row: int, column: str, value: str, message: str) -> ImportRowError:
        heading = self._sheet.columns.get(column, FIELDS[column][0])
        return ImportRowError(row=row, column=heading, value=value[:60], message=message)
