"""Meetings with invented people for the seating editor's pages."""

from __future__ import annotations

import random

from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.templates import template

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = [
    "建国",
    "志强",
    "敏",
    "静",
    "伟",
    "芳",
    "丽娟",
    "明",
    "军",
    "秀英",
    "涛",
    "霞",
    "平",
    "刚",
    "桂英",
    "文博",
    "晓燕",
    "海波",
    "玉兰",
    "振华",
    "国栋",
    "雪梅",
    "思远",
    "俊杰",
    "淑珍",
    "鹏",
    "磊",
    "洁",
    "红梅",
    "永康",
    "庆",
    "彤",
    "长青",
    "卫东",
    "若溪",
    "宇航",
]
UNITS = [
    "市政府办公室",
    "市发展改革委",
    "市教育局",
    "市科技局",
    "市工业和信息化局",
    "市公安局",
    "市民政局",
    "市财政局",
    "市人力资源社会保障局",
    "市自然资源局",
    "市生态环境局",
    "市住房城乡建设局",
    "市交通运输局",
    "市水利局",
    "市农业农村局",
    "市商务局",
    "市文化广电和旅游局",
    "市卫生健康委",
    "市应急管理局",
    "市审计局",
    "市市场监管局",
    "市统计局",
    "二七区",
    "金水区",
]
RANKS = (
    ("", "厅局级副职", "副市长"),
    ("", "县处级正职", "局长"),
    ("", "县处级副职", "副局长"),
    ("一级调研员", "", ""),
    ("二级调研员", "", ""),
    ("三级调研员", "", ""),
    ("四级调研员", "", ""),
    ("一级主任科员", "", "科长"),
    ("二级主任科员", "", ""),
    ("四级主任科员", "", ""),
)


def people(count: int, seed: int = 3) -> list[Person]:
    """Invented attendees with units and ranks, always the same for a seed."""
    chance = random.Random(seed)
    made: list[Person] = []
    for number in range(1, count + 1):
        rank, level, post = RANKS[min(len(RANKS) - 1, 1 + int(chance.random() * 9.3))]
        name = chance.choice(SURNAMES) + chance.choice(GIVEN)
        person = Person(id=f"p{number:04}", name=name, unit=chance.choice(UNITS), rank=rank, level=level)
        person.post, person.years = post, chance.randrange(12)
        person.phone = f"138{chance.randrange(10**8):08}"
        made.append(person)
    return made


def meeting(name: str, title: str, count: int, stage: int = 0) -> Document:
    """A template's room with `count` people of whom `stage` sit on the rostrum, already arranged."""
    document = template(name)
    document.meeting.title = title
    document.meeting.place = document.room.name = "市政府第一会议室"
    document.rules.departments = [Department(name=unit) for unit in UNITS]
    document.people = people(count)
    for place, person in enumerate(document.people[:stage], 1):
        person.roles, person.leadership = ["主席台"], place
        person.level, person.rank, person.post, person.unit = "厅局级副职", "", "副市长", "市政府"
    History(document).run(Arrange("all"))
    return document


def theatre() -> Document:
    """剧院式: 7 on the rostrum, 210 of 214 seated, one without a rank, some waiting."""
    document = meeting("theatre", "全市安全生产工作会议", 236, 7)
    for person in document.people[40:42]:
        person.rank = person.level = person.post = ""
    history = History(document)
    history.run(Arrange("all"))
    return document


def hall() -> Document:
    """主席台 + 听众席: 23 on the rostrum and 500 in the hall."""
    return meeting("hall", "市委经济工作会议", 523, 23)


def u_shape() -> Document:
    """U 形: a meeting of 20."""
    return meeting("u", "市政府常务会议", 20)


def hollow() -> Document:
    """回形 with an outer ring."""
    return meeting("hollow", "防汛抗旱工作调度会", 52)
