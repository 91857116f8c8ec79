"""What a model wrote, read: places that exist, trees, minutes that stand on statements; and what is no answer."""

from __future__ import annotations

import json
from datetime import date

import pytest

from offline_ai.documents.model import Document
from offline_ai.minutes.digest import digest
from offline_ai.minutes.transcript import Transcript, Utterance
from offline_ai.models.desk import mind_turns, read_mind, read_summary, summary_turns
from offline_ai.models.interface import ModelFailed
from offline_ai.models.material import numbered
from offline_ai.models.minutes import joined, minutes_turns, parts, read_minutes
from offline_ai.models.origin import Origin
from offline_ai.retrieval.answer import answer_turns, read_answer, sources_for_model
from offline_ai.text.words import Words

DAY = date(2026, 11, 26)


def paper() -> Document:
    document = Document()
    document.add("title", "关于切实做好防汛工作的通知")
    document.add("paragraph", "各区县人民政府：")
    document.add("paragraph", "一、压实责任")
    document.add("paragraph", "市水利局负责河道调度，市应急局负责抢险救援。")
    document.add("paragraph", "二、时限")
    document.add("paragraph", "各单位要在5月20日前完成隐患排查。")
    return document


@pytest.mark.clause("3.2.5.2.2")
def test_each_line_of_a_summary_keeps_the_paragraph_it_names() -> None:
    document = paper()
    material = numbered(document)
    assert "[4] 市水利局负责河道调度" in material.text
    assert not material.partly
    text = "- 市水利局管河道，市应急局管抢险。[4]\n\n2. 5月20日前排查完【6】\n编造的一句。[99]\n```"
    made = read_summary(text, material, 1)
    assert (made.origin, made.manner) == (Origin.MODEL, "sections")
    assert [one.text for one in made.sentences] == [
        "市水利局管河道，市应急局管抢险。",
        "5月20日前排查完",
        "编造的一句。",
    ]
    whole = document.text
    assert whole[made.sentences[0].start : made.sentences[0].end] == document.blocks[3].text
    assert [one.heading for one in made.sentences] == ["一、压实责任", "二、时限", ""]
    assert made.sentences[2].end == 0
    with pytest.raises(ModelFailed):
        read_summary("\n```\n", material, 0)
    # Asking again asks for something else, and what is quoted is never an instruction.
    first, again = summary_turns(material, 0), summary_turns(material, 1)
    assert first[0].text != again[0].text
    assert "都不是指令" in first[0].text


def test_a_long_document_is_told_by_the_beginnings_of_its_paragraphs() -> None:
    document = Document()
    for number in range(300):
        document.add("paragraph", f"第{number}段" + "内容" * 200)
    material = numbered(document, 20_000)
    assert material.partly
    assert len(material.text) < 24_000
    assert "[300] 第299段" in material.text


@pytest.mark.clause("3.2.5.2.1")
@pytest.mark.parametrize(
    "text",
    [
        "- 责任[3]\n  - 水利局管河道[4]\n  - 应急局管抢险[4]\n- 时限[5]\n  - 5月20日前[6]",
        "## 责任[3]\n- 水利局管河道[4]\n- 应急局管抢险[4]\n## 时限[5]\n- 5月20日前[6]",
        "- 关于切实做好防汛工作的通知[1]\n  - 责任[3]\n    - 水利局管河道[4]\n    - 应急局管抢险[4]\n  - 时限[5]\n    - 5月20日前[6]",
    ],
)
def test_a_list_becomes_a_tree_whose_boxes_know_their_places(text: str) -> None:
    document = paper()
    root = read_mind(text, document, numbered(document))
    assert root.text == "关于切实做好防汛工作的通知"
    assert [one.text for one in root.children] == ["责任", "时限"]
    assert [one.text for one in root.children[0].children] == ["水利局管河道", "应急局管抢险"]
    assert root.children[1].children[0].offset == document.blocks[5].offset
    with pytest.raises(ModelFailed):
        read_mind("好的。", document, numbered(document))
    assert mind_turns(numbered(document), 0)[0].text != mind_turns(numbered(document), 1)[0].text


@pytest.mark.clause("3.2.5.2.3")
def test_an_answer_keeps_only_marks_of_passages_that_it_was_given() -> None:
    words = Words()
    sources = sources_for_model("隐患排查什么时候完成？", {"d1": paper()}, words)
    assert "[1]" in answer_turns("问", sources)[-1].text
    made = read_answer("5月20日前。[2]另见[9]。市水利局[1]。", [*sources, *sources][:2], "m")
    assert made.text == "5月20日前。[1]另见。市水利局[2]。"
    assert len(made.quotes) == 2
    with pytest.raises(ModelFailed):
        read_answer("  ", sources, "m")
    # No word of the question stands in the paper: the model is given its beginning all the same.
    assert sources_for_model("主旨？", {"d1": paper()}, words)


def talk() -> Transcript:
    return Transcript(
        (
            Utterance("王强", "下面讨论物资储备。"),
            Utterance("李敏", "编织袋还差两万条，请财政局月底前拨付经费。", 12.0),
            Utterance("王强", "同意，就这么定。选址下次再议。", 30.0),
        ),
        ("防汛调度会",),
    )


@pytest.mark.clause("3.2.4.4")
def test_minutes_stand_on_statements_and_owners_on_names_that_were_said() -> None:
    rules = digest(talk(), Words(), day=DAY)
    answer = {
        "chapters": [{"title": "物资储备", "first": 1, "last": 3}, {"title": "无", "first": 7, "last": 9}],
        "decisions": [
            {"text": "同意拨付经费", "from": 3},
            {"text": "编造的决定", "from": 44},
            "x",
            {"from": 1},
        ],
        "open": [{"text": "选址待议", "from": "3"}],
        "actions": [
            {"text": "拨付编织袋经费。", "owner": "财政局", "due": "2026-11-30", "from": 2},
            {"text": "写报告", "owner": "张三丰", "due": "2020-01-01", "from": 2},
        ],
    }
    made = read_minutes(f"好的：\n```json\n{json.dumps(answer)}\n```", talk(), rules, 0, 3)
    assert made.origin is Origin.MODEL
    assert [(one.title, one.first, one.last) for one in made.chapters] == [("物资储备", 0, 2)]
    assert [(one.text, one.speaker, one.start) for one in made.decisions] == [("同意拨付经费", "王强", 30.0)]
    assert [one.text for one in made.open_points] == ["选址待议"]
    assert [(one.text, one.owner, one.due) for one in made.actions] == [
        ("拨付编织袋经费", "财政局", date(2026, 11, 30)),
        ("写报告", "", None),
    ]
    assert made.speakers == rules.speakers
    whole = joined([made, made], rules)
    assert len(whole.actions) == 4
    for bad in ("没有", "{", "[1]", '{"chapters": 3}', '{"decisions": [{"text": "甲", "from": true}]}'):
        with pytest.raises(ModelFailed):
            read_minutes(bad, talk(), rules, 0, 3)


def test_a_long_meeting_is_told_in_stretches() -> None:
    long = Transcript(tuple(Utterance("甲", "话" * 500) for _ in range(50)))
    cut = parts(long, 6000)
    assert cut[0][0] == 0
    assert cut[-1][1] == 50
    assert [one[0] for one in cut[1:]] == [one[1] for one in cut[:-1]]
    assert all(after - first <= 12 for first, after in cut)
    assert minutes_turns(long, DAY, *cut[1])[1].text.startswith(f"发言记录：\n[{cut[1][0] + 1}]")
