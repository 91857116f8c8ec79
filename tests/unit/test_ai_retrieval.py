"""Retrieval: the right passage first, with its place, and never anything that may not be seen."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
import sqlcipher3

from offline_ai.documents.extract import extract, extract_file
from offline_ai.documents.model import Document
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.models.origin import Origin
from offline_ai.retrieval.answer import NOTHING, answer, ask_documents
from offline_ai.retrieval.index import Index
from offline_ai.retrieval.passages import passages
from offline_ai.retrieval.rewrite import rewrite
from offline_ai.retrieval.synonyms import BadSynonyms, Synonyms
from offline_ai.text.words import Words

FLOOD = Path(__file__).parents[1] / "data" / "ai" / "flood.txt"
LEAVE = "关于规范请假审批的通知\n一、请假程序\n工作人员请假三天以内由处室负责人审批，三天以上由分管领导审批。\n二、销假\n假期结束当日到人事处销假。"
SECRET = (
    "关于金丝雀项目的请示\n金丝雀项目拟安排经费三百万元，由市财政局牵头，请假人员不得参加。防汛物资另行安排。"
)


def everything(ids: Sequence[str]) -> Iterable[str]:
    return ids


def but_secret(ids: Sequence[str]) -> Iterable[str]:
    return [one for one in ids if one != "secret"]


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.fixture
def index(words: Words, tmp_path: Path) -> Iterable[Index]:
    connection = sqlcipher3.connect(str(tmp_path / "index.db"))
    connection.execute("PRAGMA key = \"x'" + "11" * 32 + "'\"")
    made = Index(connection, words)
    made.put("flood", extract_file(FLOOD), kind="file", changed=3)
    made.put("leave", extract(LEAVE.encode(), "a.txt"), kind="knowledge", changed=2)
    made.put("secret", extract(SECRET.encode(), "b.txt"), kind="message", changed=1)
    connection.commit()
    yield made
    connection.close()


def test_the_passage_that_answers_comes_first_with_its_place(index: Index) -> None:
    found = index.search("隐患排查什么时候完成", everything)
    first = found.sources[0]
    assert first.document == "flood"
    assert "5月20日前完成" in first.text
    assert extract_file(FLOOD).text[first.start : first.end] == first.text
    assert "隐患" in first.terms


def test_two_characters_and_abbreviations_find_what_is_meant(index: Index) -> None:
    assert index.search("防汛", everything).sources[0].document == "flood"
    assert index.search("休假找谁批", everything).sources[0].document == "leave"
    assert "请假" in index.search("休假找谁批", everything).expanded
    assert index.search("应急局负责什么", everything).sources[0].document == "flood"
    assert index.search("防汛工作", everything, only=["leave"]).sources == ()


@pytest.mark.parametrize(
    "question", ["金丝雀", "金丝雀项目经费", "三百万元", "请假", "防汛物资", "市财政局牵头"]
)
def test_what_may_not_be_seen_leaves_no_trace(index: Index, question: str) -> None:
    found = index.search(question, but_secret)
    assert "secret" not in {source.document for source in found.sources}
    assert "金丝雀" not in "".join(source.text + source.title for source in found.sources)
    shown = index.search(question, everything)
    assert shown.documents >= found.documents
    assert found.documents == len({source.document for source in found.sources})


def test_counts_and_suggestions_know_only_what_may_be_seen(index: Index) -> None:
    assert index.search("金丝雀", everything).documents == 1
    assert index.search("金丝雀", but_secret).documents == 0
    assert any("金丝雀" in text for text in index.suggest("金丝雀", everything))
    assert index.suggest("金丝雀", but_secret) == []
    assert index.suggest("规范", but_secret) == ["关于规范请假审批的通知"]
    assert index.suggest("%", everything) == []


def test_documents_are_replaced_and_forgotten(index: Index) -> None:
    changed = extract("关于放假的通知\n元旦放假三天。".encode(), "a.txt")
    assert index.put("leave", changed, kind="file", changed=9, digest="d") == 1
    assert index.put("leave", changed, kind="file", changed=9, digest="d") == 0
    assert index.search("销假", everything).documents == 0
    index.remove("leave")
    assert index.search("元旦", everything).documents == 0
    assert index.digest("leave") is None


class HashEmbedder:
    """Vectors from character pairs: near texts get near vectors. A stand-in for an endpoint."""

    name = "pairs"

    def __init__(self) -> None:
        self.fails = False

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.fails:
            raise ModelFailed("没有连上")
        made = []
        for text in texts:
            vector = [0.0] * 64
            for one, other in itertools.pairwise(text):
                vector[hashlib.sha256((one + other).encode()).digest()[0] % 64] += 1
            made.append(vector)
        return made


def test_vectors_join_in_where_a_model_gives_them(words: Words) -> None:
    embedder = HashEmbedder()
    index = Index(sqlcipher3.connect(":memory:"), words, embedder=embedder)
    index.put("flood", extract_file(FLOOD), kind="file", changed=1)
    index.put("secret", extract(SECRET.encode(), "b.txt"), kind="file", changed=1)
    while index.embed_missing(3):
        pass
    found = index.search("汛期实行值班和领导带班", but_secret)
    assert found.by_vectors
    assert "24小时值班" in found.sources[0].text
    assert {source.document for source in found.sources} == {"flood"}
    embedder.fails = True
    assert index.search("汛期值班", everything).sources[0].document == "flood"


def test_passages_cover_the_text_and_cut_long_paragraphs_at_sentences() -> None:
    text = "标题\n" + "这是一个句子，内容不长。" * 100 + "\n结尾"
    document = extract(text.encode(), "a.txt")
    found = passages(document, long=200)
    assert all(document.text[one.start : one.end] == one.text and len(one.text) <= 200 for one in found)
    assert sum(len(one.text) for one in found) >= len(document.text) - len(found)
    assert all(one.text.endswith("。") for one in found[1:-1])


def test_synonyms_are_a_table_that_can_be_edited() -> None:
    table = Synonyms.parse("甲局，甲\n# 注\n\n乙,丙,丁")
    assert table.of("甲") == {"甲局"}
    assert table.of("丙") == {"乙", "丁"}
    assert Synonyms.parse(table.format()).groups == table.groups
    with pytest.raises(BadSynonyms, match="第 1 行"):
        Synonyms.parse("甲")
    assert len(Synonyms.starting().groups) > 20


@pytest.mark.clause("3.2.5.2.3", "3.2.5.2.5")
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("隐患排查什么时候完成？", "5月20日前完成"),
        ("抽水泵车有多少台？", "120台"),
        ("谁负责监测预警？", "市气象局"),
        ("联系电话是多少", "67181234"),
        ("险情多长时间内上报", "30分钟"),
        ("三天以上请假由谁审批", "分管领导"),
    ],
)
def test_questions_on_documents_are_answered_with_the_exact_passage(
    words, question: str, expected: str
) -> None:
    documents = {"flood": extract_file(FLOOD), "leave": extract(LEAVE.encode(), "b.txt")}
    said = ask_documents(question, documents, words)
    assert expected in said.quotes[0].text
    assert said.origin is Origin.RULES
    quote = said.quotes[0]
    assert documents[quote.source.document].text[quote.start : quote.end] == quote.text
    assert said.text.startswith(quote.text + "[1]")


def test_what_is_not_in_the_document_is_not_answered(words: Words) -> None:
    said = ask_documents("火星基地的预算", {"flood": extract_file(FLOOD)}, words)
    assert said.text == NOTHING
    assert not said.found


class Scripted:
    """Says what it is told to; stands for an endpoint."""

    name = "示例模型"

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[Turn] = []

    def chat(self, turns, *, on_token=None, most_tokens=1024) -> str:
        self.asked = list(turns)
        if not self.text:
            raise ModelFailed("没有连上")
        if on_token is not None:
            on_token(self.text)
        return self.text


def test_a_model_writes_over_the_sources_and_says_so(words: Words) -> None:
    documents: dict[str, Document] = {"flood": extract_file(FLOOD)}
    model = Scripted("由市气象局负责[1]，见规定[9]。")
    heard: list[str] = []
    said = ask_documents("谁负责监测预警", documents, words, model=model, on_token=heard.append)
    assert said.origin is Origin.MODEL
    assert said.origin.notice
    assert said.text == "由市气象局负责[1]，见规定。"
    assert len(said.quotes) == 1
    assert heard
    assert "监测预警" in model.asked[-1].text
    fallen = ask_documents("谁负责监测预警", documents, words, model=Scripted(""))
    assert fallen.origin is Origin.RULES
    assert "市气象局" in fallen.text


def test_an_answer_quotes_only_what_retrieval_gave(index: Index, words: Words) -> None:
    found = index.search("金丝雀项目经费多少", but_secret)
    said = answer("金丝雀项目经费多少", found.sources, words)
    assert "金丝雀" not in said.text
    assert all(quote.source.document != "secret" for quote in said.quotes)


def test_a_line_of_a_notice_answers_for_what_the_notice_is_about(words: Words) -> None:
    notice = extract(
        "全市安全生产工作会议\n时间：11月25日 9:00\n地点：市会议中心主会场\n联系人：陈伟 0371-66000001".encode(),
        "notice.txt",
    )
    other = extract("请各单位于11月30日前报送公文归档情况。".encode(), "other.txt")
    documents = {"notice": notice, "other": other}
    for question, line in (
        ("安全生产工作会议是什么时候？", "时间：11月25日 9:00"),
        ("安全生产工作会议的联系电话是多少？", "0371-66000001"),
    ):
        found = ask_documents(question, documents, words)
        assert line in found.quotes[0].text
        # The subject is quoted with it, and the quote is the text itself.
        assert found.quotes[0].text.startswith("全市安全生产工作会议")
        quote = found.quotes[0]
        assert notice.text[quote.start : quote.end] == quote.text
        assert "\n" not in found.text.partition("[1]")[0]
    # Another text's date does not answer.
    assert "11月30日" not in ask_documents("安全生产工作会议是什么时候？", documents, words).text


NOTICE = Document()
for _line in (
    "关于做好值班工作的通知",
    "各区人民政府，市直各单位：",
    "请于2026年6月30日前将值班表报送市应急管理局。",
    "值班电话0371-67180000，由市应急管理局负责接听。",
    "绿城市人民政府办公室",
    "2026年6月15日",
):
    NOTICE.add("paragraph", _line)


@pytest.mark.clause("3.2.5.2.3")
@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("什么时候完成？", "请于2026年6月30日前将值班表报送市应急管理局。"),
        ("由哪个单位负责？", "值班电话0371-67180000，由市应急管理局负责接听。"),
        ("联系电话是多少？", "值班电话0371-67180000，由市应急管理局负责接听。"),
    ],
)
def test_a_question_that_names_no_subject_is_answered_by_what_it_asks_for(
    words: Words, question: str, wanted: str
) -> None:
    said = ask_documents(question, {"notice": NOTICE}, words)
    assert [one.text for one in said.quotes] == [wanted]
    assert all(NOTICE.text[one.start : one.end] == one.text for one in said.quotes)


def test_a_question_with_a_subject_that_the_file_does_not_know_stays_unanswered(words: Words) -> None:
    assert not ask_documents("泵站什么时候建成？", {"notice": NOTICE}, words).found
    bare = extract("各区人民政府：\n请认真落实。".encode(), "a.txt")
    assert ask_documents("什么时候完成？", {"bare": bare}, words).text == NOTHING


@pytest.mark.clause("3.2.6.6")
def test_a_question_is_rewritten_by_context_by_sound_and_by_synonyms_and_says_so(words: Words) -> None:
    first = "防汛的值班名单什么时候报？"
    leaning = rewrite("那二七区呢？", words, before=["什么时候开会？", first])
    assert leaning.text == f"{first} 那二七区呢？"
    assert {"防汛", "值班", "名单"} <= set(leaning.context)
    assert leaning.told.startswith("已按“防汛、值班、名单、二七区”检索（承接上文“防汛、值班、名单”")
    # A chain of short questions goes back to what it is about.
    third = rewrite("电话呢？", words, before=[first, "那二七区呢？"])
    assert {"防汛", "名单", "二七区"} <= set(third.context)
    # A slip of the keyboard, and one that the segmenter tears apart.
    slips = rewrite("访汛的值受名单在哪里可以看到？", words)
    assert set(slips.corrected) == {("访汛", "防汛"), ("值受", "值守")}
    assert {"防汛", "值守"} <= {group[0] for group in slips.groups}
    assert "“访汛”按“防汛”查找" in slips.told
    assert rewrite("请尽快布署全市的会议安排", words).corrected == (("布署", "部署"),)
    # What means the same is looked for, and named.
    same = rewrite("请假审批要经过哪些领导同意？", words)
    assert "休假" in same.alike
    assert "同义词" in same.told
    # A question that stands by itself stays as it is.
    plain = rewrite("抽水泵车一共有多少台可用？", words, before=[first])
    assert (plain.text, plain.told) == ("抽水泵车一共有多少台可用？", "")
    assert rewrite("他擅离职守的情况属实吗？", words).corrected in ((), (("职守", "值守"),))


@pytest.mark.clause("3.2.6.6")
def test_what_was_typed_wrong_is_found_all_the_same(index: Index, words: Words) -> None:
    asked = rewrite("访汛隐患排查什么时候完成？", words)
    found = index.search(asked.text, everything)
    assert found.sources[0].document == "flood"
    assert "5月20日前完成" in answer(asked.text, found.sources, words).text


def test_a_seat_notice_answers_when_its_meeting_is(words: Words) -> None:
    seat = Document()
    for line in (
        "您的座位：主会场 3 排 12 座",
        "全市安全生产工作会议",
        "时间：2026年11月30日 09:00",
        "地点：市会议中心主会场",
    ):
        seat.add("paragraph", line)
    said = ask_documents("近期的会议安排在什么时候？", {"seat": seat}, words)
    assert len(said.quotes) == 1
    assert "全市安全生产工作会议" in said.text
    assert "11月30日 09:00" in said.text
