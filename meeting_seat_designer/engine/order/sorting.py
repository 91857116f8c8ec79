"""Sorting people by the keys of a rule set, and saying which key decided. Source: 3.1.6.2.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import DEFAULT_KEYS, SORT_KEYS, RankTable, RuleSet, SortKey
from meeting_seat_designer.engine.order.ranks import RankIndex, standard_ranks
from meeting_seat_designer.engine.order.strokes import stroke_key, surname

_LAST = 10**9


class Decision(NamedTuple):
    """Which key put one person before another, with both values as text."""

    key: str
    label: str
    first: str
    second: str


class Sorter:
    """The order of people under one rule set and rank table; the same for any order of input."""

    def __init__(self, rules: RuleSet, table: RankTable | None = None) -> None:
        self.ranks = RankIndex(table if table is not None else standard_ranks())
        self.rules = rules
        self._departments: dict[str, int] = {}
        for index, department in enumerate(rules.departments):
            for name in (department.name, department.id, *department.aliases):
                if name:
                    self._departments.setdefault(name, index)
        keys = [key for key in rules.keys if key.on] if rules.keys else [SortKey(key=k) for k in DEFAULT_KEYS]
        for key in keys:
            if key.key not in SORT_KEYS:
                raise EditError(f"未知的排序项“{key.key}”，可用：{'、'.join(SORT_KEYS)}")
        if all(key.key != "id" for key in keys):
            keys = [*keys, SortKey(key="id")]
        self.keys = keys
        readers: dict[str, Callable[[Person], Any]] = {
            "number": lambda person: person.number or _LAST,
            "leadership": lambda person: person.leadership or _LAST,
            "level": lambda person: self.ranks.standing(person).level,
            "post_first": lambda person: 0 if self.ranks.standing(person).leading else 1,
            "rank": lambda person: self.ranks.standing(person).position,
            "range": lambda person: self.ranks.standing(person).range,
            "department": self._department,
            "years": lambda person: -person.years,
            "strokes": lambda person: stroke_key(person.name),
            "id": lambda person: person.id,
        }
        self._readers = [(key, readers[key.key]) for key in keys]

    def _department(self, person: Person) -> tuple[int, str]:
        index = self._departments.get(person.unit)
        return (len(self._departments), person.unit) if index is None else (index, "")

    def department_index(self, unit: str) -> int | None:
        """Place of a unit in the department order, from 0; None when it is not listed."""
        return self._departments.get(unit)

    def key(self, person: Person) -> tuple[Any, ...]:
        """The whole sort key of a person."""
        return tuple(
            _Reversed(read(person)) if key.descending else read(person) for key, read in self._readers
        )

    def sort(self, people: Iterable[Person]) -> list[Person]:
        """People from first to last."""
        return sorted(people, key=self.key)

    def placeable(self, person: Person) -> bool:
        """Whether the person's place is known: a known rank, or a manual number or 班子 order."""
        return bool(person.number or person.leadership) or self.ranks.standing(person).known

    def decide(self, first: Person, second: Person) -> Decision:
        """The key that puts `first` before `second` (or the other way round)."""
        for key, read in self._readers:
            if read(first) != read(second):
                return Decision(
                    key.key, SORT_KEYS[key.key], self._text(key.key, first), self._text(key.key, second)
                )
        return Decision("id", SORT_KEYS["id"], first.id, second.id)

    def _text(self, key: str, person: Person) -> str:
        standing = self.ranks.standing(person)
        if key in ("number", "leadership"):
            value = person.number if key == "number" else person.leadership
            return f"第 {value} 号" if value else "未设"
        if key == "level":
            return self.ranks.level_name(person) or "未知"
        if key == "post_first":
            return "领导职务" if standing.leading else "职级"
        if key == "rank":
            return person.rank or person.level or "未填"
        if key == "range":
            low, high = standing.range
            return f"{high}–{low} 级" if high < 99 else "无级别"
        if key == "department":
            index = self._departments.get(person.unit)
            return f"{person.unit or '无单位'}（{'未列入顺序' if index is None else f'第 {index + 1} 位'}）"
        if key == "years":
            return f"{person.years:g} 年"
        if key == "strokes":
            first = surname(person.name)
            return f"{first}（{'+'.join(str(n) for n, _, _ in stroke_key(first))} 画）"
        return person.id


class _Reversed:
    """Turns the order of one key round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Reversed) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)
