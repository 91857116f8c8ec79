"""Sort keys, ranks, strokes, and which key decided."""

from __future__ import annotations

import pytest

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import DEFAULT_KEYS, Department, RuleSet, SortKey
from meeting_seat_designer.engine.order.ranks import RankIndex, standard_ranks
from meeting_seat_designer.engine.order.sorting import Sorter
from meeting_seat_designer.engine.order.strokes import strokes, surname

RANGES = {
    "一级巡视员": (13, 8),
    "二级巡视员": (15, 10),
    "一级调研员": (17, 11),
    "二级调研员": (18, 12),
    "三级调研员": (19, 13),
    "四级调研员": (20, 14),
    "一级主任科员": (21, 15),
    "二级主任科员": (22, 16),
    "三级主任科员": (23, 17),
    "四级主任科员": (24, 18),
    "一级科员": (26, 18),
    "二级科员": (27, 19),
}


def person(name: str, **fields: object) -> Person:
    made = Person(id=name, name=name)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def order(people: list[Person], rules: RuleSet | None = None) -> list[str]:
    return [p.name for p in Sorter(rules or RuleSet()).sort(people)]


@pytest.mark.clause("3.1.6.2.1")
def test_the_civil_service_ranks_are_shipped_in_order_with_their_ranges() -> None:
    ranks = {rank.name: rank for rank in standard_ranks().ranks}
    general = [rank for rank in standard_ranks().ranks if rank.sequence == "综合管理类"]
    assert [rank.name for rank in general] == list(RANGES)
    assert {rank.name: (rank.high, rank.low) for rank in general} == RANGES
    assert [r.name for r in standard_ranks().ranks if r.leading] == standard_ranks().levels[:10]
    assert ranks["县处级正职"].equal == "二级调研员"
    assert ranks["一级高级主管"].equal == "一级调研员"
    assert len([r for r in ranks.values() if r.sequence == "专业技术类"]) == 11
    assert len([r for r in ranks.values() if r.sequence == "行政执法类"]) == 11


@pytest.mark.clause("3.1.6.2.1")
def test_default_order_is_tier_then_post_then_rank() -> None:
    people = [
        person("一调", rank="一级调研员"),
        person("局长", level="县处级正职", rank="二级调研员"),
        person("副局长", level="县处级副职", rank="三级调研员"),
        person("二巡", rank="二级巡视员"),
        person("三调", rank="三级调研员"),
    ]
    assert order(people) == ["二巡", "局长", "一调", "副局长", "三调"]


def test_by_range_the_first_counsel_outranks_the_division_head() -> None:
    rules = RuleSet(keys=[SortKey(key="range"), SortKey(key="id")])
    people = [person("局长", level="县处级正职"), person("一调", rank="一级调研员")]
    assert order(people, rules) == ["一调", "局长"]
    assert order(people) == ["局长", "一调"]


@pytest.mark.clause("3.1.6.2.1")
def test_several_keys_decide_one_after_another() -> None:
    rules = RuleSet(departments=[Department(name="发改委"), Department(name="教育局", aliases=["市教育局"])])
    people = [
        person("丁", rank="二级调研员", unit="市教育局", years=3),
        person("丙", rank="二级调研员", unit="教育局", years=9),
        person("乙", rank="二级调研员", unit="发改委"),
        person("甲", rank="一级调研员", unit="教育局"),
        person("班子", rank="四级调研员", leadership=1),
        person("手动", rank="二级科员", number=1),
    ]
    assert order(people, rules) == ["手动", "班子", "甲", "乙", "丙", "丁"]


def test_surname_strokes_decide_at_the_end() -> None:
    people = [person(name, rank="一级科员") for name in ("魏来", "丁一", "王二", "卫三", "欧阳修")]
    assert order(people) == ["丁一", "卫三", "王二", "欧阳修", "魏来"]
    assert [strokes(c) for c in "一丁王李赵魏"] == [1, 2, 4, 7, 9, 17]
    assert surname("欧阳修") == "欧阳"


def test_descending_and_switched_off_keys() -> None:
    keys = [SortKey(key="level", descending=True), SortKey(key="rank", on=False)]
    people = [person("甲", rank="一级调研员"), person("乙", rank="二级科员")]
    assert order(people, RuleSet(keys=keys)) == ["乙", "甲"]


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(EditError, match="未知的排序项"):
        Sorter(RuleSet(keys=[SortKey(key="height")]))


def test_the_deciding_key_is_named() -> None:
    sorter = Sorter(RuleSet(departments=[Department(name="甲局"), Department(name="乙局")]))
    first = person("陈伟", rank="二级调研员", unit="甲局")
    second = person("赵敏", rank="二级调研员", unit="乙局")
    decision = sorter.decide(first, second)
    assert (decision.key, decision.first, decision.second) == (
        "department",
        "甲局（第 1 位）",
        "乙局（第 2 位）",
    )
    assert set(DEFAULT_KEYS) == {key.key for key in sorter.keys}


def test_standing_reads_aliases_and_marks_the_unknown() -> None:
    index = RankIndex(standard_ranks())
    assert index.level_name(person("a", level="正处级")) == "县处级正职"
    assert index.standing(person("a", level="正处")).leading
    assert index.standing(person("b", rank="三级高级法官")).known
    assert not index.standing(person("c", rank="特级调研员")).known
    assert not index.standing(person("d")).known
    assert index.standing(person("e", external=True)).known
    assert index.guess("二级调研") == "二级调研员"
