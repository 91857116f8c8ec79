"""The plan on paper: names inside their seats, frames turned, those without a seat listed, papers chosen."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.geometry import Point, corners, rotate
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Fixture
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Published
from meeting_seat_designer.engine.templates import TEMPLATES, template
from meeting_seat_designer.exports.drawing import Drawing, Text, paint
from meeting_seat_designer.exports.fitting import fit
from meeting_seat_designer.exports.fonts import Type, sans
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.page import plan_page, plan_pages
from meeting_seat_designer.exports.papers import choose_paper

PARTS = (
    "买买提",
    "吐尔逊江",
    "阿卜杜热合曼",
    "木合塔尔",
    "古丽巴哈尔",
    "尼玛次仁",
    "欧阳",
    "司马",
    "䶮",
    "𠮷野",
    "Mc'Donald",
)


def hard_names(count: int = 200) -> list[str]:
    """Names that plans usually clip: minority, double, foreign, rare characters, titles, blanks, one letter."""
    chance = random.Random(11)
    names = [
        "王",
        "张伟",
        "欧阳修文",
        "阿卜杜热合曼·买合木提·吐尔逊江",
        "Christopher Alexander Montgomery-Featherstonehaugh",
        "中国人民政治协商会议郑州市委员会副主席王建国",
        "  李　 四 ",
        "A",
        "𠮷田䶮",
        "gjpqyQ" * 6,
    ]
    while len(names) < count:
        parts = [chance.choice(PARTS) for _ in range(chance.randint(1, 4))]
        names.append(chance.choice("·  ").join(parts))
    return names


def seated(name: str, names: list[str] | None = None, over: int = 0) -> Document:
    """A template with everyone seated in numbered order."""
    document = template(name)
    total = len(list(document.seats())) + over
    names = names or [f"张{'建国志强'[i % 4]}" for i in range(total)]
    for i in range(total):
        person = Person(id=f"p{i}", name=names[i % len(names)], unit=f"市第{i % 9}局", number=i + 1)
        person.roles = ["主席台"] if i < 7 else []
        document.people.append(person)
    document.meeting.title = "全市安全生产工作会议"
    document.meeting.start = "2026-03-02T09:00"
    History(document).run(Arrange("all"))
    return document


def page(document: Document, **options: object) -> Drawing:
    chosen = PlanOptions(**options)  # type: ignore[arg-type]
    paper = choose_paper(document, chosen.frame)
    return plan_page(document, chosen, paper.width, paper.height)


def outside(text: Text, drawing: Drawing) -> float:
    """How far a text's rectangle reaches out of its seat, in units of the drawing."""
    seat = drawing.seats[text.owner]
    centre = Point(seat.x, seat.y)
    worst = -1e9
    for corner in corners(text.box):
        local = rotate(corner, -seat.angle, centre)
        worst = max(worst, abs(local.x - seat.x) - seat.w / 2, abs(local.y - seat.y) - seat.h / 2)
    return worst


@pytest.mark.clause("3.1.6.4.3")
@pytest.mark.parametrize("name", ["theatre", "arc", "banquet", "u", "photo", "sofas"])
@pytest.mark.parametrize("frame", ["audience", "stage", "entrance"])
def test_two_hundred_hard_names_stay_whole_and_inside_their_seats(name: str, frame: str) -> None:
    names = hard_names()
    document = seated(name, names)
    drawing = page(document, frame=frame)
    people = document.people_map()
    shown: dict[str, str] = {}
    for text in drawing.texts:
        if text.owner:
            assert outside(text, drawing) <= 0, (text, drawing.seats[text.owner])
        if text.part == "name":
            shown[text.owner] = shown.get(text.owner, "") + text.text
    for seat, person in document.plan.seats.items():
        assert "".join(shown[seat].split()) == "".join(people[person].label.split())


@pytest.mark.clause("3.1.6.4.3")
def test_the_ink_itself_stays_inside_the_seat() -> None:
    """Not only the measured rectangle: every dark pixel of a painted name lies inside the seat's rectangle."""
    document = seated("u", hard_names(21))
    drawing = page(document)
    for seat_id, seat in drawing.seats.items():
        alone = Drawing(drawing.width, drawing.height, drawing.type)
        alone.texts = [text for text in drawing.texts if text.owner == seat_id and text.part == "name"]
        assert alone.texts
        picture = QImage(420, 420, QImage.Format.Format_RGB32)
        picture.fill(QColor("white"))
        painter = QPainter(picture)
        factor = 300 / max(seat.w, seat.h)
        painter.translate(210 - seat.x * factor, 210 - seat.y * factor)
        painter.scale(factor, factor)
        paint(painter, alone)
        painter.end()
        w, h = (seat.h, seat.w) if seat.angle % 180 else (seat.w, seat.h)
        allowed = QRectF(210 - w * factor / 2, 210 - h * factor / 2, w * factor, h * factor)
        dark = [
            (x, y) for x in range(420) for y in range(420) if QColor(picture.pixel(x, y)).lightness() < 200
        ]
        assert dark
        assert all(allowed.contains(x + 0.5, y + 0.5) for x, y in dark), alone.texts


