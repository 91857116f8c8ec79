"""Makes a synthetic city of any size: units in four levels, people with plausible names, posts and ranks.

Deterministic by seed. All of it is invented: phone numbers begin with 120, which no mobile network uses.
"""

import random
from dataclasses import dataclass

CITY_NAME = "绿城市"

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "皇甫", "令狐")
_GIVEN = [
    "建国",
    "志强",
    "丽华",
    "海涛",
    "晓燕",
    "文博",
    "红梅",
    "卫东",
    "国庆",
    "秀英",
    "永刚",
    "雪梅",
    "俊杰",
    "春兰",
    "立新",
    "玉兰",
    "振宇",
    "佳怡",
    "明远",
    "思远",
    "子涵",
    "嘉豪",
    "雅静",
    "浩然",
    "宏伟",
    "淑芬",
    "新民",
    "爱华",
    "长青",
    "少华",
    "家明",
    "燕",
    "伟",
    "敏",
    "静",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "娟",
    "涛",
    "超",
    "霞",
    "平",
    "刚",
    "桂英",
    "鹏",
    "倩",
    "波",
    "宁",
    "颖",
    "琳",
    "凯",
    "健",
    "玉梅",
    "志远",
    "国栋",
    "一鸣",
    "天佑",
    "文静",
    "雨桐",
    "梓萱",
    "若曦",
    "景行",
    "修远",
    "怀瑾",
    "立德",
    "学敏",
    "慧",
    "博文",
    "晨曦",
    "守信",
    "元培",
    "济民",
]

_CITY_BUREAUS = [
    "市政府办公室",
    "市发展和改革委员会",
    "市教育局",
    "市科学技术局",
    "市工业和信息化局",
    "市公安局",
    "市民政局",
    "市司法局",
    "市财政局",
    "市人力资源和社会保障局",
    "市自然资源和规划局",
    "市生态环境局",
    "市城乡建设局",
    "市城市管理局",
    "市交通运输局",
    "市水利局",
    "市农业农村局",
    "市商务局",
    "市文化广电和旅游局",
    "市卫生健康委员会",
    "市退役军人事务局",
    "市应急管理局",
    "市审计局",
    "市市场监督管理局",
    "市体育局",
    "市统计局",
    "市医疗保障局",
    "市数据局",
    "市信访局",
    "市园林局",
]
_OFFICES = ["办公室", "综合处", "规划处", "法规处", "信息化处", "监督检查处", "人事处", "财务处"]
_DISTRICTS = ["中原区", "二七区", "金水区", "管城区", "惠济区", "高新区", "经开区", "上街区"]
_DISTRICT_BUREAUS = [
    "政府办",
    "应急管理局",
    "教育局",
    "民政局",
    "财政局",
    "城市管理局",
    "农业农村水务局",
    "卫生健康委",
    "市场监督管理局",
    "自然资源局",
]
_STREETS = [
    "建设路",
    "桐柏路",
    "棉纺路",
    "福华街",
    "大学路",
    "解放路",
    "淮河路",
    "人民路",
    "文化路",
    "花园路",
    "东风路",
    "北林路",
    "丰产路",
    "未来路",
    "城东路",
]
_COMMUNITIES = [
    "锦江",
    "绿苑",
    "和平",
    "向阳",
    "金桥",
    "东方",
    "春晓",
    "滨河",
    "文苑",
    "福星",
    "安泰",
    "康宁",
]

_POST_RANKS: dict[str, tuple[str, ...]] = {
    "主任": ("一级巡视员", "二级巡视员"),
    "局长": ("一级巡视员", "二级巡视员"),
    "副局长": ("二级巡视员", "一级调研员"),
    "处长": ("一级调研员", "二级调研员"),
    "副处长": ("三级调研员", "四级调研员"),
    "科长": ("一级主任科员", "二级主任科员"),
    "科员": ("三级主任科员", "四级主任科员", "一级科员", "二级科员"),
}


@dataclass(frozen=True)
class CityUnit:
    """A unit to write; `index` is its number in the list, `parent` that of its parent (−1: none)."""

    index: int
    parent: int
    name: str
    short_name: str
    level: int
    order: int


@dataclass(frozen=True)
class CityPerson:
    """A person to write, with posts as (unit index, title)."""

    name: str
    rank: str
    phone: str
    posts: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class City:
    """A whole organisation."""

    units: list[CityUnit]
    people: list[CityPerson]


