"""C: wording and content."""

from __future__ import annotations

import re
from collections.abc import Iterator

from offline_ai.proofread.model import Draft, Hit

TYPOS = (
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
    ("部暑", "部署"),
    ("防讯", "防汛"),
    ("尊守", "遵守"),
    ("即然", "既然"),
    ("既日起", "即日起"),
    ("立既", "立即"),
    ("必竟", "毕竟"),
    ("洽淡", "洽谈"),
    ("通迅", "通讯"),
    ("幅射", "辐射"),
    ("追朔", "追溯"),
    ("坐阵", "坐镇"),
    ("穿流不息", "川流不息"),
    ("迫不急待", "迫不及待"),
    ("再接再励", "再接再厉"),
    ("一如继往", "一如既往"),
    ("按步就班", "按部就班"),
    ("融汇贯通", "融会贯通"),
    ("墨守陈规", "墨守成规"),
    ("走头无路", "走投无路"),
    ("相形见拙", "相形见绌"),
    ("不径而走", "不胫而走"),
)
_TYPOS_IN_PLACE = (
    (re.compile(r"按排(?![名序量放水污列查班期])"), "安排"),
    (re.compile(r"(?<![就入在列满客])座到(?![会场])"), "做到"),
    (re.compile(r"必需(?=高度|认真|坚持|加强|严格|做到|切实|按|落实|抓|立即|服从|遵守|确保|把|在)"), "必须"),
)
"""Wrong only where the neighbours say so: 按排名, 就座到位 and 生活必需品 stay."""
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

_EVERY = re.compile(r"(?:每个?[月周季年旬]|逐月|按月|按周|次月|每半[月年])[^。！？\n]*$")
"""Before 上月 and its like: what recurs names no day."""


def check(draft: Draft) -> Iterator[Hit]:
    """All of C."""
    yield from _words(draft)
    yield from _facts(draft)


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
    for wrong, right in TYPOS:
        for match in re.finditer(wrong, text):
            if wrong == "其它" and text[match.end() : match.end() + 1] in "们":
                continue
            if wrong == "份量" and re.match(r"[减加]", text[max(0, match.start() - 1) :]):
                continue
            yield Hit("C3", match.start(), match.end(), f"通常写作“{right}”。", right)
    for pattern, right in _TYPOS_IN_PLACE:
        for match in pattern.finditer(text):
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
            r"今年|去年|明年|近日|(?<![\d一二三四五六七八九十作次当翌每假汛节])日前|最近(?![的一])|近期(?![目规、和与])|昨天|昨日|明天|本月|上月"
            r"|下月|本周|下周|上周|前不久|不久前",
            block.text,
        ):
            if match[0][1:] in ("月", "周") and _EVERY.search(block.text[: match.start()]):
                continue
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
        first = _alone(text, name, skip, place)
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


def _alone(text: str, name: str, skip: int, place: int) -> int:
    """Where the short name first stands by itself: not at the end of the full name, nor in the title of a document."""
    whole = re.search(r"[一-龥]*$", text[:place])
    before = whole[0][: -len(name)][-1:] if whole is not None and whole[0].endswith(name) else ""
    first = text.find(name, skip)
    while 0 <= first < place:
        inside = text.rfind("《", 0, first) > text.rfind("》", 0, first)
        if not inside and not (before and text[first - 1] == before):
            break
        first = text.find(name, first + 1)
    return first


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
