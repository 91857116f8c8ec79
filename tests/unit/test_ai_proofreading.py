"""Every rule finds what it must and leaves alone what is right; mechanical fixes mend what they claim to mend."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from offline_ai.documents.extract import extract, extract_file
from offline_ai.documents.model import Document
from offline_ai.official.parts import take_apart
from offline_ai.proofread.cases import Case, read_cases
from offline_ai.proofread.engine import NO_LAYOUT, NO_MATERIAL, apply_fixes, proofread
from offline_ai.proofread.model import VERSION, Level
from offline_ai.proofread.rules import RULES

DATA = Path(__file__).parents[1] / "data" / "ai"
CASES = read_cases((DATA / "proofreading.txt").read_text("utf-8"))


def of(rule: str, wanted: bool) -> list[Case]:
    return [case for case in CASES if case.rule == rule and case.wanted is wanted]


def test_each_rule_has_enough_cases_and_every_rule_is_there() -> None:
    positive = Counter(case.rule for case in CASES if case.wanted)
    negative = Counter(case.rule for case in CASES if not case.wanted)
    assert len({case.text + str(case.options) for case in CASES if case.wanted}) == sum(positive.values())
    for rule in RULES:
        assert positive[rule] >= 5, rule
        assert negative[rule] >= 3, rule


@pytest.mark.clause("3.2.5.2.6")
@pytest.mark.parametrize("rule", list(RULES))
def test_the_rule_finds_what_is_wrong_and_leaves_what_is_right(rule: str) -> None:
    assert [case.text for case in of(rule, True) if rule not in case.found()] == []
    assert [case.text for case in of(rule, False) if rule in case.found()] == []


def test_rules_that_were_superseded_are_not_asked_for() -> None:
    for case in of("*", False):
        assert case.found() == [], case.text


@pytest.mark.parametrize("rule", [rule.id for rule in RULES.values() if rule.mechanical])
def test_what_is_fixed_mechanically_is_not_found_again(rule: str) -> None:
    for case in of(rule, True):
        document = case.document()
        findings = [one for one in case.report().findings if one.rule.id == rule]
        assert all(one.found == document.text[one.start : one.end] for one in findings)
        fixes = [one for one in findings if one.mechanical]
        assert fixes, case.text
        mended, done = apply_fixes(document.text, fixes)
        assert done
        again = Case(rule, False, mended.replace("\n", "¶"), case.options, 0)
        assert rule not in again.found(), (case.text, mended)


def test_levels_sources_and_version_are_told() -> None:
    report = proofread(extract("根据郑政办[2025]12号《方案》、《办法》，截止5月底完成。".encode(), "a.txt"))
    assert report.version == VERSION
    by_rule = {one.rule.id: one for one in report.findings}
    assert by_rule["F1"].rule.level is Level.RULE
    assert "GB/T 9704-2012 7.2.5" in by_rule["F1"].rule.source
    assert by_rule["F1"].fix == "〔2025〕"
    assert by_rule["C3"].rule.level is Level.PRACTICE
    assert all(rule.level is Level.PRACTICE for rule in RULES.values() if rule.source == "公文写作惯例")


def test_plain_text_says_unchecked_where_the_page_is_needed() -> None:
    report = proofread(extract_file(DATA / "flood.txt"))
    unchecked = {one.rule.id: one.why for one in report.unchecked}
    assert unchecked == {
        "P4": NO_LAYOUT,
        "P5": NO_LAYOUT,
        "P6": NO_LAYOUT,
        "P7": NO_LAYOUT,
        "C6": NO_MATERIAL,
    }
    assert report.checked == len(RULES) - 5


def test_overlapping_fixes_are_put_in_once_and_the_rest_stays() -> None:
    document = Document()
    document.add("paragraph", "会议要求,学习《条例》、《办法》。星期5召开。")
    report = proofread(document)
    mended, done = apply_fixes(document.text, [*report.findings, *report.findings])
    assert mended == "会议要求，学习《条例》《办法》。星期五召开。"
    assert len(done) == 3


def test_a_sound_document_gives_no_finding_but_what_is_meant() -> None:
    report = proofread(extract_file(DATA / "flood.txt"))
    assert [one.rule.id for one in report.findings] == []


LETTERS = DATA / "letters"
SPOILT = {
    "notice": (
        ("郑政办〔2026〕38号", "郑政办[2026]38号", "F1"),
        ("（二）实施管网", "（三）实施管网", "B5"),
        ("每月5日前报送上月", "请报送上月", "C5"),
        ("国务院关于", "国务院,关于", "D7"),
        ("2026年4月17日印发", "2026年4月12日印发", "P3"),
        ("重点项目表\n2. 易", "重点项目表；\n2. 易", "B9"),
        ("采用3～5年", "采用3～5%", "N3"),
    ),
    "request": (
        ("妥否，请批示。", "特此报告。", "G16"),
        ("市人民政府：\n", "市人民政府、市委：\n", "G4"),
        ("　　签发人：周立新", "", "G13"),
        ("《中华人民共和国预算法》《", "《中华人民共和国预算法》、《", "D1"),
        ("有关事项请示如下", "有关事项报告如下", "G18"),
        ("2至3次", "2、3次", "N1"),
    ),
    "letter": (
        ("（联系人：王敏，电话：0371-67170086）", "联系人：王敏，电话：0371-67170086", "B17"),
        ("于2026年5月8日前将意见", "截止5月8日将意见", "C3"),
        ("2026年4月22日", "2026年04月22日", "B15"),
        ("附件2\n数据首席代表、数据专员登记表", "附件2\n数据首席代表、数据专员登记册", "B12"),
        ("“可用不可见”", "“可用不可见", "D8"),
    ),
    "minutes": (
        ("1至5月份规模以上", "近日规模以上", "C5"),
        ("二是抓紧消除", "其他抓紧消除其它", "C3"),
        ("“一网通办”“一窗", "“一网通办”、“一窗", "D2"),
        ("下降9.7%", "下降1倍", "N9"),
        ("市监委，市中级人民法院，市人民检察院。\n郑", "市监委，市中级人民法院，市人民检察院\n郑", "P1"),
    ),
}


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_long_sound_letter_gives_no_false_alarm(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text) > (1500 if path.stem != "reply" else 600)
    report = proofread(extract_file(path))
    assert [(one.rule.id, one.found, one.why) for one in report.findings] == []


@pytest.mark.parametrize("name", list(SPOILT))
def test_one_mistake_in_a_long_letter_is_found_and_nothing_else(name: str) -> None:
    text = (LETTERS / f"{name}.txt").read_text("utf-8")
    for right, wrong, rule in SPOILT[name]:
        assert right in text, right
        report = proofread(extract(text.replace(right, wrong, 1).encode(), "a.txt"))
        assert rule in {one.rule.id for one in report.findings}, (rule, wrong)
        # A mistake may break a second rule, but does not make the letter fall apart.
        assert len({one.rule.id for one in report.findings}) <= 2, [one.why for one in report.findings]


@pytest.mark.clause("3.2.5.2.5")
def test_an_official_document_is_taken_apart() -> None:
    text = (
        "000023\n机密★1年\n特急\n郑州市水利局文件\n郑水〔2025〕12号　　签发人：张三\n郑州市水利局\n关于增拨防汛经费的请示\n"
        "市人民政府：\n现将有关事项请示如下。\n妥否，请批示。\n附件：1. 预算表\n2. 名单\n郑州市水利局\n2025年5月8日\n"
        "（联系人：李四，电话67181234）\n抄送：市财政局。\n郑州市水利局办公室　2025年5月9日印发\n附件1\n预算表"
    )
    document = extract(text.encode(), "a.txt")
    parts = take_apart(document)
    assert parts.kind == "请示"
    assert parts.issuer == "郑州市水利局"
    for part, wanted in (
        (parts.copy_number, "000023"),
        (parts.secrecy, "机密★1年"),
        (parts.urgency, "特急"),
        (parts.mark, "郑州市水利局文件"),
        (parts.signer, "签发人：张三"),
        (parts.recipients, "市人民政府："),
        (parts.date, "2025年5月8日"),
        (parts.note, "（联系人：李四，电话67181234）"),
        (parts.cc, "抄送：市财政局。"),
    ):
        assert part is not None
        assert part.text == wanted == document.text[part.start : part.end]
    assert [number.text for number in parts.numbers] == ["郑水〔2025〕12号"]
    assert [(one.number, one.name) for one in parts.attachments] == [(1, "预算表"), (2, "名单")]
    assert [(number, page.text) for number, page in parts.pages] == [(1, "预算表")]
    assert parts.printed is not None
    assert [block.text for block in parts.body] == ["现将有关事项请示如下。", "妥否，请批示。"]