class _Builder:
    def __init__(self, people: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.wanted = people
        self.units: list[CityUnit] = []
        self.people: list[CityPerson] = []
        self._orders: dict[int, int] = {}

    def unit(self, parent: int, name: str, level: int, short_name: str = "") -> int:
        order = self._orders.get(parent, 0)
        self._orders[parent] = order + 1
        self.units.append(CityUnit(len(self.units), parent, name, short_name, level, order))
        return len(self.units) - 1

    def name(self) -> str:
        surname = (
            self.random.choice(_COMPOUND) if self.random.random() < 0.015 else self.random.choice(_SURNAMES)
        )
        return surname + self.random.choice(_GIVEN)

    def person(self, unit: int, title: str, kind: str, *, name: str = "", rank: str = "") -> None:
        ranks = _POST_RANKS.get(kind, ("",))
        phone = f"120{len(self.people):08d}"
        posts = [(unit, title)]
        # One in forty holds a second post elsewhere, as in real offices.
        if not name and self.random.random() < 0.025 and unit > 1:
            posts.append((self.random.randrange(1, unit), "成员"))
        self.people.append(
            CityPerson(name or self.name(), rank or self.random.choice(ranks), phone, tuple(posts))
        )

    @property
    def full(self) -> bool:
        return len(self.people) >= self.wanted


def make_city(people: int = 1200, *, seed: int = 20261124) -> City:
    """Return a city with exactly `people` people (at least 40), named people of the demo first."""
    builder = _Builder(people, seed)
    root = builder.unit(-1, CITY_NAME, 1)
    bureaus = [_bureau(builder, root, name, people) for name in _CITY_BUREAUS]
    districts = [
        _district(builder, root, name, people) for name in _DISTRICTS[: max(2, min(8, people // 150))]
    ]
    _named(builder)
    _leaders(builder, bureaus, districts)
    _staff(builder)
    return City(builder.units, builder.people[:people])


def _bureau(builder: _Builder, root: int, name: str, people: int) -> int:
    bureau = builder.unit(root, name, 2, name.removeprefix("市"))
    for office in _OFFICES[: 5 if people < 3000 else 8]:
        builder.unit(bureau, office, 0)
    if name == "市应急管理局":
        builder.unit(bureau, "防汛抗旱处", 0)
    return bureau


def _district(builder: _Builder, root: int, name: str, people: int) -> int:
    district = builder.unit(root, name, 2)
    for bureau in _DISTRICT_BUREAUS[: 6 if people < 3000 else 10]:
        builder.unit(district, name + bureau, 0, bureau)
    streets = 3 if people < 3000 else min(15, 3 + people // 3000)
    for street_name in builder.random.sample(_STREETS, streets):
        street = builder.unit(district, street_name + "街道", 3)
        communities = 3 if people < 3000 else min(12, 3 + people // 6000)
        for community in builder.random.sample(_COMMUNITIES, communities):
            builder.unit(street, community + "社区", 4)
    return district


NAMED: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("李强", ("中原区", "中原区政府办"), "副主任", "四级调研员"),
    ("赵敏", ("市自然资源和规划局", "规划处"), "处长", "三级调研员"),
    ("王建国", ("市应急管理局",), "副局长", "二级巡视员"),
    ("孙丽华", ("中原区", "中原区政府办"), "科长", "一级主任科员"),
    ("陈伟", ("市数据局", "信息化处"), "副处长", "四级调研员"),
    ("周明", ("市水利局", "综合处"), "科员", "一级科员"),
    ("吴倩", ("市政府办公室", "综合处"), "副处长", "三级调研员"),
    ("郑涛", ("二七区", "二七区应急管理局"), "科长", "二级主任科员"),
    ("冯雪", ("市应急管理局", "防汛抗旱处"), "科员", "二级科员"),
    ("系统管理员", ("市数据局",), "系统管理员", ""),
)
"""People of the demo scenes: name, path of unit names below the city, title, rank."""


def _named(builder: _Builder) -> None:
    for name, path, title, rank in NAMED:
        unit = 0
        for step in path:
            unit = next(item.index for item in builder.units if item.parent == unit and item.name == step)
        builder.person(unit, title, "", name=name, rank=rank)


def _leaders(builder: _Builder, bureaus: list[int], districts: list[int]) -> None:
    for bureau in bureaus:
        title = "主任" if builder.units[bureau].name.endswith(("办公室", "委员会")) else "局长"
        builder.person(bureau, title, "局长")
        for _ in range(2):
            builder.person(bureau, "副" + title, "副局长")
    for district in districts:
        builder.person(district, "区长", "局长")
        for _ in range(3):
            builder.person(district, "副区长", "副局长")


def _staff(builder: _Builder) -> None:
    leaves = [unit for unit in builder.units if unit.level in (0, 3, 4)]
    heads = {0: "处长", 3: "街道办主任", 4: "社区书记"}
    for unit in leaves:
        if builder.full:
            return
        builder.person(unit.index, heads[unit.level], "处长" if unit.level == 0 else "科长")
    while not builder.full:
        for unit in leaves:
            if builder.full:
                return
            title, kind = builder.random.choice(
                (("副处长", "副处长"), ("科长", "科长"), ("科员", "科员"), ("科员", "科员"))
            )
            if unit.level == 4:
                title, kind = "网格员", ""
            builder.person(unit.index, title, kind)
