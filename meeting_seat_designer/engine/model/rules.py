"""Ranks (职级), departments and sort rules. Source: 3.1.6.2.1, 3.1.6.2.2."""

from __future__ import annotations

from meeting_seat_designer.engine.model.node import Node

SORT_KEYS = {
    "number": "人工序号",
    "leadership": "班子顺序",
    "level": "行政级别",
    "post_first": "领导职务先于职级",
    "rank": "职级",
    "range": "级别",
    "department": "部门顺序",
    "years": "任职年限",
    "strokes": "姓氏笔画",
    "id": "人员编号",
}
DEFAULT_KEYS = (
    "number",
    "leadership",
    "level",
    "post_first",
    "rank",
    "department",
    "years",
    "strokes",
    "id",
)


class Rank(Node):
    """One rank or post. `level` is the tier it sits in; `high`, `low` the 级别 range (13, 8), 0 = none.

    `equal` names a rank it stands level with (一级高级主管 = 一级调研员); for a leading post, its lowest 职级.
    `active` false is a logical deletion: plans that use it still read, new people cannot get it.
    """

    id: str
    name: str
    sequence: str = ""
    level: str = ""
    equal: str = ""
    high: int = 0
    low: int = 0
    leading: bool = False
    aliases: list[str] = []
    active: bool = True


class RankTable(Node):
    """Levels from highest to lowest and ranks in order (the list order is the rank order)."""

    name: str = "公务员职务与职级"
    levels: list[str] = []
    ranks: list[Rank] = []


class Department(Node):
    """A unit in the department order (部门排序), picked from the organisation tree."""

    name: str
    id: str = ""
    aliases: list[str] = []


class SortKey(Node):
    """One sort key and its direction."""

    key: str
    descending: bool = False
    on: bool = True


class RuleSet(Node):
    """A saved set of rules (排序规则): keys in order, department order, unit-wide settings, unknown ranks."""

    id: str = "default"
    name: str = "默认规则"
    keys: list[SortKey] = []
    departments: list[Department] = []
    honour: str = "left"
    even: str = "B"
    unknown_rank: str = "hold"
    near_door_mm: float = 4000
    front_rows: int = 2
