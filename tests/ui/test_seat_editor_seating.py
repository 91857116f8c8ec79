"""排座 on a real window: drag, swap, unseat, lock, walk by keys, why here, warnings with fixes."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from seat_editor_bed import LEFT, Bed, meeting

from meeting_seat_designer.engine.edits.seating import Arrange, LockSeats
from meeting_seat_designer.engine.model.people import Person

ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bed(qtbot) -> Bed:
    return Bed(qtbot, meeting())


@pytest.mark.clause("3.1.6.4.2")
def test_dragging_a_name_to_an_empty_seat_moves_it_and_undo_restores_the_file(bed):
    before = bed.bytes
    start = bed.seat("p03")
    empty = next(seat for seat in bed.editor.scene.looks if not bed.editing.person_at(seat))
    bed.drag(bed.spot_of(start), bed.spot_of(empty))
    assert bed.seat("p03") == empty
    assert bed.editing.person_at(start) is None
    bed.key(Qt.Key.Key_Z, CONTROL)
    assert bed.bytes == before
    bed.key(Qt.Key.Key_Y, CONTROL)
    assert bed.seat("p03") == empty


@pytest.mark.clause("3.1.6.4.2")
def test_a_name_dropped_on_an_occupied_seat_swaps(bed):
    one, two = bed.seat("p01"), bed.seat("p06")
    bed.drag(bed.spot_of(one), bed.spot_of(two))
    assert bed.seat("p01") == two
    assert bed.seat("p06") == one
    assert bed.editing.selection == [two]
    assert bed.editing.history.undo_text == "安排座位"


@pytest.mark.clause("3.1.6.4.2")
def test_a_locked_seat_refuses_and_says_why(bed):
    one, two = bed.seat("p01"), bed.seat("p06")
    bed.click(bed.spot_of(two))
    bed.key(Qt.Key.Key_L)
    assert two in bed.document.plan.locks
    before = bed.bytes
    bed.drag(bed.spot_of(one), bed.spot_of(two))
    assert bed.bytes == before
    assert any("锁定" in toast.text.text() for toast in bed.editor.toasts.toasts)


@pytest.mark.clause("3.1.6.4.2")
def test_dragging_off_the_plan_onto_the_people_unseats(bed):
    seat = bed.seat("p05")
    people = bed.editor.left
    goal = bed.editor.view.viewport().mapFromGlobal(people.mapToGlobal(people.rect().center()))
    bed.drag(bed.spot_of(seat), goal)
    assert "p05" not in bed.editing.places
    assert [item.person for item in bed.document.plan.waiting] == ["p05"]
    QApplication.processEvents()
    model = bed.editor.people.model
    assert model.at(model.index(0, 0)).id == "p05"
    assert "待排 1" in [text for _, _, text in bed.editor.people.tabs.places()]


@pytest.mark.clause("3.1.6.4.2")
def test_a_drop_beside_every_seat_changes_nothing(bed):
    before = bed.bytes
    bed.drag(bed.spot_of(bed.seat("p05")), bed.spot(200, 200))
    assert bed.bytes == before


@pytest.mark.clause("3.1.6.4.2")
def test_a_person_dropped_from_the_list_takes_the_seat_and_the_other_waits(bed):
    bed.editor.seating.unseat([bed.seat("p12")])
    QApplication.processEvents()
    seat = bed.seat("p02")
    model = bed.editor.people.model
    data = model.mimeData([model.index(model.row_of("p12"), 0)])
    at = QPointF(bed.spot_of(seat))
    port = bed.editor.view.viewport()
    copy, move = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
    enter = QDragEnterEvent(at.toPoint(), copy | move, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(port, enter)
    assert enter.isAccepted()
    drop = QDropEvent(at, copy | move, data, LEFT, Qt.KeyboardModifier.NoModifier, QEvent.Type.Drop)
    QApplication.sendEvent(port, drop)
    assert bed.seat("p12") == seat
    assert [item.person for item in bed.document.plan.waiting] == ["p02"]


@pytest.mark.clause("3.1.6.4.2")
def test_shift_and_rubber_band_select_and_delete_unseats_them_all(bed):
    one, two = bed.seat("p01"), bed.seat("p02")
    bed.click(bed.spot_of(one))
    bed.click(bed.spot_of(two), SHIFT)
    assert set(bed.editing.selection) == {one, two}
    looks = bed.editor.scene.looks.values()
    left, right = min(look.x for look in looks) - 500, max(look.x for look in looks) + 500
    top = min(look.y for look in looks)
    bed.drag(bed.spot(left, top - 500), bed.spot(right, top + 300))
    row = {look.id for look in looks if look.y < top + 300}
    assert set(bed.editing.selection) == row
    assert len(row) == 10
    bed.key(Qt.Key.Key_Delete)
    assert not row & set(bed.document.plan.seats)
    assert len(bed.document.plan.waiting) == 10
    bed.editing.undo()
    assert not bed.document.plan.waiting


@pytest.mark.clause("3.1.6.4.2")
def test_everything_by_keyboard_walk_carry_unseat_and_seat_again(bed):
    seat = bed.seat("p01")
    bed.editing.select([seat])
    look = bed.editor.scene.looks[seat]
    bed.key(Qt.Key.Key_Right)
    there = bed.editing.selection[0]
    assert bed.editor.scene.looks[there].x > look.x
    assert bed.editor.scene.looks[there].y == look.y
    bed.key(Qt.Key.Key_Left)
    bed.key(Qt.Key.Key_Down, ALT)
    assert bed.editor.scene.looks[bed.seat("p01")].y > look.y
    bed.key(Qt.Key.Key_Delete)
    assert "p01" not in bed.editing.places
    QApplication.processEvents()
    people = bed.editor.people
    people.list.setFocus()
    people.list.setCurrentIndex(people.model.index(people.model.row_of("p01"), 0))
    bed.editing.select([seat])
    QTest.keyClick(people.list, Qt.Key.Key_Return)
    assert bed.seat("p01") == seat
    assert "人1" in bed.editor.view.accessibleDescription()


@pytest.mark.clause("3.1.6.4.1")
def test_a_click_on_a_seat_tells_unit_rank_and_why_here(bed):
    bed.click(bed.spot_of(bed.seat("p02")))
    panel = bed.editor.seat_panel
    assert panel.name.text() == "人2"
    assert "人工序号" in panel.why.text()
    assert "人1（第 1 位）" in panel.why.text()
    assert "之后" in panel.why.text()
    assert "之前" in panel.why.text()


@pytest.mark.clause("3.1.6.4.2")
def test_shift_by_two_along_the_path_and_one_undo_restores_all(bed):
    before = bed.bytes
    seats = {person: bed.seat(person) for person in ("p03", "p04", "p05", "p06")}
    bed.editing.select([seats["p03"]])
    bed.editor.bar.shift.click()
    dialog = bed.editor.dialogs.opened
    dialog.fields["places"].setValue(2)
    dialog.store()
    assert bed.seat("p03") == seats["p05"]
    assert bed.seat("p04") == seats["p06"]
    assert bed.editing.undo()
    assert bed.bytes == before


@pytest.mark.clause("3.1.6.4")
def test_warnings_stand_beside_the_plan_and_their_fix_mends_them(qtbot):
    document = meeting()
    document.people.append(Person(id="x1", name="外宾", external=True, number=90))
    bed = Bed(qtbot, document)
    codes = [card.warning.code for card in bed.editor.warnings.cards]
    assert "no_phone" in codes
    bed.editing.run(LockSeats([bed.seat("p01")]))
    twice = dict(bed.document.plan.seats)
    empty = next(seat for seat in bed.editor.scene.looks if seat not in twice)
    bed.document.plan.seats[empty] = "p04"
    bed.editing.check()
    bed.settle()
    card = next(card for card in bed.editor.warnings.cards if card.warning.code == "seated_twice")
    assert bed.editor.bar.warn_pill.isVisible()
    card.opened.emit()
    assert empty in bed.editing.selection
    QTest.mouseClick(card.buttons[0], LEFT)
    bed.settle()
    assert list(bed.document.plan.seats.values()).count("p04") == 1
    assert all(card.warning.code != "seated_twice" for card in bed.editor.warnings.cards)


@pytest.mark.clause("3.1.6.4.3")
def test_the_stage_frame_turns_the_plan_and_arrow_keys_follow_the_eye(bed):
    seat = bed.seat("p01")
    audience = bed.spot_of(seat)
    bed.editor.bar.frames.setCurrentIndex(bed.editor.bar.frames.findData("stage"))
    bed.editor.bar.frames.activated.emit(bed.editor.bar.frames.currentIndex())
    assert bed.editing.turn == 180
    stage = bed.spot_of(seat)
    middle = bed.editor.view.viewport().height() / 2
    assert audience.y() < middle
    assert stage.y() > middle, "seen from the stage the first row is at the bottom"
    bed.editing.select([seat])
    bed.key(Qt.Key.Key_Right)
    assert bed.spot_of(bed.editing.selection[0]).x() > stage.x()


@pytest.mark.clause("3.1.6.4.1")
def test_pins_and_groups_from_the_seats_menu_hold_at_the_next_arrangement(bed):
    def choose(seats: list[str], words: str) -> None:
        menu = bed.editor.seating.menu_for(seats)
        next(action for action in menu.actions() if words in action.text()).trigger()
        menu.close()

    last = next(seat for seat in reversed(bed.editor.scene.looks) if not bed.editing.person_at(seat))
    bed.drag(bed.spot_of(bed.seat("p07")), bed.spot_of(last))
    choose([last], "指定坐这里")
    choose([bed.seat("p01"), bed.seat("p12")], "设为相邻")
    bed.editor.dialogs.arrange("all")
    bed.settle()
    bed.editor.dialogs.opened.apply.click()
    assert bed.seat("p07") == last
    bed.settle()
    places = [bed.editor.scene.looks[bed.seat(person)] for person in ("p01", "p12")]
    assert abs(places[0].x - places[1].x) + abs(places[0].y - places[1].y) < 1300
    choose([bed.seat("p01"), bed.seat("p12")], "取消相邻")
    assert not bed.document.plan.groups


@pytest.mark.clause("3.1.6.4.2")
def test_a_drag_at_the_border_scrolls_to_seats_out_of_sight(bed):
    view = bed.editor.view
    view.zoom_by(3)
    start = bed.seat("p01")
    view.show_thing(start)
    port = view.viewport()
    foot = QPoint(port.width() // 2, port.height() - 5)
    before = view.verticalScrollBar().value()
    QTest.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, bed.spot_of(start))
    bed.move(foot - QPoint(0, 100))
    bed.move(foot)
    bed.qtbot.waitUntil(lambda: view.verticalScrollBar().value() > before + 200)
    bed.move(foot - QPoint(0, 100))
    there = view.verticalScrollBar().value()
    QTest.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(2, 2))
    assert view.verticalScrollBar().value() == there
    assert bed.seat("p01") == start, "let go beside every seat"


@pytest.mark.clause("3.1.6.4.1")
def test_several_people_are_chosen_in_the_list_to_sit_apart_and_to_be_away(bed):
    panel = bed.editor.people
    before = bed.bytes

    def row_at(place: int) -> QPoint:
        return panel.list.visualRect(panel.model.index(place, 0)).center()

    def choose(*places: int) -> list[str]:
        keys = Qt.KeyboardModifier
        for number, place in enumerate(places):
            held = keys.ControlModifier if number else keys.NoModifier
            QTest.mouseClick(panel.list.viewport(), LEFT, held, row_at(place))
        return [panel.model.at(panel.model.index(place, 0)).id for place in places]

    def command(rows, words: str) -> None:
        menu = panel.menu_for_several(rows)
        next(action for action in menu.actions() if words in action.text()).trigger()
        menu.close()
        bed.settle()

    first, second = choose(0, 1)
    rows = [panel.model.at(index) for index in panel.list.selectedIndexes()]
    assert {row.id for row in rows} == {first, second}
    assert set(bed.editing.selection) == {bed.seat(first), bed.seat(second)}
    command(rows, "设为分开")
    assert [(group.kind, set(group.people)) for group in bed.document.plan.groups] == [
        ("apart", {first, second})
    ]
    bed.editor.dialogs.arrange("all")
    bed.settle()
    bed.editor.dialogs.opened.apply.click()
    bed.settle()
    places = [bed.editor.scene.looks[bed.seat(person)] for person in (first, second)]
    assert abs(places[0].x - places[1].x) + abs(places[0].y - places[1].y) > 1300
    bed.editing.undo()
    bed.editing.undo()
    assert bed.bytes == before
    bed.settle()
    # A click alone chooses one again; several are away in one step.
    choose(2)
    assert len(panel.list.selectedIndexes()) == 1
    away = set(choose(3, 4))
    rows = [panel.model.at(index) for index in panel.list.selectedIndexes()]
    command(rows, "2 人标为请假")
    assert {one.id for one in bed.document.people if one.status == "leave"} == away
    bed.editing.undo()
    assert bed.bytes == before


def test_the_preview_says_why_people_wait(bed):
    for person in bed.document.people[:3]:
        person.rank, person.number = "", 0
    bed.editor.dialogs.arrange("all")
    bed.settle()
    told = bed.editor.dialogs.opened.told.text()
    assert "3 人待排（职级未知，未参与排座 3 人）" in told


def test_searching_a_name_leads_to_the_seat(bed):
    people = bed.editor.people
    bed.editor.view.zoom_by(4)
    people.search.edit.setText("人11")
    QTest.keyClick(people.search.edit, Qt.Key.Key_Return)
    assert people.model.rowCount() == 1
    row = people.list.visualRect(people.model.index(0, 0)).center()
    QTest.mouseClick(people.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, row)
    assert bed.editing.selection == [bed.seat("p11")]
    assert bed.editor.view.viewport().rect().contains(bed.spot_of(bed.seat("p11")))


@pytest.mark.parametrize("title", ["", "全市安全生产工作会议"])
@pytest.mark.parametrize("scale", ["standard", "extra"])
def test_in_a_narrow_window_no_word_of_the_bar_is_cut_and_the_menu_has_what_has_no_room(
    qtbot, qapp, scale, title
):
    bed = Bed(qtbot, meeting(), publish=True, check_in=True, back=True)
    bed.themes.set_font_scale(scale)
    bed.themes.apply(qapp)
    bar = bed.editor.bar
    bed.editing.document.meeting.title = title
    bar.refresh()
    parts = (
        bar.layout_pill,
        bar.warn_pill,
        bar.shift,
        bar.cards,
        bar.output,
        bar.arrange,
        bar.publish,
        bar.frames,
    )

    def whole() -> None:
        cut = [
            (one.text() if hasattr(one, "text") else "", one.width(), one.sizeHint().width())
            for one in parts
            if one.isVisible() and one.width() < one.sizeHint().width()
        ]
        assert cut == []

    def entries() -> list[str]:
        return [action.text() for action in bar.more_menu().actions()]

    bed.editor.resize(1400, 740)
    bed.settle()
    assert all(one.isVisible() for one in (bar.shift, bar.cards, bar.output, bar.frames))
    qtbot.waitUntil(whole)
    assert "整体后移…" not in entries()
    bed.editor.resize(820, 500)
    bed.settle()
    assert bar.arrange.isVisible()
    assert not bar.shift.isVisible()
    qtbot.waitUntil(whole)
    assert "整体后移…" in entries()
    asked = []
    bar.shift_asked.connect(lambda: asked.append("shift"))
    next(action for action in bar.more_menu().actions() if action.text() == "整体后移…").trigger()
    assert asked == ["shift"]
    if not bar.frames.isVisible():
        menu = bar.more_menu()
        # Held, as the menu is: Python takes what belongs to them along.
        views = next(action for action in menu.actions() if action.text() == "视角")
        views.menu().actions()[-1].trigger()
        assert bed.editing.frame == bar.frames.itemData(bar.frames.count() - 1)
    # Wide again: everything is back.
    bed.editor.resize(1400, 740)
    bed.settle()
    assert bar.shift.isVisible()
    assert bar.frames.isVisible()


def test_a_missing_rank_is_filled_in_beside_the_plan_and_the_person_is_then_seated(qtbot):
    document = meeting(count=4)
    document.people += [Person(id=id, name=name, unit="单位1") for id, name in (("x", "高远"), ("y", "何静"))]
    bed = Bed(qtbot, document)
    bed.editing.run(Arrange("least"))
    bed.settle()
    panel = bed.editor.warnings
    card = next(
        card for card in panel.cards if card.warning.code == "unknown_rank" and len(card.warning.people) == 2
    )
    card.buttons[0].setFocus()
    card.buttons[0].click()
    assert panel.dialog.isVisible()
    assert panel.dialog.fields["value"].text() == "无职级"
    panel.dialog.fields["value"].setText("一级科员")
    panel.dialog.store()
    bed.settle()
    assert {person.rank for person in bed.editing.document.people if person.id in ("x", "y")} == {"一级科员"}
    reasons = {row.id: row.reason for row in bed.editor.people.model._all}
    assert reasons["x"] == reasons["y"] == "尚未排座"
    ready = next(card for card in panel.cards if card.warning.code == "waiting")
    assert ready.warning.text == "2 人已补全职级，还没有座位：何静、高远"
    ready.buttons[0].click()
    bed.settle()
    assert bed.seat("x")
    assert bed.seat("y")


def test_after_a_fix_the_list_of_warnings_stands_at_its_beginning(qtbot):
    document = meeting(count=4)
    document.people += [
        Person(id=f"t{n}", name=f"同名{n // 2}", unit=f"单位{n}", number=9 + n) for n in range(60)
    ]
    bed = Bed(qtbot, document)
    panel = bed.editor.warnings
    bed.settle()
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    assert bar.maximum() > 0
    card = next(card for card in panel.cards if card.warning.code == "same_name")
    card.buttons[0].setFocus()
    card.buttons[0].click()
    bed.settle()
    assert card not in panel.cards
    assert panel.cards[0].isAncestorOf(panel.focusWidget()) or panel.cards[0].hasFocus()
    assert bar.value() == 0
