"""F, B and P: the letterhead, the body's form, the end matter and the page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date

from offline_ai.documents.model import Block
from offline_ai.official.parts import BRACKETS, BRACKETS_CLOSE, DATE_LINE, SECRECY
from offline_ai.proofread.model import Draft, Hit
from offline_ai.text.dates import find_dates
from offline_ai.text.numerals import number

_CODE = r"[一-龥]{1,14}"
_ANY_NUMBER = re.compile(
    rf"(?P<code>{_CODE})(?P<open>{BRACKETS})(?P<year>\d{{2,4}})(?P<close>{BRACKETS_CLOSE})(?P<rest>第?\d+)号"
)
_LEVELS = (
    re.compile(r"(?P<n>[一二三四五六七八九十]+)、"),
    re.compile(r"[（(](?P<n>[一二三四五六七八九十]+)[）)]"),
    re.compile(r"(?P<n>\d{1,2})[.．](?!\d)"),
    re.compile(r"[（(](?P<n>\d{1,2})[）)]"),
)
_KINDS = (
    ("政府", re.compile(r"政府$|管委会$|管理委员会$")),
    ("部门", re.compile(r"部门$|委办局$|直属机构$|[局委厅办]$")),
    ("单位", re.compile(r"单位$|公司$|企业$|学校$|院校$|集团$")),
)
_SHORT_NAME = re.compile(
    r"(?:府办|政办|市政府办|区政府办|县政府办|市府|区府|县府|发改委|卫健委|人社局|住建局|市监局|文旅局|资规局|工信局|应急局)$"
)


def check(draft: Draft) -> Iterator[Hit]:
    """All of F, B and P that plain text allows."""
    yield from _head(draft)
    yield from _recipients(draft)
    yield from _levels(draft)
    yield from _attachments(draft)
    yield from _close(draft)
    yield from _end_matter(draft)


def _head(draft: Draft) -> Iterator[Hit]:
    for match in _ANY_NUMBER.finditer(draft.text):
        year, rest = match["year"], match["rest"]
        start, end = match.start("open"), match.end("close")
        if (match["open"], match["close"]) != ("〔", "〕") and year[:2] in ("19", "20") and len(year) == 4:
            yield Hit("F1", start, end, "发文字号的年份用六角括号。", f"〔{year}〕")
        if len(year) == 2:
            yield Hit("F3", match.start("year"), match.end("year"), "发文字号的年份应写 4 位。", f"20{year}")
        bare = rest.removeprefix("第").lstrip("0")
        if bare and bare != rest:
            yield Hit("F2", match.start("rest"), match.end("rest"), "发文顺序号不加“第”、不编虚位。", bare)
    parts = draft.parts
    if parts.copy_number is not None:
        digits = re.search(r"\d+", parts.copy_number.text)
        if digits and len(digits[0]) != 6:
            start = parts.copy_number.start + digits.start()
            yield Hit("F4", start, start + len(digits[0]), "份号一般编 6 位。", digits[0].zfill(6))
    if parts.secrecy is not None:
        yield from _secrecy(parts.secrecy.text, parts.secrecy.start)
    if parts.urgency is not None and parts.urgency.text not in ("特急", "加急"):
        yield Hit(
            "F6",
            parts.urgency.start,
            parts.urgency.end,
            f"“{parts.urgency.text}”不是规定的紧急程度。",
            None,
            "改为“特急”或“加急”。",
        )
    order = [part for part in (parts.copy_number, parts.secrecy, parts.urgency) if part is not None]
    for one, other in itertools.pairwise(order):
        if other.start < one.start:
            yield Hit(
                "F7",
                other.start,
                other.end,
                "自上而下应依次为份号、密级和保密期限、紧急程度。",
                None,
                "调整次序。",
            )
            break
    if parts.signer is not None and ":" in parts.signer.text:
        at = parts.signer.start + parts.signer.text.index(":")
        yield Hit("F8", at, at + 1, "“签发人”后用全角冒号。", "：")


def _secrecy(text: str, at: int) -> Iterator[Hit]:
    if re.fullmatch(r"(?:绝密|机密|秘密)(?:★(?:[1-9]\d*(?:年|个月)|长期))?", text) or not SECRECY.match(text):
        return
    found = re.match(
        r"(绝密|机密|秘密)\s*[★☆*＊]?\s*([0-9一二三四五六七八九十]+)?\s*(年|个月|月|长期)?", text
    )
    if not found:
        return
    span = ""
    if found[3] == "长期":
        span = "★长期"
    elif found[2] and found[3]:
        span = f"★{number(found[2])}{'个月' if found[3] == '月' else found[3]}"
    yield Hit("F5", at, at + len(text), "密级与保密期限之间用“★”，期限用阿拉伯数字。", found[1] + span)


def _recipients(draft: Draft) -> Iterator[Hit]:
    line = draft.parts.recipients
    if line is None:
        return
    last = line.text[-1]
    if last != "：":
        yield Hit("B1", line.end - 1, line.end, "主送机关后用全角冒号。", "：")
    names = list(re.finditer(r"[^、，,；;：:。]+", line.text))
    for one, other in itertools.pairwise(names):
        mark = line.text[one.end()]
        kinds = [
            next(
                (name for name, pattern in _KINDS if pattern.search(re.sub(r"[（(].*?[）)]", "", found[0]))),
                "",
            )
            for found in (one, other)
        ]
        if not all(kinds) or "直属" in one[0]:
            continue
        right = "、" if kinds[0] == kinds[1] else "，"
        if mark != right:
            why = "不同类的主送机关之间用逗号。" if right == "，" else "同类的主送机关之间用顿号。"
            yield Hit("B2", line.start + one.end(), line.start + one.end() + 1, why, right)


def sign(text: str) -> tuple[int, int, int] | None:
    """Level, number and length of a sequence sign."""
    for level, pattern in enumerate(_LEVELS, 1):
        if match := pattern.match(text):
            value = number(match["n"])
            return (level, value, match.end()) if value is not None else None
    return None


def _levels(draft: Draft) -> Iterator[Hit]:
    expected: dict[int, int] = {}
    path: list[int] = []
    blocks = draft.parts.body
    for at, block in enumerate(blocks):
        yield from _sequence_marks(block)
        found = sign(block.text)
        if found is None:
            continue
        level, value, long = found
        if level == 2 and any(deeper > 2 for deeper in path) and 2 not in path:
            yield Hit(
                "B3",
                block.offset,
                block.offset + 3,
                "“（一）”不应出现在“1.”之下。",
                None,
                "依次用“一、”“（一）”“1.”“（1）”。",
            )
        elif level == 1 and path and path[0] > 1 and 1 not in path:
            yield Hit(
                "B3",
                block.offset,
                block.offset + 2,
                "“一、”不应出现在下级序号之后。",
                None,
                "依次用“一、”“（一）”“1.”“（1）”。",
            )
        elif level == 3 and 4 in path and 3 not in path:
            yield Hit(
                "B3",
                block.offset,
                block.offset + 2,
                "“1.”不应出现在“（1）”之下。",
                None,
                "依次用“一、”“（一）”“1.”“（1）”。",
            )
        if level in path:
            path = path[: path.index(level) + 1]
        else:
            path = [one for one in path if one < level or level > min(path)] + [level]
        for deeper in [one for one in expected if one > level]:
            del expected[deeper]
        wanted = expected.get(level, 0) + 1
        if value != wanted and not (level not in expected and value == 1):
            yield Hit(
                "B5",
                block.offset,
                block.offset + long,
                f"序号不连续，这里应为第{wanted}项。",
                None,
                "检查是否漏项或重号。",
            )
        expected[level] = value
        if _stands_alone(block, blocks[at + 1] if at + 1 < len(blocks) else None, level):
            yield Hit("B7", block.end - 1, block.end, "独立成行的标题不加句号。", "")


def _stands_alone(block: Block, following: Block | None, level: int) -> bool:
    text = block.text
    if (
        not text.endswith(("。", "；", "："))
        or text.endswith("：")
        or len(text) > 18
        or re.search(r"[，；。：]", text[:-1])
    ):
        return False
    if text.endswith("；") or following is None or re.search(r"\d+[月日时点]|应当|不得|禁止|已", text):
        return False
    next_sign = sign(following.text)
    return next_sign is None or next_sign[0] > level


def _sequence_marks(block: Block) -> Iterator[Hit]:
    text, at = block.text, block.offset
    if match := re.match(r"([（(](?:[一二三四五六七八九十]+|\d{1,2})[）)])([、.．，])", text):
        yield Hit("B4", at + match.start(2), at + match.end(2), "带括号的序次语后不加标点。", "")
    elif match := re.match(r"(\d{1,2})(、)", text):
        yield Hit("B4", at + match.start(2), at + match.end(2), "阿拉伯数字序次语后用下脚点。", ".")
    elif match := re.match(r"([一二三四五六七八九十]{1,3})([.．，])", text):
        yield Hit("B4", at + match.start(2), at + match.end(2), "汉字序次语后用顿号。", "、")
    for match in re.finditer(
        r"(?:(?<=^)|(?<=[。；：\n]))(第[一二三四五六七八九十]|其[一二三四五六]|首先|其次|再次|最后)、(?!第)",
        text,
    ):
        yield Hit("B6", at + match.end() - 1, at + match.end(), f"“{match[1]}”后用逗号。", "，")


def _attachments(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    line = parts.attachment_line
    if line is not None and (match := re.match(r"附件\s*(:)", line.text)):
        yield Hit("B8", line.start + match.start(1), line.start + match.end(1), "“附件”后用全角冒号。", "：")
    for item in parts.attachments:
        text, at = item.part.text, item.part.start
        if match := re.match(r"\d{1,2}\s*(、)", text):
            yield Hit("B8", at + match.start(1), at + match.end(1), "附件序号后用下脚点。", ". ")
        if match := re.search(r"[。；;，,、！]+$", text):
            yield Hit("B9", at + match.start(), at + match.end(), "附件名称后不加标点。", "")
        name = re.sub(r"[。；;，,、]+$", "", item.name)
        if re.fullmatch(r"《[^《》]+》", name):
            start = at + text.index("《")
            yield Hit("B11", start, start + len(name), "附件名称通常不加书名号。", name[1:-1])
    if len(parts.attachments) == 1 and parts.attachments[0].number:
        item = parts.attachments[0]
        match = re.match(r"\d{1,2}\s*[.．、]\s*", item.part.text)
        if match:
            yield Hit("B10", item.part.start, item.part.start + match.end(), "只有一个附件，不编序号。", "")
    for count, page in parts.pages:
        wanted = [
            item
            for item in parts.attachments
            if item.number == count or (not count and len(parts.attachments) == 1)
        ]
        if wanted and _bare(wanted[0].name) != _bare(page.text):
            yield Hit(
                "B12",
                page.start,
                page.end,
                f"附件说明写的是“{_bare(wanted[0].name)}”。",
                None,
                "附件标题与附件说明写成一致。",
            )
    numbers = [item.number for item in parts.attachments]
    most = (
        max([*numbers, len(numbers), *(count for count, _ in parts.pages)]) if numbers or parts.pages else 0
    )
    for block in parts.body:
        for match in re.finditer(
            r"(?:见|按|按照|填写|报送|附)附件\s*(\d{0,2})|[（(]附件\s*(\d{0,2})[）)]", block.text
        ):
            count = int(match[1] or match[2] or 1)
            if count > most:
                why = f"只有 {most} 个附件。" if most else "文后没有附件说明。"
                yield Hit(
                    "B13", block.offset + match.start(), block.offset + match.end(), why, None, "核对附件。"
                )


def _bare(text: str) -> str:
    return re.sub(r"[《》\s。；;，,、]", "", text)


def _close(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    for part in parts.signatures:
        if _SHORT_NAME.search(part.text):
            yield Hit(
                "B14",
                part.start,
                part.end,
                "署名用机关全称或规范化简称。",
                None,
                "写全称，如“郑州市人民政府办公厅”。",
            )
    if parts.date is not None:
        good = _good_date(parts.date.text)
        if good is not None and good != parts.date.text:
            yield Hit("B15", parts.date.start, parts.date.end, "成文日期用阿拉伯数字，月、日不编虚位。", good)
    for match in re.finditer(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日", draft.text):
        year, month, day = int(match[1] or 2024), int(match[2]), int(match[3])
        if not _real(year, month, day):
            yield Hit("B16", match.start(), match.end(), "没有这一天。", None, "核对日期。")
    for block in draft.document.blocks[len(draft.document.blocks) // 3 :]:
        if (
            re.match(r"联系人\s*[：:]", block.text)
            and len(block.text) < 80
            and parts.date is not None
            and block.offset > parts.date.start
        ):
            yield Hit("B17", block.offset, block.end, "附注加圆括号。", f"（{block.text.rstrip('。')}）")
            break
    for match in re.finditer(r"[（(]?(?:此页|本页|首页|该页)无正文[）)]?", draft.text):
        yield Hit(
            "B18",
            match.start(),
            match.end(),
            "不得用这种办法处理空白页。",
            None,
            "调整行距、字距，使署名与正文同页。",
        )
    if parts.title is not None and (
        match := re.search(r"[。，；！、.,;!]+$", draft.text[parts.title.start : parts.title.end])
    ):
        yield Hit(
            "B19",
            parts.title.start + match.start(),
            parts.title.start + match.end(),
            "标题末尾通常不加标点。",
            "",
        )


def _real(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _good_date(text: str) -> str | None:
    found = re.fullmatch(
        r"\s*([\d〇○零一二三四五六七八九]{2,4})\s*年\s*([\d一二三四五六七八九十]+)\s*月\s*([\d一二三四五六七八九十]+)\s*日",
        text,
    )
    if not found or not DATE_LINE.match(text):
        return None
    year, month, day = (number(one) for one in found.groups())
    if year is None or month is None or day is None:
        return None
    return f"{year + 2000 if year < 100 else year}年{month}月{day}日"


def _end_matter(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    if parts.cc is not None and not parts.cc.text.endswith("。"):
        last = parts.cc.text[-1]
        if last in "；;，,、.：":
            yield Hit("P1", parts.cc.end - 1, parts.cc.end, "抄送机关后加句号。", "。")
        else:
            yield Hit("P1", parts.cc.end - 1, parts.cc.end, "抄送机关后加句号。", last + "。")
    if parts.printed is None:
        return
    text = parts.printed.text
    dates = find_dates(text, date(2000, 1, 1))
    written = re.search(r"\d{4}(?:年\d{1,2}月\d{1,2}日|[.\-/]\d{1,2}[.\-/]\d{1,2})\s*(?:印发|印制|印)", text)
    if written and dates:
        day = dates[-1].day
        right = f"{day.year}年{day.month}月{day.day}日印发"
        if written[0].replace(" ", "") != right:
            at = parts.printed.start + written.start()
            yield Hit("P2", at, at + len(written[0]), "印发日期写成“×年×月×日印发”。", right)
    if parts.date is not None and dates:
        made = find_dates(_good_date(parts.date.text) or parts.date.text, date(2000, 1, 1))
        if made and dates[-1].day < made[0].day:
            yield Hit(
                "P3", parts.printed.start, parts.printed.end, "印发日期早于成文日期。", None, "核对两个日期。"
            )