@pytest.mark.clause("3.1.6.4.3")
def test_frames_turn_the_plan_and_are_named_with_the_version() -> None:
    document = seated("theatre")
    assert "草稿（未发布）" in next(t.text for t in page(document).texts if t.part == "version")
    document.plan.published = Published(version=3, seats=dict(document.plan.seats))
    audience, stage = page(document), page(document, frame="stage")
    first, last = document.find_seat("听众席-1排1座")[1].id, document.find_seat("听众席-12排20座")[1].id
    assert audience.seats[first].x < audience.seats[last].x
    assert audience.seats[first].y < audience.seats[last].y
    assert stage.seats[first].x > stage.seats[last].x
    assert stage.seats[first].y > stage.seats[last].y
    assert [t.text for t in stage.texts if t.part == "frame"] == ["主席台视角"]
    assert "第 3 版" in next(t.text for t in stage.texts if t.part == "version")
    assert all(abs(t.angle) <= 45 for t in stage.texts)


def test_the_honour_side_is_printed_also_where_a_region_differs() -> None:
    document = seated("theatre")
    assert [t.text for t in page(document).texts if t.part == "rules"] == ["左为尊；双数时 2 号仍在 1 号左手"]
    document.current().regions[0].rules.honour = "right"
    assert any("（主席台右为尊）" in t.text for t in page(document).texts if t.part == "rules")


def test_the_entrance_frame_puts_the_main_door_at_the_bottom() -> None:
    document = seated("u")
    layout = document.current()
    layout.fixtures = [f for f in layout.fixtures if f.kind != "door"]
    assert any("未设门" in t.text for t in page(document, frame="entrance").texts if t.part == "frame")
    layout.fixtures.append(
        Fixture(id="d", kind="door", x=80, y=4000, w=1600, h=160, angle=90, main=True, label="正门")
    )
    drawing = page(document, frame="entrance")
    door = next(t for t in drawing.texts if t.text == "正门")
    seats = list(drawing.seats.values())
    assert door.y > max(seat.y for seat in seats)
    rostrum = drawing.seats[document.find_seat("上1")[1].id]
    assert rostrum.x < min(seat.x for seat in seats) + 1, (
        "who enters from the left has the stage at the left hand"
    )


def test_those_without_a_seat_are_listed_and_none_is_dropped() -> None:
    document = seated("u", over=4)
    drawing = page(document)
    listed = [t.text for t in drawing.texts if t.part == "waiting"]
    assert len(listed) == 4
    assert "座位不足" in listed[0]
    assert not [t for t in page(document, waiting=False).texts if t.part == "waiting"]
    crowd = seated("u", over=900)
    pages = plan_pages(crowd, PlanOptions(), 210, 297)
    assert len(pages) > 1
    assert sum(1 for sheet in pages for t in sheet.texts if t.part == "waiting") == 900


def test_all_texts_stay_on_the_paper_for_every_template() -> None:
    for name in TEMPLATES:
        document = seated(name, hard_names(30), over=3)
        document.meeting.title = (
            "关于进一步加强全市安全生产和防汛抗旱重点工作部署推进落实情况专题汇报暨先进集体表彰大会"
        )
        for frame in ("audience", "stage", "entrance"):
            drawing = page(document, frame=frame, printed="2026-03-01")
            for text in drawing.texts:
                for corner in corners(text.box):
                    assert 0 <= corner.x <= drawing.width, text
                    assert 0 <= corner.y <= drawing.height, text


def test_labels_cover_no_seat() -> None:
    for name in TEMPLATES:
        drawing = page(seated(name))
        for text in drawing.texts:
            if text.part not in ("label", "row"):
                continue
            for seat in drawing.seats.values():
                apart_x = abs(text.x - seat.x) >= (text.width + min(seat.w, seat.h)) / 2 * 0.98
                apart_y = abs(text.y - seat.y) >= (text.size * 0.9 + min(seat.w, seat.h)) / 2 * 0.98
                assert apart_x or apart_y, (name, text, seat)


def test_an_own_seat_stands_out_and_a_wrong_frame_is_refused() -> None:
    document = seated("u")
    plain, marked = page(document), page(document, mark="p3")
    colours = [{t.owner: t.colour for t in d.texts if t.part == "name"} for d in (plain, marked)]
    changed = [seat for seat in colours[0] if colours[0][seat] != colours[1][seat]]
    assert [document.plan.seats[seat] for seat in changed] == ["p3"]
    with pytest.raises(EditError, match="未知的视角"):
        PlanOptions(frame="moon")


def test_paper_grows_with_the_room() -> None:
    assert choose_paper(template("u"), "audience").name == "A4"
    assert choose_paper(template("theatre"), "audience").name == "A3"
    assert choose_paper(template("u"), "audience", "a2").name == "A2"
    wide = template("u")
    wide.room.width = 30000
    paper = choose_paper(wide, "audience", "A3")
    assert (paper.width, paper.height) == (420, 297)
    with pytest.raises(EditError, match="没有纸张“B5”"):
        choose_paper(wide, "audience", "B5")


def test_a_name_shrinks_before_it_breaks_and_breaks_at_the_dot() -> None:
    type_ = Type()
    assert fit(type_, sans(), "张伟", 400, 100, 100).lines == ["张伟"]
    assert fit(type_, sans(), "买买提·吐尔逊江", 300, 200, 100).lines == ["买买提·", "吐尔逊江"]
    assert fit(type_, sans(), "", 300, 200, 100).lines == []
