"""The editor's dialogs: import with matching, one person, rules, arranging with preview and comparison, output."""

import re

import pytest
from openpyxl import Workbook, load_workbook
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from seat_editor_bed import Bed, meeting

from meeting_seat_designer.engine.edits.people import SetPerson
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.templates import template


@pytest.fixture
def bed(qtbot) -> Bed:
    return Bed(qtbot, meeting())


def opened(bed: Bed):
    bed.settle()
    dialog = bed.editor.dialogs.opened
    assert dialog is not None
    return dialog


@pytest.mark.clause("3.1.6.3.1")
def test_from_a_spreadsheet_to_a_seated_hall(qtbot, tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append(["姓名", "所在处室", "职级", "手机号码"])
    for number in range(40):
        sheet.append([f"人{number}", "办公室", "一级科员", f"138{number:08}"])
    sheet.append(["", "办公室", "", ""])
    book.save(tmp_path / "名单.xlsx")
    bed = Bed(qtbot, template("classroom"))
    assert bed.editor.people.stack.currentWidget() is bed.editor.people.empty
    bed.editor.dialogs.choose_file = lambda _title, _kinds: str(tmp_path / "名单.xlsx")
    bed.editor.people.empty.action.click()
    dialog = opened(bed)
    assert "新增 40 人" in dialog.told.text()
    assert "第 42 行" in dialog.problems.toPlainText()
    assert dialog.preview.rowCount() == 10
    unit = dialog.columns["unit"]
    assert unit.currentText() == "不导入", "a title that is not recognised is left to the clerk"
    unit.setCurrentIndex(unit.findText("所在处室"))
    unit.activated.emit(unit.currentIndex())
    bed.settle()
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert len(bed.document.people) == 40
    assert {person.unit for person in bed.document.people} == {"办公室"}
    bed.editor.bar.arrange.click()
    preview = opened(bed)
    assert "40 人新入座" in preview.told.text()
    assert not bed.document.plan.seats, "a preview changes nothing"
    QTest.mouseClick(preview.apply, Qt.MouseButton.LeftButton)
    assert len(bed.document.plan.seats) == 40
    bed.editor.dialogs.import_people()
    again = opened(bed)
    assert again.columns["unit"].currentText() == "不导入"
    assert not again.go.isEnabled(), "the same list again brings nobody new"
    again.reject()
    sheet["C2"] = "四级调研员"
    book.save(tmp_path / "名单.xlsx")
    bed.editor.dialogs.import_people()
    changed = opened(bed)
    assert "新增 0 人，更新 1 人" in changed.told.text()
    changed.go.click()
    assert len(bed.document.people) == 40
    assert next(p for p in bed.document.people if p.name == "人0").rank == "四级调研员"
    assert len(bed.document.plan.seats) == 40, "nobody loses the seat by an update"


def test_a_file_that_is_no_table_is_refused_in_words(bed, tmp_path):
    (tmp_path / "x.xlsx").write_text("no")
    bed.editor.dialogs.choose_file = lambda _title, _kinds: str(tmp_path / "x.xlsx")
    bed.editor.dialogs.import_people()
    dialog = opened(bed)
    assert "不是有效的 xlsx 文件" in dialog.told.text()
    assert not dialog.go.isEnabled()


@pytest.mark.clause("3.1.6.3.1")
def test_an_outsider_needs_a_phone(bed):
    bed.editor.people.add_button.click()
    dialog = opened(bed)
    dialog.store()
    assert dialog.wrong.text() == "请填写姓名"
    dialog.fields["name"].setText("外宾")
    dialog.fields["external"].setChecked(True)
    dialog.store()
    assert "手机号" in dialog.wrong.text()
    QTest.keyClicks(dialog.fields["phone"], "13800000000")
    dialog.fields["roles"].setText("主席台，嘉宾")
    dialog.store()
    person = bed.document.people[-1]
    assert (person.name, person.external, person.roles) == ("外宾", True, ["主席台", "嘉宾"])
    bed.editor.dialogs.edit_person(person.id)
    change = opened(bed)
    change.fields["rank"].setCurrentText("二级调研员")
    change.store()
    assert bed.document.people[-1].rank == "二级调研员"
    assert bed.document.people[-1].phone == "13800000000"


@pytest.mark.clause("3.1.6.2.1")
def test_ranks_are_ordered_added_and_taken_out_of_use(bed):
    bed.editor.people.rules_button.click()
    dialog = opened(bed)
    dialog.tabs.setCurrentIndex(1)
    names = [dialog.ranks.item(i).text().split()[0] for i in range(dialog.ranks.count())]
    row = names.index("一级主任科员")
    dialog.ranks.setCurrentRow(row)
    QTest.keyClick(dialog.ranks, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    now = [rank.name for rank in bed.document.ranks.ranks if rank.active]
    assert now[row - 1] == "一级主任科员"
    dialog.delete_rank()
    gone = next(rank for rank in bed.document.ranks.ranks if rank.name == "一级主任科员")
    assert not gone.active, "in use by people: only taken out of use"
    assert all(dialog.ranks.item(i).text().split()[0] != "一级主任科员" for i in range(dialog.ranks.count()))
    bed.editing.undo()
    bed.editing.undo()
    assert bed.document.ranks is None


@pytest.mark.clause("3.1.6.2.2")
def test_departments_are_taken_from_the_people_ordered_and_rules_saved_under_a_name(bed):
    bed.editor.dialogs.rules()
    dialog = opened(bed)
    dialog.tabs.setCurrentIndex(2)
    dialog.add_units()
    first = [one.name for one in bed.document.rules.departments]
    dialog.departments.setCurrentRow(2)
    QTest.keyClick(dialog.departments, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [one.name for one in bed.document.rules.departments] == [first[0], first[2], first[1]]
    dialog.tabs.setCurrentIndex(0)
    row = [dialog.keys.item(i).text() for i in range(dialog.keys.count())].index("部门顺序")
    while row > 0:
        dialog.keys.setCurrentRow(row)
        QTest.keyClick(dialog.keys, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        row -= 1
    dialog.keys.item(1).setCheckState(Qt.CheckState.Unchecked)
    keys = bed.document.rules.keys
    assert keys[0].key == "department"
    assert not keys[1].on
    dialog.save_as("按部门")
    assert [one.name for one in bed.document.rule_sets] == ["按部门"]
    ranked = bed.editing.sorter.sort(bed.document.people)
    assert [person.unit for person in ranked[:4]] == [first[0]] * 4


def press(dialog, text: str) -> None:
    """The button with this text that can be seen."""
    next(one for one in dialog.findChildren(QPushButton) if one.text() == text and one.isVisible()).click()


def test_names_are_asked_for_in_dialogs_that_escape_leaves(bed):
    bed.editor.dialogs.rules()
    rules = opened(bed)
    rules.tabs.setCurrentIndex(2)
    press(rules, "添加…")
    rules.asking.fields["name"].setText("市水利局")
    QTest.keyClick(rules.asking.fields["name"], Qt.Key.Key_Return)
    assert [one.name for one in bed.document.rules.departments] == ["市水利局"]
    press(rules, "添加…")
    rules.asking.fields["name"].setText("市教育局")
    QTest.keyClick(rules.asking, Qt.Key.Key_Escape)
    rules.tabs.setCurrentIndex(0)
    press(rules, "保存为…")
    rules.asking.fields["name"].setText("市级会议")
    rules.asking.store()
    assert [one.name for one in bed.document.rule_sets] == ["市级会议"]
    assert [one.name for one in bed.document.rules.departments] == ["市水利局"]
    rules.accept()
    bed.editor.dialogs.compare()
    compare = opened(bed)
    compare._keep()
    assert compare.asking.fields["name"].text() == "方案 1"
    compare.asking.fields["name"].setText("")
    compare.asking.store()
    assert bed.document.saved == []
    compare._keep()
    compare.asking.store()
    assert [one.name for one in bed.document.saved] == ["方案 1"]


@pytest.mark.clause("3.1.6.4.1")
def test_a_late_change_moves_the_fewest_and_lists_them(bed):
    bed.editing.run(SetPerson("p03", status="leave"))
    before = dict(bed.document.plan.seats)
    bed.editor.dialogs.arrange("least")
    dialog = opened(bed)
    listed = [dialog.movers.item(i).text() for i in range(dialog.movers.count())]
    assert len(listed) == len(dialog.changes)
    least = len([change for change in dialog.changes if change.kind == "moved"])
    dialog.ways.setCurrentIndex(dialog.ways.findData("all"))
    bed.settle()
    every = len([change for change in dialog.changes if change.kind == "moved"])
    assert least <= every
    assert every > 0
    assert bed.document.plan.seats == before
    dialog.keep.click()
    assert len(bed.document.saved) == 1
    bed.editor.dialogs.compare()
    compare = opened(bed)
    assert [compare.sides[0].itemText(i) for i in range(2)] == ["当前结果", "方案 1"]
    assert f"{every} 人座位不同" in compare.told.text()
    compare.take()
    assert bed.document.plan.seats == before


def test_an_empty_meeting_says_what_to_do_first(qtbot):
    bed = Bed(qtbot, template("u"))
    bed.editor.bar.arrange.click()
    assert bed.editor.dialogs.opened is None
    assert "导入名单" in bed.editor.toasts.toasts[-1].text.text()


@pytest.mark.clause("3.1.6.4.3")
@pytest.mark.parametrize("kind", ["pdf", "png", "svg", "xlsx"])
def test_the_plan_is_exported_as_previewed(bed, tmp_path, kind):
    bed.document.people.append(Person(id="w", name="待排者"))
    bed.editing.set_frame("stage")
    bed.editor.bar.output.click()
    dialog = opened(bed)
    assert dialog.frames.currentData() == "stage"
    assert not dialog.preview.picture.isNull()
    assert "A4" in dialog.told.text()
    dialog.formats.setCurrentIndex(dialog.formats.findData(kind))
    assert dialog.by.isVisible() == (kind == "xlsx")
    target = tmp_path / f"图.{kind}"
    dialog.choose = lambda _title, _suggested, _kinds: str(tmp_path / "图")
    dialog.go.click()
    bed.settle()
    head = target.read_bytes()[:5]
    assert head == {"pdf": b"%PDF-", "png": b"\x89PNG\r", "svg": b"<?xml", "xlsx": b"PK\x03\x04\x14"}[kind]
    if kind == "xlsx":
        cells = [cell for row in load_workbook(target).active.iter_rows(values_only=True) for cell in row]
        assert "人1" in cells
    assert bed.editor.dialogs.opened is None


@pytest.mark.clause("3.1.6.4.6")
def test_cards_are_designed_previewed_sheet_by_sheet_and_exported(bed, tmp_path):
    bed.editor.bar.cards.click()
    dialog = opened(bed)
    assert "12 个座牌，12 张 A4" in dialog.told.text()
    tent = dialog.preview.picture
    assert (round(tent.width() / 72 * 25.4), round(tent.height() / 72 * 25.4)) == (210, 297)
    dialog.turn(1)
    bed.settle()
    assert dialog.count.text() == "第 2 / 12 张"
    assert dialog.preview.picture != tent, "another name on the second sheet"
    dialog.styles.setCurrentIndex(dialog.styles.findData("holder"))
    dialog.styles.activated.emit(dialog.styles.currentIndex())
    dialog.contents.setCurrentIndex(dialog.contents.findData("both"))
    dialog.contents.activated.emit(dialog.contents.currentIndex())
    dialog.draw()
    bed.settle()
    assert "12 个座牌，6 张" in dialog.told.text()
    dialog.choose_target = lambda _title, suggested, _kinds: str(tmp_path / suggested)
    dialog.save_style.click()
    bed.settle()
    style = next(tmp_path.glob("*.json"))
    dialog.choose_file = lambda _title, _kinds: str(style)
    dialog.width_field.setValue(400)
    dialog.draw()
    bed.settle()
    assert "放不进" in dialog.preview.text
    assert not dialog.go.isEnabled()
    dialog.open_style.click()
    bed.settle()
    assert (dialog.preset.width, dialog.preset.content) == (150, "both")
    dialog.go.click()
    bed.settle()
    assert next(tmp_path.glob("*.pdf")).read_bytes().startswith(b"%PDF-")


@pytest.mark.clause("3.1.6.4.6")
def test_no_cards_before_anyone_is_seated(qtbot):
    bed = Bed(qtbot, template("u"))
    bed.editor.bar.cards.click()
    assert bed.editor.dialogs.opened is None
    assert "请先排座" in bed.editor.toasts.toasts[-1].text.text()


@pytest.mark.clause("3.1.6.4.6")
def test_cards_are_printed_in_their_true_size_in_order(bed, tmp_path):
    bed.editor.bar.cards.click()
    dialog = opened(bed)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "cards.pdf"))
    dialog.print_on(printer)
    bed.settle()
    printed = (tmp_path / "cards.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(boxes) == 12
    assert all(
        abs(float(w) / 72 * 25.4 - 210) < 0.5 and abs(float(h) / 72 * 25.4 - 297) < 0.5 for w, h in boxes
    )
    assert "共 12 张" in bed.editor.toasts.toasts[-1].text.text()


@pytest.mark.clause("3.1.6.2.1", "3.1.6.2.2")
def test_rows_that_are_dragged_keep_their_new_place(bed):
    bed.editor.dialogs.rules()
    dialog = opened(bed)
    dialog.add_units()
    units = [one.name for one in bed.document.rules.departments]
    top = QModelIndex()
    assert dialog.departments.model().moveRow(top, 2, top, 0), "what the view does when a row is dropped"
    bed.qtbot.waitUntil(lambda: bed.document.rules.departments[0].name == units[2])
    assert dialog.departments.model().moveRow(top, 0, top, 3)
    bed.qtbot.waitUntil(lambda: bed.document.rules.departments[2].name == units[2])
    ranks = [rank.name for rank in standard_ranks().ranks if rank.active]
    assert dialog.ranks.model().moveRow(top, 5, top, 1)
    bed.qtbot.waitUntil(lambda: bed.document.ranks is not None)
    assert bed.document.ranks.ranks[1].name == ranks[5]
    keys = [dialog.keys.item(i).text() for i in range(3)]
    assert dialog.keys.model().moveRow(top, 2, top, 0)
    bed.qtbot.waitUntil(lambda: bool(bed.document.rules.keys))
    assert dialog.keys.item(0).text() == keys[2]


@pytest.mark.clause("3.1.6.2.1")
@pytest.mark.parametrize("suffix", ["xlsx", "json"])
def test_ranks_and_rules_are_exported_and_imported(bed, tmp_path, suffix):
    bed.editor.dialogs.rules()
    dialog = opened(bed)
    dialog.add_units()
    dialog.choose_target = lambda _title, suggested, _kinds: str(tmp_path / suggested.replace("xlsx", suffix))
    dialog.export_ranks()
    dialog.export_rules()
    bed.settle()
    units = [one.name for one in bed.document.rules.departments]
    bed.editing.undo()
    assert not bed.document.rules.departments
    dialog.choose_file = lambda title, _kinds: str(
        tmp_path / f"{'职级表' if '职级' in title else '排序规则'}.{suffix}"
    )
    dialog.import_rules()
    dialog.import_ranks()
    bed.settle()
    assert [one.name for one in bed.document.rules.departments] == units
    assert [rank.name for rank in bed.document.ranks.ranks] == [rank.name for rank in standard_ranks().ranks]


class Office:
    """A host's directory that picks at once."""

    def pick_people(self, window, done) -> None:
        done([Person(id="u7", name="新人", unit="教育局", user_id="u7"), Person(id="p01", name="人1")])

    def pick_units(self, window, done) -> None:
        done([Department(name="教育局", id="d1"), Department(name="财政局", id="d2")])


@pytest.mark.clause("3.1.6.3.1", "3.1.6.2.2")
def test_people_and_units_come_from_the_organisation(qtbot):
    bed = Bed(qtbot, meeting(), directory=Office())
    bed.editor.people.add_button.menu().actions()[0].trigger()
    assert [person.id for person in bed.document.people][-1] == "u7"
    assert len(bed.document.people) == 13
    bed.editor.people.pick_asked.emit()
    assert len(bed.document.people) == 13
    bed.editor.dialogs.rules()
    dialog = opened(bed)
    dialog.pick_units()
    dialog.pick_units()
    assert [one.id for one in bed.document.rules.departments] == ["d1", "d2"]
