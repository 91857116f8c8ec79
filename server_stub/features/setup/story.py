"""What the demo organisation has been talking about: groups, history and files like an office's."""

from dataclasses import dataclass, field

from . import papers


@dataclass(frozen=True)
class Paper:
    """A file in a message; a picture when `width` is set."""

    name: str
    data: bytes = field(repr=False)
    media_type: str = ""
    width: int = 0
    height: int = 0
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Line:
    """One message: who, minutes before now, what. `quote` is the number of a line of the same talk."""

    who: str
    ago_min: int
    text: str = ""
    paper: Paper | None = None
    mention_all: bool = False
    mentions: tuple[str, ...] = ()
    quote: int | None = None


@dataclass(frozen=True)
class Talk:
    """A conversation. A group has a `name` and is filled with `crowd` further people; a single chat has none."""

    people: tuple[str, ...]
    lines: list[Line]
    name: str = ""
    crowd: int = 0
    announcement: str = ""
    pinned_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()
    unread_for: tuple[str, ...] = ()
    """These have not read the last line; everybody else has read all."""


@dataclass(frozen=True)
class Notice:
    """A message of a service to one person."""

    service: str
    name: str
    who: str
    title: str
    text: str
    ago_min: int


DAY = 24 * 60


def _flood_points() -> Paper:
    rows: list[list[object]] = [["序号", "点位", "所属区", "责任单位", "泵站", "值守电话"]]
    places = [
        "京广隧道",
        "二七路隧道",
        "陇海路下穿",
        "建设路铁路桥",
        "桐柏路低洼段",
        "淮河路立交",
        "未来路涵洞",
        "文化路北段",
    ]
    for number, place in enumerate(places, start=1):
        rows.append(
            [number, place, "二七区" if "二七" in place else "中原区", "区城市管理局", "有", "0000-0000000"]
        )
    return Paper(
        "易涝点位清单（2026）.xlsx",
        papers.spreadsheet("易涝点位", rows),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _land_use() -> Paper:
    rows: list[list[object]] = [["区", "下达指标（亩）", "已使用", "结余"]]
    for name, given, used in (("中原区", 820, 611), ("二七区", 760, 702), ("金水区", 540, 388)):
        rows.append([name, given, used, given - used])
    return Paper(
        "三季度用地指标.xlsx",
        papers.spreadsheet("用地指标", rows),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _duty_list() -> Paper:
    lines = [
        "一、值守时间：11月24日18时至25日8时。",
        "二、带班领导全程在岗，手机保持畅通。",
        "三、每两小时报送一次雨情。",
    ]
    return Paper(
        "中原区值守名单.docx",
        papers.document("中原区防汛值守名单", lines),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )


def _signal() -> Paper:
    return Paper(
        "橙色预警信号.pdf",
        papers.pdf(
            [
                "暴雨橙色预警信号",
                "绿城市气象台 11月24日9时发布",
                "未来3小时降雨量将达50毫米以上，请注意防范。",
            ]
        ),
        "application/pdf",
    )


def _rain_picture() -> Paper:
    return Paper(
        "雨情分布图.png",
        papers.rain_map(960, 600),
        "image/png",
        width=960,
        height=600,
        thumbnail=papers.rain_map(192, 120),
    )


def talks() -> list[Talk]:
    """Return the talks, oldest first, so that the list is sorted as an office would find it."""
    return [
        Talk(
            ("李强", "周明"),
            [
                Line("李强", 4 * DAY + 90, "周工，水位数据能按小时推送吗？"),
                Line("周明", 4 * DAY + 70, "可以，今天下午接口就能开通。"),
                Line("李强", 4 * DAY + 66, "太好了，麻烦先推中原区的三个站点。"),
                Line("周明", 4 * DAY + 60, "好的，收到"),
            ],
        ),
        Talk(
            ("陈伟", "李强", "赵敏", "吴倩"),
            [
                Line("陈伟", 4 * DAY + 200, "各位，本周完成政务云迁移第二批，共 14 个系统。"),
                Line("吴倩", 4 * DAY + 180, "办公室这边两个系统已备份完成。"),
                Line("赵敏", 4 * DAY + 175, "规划审批系统周六停机 2 小时，通知已发。"),
                Line("陈伟", 4 * DAY + 20, "测试环境已经恢复，大家可以继续联调。"),
            ],
            name="信息化建设专班",
            crowd=14,
            announcement="每周五 16:00 例会，地点：数据局 302。材料请提前一天上传群文件。",
            muted_by=("李强",),
        ),
        Talk(
            ("李强", "孙丽华"),
            [
                Line("孙丽华", DAY + 300, "李主任，调度会纪要初稿请审。"),
                Line("李强", DAY + 280, "第二部分责任分工再细一点，到科室。"),
                Line("孙丽华", DAY + 200, "已按要求修改，请您再看看。"),
            ],
        ),
        Talk(
            ("李强", "赵敏"),
            [
                Line("李强", 130, "赵处长，三季度用地指标的表能发我一份吗？"),
                Line("赵敏", 118, "可以，我让同事核一下数。"),
                Line("赵敏", 34, paper=_land_use()),
                Line("赵敏", 33, "中原区结余 209 亩，四季度要抓紧用。"),
                Line("赵敏", 32, "有疑问随时找我。"),
            ],
            unread_for=("李强",),
        ),
        Talk(
            ("王建国", "李强", "赵敏", "孙丽华", "陈伟", "周明", "吴倩", "郑涛", "冯雪"),
            [
                Line("冯雪", 180, paper=_signal()),
                Line("冯雪", 178, paper=_rain_picture()),
                Line(
                    "王建国",
                    160,
                    "市气象台 9 时发布暴雨橙色预警。@所有人 请各区 11 点前报送今晚值守名单和联系电话，低洼路段提前布控。",
                    mention_all=True,
                ),
                Line("赵敏", 150, paper=_flood_points()),
                Line("李强", 90, "中原区名单已汇总，共 214 人，附件随后发。", quote=2),
                Line("李强", 86, paper=_duty_list()),
                Line("郑涛", 60, "二七区 186 人已全部到岗，名单见值班系统。"),
                Line("孙丽华", 30, "收到，二七路隧道 10 点完成封控演练。"),
                Line(
                    "王建国", 20, "请各区 11 点前报送值守名单，@李强 请核对泵站备用电源。", mentions=("李强",)
                ),
            ],
            name="城区防汛调度工作群",
            crowd=77,
            announcement="汛期 24 小时值守，重要情况用 DING。值班电话 0000-00000000。",
            pinned_by=("李强", "赵敏"),
        ),
    ]


def notices() -> list[Notice]:
    """Return what services wrote."""
    return [
        Notice(
            "work",
            "工作通知",
            "李强",
            "公文处理：关于做好汛期值班工作的通知",
            "来文单位：市应急管理局\n文号：绿应急〔2026〕18号\n请于今日 17 时前签收。",
            DAY + 100,
        ),
        Notice(
            "work",
            "工作通知",
            "赵敏",
            "公文处理：关于开展四季度用地核查的通知",
            "来文单位：市自然资源和规划局\n请各处室于 28 日前反馈。",
            DAY + 90,
        ),
        Notice(
            "meeting",
            "会务",
            "李强",
            "您的座位：主会场 3 排 12 座",
            "全市安全生产工作会议\n时间：11月25日 9:00\n地点：市会议中心主会场",
            45,
        ),
    ]
