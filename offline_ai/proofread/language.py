"""N, D and C: numbers, punctuation, wording and content."""

from __future__ import annotations

import re
from collections.abc import Iterator

from offline_ai.documents.model import Block
from offline_ai.proofread.model import Draft, Hit

_DIGITS = "〇一二三四五六七八九十"
_MEASURE = (
    r"天|个|人|名|次|件|小时|公里|千米|米|遍|位|家|台|辆|分钟|年(?!级|第|[0-9])|倍|口|户|岁|周|斤|亩|吨"
)
_TYPOS = (
    ("其它", "其他"),
    ("布署", "部署"),
    ("按装", "安装"),
    ("做为", "作为"),
    ("既使", "即使"),
    ("座落", "坐落"),
    ("松驰", "松弛"),
    ("防碍", "妨碍"),
    ("渡过难关", "度过难关"),
    ("帐户", "账户"),
    ("帐号", "账号"),
    ("撤消", "撤销"),
    ("重迭", "重叠"),
    ("辐原", "幅员"),
    ("份量", "分量"),
    ("必需要", "必须要"),
    ("凭添", "平添"),
    ("震憾", "震撼"),
    ("贯切", "贯彻"),
    ("贯澈", "贯彻"),
    ("督察组织", "督查组织"),
)
_ABBREVIATIONS = {
    "发改委": "发展和改革委员会",
    "人社局": "人力资源和社会保障局",
    "卫健委": "卫生健康委员会",
    "住建局": "住房和城乡建设局",
    "市监局": "市场监督管理局",
    "文旅局": "文化广电和旅游局",
    "资规局": "自然资源和规划局",
    "工信局": "工业和信息化局",
    "退役局": "退役军人事务局",
}
_OBSOLETE = (
    (re.compile(r"《?国家行政机关公文处理办法》?"), "《党政机关公文处理工作条例》"),
    (re.compile(r"《?中国共产党机关公文处理条例》?"), "《党政机关公文处理工作条例》"),
    (re.compile(r"GB/?T\s*9704\s*[-—–]\s*(?:1999|88|1988)"), "GB/T 9704—2012"),
    (re.compile(r"GB/?T\s*15834\s*[-—–]\s*1995"), "GB/T 15834—2011"),
    (re.compile(r"GB/?T\s*15835\s*[-—–]\s*1995"), "GB/T 15835—2011"),
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
    """All of N, D and C."""
    for block in draft.prose():
        yield from _numbers(block)
        yield from _marks(block)
    for block in draft.document.blocks:
        if block.kind == "row":
            yield from _wide_digits(block)
    yield from _centuries(draft)
    yield from _items(draft)
    yield from _words(draft)
    yield from _facts(draft)


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


def _words(draft: Draft) -> Iterator[Hit]:
    text = draft.text
    for match in re.finditer(
        r"(?:根据|按照|依据|贯彻|落实|转发|印发)?([一-龥]{2,10}〔\d{4}〕\d+号)(?:文件)?《([^》]+)》", text
    ):
        code = re.sub(r"^(?:根据|按照|依据|贯彻|落实|转发|印发|遵照|经)", "", match[1])
        start = match.start(1) + len(match[1]) - len(code)
        yield Hit("C1", start, match.end(), "引用公文先引标题，后引发文字号。", f"《{match[2]}》（{code}）")
    for pattern, fix in _OBSOLETE:
        for match in pattern.finditer(text):
            yield Hit("C2", match.start(), match.end(), "这份规定已经废止。", None, f"现行的是{fix}。")
    for wrong, right in _TYPOS:
        for match in re.finditer(wrong, text):
            if wrong == "其它" and text[match.end() : match.end() + 1] in "们":
                continue
            if wrong == "份量" and re.match(r"[减加]", text[max(0, match.start() - 1) :]):
                continue
            yield Hit("C3", match.start(), match.end(), f"通常写作“{right}”。", right)
    for match in re.finditer(
        r"截止到?(?=\s*(?:\d|[一二三四五六七八九十]+月|目前|今年|去年|本月|上月|月底|年底))", text
    ):
        before = text[max(0, match.start() - 4) : match.start()]
        if not re.search(r"(?:报名|申报|投标|时间|日期|受理|提交)$", before):
            yield Hit("C3", match.start(), match.end(), "后面跟时间时用“截至”。", "截至")
    yield from _short_names(draft)
    for block in draft.parts.body:
        for match in re.finditer(
            r"今年|去年|明年|近日|(?<![\d一二三四五六七八九十])日前|最近|近期|昨天|昨日|明天|本月|上月|下月|本周|下周|上周|前不久|不久前",
            block.text,
        ):
            yield Hit(
                "C5",
                block.offset + match.start(),
                block.offset + match.end(),
                f"存档后看不出“{match[0]}”是哪一天。",
                None,
                "写明具体的年、月、日。",
            )


def _short_names(draft: Draft) -> Iterator[Hit]:
    text = draft.text
    defined = {
        match[1]: match.start()
        for match in re.finditer(r"(?:以下|下)简称[：:]?\s*[“\"]?([^”\"）)，。]{2,16})[”\"]?", text)
    }
    skip = draft.parts.title.end if draft.parts.title is not None else 0
    for name, place in defined.items():
        first = text.find(name, skip)
        if 0 <= first < place - 4 and text[first : first + len(name) + 1] not in defined:
            whole = text.find("（", first)
            if not 0 <= whole - first - len(name) < 1:
                yield Hit(
                    "C4",
                    first,
                    first + len(name),
                    f"“{name}”在说明简称之前就用了。",
                    None,
                    "首次出现写全称，并注“以下简称”。",
                )
    for short, full in _ABBREVIATIONS.items():
        first = text.find(short, skip)
        if first < 0 or any(short in name for name in defined):
            continue
        if full in text[:first] or full.replace("和", "") in text[:first]:
            continue
        yield Hit(
            "C4",
            first,
            first + len(short),
            f"“{short}”首次出现通常写全称。",
            None,
            f"写“……{full}（以下简称……{short}）”。",
        )


def _facts(draft: Draft) -> Iterator[Hit]:
    """C6: what the material only plans must not have happened in the draft."""
    if draft.material is None:
        return
    told = draft.material.text
    for verb in re.finditer(
        r"(?:拟|计划|预计|准备|正在|将)(?:新|扩|改)?(建设|建|开展|完成|举办|投入|购置|招聘|成立|出台|修订|改造)(?:一[座个处所条])?([一-龥]{2,12})",
        told,
    ):
        act, thing = verb[1], re.split(r"[，。；、的]", verb[2])[0]
        for length in range(len(thing), 1, -1):
            key = thing[:length]
            done = re.search(
                rf"(?:已(?:经)?(?:全部|全面|顺利|如期)?(?:{act}成?|建成|完成|投用|竣工)|建成(?:了)?|顺利{act}|{act}了|全面{act}成)[^。；，\n]{{0,6}}{re.escape(key)}"
                rf"|{re.escape(key)}[^。；，\n]{{0,6}}(?:已(?:经)?(?:全部|全面|顺利|如期)?(?:{act}|建成|完成|投用|投入使用|竣工|出台|成立)|建成投用|竣工)",
                draft.text,
            )
            if done and len(key) >= 2:
                yield Hit(
                    "C6",
                    done.start(),
                    done.end(),
                    f"所附材料写的是“{verb[0][:20]}”。",
                    None,
                    "与材料核对，按事实写。",
                )
                break
