"""A transcript digested: chapters, what each one said, decisions, open points, and tasks with owner and due date."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, pairwise

from offline_ai.minutes.transcript import UNKNOWN, Transcript, Utterance
from offline_ai.models.origin import Origin
from offline_ai.text.dates import find_dates
from offline_ai.text.sentences import sentences
from offline_ai.text.words import STOP_WORDS, Words

Resolver = Callable[[str], tuple[str, str] | None]
"""A name as it was said -> (id, full name) in the directory, or None when nobody or more than one is meant."""
_CUE = re.compile(
    r"(?:下面|接下来|现在|首先|然后|最后|再)?(?:我们)?(?:进入|开始|讨论|研究|汇报|审议|看一下|来看|说一下|通报)?(?:第[一二三四五六七八九十]+个?(?:议题|事项|项|件事|个问题)|下一个议题|下一项|议题[一二三四五六七八九十])"
    r"|(?:下面|接下来|现在)(?:请|我们|由|进行|讨论|研究|通报|汇报)"
)
_DECIDED = re.compile(
    r"决定|同意|通过了|就这么定|就这样定|定下来|定了|会议(?:确定|明确|认为要)|原则上?同意|一致(?:认为|同意|通过)|明确由|敲定|采纳"
)
_OPEN = re.compile(
    r"还没(?:有)?定|再研究|再议|待定|有分歧|不同意见|意见不一|尚未|还不清楚|需要进一步(?:论证|研究|协调|核实)|拿不准|没有(?:落实|解决)|怎么解决|存疑|争议|暂时定不下来|下次再"
)
_NOT_DECIDED = re.compile(r"[？?]|是否|能不能|要不要|不同意|没有?同意|还没|如果")
_TASK = re.compile(
    r"请|由|负责|牵头|要|报送|提交|完成|落实|整理|准备|起草|汇总|联系|协调|对接|上报|印发|通知|反馈|拿出|提供|安排|核实|修改|跟进|处理|发给|我来|我去|把"
)
_DOING = re.compile(
    r"报送|提交|完成|落实|整理|准备|起草|汇总|联系|协调|对接|上报|印发|通知|反馈|拿出|提供|安排|核实|修改|跟进|处理|发给|发到|负责|牵头|排查|整改|制定|做好|做完|改好|出具|组织|摸底|修订|收集|报(?=[市区县省]|给|到)"
)
_UNIT = re.compile(
    r"[一-龥]{1,8}(?:局|委|办|处|科|室|中心|公司|指挥部|街道|学校|医院|支队)(?![一-龥]{0,1}[里内])"
)
_FLOOR = re.compile(
    r"(?:下面|接下来|现在|首先|先)?(?:有?请|由|让)[^，。；向]{1,12}?(?:汇报|发言|介绍|通报|讲|说|谈)"
)
"""Giving somebody the floor is no task."""
_OWNER = re.compile(
    r"(?:请|由|让|麻烦|辛苦|安排)(?P<a>[一-龥]{2,10}?)(?:同志|这边|那边)?(?:来|去|负责|牵头|尽快|在|于|把|将|对接|联系|起草|整理|提交|报送|准备|汇总|协调|完成|抓紧|会同|跟进|安排|组织|\d|明|今|本|下|周|月)"
)
_SUBJECT = re.compile(
    r"^(?:那|好，?|这样，?|然后，?|另外，?)?(?P<a>[一-龥]{2,10}?)(?:同志|这边|那边)?(?:，|要|负责|牵头|来|去|尽快|在|于|把|将|会同|抓紧|你)"
)
_SELF = re.compile(r"(?:^|[，。])(?:那|好的?，?)?(?:我|我们|我这边|我们这边|我来|由我)")


_LISTS = re.compile(r"(?:决定|确定|明确|议定|要求)(?:如下)?[：:]")
"""What follows, up to the full stop, was decided with it."""
_SUBJECT_OF = re.compile(
    r"议题(?:主要)?(?:是|为|有|：|:)([^，。；！？]{4,30})"
    r"|(?:^|[，。；：])(?:会议|今天|现在|主要|下面)?(?:是|来|要|就)?((?:研究|讨论|审议|听取)[^，。；！？]{3,28})"
    r"|(?:汇报|通报|介绍)(?:一下)?([^，。；！？]{3,24})"
)
"""How the chair says what the meeting is about."""


_AGENDA = re.compile(
    r"(?:[一二两三四五六七八九十\d]+[个项件](?:议题|议程|事项|内容|事情?)|议题(?:有|共有?)[一二两三四五六七八九十\d]+[个项])"
)
_AGENDA_PART = re.compile(
    r"(?:首先|先|其次|再|然后|接着|接下来|最后|另外|[一二三四五六七八九]是|第[一二三四五六七八九](?:[个项])?(?:是|，)?)"
    r"(?P<what>[^，,；;。]{4,30})"
)
"""What the chair says that the meeting is about, one after the other: 先通报雨情水情，再研究物资储备，最后明确值守安排."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that was said: by whom, when (seconds), and in which utterance of the transcript."""

    text: str
    speaker: str
    utterance: int
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the meeting on one subject: utterances [first, last]."""

    title: str
    first: int
    last: int
    points: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who spoke how often and how much, and what of it matters most."""

    name: str
    times: int
    characters: int
    points: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A task: `owner` as said, `owner_id` where the directory knows exactly one; `due` where a day was said."""

    text: str
    owner: str
    owner_id: str
    due: date | None
    due_text: str
    source: Statement


@dataclass(slots=True)
class Minutes:
    """What the page shows and lets the clerk edit."""

    title: str
    day: date
    chapters: list[Chapter] = field(default_factory=list[Chapter])
    speakers: list[Speaker] = field(default_factory=list[Speaker])
    decisions: list[Statement] = field(default_factory=list[Statement])
    open_points: list[Statement] = field(default_factory=list[Statement])
    actions: list[Action] = field(default_factory=list[Action])
    origin: Origin = Origin.RULES


def digest(
    transcript: Transcript, words: Words, *, day: date, resolve: Resolver | None = None, title: str = ""
) -> Minutes:
    """`day` is the day of the meeting: due dates are counted from it."""
    said = transcript.utterances
    minutes = Minutes(title or _title(transcript), day)
    statements = [
        Statement(piece.text, one.speaker, at, one.start)
        for at, one in enumerate(said)
        for piece in sentences(one.text, at_semicolons=True)
    ]
    minutes.chapters = _chapters(said, statements, words)
    minutes.speakers = _speakers(said, statements)
    names = {one.speaker for one in said if one.speaker != UNKNOWN}
    listed = -1
    """The utterance whose list of decisions (会议决定：…；…；…。) goes on."""
    for one in statements:
        if len(one.text) < 5 or agenda_of(one.text):
            continue
        if _OPEN.search(one.text):
            minutes.open_points.append(_ended(one))
        elif (one.utterance == listed or _DECIDED.search(one.text)) and not _NOT_DECIDED.search(one.text):
            minutes.decisions.append(_ended(one))
        goes_on = one.text.endswith(("；", ";"))
        listed = one.utterance if goes_on and (one.utterance == listed or _LISTS.search(one.text)) else -1
        action = _action(one, said, names, day, resolve)
        if action is not None:
            minutes.actions.append(action)
    return minutes


def agenda_of(text: str) -> list[str]:
    """The subjects that a sentence announces; empty where it announces none. An agenda is no decision and no task."""
    if not _AGENDA.search(text):
        return []
    found = [match["what"].strip("的是") for match in _AGENDA_PART.finditer(text)]
    return found if len(found) > 1 else []


def meeting_day(transcript: Transcript, otherwise: date) -> date:
    """The day that the head of the transcript names with its year (时间：2026年11月26日), else `otherwise`."""
    for line in transcript.heading:
        for found in find_dates(line, otherwise):
            if re.match(r"\d{4}\D|[〇零二]{2,}", found.text):
                return found.day
    return otherwise


def _title(transcript: Transcript) -> str:
    for line in transcript.heading:
        if "会" in line and len(line) < 40:
            return re.sub(r"^(?:主题|会议(?:名称|主题)|标题)\s*[：:]\s*", "", line)
    return transcript.heading[0] if transcript.heading else "会议纪要"


def _action(
    one: Statement, said: Sequence[Utterance], names: set[str], day: date, resolve: Resolver | None
) -> Action | None:
    text = one.text
    if (
        not (_TASK.search(text) and _DOING.search(text))
        or text.endswith(("？", "?", "吗。"))
        or len(text) < 8
    ):
        return None
    if re.search(
        r"议题(?:主要)?[是为有：]|已经?(?:完成|报送|提交|落实|整改)|完成了|落实了|去年|上次会", text
    ):
        return None
    said_days = find_dates(text, day)
    dates = [found for found in said_days if found.day >= day]
    # A term that is over by the day of the meeting belongs to an older transcript: its words are kept, its year is not known.
    term = next((found.text for found in reversed(said_days) if found.before), "")
    if not said_days and _FLOOR.match(text):
        return None
    owner = _owner(one, said, names)
    if not owner and not dates and not term:
        return None
    due = dates[-1] if dates else None
    known = resolve(owner) if resolve is not None and owner else None
    return Action(
        _OPENING.sub("", text).rstrip("。；"),
        known[1] if known else owner,
        known[0] if known else "",
        due.day if due is not None else None,
        due.text if due is not None else term,
        one,
    )


_NOBODY = frozenset(
    [
        "我们",
        "大家",
        "各位",
        "你们",
        "各单位",
        "有关",
        "谁",
        "各区",
        "分别",
        "共同",
        "一起",
        "主要",
        "具体",
        "他们",
    ]
)
_OPENING = re.compile(
    r"^(?:(?:那|好的?|嗯|然后|另外|这样)[，、]?|(?:会议)?(?:决定|确定|明确|议定|要求)(?:[：:，,]|(?=由)))*"
)


def _ended(one: Statement) -> Statement:
    """An entry of a list stands by itself: it ends with a full stop."""
    return replace(one, text=one.text.rstrip("；;") + "。") if one.text.endswith(("；", ";")) else one


def _owner(one: Statement, said: Sequence[Utterance], names: set[str]) -> str:
    text = one.text
    for name in sorted(names, key=len, reverse=True):
        if name != one.speaker and re.search(rf"(?:^|[请由让，。、]){re.escape(name)}", text):
            return name
    leading = _UNIT.match(text)
    if leading and leading[0] == _clean(leading[0]) and _DOING.match(text, leading.end()):
        return leading[0]
    if match := _OWNER.search(text):
        found = match["a"]
        if found not in _NOBODY:
            return _clean(found)
    if _SELF.search(text) and not re.search(r"我们(?:要|都|必须)", text):
        return "" if one.speaker == UNKNOWN else one.speaker
    if match := _SUBJECT.match(text):
        found = _clean(match["a"])
        in_charge = len(found) <= 3 and re.match(rf"{found}(?:同志)?(?:负责|牵头)", text)
        if _UNIT.fullmatch(found) or found in names or (in_charge and found not in _NOBODY):
            return found
    if re.match(r"你(?:们)?", text) and one.utterance:
        before = said[one.utterance - 1].speaker
        return "" if before in (UNKNOWN, one.speaker) else before
    unit = _UNIT.search(text)
    return _clean(unit[0]) if unit and re.search(r"负责|牵头", text) else ""


def _clean(name: str) -> str:
    # 决定由市应急管理局牵头: who is charged stands behind 由.
    name = re.sub(r"^.*[由请让](?=[一-龥]{2})", "", name)
    return re.sub(r"^(?:请|由|让|那么?|这个|麻烦|就|先|各(?!区|县|乡|镇|街道|单位|部门|处|科))", "", name)


def _speakers(said: Sequence[Utterance], statements: Sequence[Statement]) -> list[Speaker]:
    order = Counter(one.speaker for one in said)
    made: list[Speaker] = []
    for name, times in order.items():
        own = [one for one in statements if one.speaker == name]
        points = sorted(own, key=lambda one: -_weight(one.text))[:4]
        points.sort(key=lambda one: one.utterance)
        characters = sum(len(one.text) for one in said if one.speaker == name)
        made.append(Speaker(name, times, characters, tuple(points)))
    return sorted(made, key=lambda one: -one.characters)


def _weight(text: str) -> float:
    score = min(len(text), 60) / 60
    for pattern in (_DECIDED, _OPEN, _DOING):
        score += 0.6 if pattern.search(text) else 0.0
    return score + (0.4 if re.search(r"\d", text) else 0.0) - (0.8 if len(text) < 8 else 0.0)


def _chapters(said: Sequence[Utterance], statements: Sequence[Statement], words: Words) -> list[Chapter]:
    bounds = [at for at, one in enumerate(said) if at and _CUE.search(one.text[:60])]
    bounds = [0, *bounds]
    cut = [*_by_words(said, words, bounds), len(said)]
    made: list[Chapter] = []
    for first, after in pairwise(cut):
        inside = [one for one in statements if first <= one.utterance < after]
        points = sorted(inside, key=lambda one: -_weight(one.text))[:3]
        points.sort(key=lambda one: one.utterance)
        made.append(Chapter(_chapter_title(said[first:after], words), first, after - 1, tuple(points)))
    return made


def _by_words(said: Sequence[Utterance], words: Words, bounds: list[int]) -> list[int]:
    """Stretches without a cue are cut where the words change, not before twelve utterances have gone by."""
    bags = [words.content(one.text) for one in said]
    made = list(bounds)
    for first, after in zip(bounds, [*bounds[1:], len(said)], strict=True):
        last = first
        for at in range(first + 12, after - 6):
            if at - last < 12:
                continue
            left = Counter(chain.from_iterable(bags[at - 6 : at]))
            right = Counter(chain.from_iterable(bags[at : at + 6]))
            if (left & right).total() / (min(left.total(), right.total()) or 1) < 0.08:
                made.append(at)
                last = at
    return sorted(set(made))


def _chapter_title(said: Sequence[Utterance], words: Words) -> str:
    head = said[0].text
    cue = re.search(r"(?:议题|事项|讨论|研究|汇报|审议|通报|关于)(?:是|：|一下)?([^，。；！？]{4,24})", head)
    if agenda := agenda_of(next((one.text for one in sentences(head)), head)):
        return "；".join(agenda)
    if cue and _CUE.search(head[:60]):
        return cue[1].strip("的是")
    if subject := _SUBJECT_OF.search(head[:80]):
        return (subject[1] or subject[2] or subject[3]).strip("的是")
    counts = Counter(
        word
        for one in said
        for word, kind in words.tagged(one.text)
        if len(word) > 1 and kind.startswith(("n", "vn", "l", "j")) and word not in STOP_WORDS
    )
    for one in said:
        counts.pop(one.speaker, None)
    top = [word for word, _ in counts.most_common(3)]
    return "、".join(top) or "讨论"
