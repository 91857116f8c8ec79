"""布置 on a real window: drag with snapping, nudge, palette drops, inspector in mm, groups, layouts, picture to trace."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from seat_editor_bed import LEFT, Bed, meeting

from meeting_seat_designer.editor.canvas.snapping import Snapper
from meeting_seat_designer.engine.edits.layouts import SetRoom
from meeting_seat_designer.engine.geometry import Rect

ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bed(qtbot) -> Bed:
    bed = Bed(qtbot, meeting())
    QTest.keyClick(bed.editor.view, Qt.Key.Key_L, CONTROL)
    assert bed.editing.mode == "layout"
    return bed


def region(bed: Bed):
    return bed.document.current().regions[0]


def fixture(bed: Bed, kind: str):
    return next(one for one in bed.document.current().fixtures if one.kind == kind)


@pytest.mark.clause("3.1.6.1.2")
def test_a_region_is_dragged_as_one_step_and_people_stay_seated(bed):
    before, seated = bed.bytes, dict(bed.document.plan.seats)
    seat = region(bed).seats[12]
    x, y, top = seat.x, seat.y, region(bed).y
    bed.drag(bed.spot(x, y), bed.spot(x + 900, y + 700), CONTROL)
    step = 2 / bed.editor.view.scale_now
    assert abs(region(bed).seats[12].x - x - 900) < step
    assert abs(region(bed).y - top - 700) < step
    assert bed.document.plan.seats == seated
    assert bed.editing.history.undo_text == "移动"
    assert bed.editing.undo()
    assert bed.bytes == before


@pytest.mark.clause("3.1.6.1.1")
def test_a_dragged_thing_is_caught_by_walls_and_others_and_a_line_says_so(bed):
    lectern = fixture(bed, "lectern")
    start = bed.spot(lectern.x, lectern.y)
    near_wall = bed.spot(lectern.w / 2 + 40, 5000)
    port = bed.editor.view.viewport()
    QTest.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for step in (0.5, 1.0):
        bed.move(start + (near_wall - start) * step, Qt.KeyboardModifier.NoModifier)
    guides = bed.editor.scene.guides.guides
    assert any(guide.vertical and guide.at == 0 for guide in guides)
    QTest.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, near_wall)
    assert lectern.x == lectern.w / 2, "its left edge stands at the wall"
    assert not bed.editor.scene.guides.guides


def test_snapping_prefers_objects_to_the_grid_and_both_can_be_off():
    moving = Rect(0, 0, 500, 500)
    snapper = Snapper(Rect(0, 0, 10000, 10000), [Rect(2030, 3000, 2530, 3500)])
    caught = snapper.snap(moving, 2000, 1000, 60)
    assert (caught.dx, caught.dy) == (2030, 1000)
    assert [guide.at for guide in caught.guides if guide.vertical] == [2030]
    assert snapper.snap(moving, 4012, 1049, 20)[:2] == (4000, 1000)
    free = Snapper(Rect(0, 0, 10000, 10000), [], use_grid=False, use_objects=False)
    assert free.snap(moving, 2011, 13, 60)[:2] == (2011, 13)


@pytest.mark.clause("3.1.6.1.1")
def test_keys_nudge_by_ten_hundred_and_one_and_merge_into_one_step(bed):
    before = bed.bytes
    lectern = fixture(bed, "lectern")
    x, y = lectern.x, lectern.y
    bed.click(bed.spot(x, y))
    assert bed.editing.selection == [lectern.id]
    bed.key(Qt.Key.Key_Right)
    bed.key(Qt.Key.Key_Right, SHIFT)
    bed.key(Qt.Key.Key_Up, ALT)
    assert (lectern.x, lectern.y) == (x + 110, y - 1)
    assert bed.editing.undo()
    assert bed.bytes == before


@pytest.mark.clause("3.1.6.1.1")
def test_facilities_and_regions_are_dropped_from_the_palette_and_placed_by_keyboard(bed):
    panel = bed.editor.palette_panel
    tile = panel.tiles["fixture:column"]
    at = QPointF(bed.spot(9300, 6000))
    port = bed.editor.view.viewport()
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    data = tile.mime()
    enter = QDragEnterEvent(at.toPoint(), copy, data, LEFT, none)
    QApplication.sendEvent(port, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(port, QDropEvent(at, copy, data, LEFT, none, QEvent.Type.Drop))
    column = fixture(bed, "column")
    assert bed.editing.selection == [column.id]
    assert (column.x - column.w / 2) % 100 == 0 or column.x % 100 == 0, "snapped to the grid"
    regions = len(bed.document.current().regions)
    panel.tiles["region:u"].setFocus()
    QTest.keyClick(panel.tiles["region:u"], Qt.Key.Key_Return)
    assert len(bed.document.current().regions) == regions + 1
    assert bed.document.current().regions[-1].recipe.kind == "u"
    codes = [seat.code for _, seat in bed.document.seats()]
    assert len(codes) == len(set(codes))


@pytest.mark.clause("3.1.6.1.1")
def test_the_inspector_sets_millimetres_and_names(bed):
    lectern = fixture(bed, "lectern")
    bed.click(bed.spot(lectern.x, lectern.y))
    fields = bed.editor.inspector.fields
    fields["x"].setValue(3210)
    fields["w"].setValue(850)
    fields["label"].setText("发言台")
    fields["label"].editingFinished.emit()
    assert (lectern.x, lectern.w, lectern.label) == (3210, 850, "发言台")
    bed.editing.undo()
    bed.editing.undo()
    assert fields["w"].value() == 700


@pytest.mark.clause("3.1.6.1.2")
def test_a_region_is_rebuilt_from_its_numbers_and_its_order_mode_changes_the_plan(bed):
    bed.click(bed.spot(region(bed).seats[0].x, region(bed).seats[0].y))
    assert bed.editing.selection == ["r1"]
    fields = bed.editor.inspector.fields
    fields["param:cols"].setValue(6)
    assert len(region(bed).seats) == 42
    bed.settle()
    assert any("共 42 个" in one.text() for one in bed.editor.inspector.findChildren(QLabel))
    mode = bed.editor.inspector.fields["rule:mode"]
    mode.setCurrentIndex(mode.findData("s_rows_left"))
    mode.activated.emit(mode.currentIndex())
    assert region(bed).rules.mode == "s_rows_left"
    bed.editor.dialogs.arrange("all")
    bed.settle()
    bed.editor.dialogs.opened.apply.click()
    row = sorted((s for s in region(bed).seats if s.row == 2), key=lambda s: s.x)
    people = [bed.document.plan.seats.get(seat.id) for seat in row]
    assert people == ["p12", "p11", "p10", "p09", "p08", "p07"], "the second row runs back"


@pytest.mark.clause("3.1.6.1.2")
def test_single_seats_are_picked_inside_a_region_moved_and_turned(bed):
    seat = region(bed).seats[3]
    x, y = seat.x, seat.y
    QTest.mouseDClick(bed.editor.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, bed.spot(x, y))
    assert bed.editing.selection == [seat.id]
    other = region(bed).seats[0].x
    bed.drag(bed.spot(x, y), bed.spot(x, y - 600), CONTROL)
    assert abs(seat.y - y + 600) < 2 / bed.editor.view.scale_now
    assert seat.hand
    assert region(bed).seats[0].x == other
    bed.key(Qt.Key.Key_R)
    assert seat.angle == 90
    bed.key(Qt.Key.Key_Escape)
    assert bed.editing.selection == ["r1"]


@pytest.mark.clause("3.1.6.1.1")
def test_align_distribute_mirror_duplicate_group_lock_delete(bed):
    laying = bed.editor.laying
    lectern, screen = fixture(bed, "lectern"), fixture(bed, "screen")
    bed.editing.select([lectern.id, screen.id])
    QTest.mouseClick(bed.editor.inspector.fields["tool:左对齐"], LEFT)
    assert lectern.x - lectern.w / 2 == screen.x - screen.w / 2
    bed.key(Qt.Key.Key_G, CONTROL)
    bed.editing.select([])
    bed.click(bed.spot(lectern.x, lectern.y))
    assert set(bed.editing.selection) == {lectern.id, screen.id}
    bed.key(Qt.Key.Key_G, CONTROL | SHIFT)
    bed.editing.select([lectern.id])
    bed.key(Qt.Key.Key_D, CONTROL)
    assert len([f for f in bed.document.current().fixtures if f.kind == "lectern"]) == 2
    copy = bed.editing.selection[0]
    laying.lock()
    x = bed.editing.things[copy][0].x
    bed.key(Qt.Key.Key_Right)
    assert bed.editing.things[copy][0].x == x, "locked in place"
    bed.key(Qt.Key.Key_Delete)
    assert copy in bed.editing.things
    laying.lock()
    bed.key(Qt.Key.Key_Delete)
    assert copy not in bed.editing.things
    bed.key(Qt.Key.Key_A, CONTROL)
    laying.distribute("x")
    laying.mirror("x")
    assert bed.editing.history.undo_text == "左右镜像"


@pytest.mark.clause("3.1.6.1.1")
def test_a_seat_in_a_doors_way_is_warned_about_and_the_fix_moves_it(bed):
    door = fixture(bed, "door")
    seat = region(bed).seats[0]
    bed.editing.select([seat.id], entered="r1")
    fields = bed.editor.inspector.fields
    fields["x"].setValue(door.x)
    fields["y"].setValue(door.y - 500)
    bed.settle()
    card = next(card for card in bed.editor.warnings.cards if "门口" in card.warning.text)
    QTest.mouseClick(card.buttons[0], LEFT)
    bed.settle()
    assert not any("门口" in card.warning.text for card in bed.editor.warnings.cards)


@pytest.mark.clause("3.1.6.1.2")
def test_several_layouts_keep_their_own_seating_and_things_are_copied_between(bed):
    seated = dict(bed.document.plan.seats)
    bed.editor.dialogs.copy_layout()
    bed.editor.dialogs.opened.fields["name"].setText("备用")
    bed.editor.dialogs.opened.store()
    assert bed.document.current().name == "备用"
    assert not bed.document.plan.seats
    bed.editing.select([fixture(bed, "lectern").id])
    bed.editor.laying.copy_to("layout1", "课桌式")
    combo = bed.editor.palette_panel.layouts
    combo.setCurrentIndex(0)
    combo.activated.emit(0)
    assert bed.document.plan.seats == seated
    assert len([f for f in bed.document.current().fixtures if f.kind == "lectern"]) == 2


@pytest.mark.clause("3.1.6.1.2")
def test_a_template_becomes_a_layout_of_its_own(bed):
    bed.editor.dialogs.templates()
    dialog = bed.editor.dialogs.opened
    names = [dialog.list.item(i).text() for i in range(dialog.list.count())]
    # How many it seats is what the clerk compares with the list of names.
    number = next(at for at, name in enumerate(names) if name.startswith("回形（"))
    dialog.list.setCurrentRow(number)
    dialog.use()
    assert bed.document.current().regions[0].recipe.kind == "hollow"
    assert len(bed.document.layouts) == 2
    assert bed.document.current().name == "回形"
    assert names[number] == f"回形（{len(bed.editing.seats)} 座）"
    assert bed.document.room.width == 12500
    view = bed.editor.view
    shown = view.mapToScene(view.viewport().rect()).boundingRect()
    assert shown.contains(bed.editor.scene.room.floor), "the new room is shown whole"
    bed.editing.undo()
    assert len(bed.document.layouts) == 1
    assert bed.document.room.width == 11000


@pytest.mark.parametrize("turn", ["audience", "stage"])
def test_the_whole_room_is_shown_with_nothing_over_it(bed, turn):
    """The zoom bar floats over the lower right corner, where a wide room has a door."""
    bed.editing.run(SetRoom(width=24000, depth=13000))
    frames = bed.editor.bar.frames
    frames.setCurrentIndex(frames.findData(turn))
    frames.activated.emit(frames.currentIndex())
    view, bar = bed.editor.view, bed.editor.zoom_bar
    view.fit()
    floor = view.mapFromScene(bed.editor.scene.room.floor).boundingRect()
    assert view.viewport().rect().contains(floor)
    assert not floor.intersects(bar.geometry())
    # A room that leaves the corner free anyway loses nothing of its size.
    small = view.scale_now
    bed.editor.resize(2200, 740)
    bed.settle()
    assert view.scale_now > small
    floor = view.mapFromScene(bed.editor.scene.room.floor).boundingRect()
    assert floor.bottom() > bar.geometry().top()
    assert not floor.intersects(bar.geometry())


@pytest.mark.clause("3.1.6.1.1")
def test_a_picture_lies_under_the_plan_to_trace(bed, tmp_path):
    picture = QImage(60, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    assert picture.save(str(tmp_path / "plan.png"))
    bed.editor.dialogs.choose_file = lambda _title, _kinds: str(tmp_path / "plan.png")
    bed.editor.palette_panel.background_button.click()
    bed.settle()
    back = bed.document.current().background
    assert (back.w, back.h) == (11000, 5500)
    # Beside the lines of the grid.
    at = bed.spot(500, 3400)
    shown = bed.editor.view.grab().toImage()
    ratio = shown.devicePixelRatio()
    color = shown.pixelColor(int(at.x() * ratio), int(at.y() * ratio))
    assert color.red() > color.blue() + 60
    # From now on the button asks what to do with it; choosing no file leaves it where it is.
    change, remove = bed.editor.palette_panel.background_menu().actions()
    bed.editor.dialogs.choose_file = lambda _title, _kinds: ""
    change.trigger()
    assert bed.document.current().background is not None
    bed.editor.dialogs.choose_file = lambda _title, _kinds: str(tmp_path / "missing.png")
    change.trigger()
    bed.settle()
    assert bed.document.current().background is not None
    remove.trigger()
    assert bed.document.current().background is None
    assert any("无法读取" in toast.text.text() for toast in bed.editor.toasts.toasts)


def test_zoom_keeps_the_point_under_the_pointer_and_fit_shows_all(bed):
    view = bed.editor.view
    seat = region(bed).seats[30]
    at = QPointF(bed.spot(seat.x, seat.y))
    scale = view.scale_now
    view.zoom_by(2.0, at)
    assert view.scale_now == pytest.approx(scale * 2)
    moved = bed.spot(seat.x, seat.y)
    assert abs(moved.x() - at.x()) <= 2
    assert abs(moved.y() - at.y()) <= 2
    assert bed.editor.minimap.isVisible()
    bed.key(Qt.Key.Key_0, CONTROL)
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.contains(bed.editor.scene.room.floor)
    assert not bed.editor.minimap.isVisible()
    QTest.keyPress(view, Qt.Key.Key_Space)
    before = bed.spot(0, 0)
    port = view.viewport()
    middle = port.rect().center()
    QTest.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, middle)
    bed.move(middle + (bed.spot(1000, 0) - before), Qt.KeyboardModifier.NoModifier)
    QTest.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, middle)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert bed.spot(0, 0).x() > before.x()
    assert not bed.editing.history.undo_text, "panning changes nothing"


@pytest.mark.clause("3.1.6.1.2")
def test_a_region_takes_only_whom_it_is_told_to(bed):
    bed.document.people[4].roles = ["主席台"]
    bed.editor.palette_panel.tiles["region:rostrum"].chosen.emit("region", "rostrum")
    rostrum = bed.document.current().regions[-1].id
    fields = bed.editor.inspector.fields
    fields["accept:roles"].setText("主席台，主持人")
    fields["accept:roles"].editingFinished.emit()
    assert bed.document.current().regions[-1].rules.accept.roles == ["主席台", "主持人"]
    fields["take:limit"].setValue(5)
    assert bed.document.current().regions[-1].rules.limit == 5
    bed.editing.undo()
    assert fields["take:limit"].value() == 0
    bed.editor.dialogs.arrange("all")
    bed.settle()
    bed.editor.dialogs.opened.apply.click()
    there = [bed.document.plan.seats.get(seat.id) for seat in bed.editing.region(rostrum).seats]
    assert [person for person in there if person] == ["p05"]


@pytest.mark.clause("3.1.6.1.1")
def test_corners_size_a_facility_and_the_knob_turns_it_in_steps(bed):
    lectern = fixture(bed, "lectern")
    bed.click(bed.spot(lectern.x, lectern.y))
    left, top = lectern.x - lectern.w / 2, lectern.y - lectern.h / 2
    step = 2 / bed.editor.view.scale_now + 10
    before = bed.bytes
    bed.drag(bed.spot(left + lectern.w, top + lectern.h), bed.spot(left + 1200, top + 900))
    assert abs(lectern.w - 1200) < step
    assert abs(lectern.h - 900) < step
    assert lectern.w % 10 == 0
    assert (lectern.x - lectern.w / 2, lectern.y - lectern.h / 2) == (left, top), "the other corner stays"
    assert bed.editing.undo()
    assert bed.bytes == before
    knob = bed.editor.layout_tool.handles.knob()
    bed.drag(bed.spot(knob.x, knob.y), bed.spot(lectern.x + 2000, lectern.y + 60))
    assert lectern.angle == 90
    bed.editing.undo()
    bed.click(bed.spot(region(bed).seats[0].x, region(bed).seats[0].y))
    knob = bed.editor.layout_tool.handles.knob()
    area = bed.editor.scene.regions["r1"].area
    bed.drag(bed.spot(knob.x, knob.y), bed.spot(area.center().x() - 4000, area.center().y()))
    assert region(bed).angle == 270


@pytest.mark.clause("3.1.6.1.1")
def test_every_thing_is_reached_and_changed_without_a_mouse(bed):
    layout = bed.document.current()
    names = [*(one.id for one in layout.regions), *(one.id for one in layout.fixtures)]
    reached = []
    for _ in names:
        bed.key(Qt.Key.Key_PageDown)
        reached += bed.editing.selection
    assert reached == names
    bed.key(Qt.Key.Key_PageDown)
    assert bed.editing.selection == ["r1"]
    bed.key(Qt.Key.Key_Return)
    seat = region(bed).seats[0]
    assert bed.editing.selection == [seat.id]
    bed.key(Qt.Key.Key_PageDown)
    bed.key(Qt.Key.Key_PageUp)
    x = seat.x
    bed.key(Qt.Key.Key_Right)
    assert seat.x == x + 10
    bed.key(Qt.Key.Key_Escape)
    assert bed.editing.selection == ["r1"]
    bed.key(Qt.Key.Key_R, SHIFT)
    assert region(bed).angle == 345
