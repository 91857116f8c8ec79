"""G: which kind of document, to whom, and under whose name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from offline_ai.proofread.model import Draft, Hit

_PLANS = ("方案", "办法", "规划", "计划", "要点", "总结", "细则", "预案", "安排", "措施", "规定", "清单")
_ASK = re.compile(
    r"(?:请|恳请|特请|拟请|望)(?:求|予以|市|省|贵|上级|领导|各位|批准|支持|解决|拨付|增拨|协调|研究|同意|审批|审定|核定|给予)[^。；！？\n]{0,24}"
)
_ASK_VERB = re.compile(r"批准|批示|审批|审定|拨付|增拨|解决|同意|批复|核定|支持|给予|追加|增加|调剂|协调")
_THINGS = {
    "经费": re.compile(r"经费|资金|拨款|万元|财政补助"),
    "编制": re.compile(r"编制|增编|人员配备|职数|增加.{0,4}人员"),
    "土地": re.compile(r"用地|土地|划拨"),
    "机构": re.compile(r"成立|设立|增设|组建|机构"),
    "车辆": re.compile(r"车辆|公务用车|购车"),
    "表彰": re.compile(r"表彰|奖励|授予"),
    "举办": re.compile(r"举办|承办"),
}
_PERSON = re.compile(r"(?:市长|省长|县长|区长|镇长|乡长|书记|主任|局长|厅长|部长|秘书长|主席|同志)$")
_LOWER = re.compile(r"各(?:区|县|乡|镇|街道|村|科室|下属|直属)|所属|下属|下级|各基层")
_DEPARTMENT = re.compile(r"(?:局|委|委员会|办|厅|部)$")
_ENDINGS = {
    "请示": re.compile(r"特此(?:报告|通知|通报|函告|函复|批复|公告)|请(?:认真)?(?:遵照|贯彻)执行|请审阅"),
    "报告": re.compile(
        r"(?:妥否|当否|以上.{0,6}妥否|是否妥当)|请(?:予)?批(?:示|复|准)|特此(?:请示|通知|函告)|请(?:认真)?遵照执行"
    ),
    "函": re.compile(r"特此(?:通知|报告|请示|通报|批复)|请(?:认真)?(?:遵照|贯彻)执行|妥否，请批示"),
    "通知": re.compile(r"特此(?:报告|请示|函告|函复|批复|通报)|(?:妥否|当否)，?请批(?:示|复)|请予批复"),
    "通报": re.compile(r"特此(?:报告|请示|函告|通知|批复)|请批(?:示|复)"),
    "批复": re.compile(r"特此(?:通知|报告|请示|函复|函告|通报)|请批(?:示|复)|盼复"),
}
_AS = {
    "报告": "报告",
    "请示": "请示",
    "函告": "函",
    "函复": "函",
    "函商": "函",
    "通知": "通知",
    "通报": "通报",
    "批复": "批复",
    "公告": "公告",
    "通告": "通告",
}
_SAYS = re.compile(
    r"现(?:将|就)?[^。；\n]{0,40}?(?P<verb>报告|请示|函告|函复|函商|通知|通报|批复|公告|通告)如下"
)


def check(draft: Draft) -> Iterator[Hit]:
    """All of G."""
    yield from _title(draft)
    yield from _requests(draft)
    yield from _recipients(draft)
    yield from _names(draft)
    yield from _wording(draft)


def _title(draft: Draft) -> Iterator[Hit]:
    title = draft.parts.title
    if title is None:
        return
    text = title.text.rstrip("。；，！ ")
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", text)
    sent = bool(draft.parts.numbers) or draft.parts.recipients is not None
    if draft.kind == "请示报告":
        at = title.start + draft.text[title.start : title.end].rfind("请示报告")
        yield Hit(
            "G1",
            at,
            at + 4,
            "“请示报告”不是法定文种，请示和报告不能合用。",
            None,
            "需要批复的用“请示”，只汇报情况的用“报告”。",
        )
    elif sent and not draft.kind and bare.endswith(_PLANS):
        what = next(plan for plan in _PLANS if bare.endswith(plan))
        yield Hit(
            "G1",
            title.start,
            title.end,
            f"“{what}”不是法定文种，不能单独发文。",
            None,
            f"以“关于印发《……{what}》的通知”发文。",
        )
    if (
        draft.kind
        and draft.kind not in ("请示报告", "纪要", "公告", "通告", "公报", "令", "命令", "决议", "决定")
        and "关于" not in text
    ):
        yield Hit(
            "G15",
            title.start,
            title.end,
            "标题缺少“关于……的”事由表述。",
            None,
            f"写成“发文机关名称＋关于……的＋{draft.kind}”。",
        )
    elif not draft.kind and sent and "关于" in text and not bare.endswith(_PLANS):
        yield Hit(
            "G15", title.start, title.end, "标题没有写明文种。", None, "在标题末尾写明文种，如“通知”“函”。"
        )
    elif draft.kind and text.startswith("关于") and draft.parts.mark is None and sent:
        yield Hit(
            "G15", title.start, title.end, "标题缺少发文机关名称。", None, "在“关于”前写明发文机关名称。"
        )
    if re.search(r"转发.{0,60}的通知》?的通知$", text) or len(re.findall(r"转发", text)) > 1:
        yield Hit(
            "G17",
            title.start,
            title.end,
            "转发的标题层层叠加。",
            None,
            "只保留一层，如“转发××关于……的通知”。",
        )


def _requests(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    if draft.kind == "请示":
        found: dict[str, tuple[int, int]] = {}
        title = parts.title
        if title is not None and re.search(r"[和及、与]", title.text):
            for name, pattern in _THINGS.items():
                if match := pattern.search(draft.text, title.start, title.end):
                    found[name] = match.span()
        for block in parts.body:
            for match in _ASK.finditer(block.text):
                if not _ASK_VERB.search(match[0]):
                    continue
                for name, pattern in _THINGS.items():
                    if pattern.search(match[0]):
                        found.setdefault(name, (block.offset + match.start(), block.offset + match.end()))
        if len(found) > 1:
            start, end = sorted(found.values())[1]
            yield Hit(
                "G2",
                start,
                end,
                f"一件请示里请求了{len(found)}件事（{'、'.join(found)}）。",
                None,
                "分成几件请示，一文一事。",
            )
        body = parts.body_text
        passed = re.search(r"(?:转报|转呈|呈转|现将.{0,40}请示.{0,10}(?:上报|呈报|报上|转))", body)
        if passed and not re.search(
            r"(?:我|经)[局委市县区办政厅部]?.{0,8}(?:认为|意见|建议|同意|研究|审核|初审)|倾向性意见", body
        ):
            start = draft.text.find(passed[0])
            yield Hit(
                "G19",
                start,
                start + len(passed[0]),
                "把下级请示原文转报，没有提出倾向性意见。",
                None,
                "写明本机关的倾向性意见。",
            )
    if draft.kind == "报告":
        for block in parts.body:
            for match in _ASK.finditer(block.text):
                if _ASK_VERB.search(match[0]) and not re.search(r"请(?:求)?批评|请审阅|请查收", match[0]):
                    start = block.offset + match.start()
                    yield Hit(
                        "G3",
                        start,
                        block.offset + match.end(),
                        "报告里夹带了请示事项。",
                        None,
                        "请示事项另行以“请示”报送。",
                    )
                    break


def _recipients(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    line = parts.recipients
    names = parts.recipient_names()
    if line is not None and draft.upward:
        if len(names) > 1:
            yield Hit(
                "G4",
                line.start,
                line.end,
                "上行文原则上只主送一个上级机关。",
                None,
                "主送一个机关，其他需要知道的用抄送。",
            )
        for name in names:
            if _PERSON.search(name):
                at = line.start + line.text.index(name)
                yield Hit(
                    "G6",
                    at,
                    at + len(name),
                    "不得以本机关名义向上级机关负责人报送公文。",
                    None,
                    "主送机关写机关名称。",
                )
    if draft.upward and parts.cc is not None and (match := _LOWER.search(parts.cc.text)):
        yield Hit(
            "G5",
            parts.cc.start + match.start(),
            parts.cc.end,
            "请示、报告不得抄送下级机关。",
            None,
            "删去下级机关。",
        )
    if line is None:
        return
    issuer = parts.issuer
    yield from _skipped(draft, issuer, names, line.start, line.end)
    if _DEPARTMENT.search(issuer) and draft.kind in (
        "请示",
        "批复",
        "报告",
        "请示报告",
        "通知",
        "命令",
        "决定",
    ):
        for name in names:
            peers = (
                _DEPARTMENT.search(name)
                and "政府" not in name
                and not name.endswith(("市委", "省委", "县委", "区委"))
            )
            same = _place(issuer) == _place(name) and _place(name) and issuer != name
            if peers and same and draft.kind in ("请示", "批复", "请示报告"):
                yield Hit(
                    "G8",
                    line.start,
                    line.end,
                    f"{issuer}与{name}不相隶属，不能用“{draft.kind}”。",
                    None,
                    "改用“函”。",
                )
                break
    if draft.kind == "批复" and (
        match := re.search(r"来函|《[^》]*函》|的函(?:》)?(?:（[^）]*）)?收悉|函悉", parts.body_text)
    ):
        at = draft.text.find(match[0], line.end)
        yield Hit("G9", at, at + len(match[0]), "批复只用来答复请示，来函应当复函。", None, "改用“复函”。")
    if (
        _DEPARTMENT.search(issuer)
        and "政府" not in issuer
        and draft.kind in ("通知", "决定", "命令", "意见", "通报")
    ):
        lower = re.search(
            r"各?[一-龥]{0,6}(?:区|县|市|乡|镇)[（(]?[市区]?[）)]?(?:人民)?政府|各区县政府", line.text
        )
        if lower and not re.search(
            r"(?:经|报经|受)[一-龥]{0,6}(?:政府|国务院)[一-龥]{0,4}(?:同意|批准|授权|委托)", draft.text
        ):
            yield Hit(
                "G10",
                line.start + lower.start(),
                line.start + lower.end(),
                "部门不得直接向下一级政府发布指令性公文。",
                None,
                "主送对口部门；确需主送下一级政府的，经本级政府同意并在文中注明。",
            )


def _place(name: str) -> str:
    found = re.match(r"(?:中共)?([一-龥]{2,6}?(?:省|市|县|区))", name)
    if found:
        return found[1]
    return name[0] if name[:1] in "省市县区" else ""


def _level(name: str) -> int | None:
    """8 the state, 6 a province, 4 a city, 2 a county or district, 0 a township; departments stand one lower."""
    if name.startswith(("国务院", "中共中央", "党中央")):
        return 8
    bare = name.replace("自治区", "省")
    for pattern, level in (("乡|镇|街道", 0), ("县|区", 2), ("市", 4), ("省", 6)):
        organ = rf"(?:{pattern})(?:人民政府|政府|委|委员会|办事处|[一-龥]{{1,12}}(?:局|委|厅|办|部)|$)"
        if re.search(organ, bare):
            committee = name.endswith(("市委", "省委", "县委", "区委", "办事处"))
            return level - (1 if _DEPARTMENT.search(name) and not committee else 0)
    return None


def _skipped(draft: Draft, issuer: str, names: list[str], start: int, end: int) -> Iterator[Hit]:
    if not draft.upward or not issuer or not names:
        return
    own, other = _level(issuer), _level(names[0])
    if own is None or other is None or other - own < (3 if own % 2 else 4) or other % 2:
        return
    between = {8: "省", 6: "市", 4: "县"}.get(other, "")
    cc = draft.parts.cc.text if draft.parts.cc is not None else ""
    if between and not re.search(rf"{between}(?:委|人民政府|政府)", cc):
        yield Hit(
            "G7",
            start,
            end,
            f"{issuer}越级向{names[0]}行文，没有抄送被越过的机关。",
            None,
            f"抄送被越过的{between}级机关，或逐级上报。",
        )


def _names(draft: Draft) -> Iterator[Hit]:
    parts = draft.parts
    for part in parts.signatures[:1]:
        if re.search(
            r"(?:局|委|厅|部|办公厅|公司|委员会)[一-龥]{2,8}(?:处|科|股|室)$", part.text
        ) and not re.search(r"办公室$|管理处$|办事处$", part.text):
            yield Hit("G11", part.start, part.end, "内设机构不得对外正式行文。", None, "以机关名义发文。")
    if len(parts.numbers) > 1:
        head = [
            number
            for number in parts.numbers
            if parts.title is None or number.start < parts.title.start + 200
        ]
        if len(head) > 1 and head[1].start - head[0].end < 40:
            yield Hit(
                "G12",
                head[1].start,
                head[1].end,
                "联合行文只编主办机关的发文字号。",
                None,
                "只保留主办机关的发文字号。",
            )
    if draft.upward and parts.numbers and parts.signer is None:
        number = parts.numbers[0]
        yield Hit(
            "G13",
            number.start,
            number.end,
            "上行文没有标注签发人。",
            None,
            "在发文字号同一行居右标注“签发人：”和姓名。",
        )
    title = parts.title
    if title is not None and draft.kind in ("令", "命令", "议案"):
        issuer = parts.issuer
        if re.search(r"(?:局|办公室|办公厅|厅|处|中心|街道办事处)(?:嘉奖)?$", issuer) or (
            draft.kind == "议案"
            and issuer
            and not re.search(r"政府$|国务院$|代表团|委员会$|法院$|检察院$", issuer)
        ):
            yield Hit(
                "G14",
                title.start,
                title.end,
                f"{issuer}没有发布“{draft.kind}”的权限。",
                None,
                "改用“通知”等文种，或由有权机关发布。",
            )


def _wording(draft: Draft) -> Iterator[Hit]:
    if draft.kind in _ENDINGS and draft.parts.body:
        for block in draft.parts.body[-2:]:
            for match in _ENDINGS[draft.kind].finditer(block.text):
                yield Hit(
                    "G16",
                    block.offset + match.start(),
                    block.offset + match.end(),
                    f"结语与文种“{draft.kind}”不相配。",
                    None,
                    _closing(draft.kind),
                )
    if draft.kind:
        for block in draft.parts.body[:3]:
            match = _SAYS.search(block.text)
            if match and _AS[match["verb"]] not in (
                draft.kind,
                "公告" if draft.kind == "公告" else draft.kind,
            ):
                start = block.offset + match.start("verb")
                fix = {"函": "函告", "请示报告": "报告"}.get(draft.kind, draft.kind)
                yield Hit(
                    "G18",
                    start,
                    start + len(match["verb"]),
                    f"标题是“{draft.kind}”，正文写“{match['verb']}如下”。",
                    fix,
                )


def _closing(kind: str) -> str:
    return {
        "请示": "请示通常以“妥否，请批示。”结尾。",
        "报告": "报告通常以“特此报告。”结尾。",
        "函": "函通常以“特此函告。”“请予函复。”结尾。",
        "通知": "通知通常以“特此通知。”或执行要求结尾。",
        "通报": "通报通常以号召或要求结尾。",
        "批复": "批复通常以“此复。”结尾。",
    }[kind]
