"""Edits of people, ranks, departments and rules. Source: 3.1.6.2, 3.1.6.3."""

from __future__ import annotations

from typing import Any

from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.base import Command, Journal
from meeting_seat_designer.engine.edits.targets import fresh_id
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import SORT_KEYS, Department, Rank, RankTable, RuleSet, SortKey
from meeting_seat_designer.engine.order.ranks import standard_ranks


class AddPeople(Command):
    """Add people to the meeting; ids already present are refused."""

    text = "添加人员"

    def __init__(self, people: list[Person]) -> None:
        self.people = people

    def apply(self, document: Document, journal: Journal) -> None:
        """Append copies of the people."""
        known = set(document.people_map())
        for person in self.people:
            if person.id in known:
                raise EditError(f"人员 {person.name}（{person.id}）已在名单中")
            known.add(person.id)
            journal.append(document.people, clone(person))


class SetPerson(Command):
    """Change fields of one person (rank, phone, needs, roles, display text …)."""

    text = "修改人员信息"

    def __init__(self, person: str, **fields: Any) -> None:
        self.person, self.fields = person, fields

    def apply(self, document: Document, journal: Journal) -> None:
        """Set the fields; someone who no longer attends leaves the seat."""
        person = document.people_map().get(self.person)
        if person is None:
            raise EditError(f"没有人员 {self.person}")
        for name, value in self.fields.items():
            if name in ("id", "extra", "label") or not hasattr(person, name):
                raise EditError(f"人员没有属性 {name}")
            journal.set(person, name, value)
        if person.status != "attending":
            leave(document, journal, self.person)


def leave(document: Document, journal: Journal, person: str) -> None:
    """Free the person's seats (and their locks) and take the person off the waiting list."""
    plan = document.plan
    freed = [seat for seat, who in plan.seats.items() if who == person]
    for seat in freed:
        journal.drop(plan.seats, seat)
    journal.replace(plan.locks, [seat for seat in plan.locks if seat not in freed])
    journal.replace(plan.waiting, [item for item in plan.waiting if item.person != person])


class RemovePeople(Command):
    """Take people off the list altogether, with their pins, groups and check-ins."""

    text = "移除人员"

    def __init__(self, people: list[str]) -> None:
        self.people = people

    def apply(self, document: Document, journal: Journal) -> None:
        """Remove everything that names them."""
        plan = document.plan
        for name in self.people:
            person = document.people_map().get(name)
            if person is None:
                raise EditError(f"没有人员 {name}")
            leave(document, journal, name)
            journal.remove(document.people, person)
            journal.drop(plan.checkins, name)
        gone = set(self.people)
        journal.replace(plan.pins, [pin for pin in plan.pins if pin.person not in gone])
        for group in plan.groups:
            journal.set(group, "people", [p for p in group.people if p not in gone])


def own_ranks(document: Document, journal: Journal) -> RankTable:
    """The document's rank table; a copy of the standard one is put in first when there is none."""
    if document.ranks is None:
        journal.set(document, "ranks", standard_ranks())
    if document.ranks is None:
        raise EditError("没有职级表")
    return document.ranks


class AddRank(Command):
    """Add a rank (职级) at a place of the order; `created` is its id."""

    text = "添加职级"

    def __init__(self, rank: Rank, index: int | None = None) -> None:
        self.rank, self.index = rank, index
        self.created = ""

    def apply(self, document: Document, journal: Journal) -> None:
        """Names and aliases must be new among the active ranks."""
        table = own_ranks(document, journal)
        name = self.rank.name.strip()
        if not name:
            raise EditError("职级名称不能为空")
        if any(name == other.name for other in table.ranks if other.active):
            raise EditError(f"职级“{name}”已存在")
        if self.rank.level and self.rank.level not in table.levels:
            raise EditError(f"未知的行政级别“{self.rank.level}”")
        rank = clone(self.rank)
        rank.name = name
        rank.id = self.created = rank.id or fresh_id([other.id for other in table.ranks], "x")
        index = len(table.ranks) if self.index is None else max(0, min(self.index, len(table.ranks)))
        journal.insert(table.ranks, index, rank)


