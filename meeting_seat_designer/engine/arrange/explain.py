"""Why here (为何坐这里): which key decided, whom a person ranks after and before. Source: 3.1.6.4.1."""

from __future__ import annotations

from meeting_seat_designer.engine.arrange.region_path import plan_tracks
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import (
    AISLE_POLICIES,
    HONOUR_SIDES,
    ORDER_MODES,
    UNIT_MODES,
    Region,
    Seat,
)
from meeting_seat_designer.engine.model.node import Node
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.paths import setting
from meeting_seat_designer.engine.order.sorting import Decision, Sorter


class Neighbour(Node):
    """The person before or after on the path and the key that decided between the two."""

    person: str
    name: str
    place: int
    key: str
    label: str
    mine: str
    theirs: str
    inverted: bool = False


class Explanation(Node):
    """Why a seat is taken by whom; `text` is the whole in Chinese."""

    seat: str
    code: str
    region: str
    mode: str
    person: str = ""
    name: str = ""
    unit: str = ""
    rank: str = ""
    level: str = ""
    place: int = 0
    total: int = 0
    number: int = 0
    before: Neighbour | None = None
    after: Neighbour | None = None
    notes: list[str] = []
    text: str = ""


def mode_text(region: Region, sorter: Sorter) -> str:
    """The order settings of a region in words."""
    conf = setting(region, sorter.rules)
    parts = [ORDER_MODES[conf.mode]]
    if conf.mode == "honour":
        parts.append(HONOUR_SIDES[conf.honour])
    if len({seat.block for seat in region.seats}) > 1:
        parts.append(AISLE_POLICIES[conf.aisles])
    if region.rules.units != "none":
        parts.append(UNIT_MODES[region.rules.units])
    return "，".join(parts)


def explain(document: Document, seat_id: str, sorter: Sorter | None = None) -> Explanation:
    """Why this seat (id or code) is taken by its person. EditError when there is no such seat."""
    order = sorter or Sorter(document.rules, document.ranks)
    region, seat = document.find_seat(seat_id)
    plan = document.plan
    result = Explanation(seat=seat.id, code=seat.code, region=region.name, mode=mode_text(region, order))
    person = document.people_map().get(plan.seats.get(seat.id, ""))
    if person is None:
        result.text = f"{seat.code} 空座" + ("（已锁定，不参与编排）" if seat.id in plan.locks else "")
        return result
    result.person, result.name, result.unit = person.id, person.name, person.unit
    result.rank = person.rank or person.post
    result.level = order.ranks.level_name(person)
    ranked = order.sort(p for p in document.people if p.status == "attending")
    places = {p.id: index for index, p in enumerate(ranked, 1)}
    result.place, result.total = places.get(person.id, 0), len(ranked)
    result.notes = _notes(document, seat, person)
    for track in plan_tracks(document, region, order):
        ids = [s.id for s in track.seats]
        if seat.id in ids:
            result.number = ids.index(seat.id) + 1
            _neighbours(document, result, track.seats, person, order, places)
            if region.rules.units != "none":
                _by_unit(document, result, person, order)
    result.text = _text(result, person, order, document)
    return result


def _notes(document: Document, seat: Seat, person: Person) -> list[str]:
    plan = document.plan
    notes: list[str] = []
    if any(pin.person == person.id and pin.seat == seat.id for pin in plan.pins):
        notes.append("指定座位")
    if seat.id in plan.locks:
        notes.append("座位已锁定")
    for repair in plan.repairs:
        if person.id in repair.people:
            cost = f"（代价：{repair.cost} 处职级次序变动）" if repair.cost else ""
            notes.append(repair.text + cost)
    return notes


def _neighbours(
    document: Document,
    result: Explanation,
    path: list[Seat],
    person: Person,
    order: Sorter,
    places: dict[str, int],
) -> None:
    people = document.people_map()
    ids = [document.plan.seats.get(seat.id, "") for seat in path]
    here = [people[p] for p in ids if p in people]
    index = next(i for i, p in enumerate(here) if p.id == person.id)
    if index:
        result.before = _neighbour(here[index - 1], person, order, places, True)
    if index + 1 < len(here):
        result.after = _neighbour(here[index + 1], person, order, places, False)


def _neighbour(
    other: Person, person: Person, order: Sorter, places: dict[str, int], is_before: bool
) -> Neighbour:
    decision: Decision = order.decide(person, other)
    ahead = order.key(other) < order.key(person)
    return Neighbour(
        person=other.id,
        name=other.name,
        place=places.get(other.id, 0),
        key=decision.key,
        label=decision.label,
        mine=decision.first,
        theirs=decision.second,
        inverted=ahead != is_before,
    )


def _by_unit(document: Document, result: Explanation, person: Person, order: Sorter) -> None:
    """In a region seated by unit the department order decides between people of different units."""
    people = document.people_map()
    for neighbour, is_before in ((result.before, True), (result.after, False)):
        other = people[neighbour.person] if neighbour else None
        if neighbour is None or other is None or other.unit == person.unit:
            continue
        places = [order.department_index(one.unit) for one in (person, other)]
        mine, theirs = [
            (index is None, index or 0, one.unit) for index, one in zip(places, (person, other), strict=True)
        ]
        neighbour.key, neighbour.label = "department", "部门顺序"
        neighbour.mine, neighbour.theirs = (
            f"{one.unit or '无单位'}（{'未列入顺序' if index is None else f'第 {index + 1} 位'}）"
            for index, one in zip(places, (person, other), strict=True)
        )
        neighbour.inverted = (theirs < mine) != is_before


def _text(result: Explanation, person: Person, order: Sorter, document: Document) -> str:
    parts = [f"{result.region or '本区域'}按“{result.mode}”编排"]
    if result.number:
        parts[0] += f"，本座为第 {result.number} 顺位"
    parts[0] += "。"
    people = document.people_map()
    sides: list[str] = []
    for neighbour, word in ((result.before, "之后"), (result.after, "之前")):
        if neighbour is None:
            continue
        who = f"{neighbour.name}（第 {neighbour.place} 位）"
        if neighbour.inverted:
            sides.append(f"与职级次序不同地排在 {who}{word}（{neighbour.label}：{neighbour.theirs}）")
            continue
        same = _same(person, people[neighbour.person], neighbour.key, order)
        why = f"按{neighbour.label}（{neighbour.mine}；对方 {neighbour.theirs}）"
        sides.append(f"{same}{why}排在 {who}{word}")
    if sides:
        parts.append("；".join(sides) + "。")
    if result.notes:
        parts.append("；".join(result.notes) + "。")
    return "".join(parts)


def _same(person: Person, other: Person, key: str, order: Sorter) -> str:
    """The keys that did not decide, where they say something."""
    words: list[str] = []
    for sort_key in order.keys:
        if sort_key.key == key:
            break
        if sort_key.key == "level":
            words.append(f"同为{order.ranks.level_name(person) or '未知级别'}，")
        if sort_key.key == "rank" and person.rank and person.rank == other.rank:
            words.append(f"职级同为{person.rank}，")
    return "".join(words)
