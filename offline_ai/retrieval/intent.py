"""What somebody who typed a line wants (3.2.6.5.1): something found, something done, or a question answered.

By rules alone. Nothing is done here: a deed is proposed, and whoever typed the line says yes or chooses another way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from offline_ai.retrieval.leaning import leans
from offline_ai.text.words import STOP_WORDS, Words


class Way(StrEnum):
    """How a line is taken."""

    SEARCH = "search"
    ACT = "act"
    ASK = "ask"

    @property
    def label(self) -> str:
        """For the reader."""
        return {Way.SEARCH: "搜索", Way.ACT: "操作", Way.ASK: "提问"}[self]


class DeedKind(StrEnum):
    """What the client can do."""

    OPEN = "open"
    """Go to a page, a section of the settings or of the console: `target` is its title."""
    CHAT = "chat"
    """Open the conversation with `target`, a person or a group."""
    MESSAGE = "message"
    """Send `text` to `target`; the text may be empty and is then asked for."""
    MEETING = "meeting"
    """Prepare a new meeting that is called `text`."""
    LOCK = "lock"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed with what it is done to."""

    kind: DeedKind
    target: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """`words`: what a search looks for; `deed`: what would be done, also where the line is taken otherwise."""

    way: Way
    words: str
    deed: Deed | None = None


_POLITE = re.compile(
    r"(?:你好|您好|请|麻烦你?|劳驾|帮我?个?忙|帮我|帮忙|替我|给我(?=打开|新建|创建|锁|安排)|(?:你|您)?(?:能不能|能否|可不可以|可以|能)(?=请?帮?我?(?:打开|新?建|锁|给|发|创建|安排|进入|联系))"
    r"|我想要?(?=打开|给|跟|和|联系|锁|新?建|创建|搜|查找|进入|发)|我要(?=打开|给|跟|和|联系|锁|新?建|创建|搜|查找|进入|发)|现在|马上|立即|立刻|赶紧)[，,、]?"
)
_COULD = re.compile(r"(?:你|您)?(?:能|可)")
_THANKS = re.compile(r"(?:[，,]?(?:好吗|好不好|行吗|可以吗|谢谢您?|多谢|吧))*[。！!？?~～\s]*$")
_MILD = re.compile(r"一下(?=.)")
_ASKING = re.compile(
    r"谁|什么|怎么|怎样|如何|为何|为啥|哪|几[个点时号月天次人条项家]|多少|多久|多长|多大|是不是|有没有|是否|能否|能不能|吗[？?]?$|呢[？?]?$|[？?]"
)
_WRITING = re.compile(
    r"(?:写|想|起|起草|拟|总结|概括|归纳|翻译|生成|列出|列举|介绍|解释|说明|对比|比较|分析|推荐|计算|算|润色|改写|扩写|续写|缩写|告诉我|说说|讲讲|谈谈|提炼|整理|回答|换成|改成|继续|详细)"
)
_FIND = re.compile(
    r"(?:搜索|搜一搜|搜|查找|检索|查一查|查询|查|找一找|找找|找到|找出|找|看看有没有)(?P<what>.+)$"
)
_TO = re.compile(
    r"(?:给|向|跟|对)(?P<who>[^，,。：:？?]{1,20}?)(?:留言|(?:发送|发|留|捎)(?:个|一?条|一?个|句|一句)?(?:消息|信息|留言|话|私信|微信))"
    r"(?:$|[，,：:\s]+(?:内容[是为]?|说|告诉[他她]们?|问)?|说|问[他她]?|告诉[他她]们?|让[他她]们?(?=.)|提醒[他她]们?)[，,：:\s]*(?P<text>.*)$",
    re.DOTALL,
)
_SEND = re.compile(
    r"(?:发送|发)(?:个|一?条|一?个)?(?:消息|信息|留言|私信)(?:给|到|至)(?P<who>[^，,。：:？?\s]{1,20})(?:[，,：:\s]+(?:说|内容[是为]?)?[，,：:\s]*(?P<text>.*))?$",
    re.DOTALL,
)
_TELL = re.compile(
    r"(?:告诉|转告|通知|提醒|回复|告知)(?P<who>[^，,。：:？?\s]{1,20}?)(?:[，,：:\s]+(?:说)?)(?P<text>.+)$",
    re.DOTALL,
)
_TELL_NAMED = re.compile(r"(?:告诉|转告|通知|提醒|回复|告知)(?P<rest>.+)$", re.DOTALL)
_TITLED = re.compile(
    r"[一-龥]{1,3}(?:副?(?:局长|处长|科长|主任|书记|市长|区长|秘书长|部长|院长|校长|主席|队长|站长|所长)|同志|老师)"
)
_TALK = re.compile(
    r"(?:和|跟|与)(?P<who>[^，,。：:？?\s]{1,20}?)(?:聊天|聊聊|聊一聊|对话|会话|谈谈|说话|私聊)$"
)
_CALL = re.compile(r"(?:联系|私聊)(?P<who>[^，,。：:？?\s]{1,20})$")
_MEET = re.compile(
    r"(?:(?:新建|创建|建立|建|发起|组织|预定|预约|安排|召集)(?:一?[个场次])?|开(?:一?[个场次]))(?P<title>[^，,。：:？?]{0,40}?(?:会议|会))(?:[，,：:。].*)?$"
)
_LOCK = re.compile(
    r"(?:(?:把|将)?(?:客户端|电脑|屏幕|政钉|软件|程序|应用|界面)(?:锁定|锁上|锁住|锁起来|锁)|"
    r"(?:锁定|锁住|锁上|锁)(?:我的|这台|本机|当前)?(?:客户端|电脑|屏幕|政钉|软件|程序|应用|界面|屏|机)?)(?:了|起来)?$"
)
_QUIT = re.compile(r"(?:退出|关闭|关掉)(?:政钉|客户端|程序|软件)$")
_OPEN = re.compile(
    r"(?:打开|进入|转到|跳转到|跳到|切换到|切到|前往|回到|去到|去|显示|开启|点开)(?P<what>[^，,。：:]{1,24}?)$"
)
_ROOM = re.compile(r"(?:的)?(?:页面|界面|窗口|栏目|模块|功能|那一?页|页)$")
_CHAT_ROOM = re.compile(r"(?:的)?(?:会话|聊天|对话|聊天窗口|聊天记录|群)$")
_LONGEST_PHRASE = 24
"""Characters of the longest line without a verb that is looked for as it stands."""
_NAMES = ("n", "j", "l", "i", "m", "t", "eng", "vn", "an", "x", "q", "b")
_HEADED = re.compile(
    r"的(?:通知|报告|请示|批复|函|意见|方案|办法|规定|纪要|公告|通报|决定|[^的]{1,6}[表单书稿图册证卡费案库群文件])$"
)
_PAPERS = re.compile(
    r"(?:[表单书函稿图册证卡费案库群]|通知|报告|计划|安排|总结|规划|要求|请示|批复|意见|决定|公告|规定|通报)$"
)
"""What a name ends with that the segmenter takes for a verb: 防汛值班表, 营商环境 通知."""
_ACTS = ("v", "r", "y", "d", "p")
_LEFT_OUT = frozenset(
    ("怎么办", "在哪里", "哪里", "哪儿", "怎样", "为什么", "有没有", "谁的", "几点", "多久")
)


