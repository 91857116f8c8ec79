"""N and D: numbers and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from offline_ai.documents.model import Block
from offline_ai.proofread.model import Draft, Hit

_DIGITS = "〇一二三四五六七八九十"
_MEASURE = (
    r"天|个|人|名|次|件|小时|公里|千米|米|遍|位|家|台|辆|分钟|年(?!级|第|[0-9])|倍|口|户|岁|周|斤|亩|吨"
)
_PAIRS = {
    "（": "）",
    "(": ")",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "‘": "’",
    "【": "】",
    "〔": "〕",
    "「": "」",
}
_CJK = "一-龥"
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def check(draft: Draft) -> Iterator[Hit]:
    """All of N and D."""
    for block in draft.prose():
        yield from _numbers(block)
        yield from _marks(block)
    for block in draft.document.blocks:
        if block.kind == "row":
            for cell in _cells(block):
                yield from _numbers(cell)
                yield from _marks(cell)
    yield from _centuries(draft)
    yield from _items(draft)


def _cells(row: Block) -> Iterator[Block]:
    at = row.offset
    for text in row.text.split("\t"):
        yield Block("row", text, at)
        at += len(text) + 1


def _numbers(block: Block) -> Iterator[Hit]:
    text, at = block.text, block.offset
    for match in re.finditer(rf"(?<![\d第、.])([1-9])、([1-9])(?={_MEASURE})", text):
        if int(match[2]) == int(match[1]) + 1:
            yield Hit(
                "N1",
                at + match.start(),
                at + match.end(),
                "相邻两个数连用表示概数，用汉字，中间不加顿号。",
                _DIGITS[int(match[1])] + _DIGITS[int(match[2])],
            )
    for match in re.finditer(r"(?<![\d.])([1-9])0几", text):
        tens = int(match[1])
        yield Hit(
            "N2",
            at + match.start(),
            at + match.end(),
            "带“几”的概数用汉字。",
            f"{'' if tens == 1 else _DIGITS[tens]}十几",
        )
    for match in re.finditer(
        r"(?<![\d.年月日:：])(\d+(?:\.\d+)?)([～~—–－至到-]{1,2})(\d+(?:\.\d+)?)(亿|万|%|％|‰)", text
    ):
        yield Hit(
            "N3",
            at + match.start(),
            at + match.end(),
            "范围的前一个数也要带单位。",
            f"{match[1]}{match[4]}～{match[3]}{match[4]}",
        )
    for match in re.finditer(
        r"(?<![\d—–-])([0-3]\d)年(?=工作|度|上半年|下半年|初|底|元旦|春节|国庆|第[一二三四]季度|1?\d月)", text
    ):
        yield Hit("N4", at + match.start(), at + match.end(), "年份写 4 位。", f"20{match[1]}年")
    for match in re.finditer(r"(星期|周)([1-7])(?![\d天年月个次])", text):
        yield Hit(
            "N6",
            at + match.start(),
            at + match.end(),
            "星期几用汉字。",
            match[1] + "〇一二三四五六日"[int(match[2])],
        )
    yield from _wide_digits(block)
    for match in re.finditer(r"(\d+(?:\.\d+)?(?:\s*[+＋]\s*\d+(?:\.\d+)?)+)\s*[=＝]\s*(\d+(?:\.\d+)?)", text):
        total = sum(float(one) for one in re.split(r"[+＋]", match[1]))
        if abs(total - float(match[2])) > 0.001:
            yield Hit(
                "N8", at + match.start(), at + match.end(), "得数不对。", None, f"各项之和是 {total:g}。"
            )
    yield from _totals(block)
    for match in re.finditer(
        r"(?:下降|减少|降低|缩小|缩减|下调)(?:了|到|为)?\s*(?:\d+(?:\.\d+)?|[一二两三四五六七八九十]+|近|约)+\s*倍",
        text,
    ):
        yield Hit(
            "N9",
            at + match.start(),
            at + match.end(),
            "减少不用倍数表示。",
            None,
            "改用百分数或分数，如“下降50%”。",
        )


def _wide_digits(block: Block) -> Iterator[Hit]:
    for match in re.finditer(r"[０-９]+(?:．[０-９]+)?", block.text):
        fix = match[0].translate({code: code - 0xFEE0 for code in range(0xFF0E, 0xFF1A)})
        yield Hit("N7", block.offset + match.start(), block.offset + match.end(), "阿拉伯数字用半角。", fix)


def _totals(block: Block) -> Iterator[Hit]:
    """甲3个、乙4个，共计8个: parts and sum in one sentence, all in one unit."""
    for sentence in re.finditer(r"[^。；\n]+", block.text):
        found = re.search(
            r"(?:合计|共计|总计|一共)\s*(\d+(?:\.\d+)?)\s*([个名人件项台辆条万亿元户家次处座]{1,2})",
            sentence[0],
        )
        if not found:
            continue
        unit = re.escape(found[2])
        parts = [float(one) for one in re.findall(rf"(\d+(?:\.\d+)?)\s*{unit}", sentence[0][: found.start()])]
        if (
            len(parts) > 1
            and re.search(r"[、，]", sentence[0])
            and "其中" not in sentence[0]
            and "比" not in sentence[0]
            and abs(sum(parts) - float(found[1])) > 0.001
        ):
            start = block.offset + sentence.start() + found.start()
            yield Hit(
                "N8",
                start,
                start + len(found[0]),
                "合计与各项之和不一致。",
                None,
                f"各项之和是 {sum(parts):g}{found[2]}。",
            )


def _centuries(draft: Draft) -> Iterator[Hit]:
    text = draft.text
    arabic = re.search(r"(?:1[89]|2[01])世纪|\d0年代", text)
    if arabic is None:
        return
    tens = {"十九": "19", "二十一": "21", "二十": "20", "十八": "18"}
    for match in re.finditer(r"(?:(二十一|二十|十九|十八)世纪)?(?:([一二三四五六七八九])十年代)?", text):
        if match[0]:
            fix = (f"{tens[match[1]]}世纪" if match[1] else "") + (
                f"{_DIGITS.index(match[2])}0年代" if match[2] else ""
            )
            yield Hit("N5", match.start(), match.end(), "全篇两种写法混用。", fix)


def _marks(block: Block) -> Iterator[Hit]:
    text, at = block.text, block.offset
    for match in re.finditer(r"》(、)《", text):
        yield Hit("D1", at + match.start(1), at + match.end(1), "并列的书名号之间不用顿号。", "")
    for match in re.finditer(r"”(、)“", text):
        yield Hit("D2", at + match.start(1), at + match.end(1), "并列的引号之间不用顿号。", "")
    for match in re.finditer(r"(?:…{1,2}|\.{3,6})\s*等(?!于|级|候|待|同|会儿)|等(?:等)?\s*…{1,2}", text):
        yield Hit("D3", at + match.start(), at + match.end(), "省略号与“等”只用一个。", "等")
    for match in re.finditer(r"[。，、；：][。，、；：]+", text):
        marks = match[0]
        if len(marks) > 2 and set(marks) == {"。"}:
            yield Hit("D12", at + match.start(), at + match.end(), "省略号写作六个点。", "……")
        else:
            kept = "。" if "。" in marks else marks[0]
            yield Hit("D12", at + match.start(), at + match.end(), "点号只用一个。", kept)
    yield from _nesting(block)
    yield from _colons(block)
    for match in re.finditer(
        r"《[^《》]*(?:动员会|座谈会|推进会|大会|会议|论坛|培训班|启动仪式|仪式|行动|活动|博览会|展览会|运动会|工程)》",
        text,
    ):
        yield Hit("D6", at + match.start(), at + match.end(), "会议、活动等名称不用书名号。", match[0][1:-1])
    for match in re.finditer(rf"(?<=[{_CJK}”》）〕])([,;:?!])|([,;:?!])(?=[{_CJK}“《（])", text):
        mark = match[1] or match[2]
        before, after = text[max(0, match.start() - 6) : match.start()], text[match.end() : match.end() + 2]
        if (
            re.search(r"https?$|[A-Za-z]$", before)
            or (before[-1:].isdigit() and after[:1].isdigit())
            or _is_form(block, at + match.start())
        ):
            continue
        yield Hit("D7", at + match.start(), at + match.end(), "中文里用全角标点。", _FULL[mark])
    yield from _unpaired(block)
    for match in re.finditer(
        r"(?:研究|了解|明确|探讨|说明|清楚|知道|思考|考虑|关注|分析|掌握|决定|讨论|取决于)[^。？！；，\n“”]{0,24}(?:如何|怎样|怎么|是否|什么|哪些|多少|何时)[^。？！；\n“”]{0,30}？",
        text,
    ):
        if not re.match(r".{0,4}(?:吗|呢)", match[0][-3:]):
            yield Hit("D10", at + match.end() - 1, at + match.end(), "陈述句里的疑问词不用问号。", "。")
    for match in re.finditer(
        r"五·四(?=运动|青年|精神|以来|时期)|七·七(?=事变)|九·一八(?=事变)|八·一(?=建军|南昌|起义)|五·一(?=国际|劳动|节|假|小长假)|三·八(?=妇女|国际|节)|七·一(?=讲话|建党|表彰)",
        text,
    ):
        yield Hit(
            "D11",
            at + match.start(),
            at + match.end(),
            "只有涉及一月、十一月、十二月的才加间隔号。",
            match[0].replace("·", ""),
        )
    for match in re.finditer(r"一二八(?=事变|抗战|战役|淞沪)|一二九(?=运动|学生|以来|精神)", text):
        yield Hit(
            "D11",
            at + match.start(),
            at + match.end(),
            "涉及一月、十一月、十二月的加间隔号。",
            "一·二" + match[0][-1],
        )


def _is_form(block: Block, place: int) -> bool:
    """Colons that rules of their own speak of: 主送, 附件, 签发人."""
    head = block.text[: place - block.offset + 1]
    return bool(re.fullmatch(r"附件\s*:|签发人\s*:|.*签发人\s*:", head)) or (
        place == block.end - 1 and block.text.endswith(":")
    )


def _nesting(block: Block) -> Iterator[Hit]:
    for opened, closed, name in (("（", "）", "圆括号"), ("《", "》", "书名号"), ("〈", "〉", "单书名号")):
        depth = 0
        for place, char in enumerate(block.text):
            if char == opened:
                depth += 1
                if depth == 2 and closed in block.text[place:]:
                    advice = "里层改用方括号或六角括号。" if opened == "（" else "里层改用〈〉。"
                    yield Hit(
                        "D4",
                        block.offset + place,
                        block.offset + place + 1,
                        f"{name}里不再套{name}。",
                        None,
                        advice,
                    )
            elif char == closed:
                depth = max(0, depth - 1)


def _colons(block: Block) -> Iterator[Hit]:
    whole = re.sub(r"“[^”]*”|（[^）]*）|《[^》]*》", lambda match: "□" * len(match[0]), block.text)
    for sentence in re.finditer(r"[^。！？；\n]+", whole):
        bare = sentence[0]
        colons = [match.start() for match in re.finditer("：", bare)]
        colons = [
            place
            for place in colons
            if not (bare[place - 1 : place].isdigit() and bare[place + 1 : place + 2].isdigit())
        ]
        if len(colons) < 2 or re.search(
            r"(?:联系人|电话|附件|时间|地点|邮箱|传真|单位|地址|抄送|账号|开户)[一-龥]{0,3}$",
            bare[: colons[0]],
        ):
            continue
        place = block.offset + sentence.start() + colons[1]
        yield Hit(
            "D5", place, place + 1, "一句话里套用了两层冒号。", None, "把其中一个冒号改为逗号，或分成两句。"
        )


def _unpaired(block: Block) -> Iterator[Hit]:
    stack: list[tuple[str, int]] = []
    closers = {closed: opened for opened, closed in _PAIRS.items()}
    for place, char in enumerate(block.text):
        if char in _PAIRS:
            stack.append((char, place))
        elif char in closers:
            # 1） and a） are signs of a list.
            listed = re.search(r"(?:^|[；。，\s])[0-9a-zA-Z一二三四五六七八九十]{1,2}$", block.text[:place])
            if char in "）)" and listed and (not stack or stack[-1][0] not in "（("):
                continue
            same = bool(stack) and (
                stack[-1][0] == closers[char] or (stack[-1][0] in "（(" and char in "）)")
            )
            if same:
                stack.pop()
            else:
                yield Hit(
                    "D8",
                    block.offset + place,
                    block.offset + place + 1,
                    f"“{char}”没有对应的前一半。",
                    None,
                    "补上或删去。",
                )
    for char, place in stack:
        yield Hit(
            "D8",
            block.offset + place,
            block.offset + place + 1,
            f"“{char}”没有对应的后一半。",
            None,
            "补上或删去。",
        )


def _items(draft: Draft) -> Iterator[Hit]:
    for block in draft.parts.body:
        if (
            re.match(
                r"[（(]?(?:\d{1,2}|[一二三四五六七八九十]+)[）).．、]|[一二三四五六七八九十]是", block.text
            )
            and block.text.endswith("；")
            and "。" in block.text[:-1]
        ):
            yield Hit("D9", block.end - 1, block.end, "分项里已有句号，项末不用分号。", "。")
    for block in draft.parts.body:
        for match in re.finditer(r"一是[^\n]*", block.text):
            for item in re.finditer(
                r"[二三四五六七八九]?[一二三四五六七八九]是[^；\n]*。[^；。\n]*；", match[0]
            ):
                if not re.search(r"。[一二三四五六七八九]是", item[0]):
                    end = block.offset + match.start() + item.end()
                    yield Hit("D9", end - 1, end, "分项里已有句号，项末不用分号。", "。")
