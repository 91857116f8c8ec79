"""Sensitive words are found through every disguise, in their place, and ordinary text stays untouched."""

from __future__ import annotations

import pytest

from offline_ai.sensitive.lists import BadWordList, SensitiveWord, format_words, parse_words, starting_words
from offline_ai.sensitive.matcher import Manner, SensitiveMatcher
from offline_ai.sensitive.personal import find_personal

WORDS = [
    SensitiveWord("测试敏感词", "甲类"),
    SensitiveWord("禁语", "乙类"),
    SensitiveWord("代号VPN", "乙类"),
    SensitiveWord("敏感词", "丙类"),
]


@pytest.fixture(scope="module")
def matcher() -> SensitiveMatcher:
    return SensitiveMatcher(WORDS)


@pytest.mark.clause("3.2.5.2.4")
@pytest.mark.parametrize(
    ("written", "word", "manner"),
    [
        ("测试敏感词", "测试敏感词", Manner.EXACT),
        ("禁语", "禁语", Manner.EXACT),
        ("測試敏感詞", "测试敏感词", Manner.VARIANT),
        ("测 试·敏*感 词", "测试敏感词", Manner.VARIANT),
        ("测\u200b试敏感词", "测试敏感词", Manner.VARIANT),
        ("测。试。敏。感。词", "测试敏感词", Manner.VARIANT),
        ("代号ｖｐｎ", "代号VPN", Manner.VARIANT),
        ("册式敏感慈", "测试敏感词", Manner.SOUND),
        ("ceshimin感词", "测试敏感词", Manner.PINYIN),
        ("ce shi min gan ci", "测试敏感词", Manner.PINYIN),
        ("ｃｅshi敏感词", "测试敏感词", Manner.PINYIN),
    ],
)
def test_a_word_is_found_through_its_disguise(matcher, written: str, word: str, manner: Manner) -> None:
    text = f"会上有人说起{written}，请注意。"
    hits = [hit for hit in matcher.scan(text) if hit.word.text == word]
    assert [(hit.found, hit.manner) for hit in hits] == [(written, manner)]
    assert text[hits[0].start : hits[0].end] == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天的会议已经结束。",
        "前面是测试。敏感词语要慎用"[:6],
        "近雨",
        "请看 test case 和 season",
        "侧室\n敏感",
    ],
)
def test_ordinary_text_has_no_hit(matcher, text: str) -> None:
    assert matcher.scan(text) == []


def test_the_end_of_a_sentence_parts_two_words(matcher) -> None:
    hits = matcher.scan("系统还在测试。敏感词要慎用")
    assert [hit.word.text for hit in hits] == ["敏感词"]


def test_the_longest_of_nested_words_is_told(matcher) -> None:
    assert [hit.word.text for hit in matcher.scan("测试敏感词")] == ["测试敏感词"]


def test_words_of_all_kinds_are_told_with_their_kind(matcher) -> None:
    assert [(hit.word.kind, hit.start) for hit in matcher.scan("禁语和敏感词")] == [("乙类", 0), ("丙类", 3)]


def test_lists_go_out_and_come_in_again_and_bad_lines_are_named() -> None:
    words = [SensitiveWord("甲，乙", "类", "说明"), SensitiveWord("丙", "类二")]
    assert parse_words(format_words(words)) == words
    assert parse_words("词语\t类别\n丁\t戊\n\n# 注释\n丁\t己") == [SensitiveWord("丁", "戊")]
    with pytest.raises(BadWordList, match="第 2 行"):
        parse_words("甲,类\n，,类")
    with pytest.raises(BadWordList, match="超过"):
        parse_words("长" * 41)


def test_the_list_that_ships_finds_its_own_words() -> None:
    words = starting_words()
    assert len(words) > 30
    matcher = SensitiveMatcher(words)
    for word in words:
        assert word.text in {hit.word.text for hit in matcher.scan(f"其中{word.text}一项")}, word
    assert matcher.scan("各区县要加强残疾人服务，两岸关系保持稳定。") == []


def test_an_empty_list_finds_nothing() -> None:
    assert SensitiveMatcher([]).scan("任何文字") == []


def test_personal_data_is_told_by_its_check_digits() -> None:
    text = "身份证11010519491231002X，电话13812345678，卡号6222600260001072444；编号110105194912310021。"
    assert [(text[hit.start : hit.end], hit.what) for hit in find_personal(text)] == [
        ("11010519491231002X", "身份证号"),
        ("13812345678", "手机号"),
        ("6222600260001072444", "银行卡号"),
    ]