def read_intent(
    line: str, words: Words, *, before: str = "", places: Sequence[str] = (), chats: Sequence[str] = ()
) -> Intent:
    """How `line` is to be taken. `before`: what was typed last in this talk; `places`: titles of what the client can open;
    `chats`: names of the groups that the person is in."""
    plain = _bare(line)
    deed = _deed(plain, words, places, chats) or _deed(plain.rstrip("？?"), words, places, chats)
    sought = _sought(plain, words)
    asking = _ASKING.search(plain if deed is None else _around(plain, deed)) is not None
    if deed is not None and not asking:
        return Intent(Way.ACT, sought, deed)
    if asking or (before and leans(line, before, words)):
        return Intent(Way.ASK, sought, deed)
    named = _FIND.match(plain)
    if named is not None and not _WRITING.match(plain):
        return Intent(Way.SEARCH, _without_ends(named["what"]) or sought, deed)
    opened = _OPEN.match(plain)
    if opened is not None:
        # Nothing of the client's own is called so: a file or a message may be.
        return Intent(Way.SEARCH, _without_ends(opened["what"]), deed)
    if _is_phrase(plain, words):
        return Intent(Way.SEARCH, plain, deed)
    return Intent(Way.ASK, sought, deed)


def _bare(line: str) -> str:
    """Without politeness at its ends."""
    plain = line.strip()
    requested = False
    while (polite := _POLITE.match(plain)) is not None:
        # 能不能帮我打开设置？ is no question; 公章谁管？ is one, and keeps its mark.
        requested = requested or _COULD.match(plain) is not None
        plain = plain[polite.end() :].lstrip()
    if requested:
        plain = _THANKS.sub("", plain).removesuffix("吗")
    elif not plain.endswith(("？", "?")):
        plain = _THANKS.sub("", plain)
    return _MILD.sub("", plain)


