"""People, units and conversations of an invented city, as the stand-ins show them."""

from __future__ import annotations

from server_stub.contract.directory import Person, Post, Unit

NOW_MS = 1795484460_000
"""Tuesday 24 November 2026, 09:41 in Zhengzhou: pictures look the same every day."""
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CITY = Unit(id="u-city", name="郑州市", level=1, unit_count=6, people_count=1214)


def _unit(id: str, parent: str, name: str, level: int, order: int, units: int, people: int) -> Unit:
    return Unit(
        id=id, parent_id=parent, name=name, level=level, order=order, unit_count=units, people_count=people
    )


UNITS: list[Unit] = [
    CITY,
    _unit("u-gov", "u-city", "市政府办公室", 0, 1, 2, 86),
    _unit("u-emg", "u-city", "市应急管理局", 0, 2, 0, 64),
    _unit("u-nat", "u-city", "市自然资源和规划局", 0, 3, 1, 118),
    _unit("u-wat", "u-city", "市水利局", 0, 4, 0, 41),
    _unit("u-zy", "u-city", "中原区", 2, 5, 3, 412),
    _unit("u-eq", "u-city", "二七区", 2, 6, 0, 388),
    _unit("u-gov-1", "u-gov", "秘书一处", 0, 1, 0, 18),
    _unit("u-gov-2", "u-gov", "信息化建设与数据资源协调推进专班", 0, 2, 0, 9),
    _unit("u-nat-1", "u-nat", "规划处", 0, 1, 0, 22),
    _unit("u-zy-gov", "u-zy", "中原区政府办", 0, 1, 0, 36),
    _unit("u-zy-st", "u-zy", "棉纺路街道", 3, 2, 1, 74),
    _unit("u-zy-em", "u-zy", "中原区应急管理局", 0, 3, 0, 28),
    _unit("u-zy-st-1", "u-zy-st", "锦江社区", 4, 1, 0, 12),
]

_PATHS = {unit.id: unit for unit in UNITS}


def unit_path(unit_id: str) -> str:
    """Names from the city down."""
    names: list[str] = []
    while unit_id:
        unit = _PATHS[unit_id]
        names.append(unit.name)
        unit_id = unit.parent_id
    return " / ".join(reversed(names))


def _person(
    id: str, name: str, pinyin: str, unit_id: str, title: str, rank: str = "", phone: str = ""
) -> Person:
    unit = _PATHS[unit_id]
    post = Post(unit_id=unit_id, unit_name=unit.name, unit_path=unit_path(unit_id), title=title, main=True)
    initials = "".join(part[0] for part in pinyin.split())
    return Person(
        id=id, name=name, pinyin=pinyin, initials=initials, phone=phone, rank=rank, posts=[post], version=1
    )


ME = _person("p-li", "李强", "li qiang", "u-zy-gov", "副主任", "四级调研员", "138 0371 0001")
PEOPLE: list[Person] = [
    ME,
    _person("p-wang", "王建国", "wang jian guo", "u-emg", "副局长", "二级调研员", "138 0371 0002"),
    _person("p-zhao", "赵敏", "zhao min", "u-nat-1", "处长", "三级调研员", "138 0371 0003"),
    _person("p-sun", "孙丽华", "sun li hua", "u-zy-gov", "科长", "一级主任科员", "138 0371 0004"),
    _person("p-chen", "陈伟", "chen wei", "u-gov-2", "工程师", "", "138 0371 0005"),
    _person("p-zhou", "周明", "zhou ming", "u-wat", "科员", "二级科员", "138 0371 0006"),
    _person("p-wu", "吴倩", "wu qian", "u-gov-1", "副处长", "四级调研员", ""),
    _person("p-zheng", "郑涛", "zheng tao", "u-zy-st", "街道办主任", "", "138 0371 0008"),
    _person("p-feng", "冯雪", "feng xue", "u-zy-em", "科员", "", "138 0371 0009"),
    _person(
        "p-aji", "阿卜杜热合曼·买买提依明", "a bu du re he man", "u-gov-2", "数据资源协调推进高级专员", "", ""
    ),
    _person("p-ouyang", "欧阳震华", "ou yang zhen hua", "u-zy-st-1", "网格长", "", "138 0371 0011"),
]
BY_ID = {person.id: person for person in PEOPLE}


def main_post(person: Person) -> Post | None:
    """The post shown first."""
    return next((post for post in person.posts if post.main), person.posts[0] if person.posts else None)
