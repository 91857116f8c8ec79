"""Minutes by a model: what it is asked, and how its answer is read. Every entry must name the statement it is from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

from offline_ai.minutes.digest import Action, Chapter, Minutes, Statement
from offline_ai.minutes.transcript import UNKNOWN, Transcript
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.models.material import GUARD, LONGEST
from offline_ai.models.origin import Origin
from offline_ai.text.dates import find_dates

_MOST = 60
_LONGEST_ENTRY = 300
_FORM = (
    '{"chapters":[{"title":"议题","first":1,"last":9}],"decisions":[{"text":"决定事项","from":3}],'
    '"open":[{"text":"待议问题","from":5}],"actions":[{"text":"任务","owner":"责任人或单位","due":"YYYY-MM-DD",'
    '"from":7}]}'
)


def parts(transcript: Transcript, most: int = LONGEST) -> list[tuple[int, int]]:
    """Stretches of statements [first, after) that a model is given one after the other."""
    made: list[tuple[int, int]] = []
    first, length = 0, 0
    for at, one in enumerate(transcript.utterances):
        if length + len(one.text) > most and at > first:
            made.append((first, at))
            first, length = at, 0
        length += len(one.text)
    made.append((first, len(transcript.utterances)))
    return made


def minutes_turns(transcript: Transcript, day: date, first: int, after: int) -> list[Turn]:
    """The question for statements [first, after)."""
    weekday = "一二三四五六日"[day.weekday()]
    system = (
        f"你是政府办公室的文秘，整理会议纪要。会议日期 {day.isoformat()}，星期{weekday}；“周五”“月底”等换算成日期，"
        f"没有说期限的 due 为空。只输出一个 JSON，形如 {_FORM}。first、last、from 是发言编号，每条都必须有；"
        f"只写发言里有的内容，责任人照原话，没有说的 owner 为空。{GUARD}"
    )
    said = transcript.utterances
    lines = [f"[{at + 1}] {said[at].speaker}：{said[at].text}" for at in range(first, after)]
    return [Turn("system", system), Turn("user", "发言记录：\n" + "\n".join(lines))]


def read_minutes(text: str, transcript: Transcript, by_rules: Minutes, first: int, after: int) -> Minutes:
    """What the model wrote about statements [first, after), over the frame that the rules made (title, day, speakers).

    Entries without a statement to stand on are left out, owners whom nobody named become empty. Raises ModelFailed.
    """
    found = _json(text)
    said = transcript.utterances
    spoken = "".join(one.text + one.speaker for one in said)
    made = replace(by_rules, chapters=[], decisions=[], open_points=[], actions=[], origin=Origin.MODEL)

    def entries(name: str) -> Iterator[tuple[dict[str, Any], Statement]]:
        listed = found.get(name)
        for one in cast("list[Any]", listed if isinstance(listed, list) else [])[:_MOST]:
            entry: dict[str, Any] = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
            words, at = _text(entry, "text"), _number(entry, "from")
            if words and first < at <= after:
                source = said[at - 1]
                yield entry, Statement(words, source.speaker, at - 1, source.start)

    made.decisions = [statement for _, statement in entries("decisions")]
    made.open_points = [statement for _, statement in entries("open")]
    for entry, statement in entries("actions"):
        owner = _text(entry, "owner")
        if owner == UNKNOWN or owner not in spoken:
            owner = ""
        due, words = _due(_text(entry, "due"), made.day)
        made.actions.append(Action(statement.text.rstrip("。；"), owner, "", due, words, statement))
    listed = found.get("chapters")
    for one in cast("list[Any]", listed if isinstance(listed, list) else [])[:_MOST]:
        entry = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        title, begin, end = _text(entry, "title"), _number(entry, "first"), _number(entry, "last")
        if title and first < begin <= end <= after:
            made.chapters.append(Chapter(title, begin - 1, end - 1))
    if not (made.chapters or made.decisions or made.actions or made.open_points):
        raise ModelFailed("模型没有写出纪要。")
    return made


def joined(made: list[Minutes], by_rules: Minutes) -> Minutes:
    """Minutes of the stretches as one; chapters by rules where the model named none."""
    whole = replace(by_rules, decisions=[], open_points=[], actions=[], origin=Origin.MODEL)
    chapters = [chapter for one in made for chapter in one.chapters]
    whole.chapters = chapters or list(by_rules.chapters)
    for one in made:
        whole.decisions += one.decisions
        whole.open_points += one.open_points
        whole.actions += one.actions
    return whole


def _json(text: str) -> dict[str, Any]:
    begin, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[begin : end + 1]) if 0 <= begin < end else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ModelFailed("模型没有按格式写出纪要。")
    return cast("dict[str, Any]", found)


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return re.sub(r"\s+", " ", value).strip()[:_LONGEST_ENTRY] if isinstance(value, str) else ""


def _number(entry: dict[str, Any], name: str) -> int:
    value = entry.get(name)
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _due(text: str, day: date) -> tuple[date | None, str]:
    """A day that is none, or lies before the meeting, is not taken over."""
    try:
        due = date.fromisoformat(text)
    except ValueError:
        dates = [one.day for one in find_dates(text, day)] if text else []
        due = dates[-1] if dates else None
    return (due, text) if due is not None and due >= day else (None, "")
