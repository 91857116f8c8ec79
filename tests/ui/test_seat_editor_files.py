"""Keeping plans: autosave, recovery after a crash, the list of plans, the page that hosts the editor."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from seat_editor_bed import Bed, meeting

from app.features.meeting.service import SUFFIX, FilePlans
from app.features.meeting.view import MeetingPage
from meeting_seat_designer.editor.keeping import open_plan, recovery_of
from meeting_seat_designer.engine.edits.seating import LockSeats
from meeting_seat_designer.engine.files import dumps, load, save
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

CONTROL = Qt.KeyboardModifier.ControlModifier

CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.editor.keeping import open_plan
from meeting_seat_designer.engine.edits.seating import Unseat
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

app = QApplication([])
path = Path(sys.argv[1])
editor = SeatEditor(open_plan(path).document, ThemeManager(), path)
editor.show()
editor.keeper.kept.connect(lambda: os.kill(os.getpid(), 9))
editor.editing.run(Unseat([editor.editing.places["p04"]]))
app.exec()
"""


def test_a_killed_editor_loses_nothing_and_the_next_opening_offers_the_choice(qtbot, tmp_path):
    path = tmp_path / f"plan{SUFFIX}"
    save(meeting(), path)
    saved = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == -9, done.stderr.decode()
    assert path.read_bytes() == saved
    opened = open_plan(path)
    assert opened.recovered
    assert [item.person for item in opened.document.plan.waiting] == ["p04"]
    bed = Bed(qtbot, opened.document, path, recovered=opened.recovered)
    assert bed.editor.recovery.isVisible()
    assert opened.recovered in bed.editor.recovery.label.text()
    bed.editor.recovery.action.click()
    bed.settle()
    assert "p04" in bed.editing.places
    assert not recovery_of(path).exists()
    assert not bed.editor.recovery.isVisible()


def test_recovered_work_is_kept_when_the_editor_is_closed_without_another_edit(qtbot, tmp_path):
    path = tmp_path / f"plan{SUFFIX}"
    document = meeting()
    save(document, path)
    document.room.note = "没保存的"
    save(document, recovery_of(path))
    opened = open_plan(path)
    bed = Bed(qtbot, opened.document, path, recovered=opened.recovered)
    bed.editor.close_down()
    assert load(path).room.note == "没保存的"
    assert not recovery_of(path).exists()


def test_damaged_remains_are_put_aside_and_the_saved_file_opens(tmp_path):
    path = tmp_path / f"plan{SUFFIX}"
    save(meeting(), path)
    recovery_of(path).write_bytes(b'{"format": "zheng')
    opened = open_plan(path)
    assert not opened.recovered
    assert opened.document.people
    assert not recovery_of(path).exists()
    assert [one for one in tmp_path.iterdir() if one.name.endswith(".damaged")]


def test_control_s_saves_and_closing_saves_what_came_after(qtbot, tmp_path):
    path = tmp_path / f"plan{SUFFIX}"
    save(meeting(), path)
    bed = Bed(qtbot, load(path), path)
    bed.editing.run(LockSeats([bed.seat("p01")]))
    with qtbot.waitSignal(bed.editor.keeper.kept):
        pass
    assert recovery_of(path).exists()
    with qtbot.waitSignal(bed.editor.keeper.saved):
        bed.key(Qt.Key.Key_S, CONTROL)
    assert path.read_bytes() == bed.bytes
    assert not recovery_of(path).exists()
    assert bed.editor.bar.kept_pill.text() == "已保存"
    bed.editing.run(LockSeats([bed.seat("p02")]))
    bed.editor.close_down()
    assert load(path).plan.locks == bed.document.plan.locks
    assert dumps(load(path)) == bed.bytes


def test_a_full_disk_is_said_in_words_and_the_work_stays(qtbot, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / f"plan{SUFFIX}"
    save(meeting(), path)
    bed = Bed(qtbot, load(path), path)
    path.unlink()
    folder.rmdir()
    bed.editing.run(LockSeats([bed.seat("p01")]))
    with qtbot.waitSignal(bed.editor.keeper.failed):
        bed.editor.save()
    assert any("没有保存成功" in toast.text.text() for toast in bed.editor.toasts.toasts)
    assert bed.editor.keeper.unsaved
    folder.mkdir()


@pytest.fixture
def make_page(qtbot):
    made: list[MeetingPage] = []

    def make(folder) -> MeetingPage:
        page = MeetingPage(FilePlans(folder), ThemeManager(animations=False))
        qtbot.addWidget(page)
        page.resize(1200, 720)
        page.show()
        made.append(page)
        return page

    return make


@pytest.mark.clause("3.1.6.1.1")
async def test_a_plan_is_made_from_a_template_edited_and_found_again(make_page, tmp_path):
    page = make_page(tmp_path / "plans")
    await page.tasks.settle()
    assert page.body.currentWidget() is page.empty
    page.new_plan("防汛会商", "u")
    await page.tasks.settle()
    editor = page.editor
    assert page.currentWidget() is editor
    assert editor.editing.document.current().regions[0].recipe.kind == "u"
    editor.editing.set_mode("layout")
    editor.laying.select_all()
    editor.laying.rotate(90)
    editor.bar.back.click()
    await page.tasks.settle()
    assert page.editor is None
    assert page.model.total == 1
    entry = page.model.at(page.model.index(0, 0))
    assert (entry.title, entry.people, entry.unsaved) == ("防汛会商", 0, False)
    page.list.setCurrentIndex(page.model.index(0, 0))
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    await page.tasks.settle()
    assert page.editor.editing.document.current().regions[0].angle == 90
    await page.close_down()


async def test_plans_are_copied_removed_to_the_trash_and_damaged_ones_said(make_page, tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    document = meeting()
    document.meeting.title = "安全会议"
    save(document, folder / f"one{SUFFIX}")
    (folder / f"two{SUFFIX}").write_text("{", encoding="utf-8")
    page = make_page(folder)
    await page.tasks.settle()
    entries = {
        page.model.at(page.model.index(i, 0)).id: page.model.at(page.model.index(i, 0)) for i in range(2)
    }
    assert entries["two"].damaged
    assert entries["one"].seated == 12
    page.open_plan("two")
    await page.tasks.settle()
    assert page.editor is None
    assert page.toasts.toasts
    copy = next(action for action in page.menu_for(entries["one"]).actions() if "复制" in action.text())
    copy.trigger()
    await page.tasks.settle()
    assert page.model.total == 3
    page.search.edit.setText("副本")
    page.search.query_changed.emit("副本")
    assert page.model.rowCount() == 1
    page.ask_remove(entries["one"])
    page.findChild(ConfirmDialog).accept_button.click()
    await page.tasks.settle()
    assert page.model.total == 2
    assert (folder / "trash" / f"one{SUFFIX}").exists()
    await page.close_down()
