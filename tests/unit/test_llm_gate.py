"""The gate between model and reader: not one token of a forbidden word passes, however it is written and cut."""

from __future__ import annotations

import random
import time

import pytest

from server_stub.contract.llm import AnswerCheck, AssistantPolicy, KindReply, SensitiveEntry
from server_stub.features.llm.gate import AnswerGate, Forbidden
from server_stub.features.llm.words import WordMatcher

WORDS = [SensitiveEntry(text="绝密项目", kind="涉密"), SensitiveEntry(text="VPN", kind="违规工具")]
DISGUISES = (
    ("绝密项目", "原词"),
    ("绝·密-项 目", "变形"),
    ("絕密項目", "变形"),
    ("绝。密。项。目", "变形"),
    ("jue mi xiang mu", "拼音"),
    ("绝mi项目", "拼音"),
    ("觉迷箱木", "疑似谐音"),
    ("Ｖ．ｐ．N", "变形"),
)


@pytest.mark.clause("3.2.6.11.1")
@pytest.mark.parametrize(("written", "manner"), DISGUISES)
def test_the_server_sees_through_the_same_disguises_as_the_client(written: str, manner: str) -> None:
    matcher = WordMatcher(WORDS)
    text = f"好的，说到{written}，如下"
    (hit,) = matcher.scan(text)
    assert (hit.found, hit.start, hit.manner) == (written, text.index(written), manner)
    assert matcher.first(text) == hit.word
    assert matcher.first("普通的项目按密级管理，决定绝对公开。") is None


@pytest.mark.clause("3.2.6.11.7")
@pytest.mark.parametrize("check", list(AnswerCheck))
@pytest.mark.parametrize("written", [written for written, _ in DISGUISES])
def test_no_token_of_it_passes_however_the_stream_is_cut(written: str, check: AnswerCheck) -> None:
    matcher = WordMatcher(WORDS)
    before = "第一句写完了。第二句也写完了！说到"
    text = f"{before}{written}。后面还有。"
    rng = random.Random(7)
    for _ in range(40):
        gate = AnswerGate(matcher, check)
        passed, rest = "", text
        with pytest.raises(Forbidden) as found:
            while rest:
                length = rng.randint(1, 6)
                passed += "".join(gate.feed(rest[:length]))
                rest = rest[length:]
            passed += "".join(gate.finish())
        assert before.startswith(passed), passed
        assert found.value.shown is bool(passed)
        assert found.value.word.kind in ("涉密", "违规工具")
        if check is AnswerCheck.WHOLE:
            assert passed == ""


@pytest.mark.parametrize("check", list(AnswerCheck))
def test_a_good_answer_passes_whole_and_in_order(check: AnswerCheck) -> None:
    text = "会议定于周五上午。请提前到场！没有句号的长句" + "甲" * 900 + "\n结束"
    gate = AnswerGate(WordMatcher(WORDS), check)
    pieces = [piece for char in text for piece in gate.feed(char)]
    early = len(pieces)
    pieces += gate.finish()
    assert "".join(pieces) == text
    assert (early > 2) is (check is AnswerCheck.SENTENCES)
    plain = AnswerGate(WordMatcher([]), check)
    assert plain.feed("一") == ["一"]


@pytest.mark.clause("3.2.6.11.6", "3.2.6.11.7")
def test_each_kind_has_its_replies_and_leaves_to_the_general_what_it_has_not() -> None:
    policy = AssistantPolicy(
        question_reply="问", answer_reply="答", replies=[KindReply(kind="涉密", question=" 密问\u3000")]
    )
    assert policy.reply_to_question("涉密") == " 密问\u3000"
    assert policy.reply_to_answer("涉密") == "答"
    assert policy.reply_to_question("其他") == "问"


def test_ten_thousand_words_do_not_hold_up_a_sentence() -> None:
    rng = random.Random(3)
    chars = "防汛抗旱水利应急财政教育卫生交通住建环保农业林业文化旅游体育统计审计"
    words = [SensitiveEntry(text="".join(rng.choices(chars, k=5))) for _ in range(10_000)]
    matcher = WordMatcher(words)
    sentence = "会议定于周五上午九点在第一会议室召开，请各单位准时参加。" * 4
    took: list[float] = []
    for _ in range(20):
        began = time.perf_counter()
        matcher.first(sentence)
        matcher.safe(sentence)
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.005
