"""Keywords, summaries and mind maps come from the document itself, with places; asking again gives another cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline_ai.documents.extract import extract, extract_file
from offline_ai.documents.model import Document
from offline_ai.documents.structure import Node, mind_map, outline, title_block
from offline_ai.models.origin import AI_NOTICE, Origin
from offline_ai.text.keywords import keywords
from offline_ai.text.numerals import number
from offline_ai.text.summary import MANNERS, summarise
from offline_ai.text.traditional import simplify
from offline_ai.text.words import Words

FLOOD = Path(__file__).parents[1] / "data" / "ai" / "flood.txt"


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture(scope="module")
def flood() -> Document:
    return extract_file(FLOOD)


def test_the_title_is_found_below_the_name_of_the_office(flood: Document) -> None:
    title, offset = title_block(flood)
    assert title.endswith("关于切实做好2026年防汛工作的通知")
    assert flood.text[offset:].startswith("郑州市人民政府办公厅")


def test_keywords_name_what_the_document_is_about(flood: Document, words: Words) -> None:
    found = [keyword.word for keyword in keywords(flood, words, 12)]
    assert "防汛" in found[:4]
    assert {"隐患", "物资", "值班"} & set(found)
    assert "有关" not in found


@pytest.mark.clause("3.2.5.2.2")
def test_a_summary_quotes_whole_sentences_and_another_one_comes_at_the_next_asking(flood, words) -> None:
    first = summarise(flood, words)
    assert first.origin is Origin.RULES
    assert 2 <= len(first.sentences) <= 6
    for one in first.sentences:
        assert flood.text[one.start : one.end] == one.text
    assert [one.start for one in first.sentences] == sorted(one.start for one in first.sentences)
    texts = {summarise(flood, words, variant=at).text for at in range(len(MANNERS))}
    assert len(texts) == len(MANNERS)
    tasks = summarise(flood, words, variant=2)
    assert "5月20日前完成" in tasks.text
    sections = summarise(flood, words, variant=1)
    assert len({one.heading for one in sections.sentences}) == len(sections.sentences)


def test_whom_the_letter_goes_to_and_the_opening_of_a_list_are_no_part_of_a_summary(words: Words) -> None:
    letter = Document()
    for line in (
        "关于做好汛期值班值守工作的通知",
        "各区人民政府，市直各单位，有关企业：",
        "为切实做好汛期值班值守工作，现将有关事项通知如下：",
        "各单位要严格落实24小时值班和领导带班制度。",
    ):
        letter.add("paragraph", line)
    assert [one.text for one in summarise(letter, words).sentences] == [
        "各单位要严格落实24小时值班和领导带班制度。"
    ]


def test_without_text_there_is_no_summary(words: Words) -> None:
    assert summarise(Document(), words).sentences == ()


@pytest.mark.clause("3.2.5.2.1")
def test_the_mind_map_has_the_document_s_levels_and_changes_when_asked_again(flood, words) -> None:
    tree = mind_map(flood, words)
    assert "防汛工作的通知" in tree.text
    assert [child.text for child in tree.children] == [
        "一、压实防汛责任",
        "二、加强隐患排查",
        "三、做好物资储备",
        "四、严格值班值守",
    ]
    assert [child.text for child in tree.children[0].children] == ["（一）健全指挥体系", "（二）明确部门分工"]

    def each(node: Node) -> list[Node]:
        return [node, *(inner for child in node.children for inner in each(child))]

    for node in each(tree)[1:]:
        assert flood.text[node.offset :].startswith(node.text.rstrip("…")[:6])
    assert mind_map(flood, words, variant=1).count() < tree.count()
    assert [child.text for child in mind_map(flood, words, variant=2).children] != [
        child.text for child in tree.children
    ]


def test_the_outline_keeps_order_and_levels_of_run_in_headings() -> None:
    text = (
        "一、总体要求。坚持人民至上。一是落实责任；二是加强督导。\n二、主要任务\n（一）摸清底数。逐户走访。"
    )
    roots = outline(extract(text.encode(), "a.txt"))
    assert [node.text for node in roots] == ["一、总体要求", "二、主要任务"]
    assert [child.text for child in roots[0].children] == ["一是落实责任", "二是加强督导"]
    assert [child.text for child in roots[1].children] == ["（一）摸清底数"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十五", 15),
        ("二十", 20),
        ("一百二十", 120),
        ("〇", 0),
        ("二〇二五", 2025),
        ("两", 2),
        ("12", 12),
        ("甲", None),
    ],
)
def test_numerals(text: str, value: int | None) -> None:
    assert number(text) == value


def test_traditional_forms_keep_their_places() -> None:
    assert simplify("關於開展電子政務檢查的通知") == "关于开展电子政务检查的通知"
    assert simplify("乾隆、著作、皇后") == "乾隆、著作、皇后"


def test_every_origin_says_who_wrote_it() -> None:
    assert Origin.RULES.label == "规则与摘录生成"
    assert Origin.RULES.notice == ""
    assert Origin.MODEL.label == "由模型生成"
    assert Origin.MODEL.notice == AI_NOTICE == "内容为人工智能生成"