class SetRank(Command):
    """Change fields of a rank."""

    text = "修改职级"

    def __init__(self, rank: str, **fields: Any) -> None:
        self.rank, self.fields = rank, fields

    def apply(self, document: Document, journal: Journal) -> None:
        """A renamed rank keeps its old name as an alias, so that people on it stay known."""
        table = own_ranks(document, journal)
        rank = next((rank for rank in table.ranks if rank.id == self.rank), None)
        if rank is None:
            raise EditError(f"没有职级 {self.rank}")
        for name, value in self.fields.items():
            if name in ("id", "extra") or not hasattr(rank, name):
                raise EditError(f"职级没有属性 {name}")
            if name == "name" and value != rank.name:
                if any(value == other.name for other in table.ranks if other is not rank):
                    raise EditError(f"职级“{value}”已存在")
                journal.set(rank, "aliases", [*rank.aliases, rank.name])
            journal.set(rank, name, value)


class DeleteRank(Command):
    """Delete a rank: logically when a person or another rank uses it, else for good."""

    text = "删除职级"

    def __init__(self, rank: str) -> None:
        self.rank = rank

    def apply(self, document: Document, journal: Journal) -> None:
        """Mark inactive or remove."""
        table = own_ranks(document, journal)
        rank = next((rank for rank in table.ranks if rank.id == self.rank), None)
        if rank is None:
            raise EditError(f"没有职级 {self.rank}")
        names = {rank.name, *rank.aliases}
        used = any({person.rank, person.level} & names for person in document.people)
        if used or any(other.equal == rank.name for other in table.ranks):
            journal.set(rank, "active", False)
        else:
            journal.remove(table.ranks, rank)


class MoveRank(Command):
    """Drag a rank to another place of the order."""

    text = "调整职级顺序"

    def __init__(self, rank: str, index: int) -> None:
        self.rank, self.index = rank, index

    def apply(self, document: Document, journal: Journal) -> None:
        """Reorder the table."""
        table = own_ranks(document, journal)
        order = list(table.ranks)
        rank = next((rank for rank in order if rank.id == self.rank), None)
        if rank is None:
            raise EditError(f"没有职级 {self.rank}")
        order = [other for other in order if other is not rank]
        order.insert(max(0, min(self.index, len(order))), rank)
        if [id(item) for item in order] != [id(item) for item in table.ranks]:
            journal.set(table, "ranks", order)


class SetRankTable(Command):
    """Replace the whole rank table (an import)."""

    text = "导入职级表"

    def __init__(self, table: RankTable) -> None:
        self.table = table

    def apply(self, document: Document, journal: Journal) -> None:
        """Set a copy."""
        journal.set(document, "ranks", clone(self.table))


class SetKeys(Command):
    """Set the sort keys in order (拖拽排序)."""

    text = "修改排序规则"

    def __init__(self, keys: list[SortKey]) -> None:
        self.keys = keys

    def apply(self, document: Document, journal: Journal) -> None:
        """Each key once, all known."""
        names = [key.key for key in self.keys]
        unknown = [name for name in names if name not in SORT_KEYS]
        if unknown:
            raise EditError(f"未知的排序项“{unknown[0]}”")
        if len(set(names)) != len(names):
            raise EditError("排序项不能重复")
        journal.set(document.rules, "keys", [clone(key) for key in self.keys])


class SetDepartments(Command):
    """Set the department order (部门排序)."""

    text = "修改部门顺序"

    def __init__(self, departments: list[Department]) -> None:
        self.departments = departments

    def apply(self, document: Document, journal: Journal) -> None:
        """Each department once."""
        names = [department.name for department in self.departments]
        if len(set(names)) != len(names):
            raise EditError("部门不能重复")
        journal.set(document.rules, "departments", [clone(item) for item in self.departments])


class SetRules(Command):
    """Replace the rule set in force (from a saved one or an import), or change single fields of it."""

    text = "修改规则"

    def __init__(self, rules: RuleSet | None = None, **fields: Any) -> None:
        self.rules, self.fields = rules, fields

    def apply(self, document: Document, journal: Journal) -> None:
        """Set a copy, then the fields."""
        if self.rules is not None:
            journal.set(document, "rules", clone(self.rules))
        for name, value in self.fields.items():
            if name == "extra" or not hasattr(document.rules, name):
                raise EditError(f"规则没有属性 {name}")
            journal.set(document.rules, name, value)


class SaveRules(Command):
    """Save the rules in force under a name; an earlier set of that name is replaced."""

    text = "保存规则"

    def __init__(self, name: str) -> None:
        self.name = name.strip()

    def apply(self, document: Document, journal: Journal) -> None:
        """Keep a copy in the document."""
        if not self.name:
            raise EditError("规则名称不能为空")
        kept = clone(document.rules)
        kept.name = self.name
        kept.id = fresh_id([rules.id for rules in document.rule_sets], "rules")
        others = [rules for rules in document.rule_sets if rules.name != self.name]
        journal.replace(document.rule_sets, [*others, kept])
