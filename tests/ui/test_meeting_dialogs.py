"""The clerk's questions before people are told or moved: who has no seat yet, who sits there already."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.features.meeting.absences import AbsenceDialog
from app.features.meeting.publish_dialog import PublishDialog
from meeting_seat_designer.engine.edits import objects, seating
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Layout, Room
from meeting_seat_designer.engine.model.people import Person
from server_stub.contract.meetings import Recipient, Recipients
from widgets.theme import ThemeManager


@pytest.fixture
def host(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.clause("3.1.6.4.4")
def test_publishing_says_who_has_no_seat_yet_and_shows_them(qtbot, host):
    people = [
        Recipient(attendee_id="a", name="赵敏", channel="chat", seat="1排1座", change="new"),
        Recipient(attendee_id="b", name="李强", channel="sms", change="new"),
        Recipient(attendee_id="c", name="王伟", channel="chat", change="gone", before="1排3座"),
    ]
    dialog = PublishDialog(
        ThemeManager(animations=False),
        Recipients(plan_version=1, published=0, recipients=people),
        lambda *_: None,
        host,
    )
    dialog.open()
    assert dialog.unseated.isVisible()
    assert dialog.unseated.text().startswith("1 人还没有座位")
    dialog.kinds.set_current("unseated")
    dialog.kinds.current_changed.emit("unseated")
    shown = [item.text(0) for item, _ in dialog._items() if not item.isHidden()]
    assert shown == ["李强"]
    dialog.reject()

    seated = Recipients(plan_version=1, published=0, recipients=[people[0], people[2]])
    dialog = PublishDialog(ThemeManager(animations=False), seated, lambda *_: None, host)
    dialog.open()
    assert not dialog.unseated.isVisible()
    dialog.reject()


@pytest.mark.clause("3.1.6.4.8")
def test_who_has_checked_in_stays_when_absences_are_filled_unless_the_clerk_wants_otherwise(qtbot, host):
    document = Document(room=Room(id="room", width=20000, depth=20000), layouts=[Layout(id="l")])
    document.layout = "l"
    document.people = [Person(id=f"p{n}", name=f"委员{n}", number=n) for n in range(1, 8)]
    history = History(document)
    history.run(objects.AddRegion("rostrum", 5000, 2000))
    history.run(seating.Arrange())
    history.run(seating.CheckIn("p3", "2026-01-01T08:50"))
    done: list[tuple[list[str], list[str], bool]] = []
    dialog = AbsenceDialog(ThemeManager(animations=False), document, lambda *given: done.append(given), host)
    dialog.open()
    assert dialog.moves.count() == 1, "says what will stand there"
    item = next(
        dialog.list.item(row) for row in range(dialog.list.count()) if "委员2" in dialog.list.item(row).text()
    )
    item.setCheckState(Qt.CheckState.Checked)
    assert "已签到" not in dialog.told.text()
    moved = [dialog.moves.item(row).text() for row in range(dialog.moves.count())]
    assert not [one for one in moved if "委员3" in one]
    dialog.stay.setChecked(False)
    assert "1 人已签到入座" in dialog.told.text()
    dialog.stay.setChecked(True)
    dialog.go.click()
    assert done == [(["p2"], ["p3"], False)]


@pytest.mark.clause("3.1.6.4.8")
def test_the_clerk_chooses_between_filling_in_order_and_moving_few_knowing_how_many_move(qtbot, host):
    document = Document(room=Room(id="room", width=40000, depth=40000), layouts=[Layout(id="l")])
    document.layout = "l"
    document.people = [Person(id=f"p{n}", name=f"委员{n}", number=n) for n in range(1, 61)]
    history = History(document)
    history.run(objects.AddRegion("grid", 8000, 2000))
    history.run(seating.Arrange())
    first = next(seat.id for _, seat in document.seats() if document.plan.seats.get(seat.id) == "p1")
    done: list[tuple[list[str], list[str], bool]] = []
    dialog = AbsenceDialog(ThemeManager(animations=False), document, lambda *given: done.append(given), host)
    dialog.open()
    assert dialog.in_order.isChecked()
    assert not dialog.least.isEnabled(), "nobody is absent yet"
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert dialog.chosen() == ["p1"]
    seated = len(document.plan.seats) - 1
    assert dialog.in_order.text().startswith(f"按序递补：{seated} 人移动，")
    assert dialog.in_order.text() == f"按序递补：{seated} 人移动，{len(dialog.sides)} 人换边"
    assert dialog.sides
    assert dialog.least.text() == "最少移动：0 人移动，0 人换边"
    dialog.least.setChecked(True)
    assert not dialog.sides
    assert "没有人移动" in dialog.told.text()
    dialog.go.click()
    assert done == [(["p1"], [], True)]
    history.run(seating.FillAbsences(done[0][0], done[0][1], least=done[0][2]))
    assert first not in document.plan.seats
    assert len(document.plan.seats) == seated
