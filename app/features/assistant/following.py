"""Questions that may follow an answer."""

from __future__ import annotations

from app.store.queries.assistant import Turn
from offline_ai.retrieval.answer import NOTHING

from .engine import OfflineEngine
from .ports import FIXED

_PLAIN = tuple(
    ["局", "委", "办", "厅", "处", "室", "政府", "单位", "部门", "同志", "联系人", "电话", "负责", "完成"]
)
_LABELS = frozenset(
    ["地点", "座位", "名单", "系统", "安排", "全部", "通知", "附件", "编号", "有关", "会场", "主会场"]
)
"""Words that stand before what matters; a question about them asks for nothing."""


async def follow_ups(engine: OfflineEngine, turn: Turn) -> tuple[str, ...]:
    """Three questions about what the answer speaks of; made of the answer alone, so of nothing hidden."""
    if turn.origin == FIXED or turn.answer in ("", NOTHING):
        return ()
    found = [*await engine.keywords(turn.answer), *await engine.keywords(turn.question)]
    words = list(dict.fromkeys(word for word in found if _tells(word)))
    if not words:
        return ()
    forms = ("关于{}还有哪些消息？", "{}有哪些要求？", "{}的时间是怎么安排的？")
    return tuple(form.format(words[at % len(words)]) for at, form in enumerate(forms))


def _tells(word: str) -> bool:
    """Whether a word is something to ask about: no number, no unit, nothing that stands in every letter."""
    return (
        len(word) > 1
        and word not in _LABELS
        and not any(char.isdigit() for char in word)
        and not word.endswith(_PLAIN)
    )
