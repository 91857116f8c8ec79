"""Seating 2,000 people by rules: sort, paths, assignment; the bar is 50 ms."""

from __future__ import annotations

import json
import random
import statistics
import time
from typing import Any

from meeting_seat_designer.engine.arrange.arranger import arrange
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.layouts import RebuildRegion
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.templates import template

PEOPLE = 2000


def hall(count: int = PEOPLE) -> Document:
    """A hall with a rostrum and more than `count` seats, and that many people in random order."""
    document = template("hall")
    history = History(document)
    history.run(RebuildRegion("r2", rows=44, blocks=[14, 20, 14]))
    document.room.width, document.room.depth = 40000, 60000
    chance = random.Random(7)
    ranks = [rank.name for rank in standard_ranks().ranks if rank.sequence == "综合管理类"]
    surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    for number in range(count):
        name = chance.choice(surnames) + chance.choice("建国志强敏静伟芳") + chance.choice("华明丽军")
        person = Person(id=f"p{number:05}", name=name, unit=f"单位{chance.randrange(60):02}")
        person.rank = chance.choice(ranks)
        person.years = chance.randrange(20)
        if number < 20:
            person.roles = ["主席台"]
        document.people.append(person)
    chance.shuffle(document.people)
    return document


def run() -> dict[str, Any]:
    """Median and worst of twenty arrangements, each from scratch."""
    document = hall()
    times: list[float] = []
    for _ in range(20):
        started = time.perf_counter()
        plan = arrange(document)
        times.append((time.perf_counter() - started) * 1000)
    return {
        "name": "seat_arrange",
        "unit": "ms",
        "figures": {
            "people": PEOPLE,
            "seated": len(plan.seats),
            "median": round(statistics.median(times), 1),
            "worst": round(max(times), 1),
        },
        "bar": {"median": 50},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
