"""Chinese words by rjieba, with the terms of the office added, and what carries no meaning left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from offline_ai.optional import need

STOP_WORDS = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "及",
        "或",
        "在",
        "是",
        "为",
        "对",
        "等",
        "将",
        "要",
        "把",
        "被",
        "从",
        "到",
        "由",
        "以",
        "按",
        "于",
        "并",
        "而",
        "且",
        "也",
        "都",
        "就",
        "还",
        "又",
        "很",
        "更",
        "最",
        "不",
        "没",
        "有",
        "无",
        "这",
        "那",
        "其",
        "各",
        "该",
        "本",
        "此",
        "之",
        "所",
        "者",
        "个",
        "们",
        "我",
        "你",
        "他",
        "她",
        "它",
        "我们",
        "你们",
        "他们",
        "什么",
        "怎么",
        "如何",
        "哪些",
        "哪个",
        "哪里",
        "哪",
        "谁",
        "何时",
        "多少",
        "几",
        "吗",
        "呢",
        "吧",
        "啊",
        "请",
        "一个",
        "一种",
        "一些",
        "这个",
        "那个",
        "这些",
        "那些",
        "以及",
        "或者",
        "并且",
        "但是",
        "因为",
        "所以",
        "如果",
        "根据",
        "按照",
        "关于",
        "通过",
        "进行",
        "予以",
        "有关",
        "相关",
        "做好",
        "认真",
        "切实",
        "进一步",
        "同时",
        "其中",
        "上述",
        "以上",
        "以下",
        "方面",
        "情况",
        "问题",
        "工作",
        "一是",
        "二是",
        "三是",
        "四是",
        "五是",
        "时候",
        "时间",
        "已经",
        "全部",
        "目前",
        "现在",
        "可以",
        "需要",
        "没有",
        "还有",
        "大家",
        "同志",
        "同志们",
    ]
)
"""Left out of keywords and of questions; documents are indexed with all their words."""
TERMS = [
    "防汛",
    "汛期",
    "政务服务",
    "营商环境",
    "放管服",
    "一网通办",
    "乡村振兴",
    "河长制",
    "林长制",
    "城市更新",
    "老旧小区",
    "双随机",
    "督查室",
    "政务公开",
    "政府办公厅",
    "市直各部门",
    "各有关单位",
    "区县",
    "请示",
    "批复",
    "函复",
    "签发人",
    "主送",
    "抄送",
    "成文日期",
    "发文字号",
    "公文",
    "郑政钉",
    "郑州市人民政府",
    "管委会",
    "航空港区",
    "应急值守",
    "值守",
    "橙色预警",
    "应急响应",
    "信创",
    "数据局",
    "数字政府",
    "大模型",
    "涉密",
    "保密局",
]


_FREQUENCY = 20_000
"""High enough that an added term is never cut apart."""


class Words:
    """One segmenter per process: loading takes some 0.2 s and 40 MB, at the first use."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        """`terms`: words that the office adds to the built-in ones."""
        self._terms = [*TERMS, *terms]
        self._ready: Any = None

    @property
    def _engine(self) -> Any:
        if self._ready is None:
            self._ready = need("rjieba").Jieba()
            for term in self._terms:
                self._ready.add_word(term, _FREQUENCY, "n")
        return self._ready

    def cut(self, text: str) -> list[str]:
        """The words of a text in order; joined they are the text."""
        return list(self._engine.cut(text))

    def for_search(self, text: str) -> list[str]:
        """The words and the shorter words within them, without blanks and punctuation, in lower case."""
        found: list[str] = []
        for word in self._engine.cut_for_search(text):
            if any(char.isalnum() for char in word):
                found.append(word.lower().strip())
        return found

    def tagged(self, text: str) -> list[tuple[str, str]]:
        """Words with their kinds: n… noun, v… verb, nr person, ns place, nt organisation."""
        return [(str(word), str(tag)) for word, tag in self._engine.tag(text)]

    def content(self, text: str) -> list[str]:
        """The words that carry meaning: no stop words, no punctuation, no single characters but numbers."""
        return [
            word
            for word in (word.strip().lower() for word in self._engine.cut(text))
            if word not in STOP_WORDS
            and any(char.isalnum() for char in word)
            and (len(word) > 1 or word.isdigit())
        ]