def _deed(plain: str, words: Words, places: Sequence[str], chats: Sequence[str]) -> Deed | None:
    if _LOCK.match(plain):
        return Deed(DeedKind.LOCK)
    if _QUIT.match(plain):
        return Deed(DeedKind.QUIT)
    for pattern in (_TO, _SEND, _TELL):
        found = pattern.match(plain)
        if found is not None and _is_name(found["who"]):
            return Deed(DeedKind.MESSAGE, _name(found["who"]), (found["text"] or "").strip())
    told = _TELL_NAMED.match(plain)
    if told is not None and (who := _leading_name(told["rest"], words, chats)):
        text = told["rest"][len(who) :].strip()
        if text:
            return Deed(DeedKind.MESSAGE, who, text)
    for pattern in (_TALK, _CALL):
        found = pattern.match(plain)
        if found is not None and _is_name(found["who"]):
            return Deed(DeedKind.CHAT, _name(found["who"]))
    met = _MEET.match(plain)
    if met is not None:
        return Deed(DeedKind.MEETING, text=_title(met["title"], words))
    opened = _OPEN.match(plain)
    if opened is not None:
        return _opens(opened["what"], places, chats)
    return None


def _opens(what: str, places: Sequence[str], chats: Sequence[str]) -> Deed | None:
    wanted = _ROOM.sub("", what.strip())
    fits = [one for one in places if one in wanted and len(wanted) - len(one) <= 2]
    fits += [one for one in places if len(wanted) > 1 and wanted in one]
    if fits:
        # The whole name before a part of one; 通知设置 is the page 通知 of 设置.
        return Deed(DeedKind.OPEN, min(fits, key=lambda one: (one != wanted, one == "设置", len(one))))
    talk = _CHAT_ROOM.sub("", what.strip()).removeprefix("和").removeprefix("与").removeprefix("跟")
    for one in sorted(chats, key=lambda one: (one != what, len(one))):
        if one in (what, wanted, talk) or (len(talk) > 2 and talk in one):
            return Deed(DeedKind.CHAT, one)
    if talk != what.strip() and _is_name(talk):
        return Deed(DeedKind.CHAT, _name(talk))
    return None


def _is_name(who: str) -> bool:
    return (
        bool(_name(who))
        and not _ASKING.search(who)
        and who not in ("我", "你", "您", "自己", "他", "她", "它", "大家")
    )


def _name(who: str) -> str:
    return who.strip(' “”"《》@').removesuffix("同志").removesuffix("老师")


def _leading_name(rest: str, words: Words, chats: Sequence[str]) -> str:
    """The person or the group that a line begins with; empty where none does."""
    for chat in sorted(chats, key=len, reverse=True):
        if rest.startswith(chat):
            return chat
    titled = _TITLED.match(rest)
    if titled is not None:
        return titled[0]
    name = ""
    for word, kind in words.tagged(rest):
        if not kind.startswith("nr"):
            break
        name += word
    return name if 2 <= len(name) <= 4 else ""


def _title(title: str, words: Words) -> str:
    """A meeting's name without when it is; empty for 会议 alone."""
    kept = ""
    for word, kind in words.tagged(title):
        if not kept and (kind in ("t", "m", "f", "uj", "q") or word in ("的", "点", "半", "召开", "在")):
            continue
        kept += word
    return "" if kept in ("会议", "会", "新会议") else kept


def _around(plain: str, deed: Deed) -> str:
    """The line without what is to be sent: a message may well ask something."""
    return plain.replace(deed.text, "") if deed.text else plain


def _sought(plain: str, words: Words) -> str:
    """What a search would look for: the words that carry meaning."""
    kept = [one for one in words.content(plain) if one not in _LEFT_OUT]
    return " ".join(dict.fromkeys(kept)) or plain


def _without_ends(what: str) -> str:
    return what.strip(' ：:“”"《》，,的').strip()


def _is_phrase(plain: str, words: Words) -> bool:
    """防汛值班表, 王建国 电话: names one after the other and nothing said of them."""
    if len(plain) > _LONGEST_PHRASE or _WRITING.match(plain) or re.search(r"[，,。；;！!]", plain):
        return False
    tagged = [(word, kind) for word, kind in words.tagged(plain) if word.strip()]
    if not tagged or all(word in STOP_WORDS for word, _ in tagged):
        return False
    if _HEADED.search(plain):
        return True
    last_word, last = tagged[-1]
    named = last == "vn" or last_word.isascii() or _PAPERS.search(last_word) is not None
    if last.startswith(_ACTS) and not named and len(tagged) > 1:
        return False
    return tagged[0][1] not in ("r", "y", "d", "p", "c") and any(
        kind.startswith(_NAMES) or kind.startswith("v") for _, kind in tagged
    )
