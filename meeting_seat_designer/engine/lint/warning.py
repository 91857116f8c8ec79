"""A warning (座位预警) and its fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from meeting_seat_designer.engine.edits.base import Command

NAMES = {
    "duplicate_code": "座位编号重复",
    "seated_twice": "一人多座",
    "pin_conflict": "指定座位冲突",
    "too_few_seats": "座位不足",
    "unknown_rank": "职级未知",
    "same_name": "同名人员",
    "rank_inversion": "职级次序颠倒",
    "department_split": "单位被拆开",
    "together_broken": "相邻要求未满足",
    "apart_broken": "分开要求未满足",
    "need_unmet": "特殊需要未满足",
    "first_not_centred": "1 号未居中",
    "aisle_through_first": "过道穿过 1 号",
    "collision": "物体重叠",
    "seat_deleted": "有人的座位被删除",
    "double_booked": "时间冲突",
    "no_phone": "外部人员缺手机号",
    "out_of_date": "已发布的座位图已过期",
    "waiting": "尚未安排座位",
}


@dataclass(frozen=True)
class Fix:
    """One way to mend a warning: a command ready to run, or one made from a value the clerk types in."""

    label: str
    command: Command | None = None
    prompt: str = ""
    suggestion: str = ""
    build: Callable[[str], Command] | None = None

    def edit(self, value: str = "") -> Command:
        """The command to run; `value` answers the prompt (the suggestion is used when empty)."""
        if self.build is not None:
            return self.build(value or self.suggestion)
        if self.command is None:
            raise ValueError("fix without a command")
        return self.command


@dataclass(frozen=True)
class SeatWarning:
    """One warning: `code` names the kind, `level` is error, warning or note; ids say what it concerns."""

    code: str
    text: str
    fix: Fix
    level: str = "warning"
    seats: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    more: tuple[Fix, ...] = field(default=())

    @property
    def name(self) -> str:
        """The kind of warning in Chinese."""
        return NAMES[self.code]
