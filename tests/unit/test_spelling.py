"""Names typed with some syllables whole and some by their first letter, in every place where people are looked for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pypinyin import Style, pinyin

from app.features.chat.mentions import Candidate, offer
from app.features.chat.pinyin import begins
from app.store.folders import AccountFolder
from app.store.queries import people
from app.store.store import Store
from server_stub.contract.directory import Person
from server_stub.contract.spelling import MOST, SYLLABLES, readings

SUN = ("sunlihua", "slh")


@pytest.mark.parametrize(
    "typed",
    [["sunlh"], ["sun", "li", "h"], ["sun", "l", "h"], ["slihua"], ["slihu"], ["sun", "lihua"], ["SUNLH"]],
)
def test_syllables_and_first_letters_are_mixed_as_one_likes(typed: list[str]) -> None:
    assert any(way.fits(*SUN) for way in readings(*typed))
    assert not any(way.fits("songlihua", "slh") for way in readings(*typed) if typed[0].lower() == "sunlh")
    assert not any(way.fits("zhanglihua", "zlh") for way in readings(*typed))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("zhjguo", ("zhangjianguo", "zjg")),
        ("oyzhonghua", ("ouyangzhonghua", "oyzh")),
        ("wangjg", ("wangjianguo", "wjg")),
        ("lvjg", ("lvjianguo", "ljg")),
        ("fanganjg", ("fanganjianguo", "fajg")),
    ],
)
def test_many_ways_to_spell_are_understood(typed: str, name: tuple[str, str]) -> None:
    assert any(way.fits(*name) for way in readings(typed))


@pytest.mark.parametrize("typed", ["sunlihua", "sunlih", "slh", "wang", "iphone8", "孙lh", "a%b", "", "uvi"])
def test_what_begins_the_pinyin_or_the_initials_and_what_is_no_name_asks_for_nothing_more(typed: str) -> None:
    assert readings(typed) == ()


def test_no_typing_takes_long_or_makes_a_long_question() -> None:
    begun = time.perf_counter()
    for length in range(1, 100):
        for piece in ("an", "a", "zh", "gangan", "lian", "xian"):
            text = (piece * length)[:length]
            assert len(readings(text)) <= MOST
            assert len(readings(*([text[:8]] * 5))) <= MOST
    # 1188 texts; whoever types waits for one.
    assert time.perf_counter() - begun < 5


def test_every_syllable_of_a_name_in_the_directory_is_known() -> None:
    """Names are spelt by pypinyin when they come in."""
    usual = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤"
    spelt = {one[0] for one in pinyin(usual, style=Style.NORMAL)}
    assert spelt <= SYLLABLES


def test_mentions_and_lists_find_them_too() -> None:
    assert begins(SUN, "sunlh")
    assert not begins(SUN, "sunlx")
    assert begins((), "sunlh") is False
    candidates = [
        Candidate("p-sun", "孙丽华", keys=(*SUN, "孙丽华")),
        Candidate("p-li", "李强", keys=("liqiang", "lq")),
    ]
    assert [one.name for one in offer(candidates, "sunlh", me="", everyone=False)] == ["孙丽华"]


async def test_a_client_without_a_connection_finds_them_among_the_cards_it_has(tmp_path: Path) -> None:
    cards = [
        Person(id="p-sun", name="孙丽华", pinyin="sunlihua", initials="slh"),
        Person(id="p-song", name="宋立宏", pinyin="songlihong", initials="slh"),
        Person(id="p-wang", name="王建国", pinyin="wangjianguo", initials="wjg"),
    ]
    database = await Store.open(AccountFolder(tmp_path), bytes(32))
    try:
        await database.write(lambda db: people.put(db, cards, 1))
        for typed, found in {
            "sunlh": ["孙丽华"],
            "sun li h": ["孙丽华"],
            "slihua": ["孙丽华"],
            "slih": ["宋立宏", "孙丽华"],
            "slh": ["宋立宏", "孙丽华"],
            "wangjg": ["王建国"],
            "%": [],
        }.items():
            hits = await database.read(lambda db, typed=typed: people.search(db, typed))
            assert [one.name for one in hits] == found, typed
    finally:
        await database.close()
