"""The lock's settings and log on real windows, by mouse and keyboard."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.settings.lock import LockSection
from app.features.settings.lock_log import LockLogDialog
from app.features.settings.passcode_dialog import PasscodeDialog
from app.showcase.lock_pages import ENTRIES, ShowcaseLock
from lock.audit.export import to_csv
from lock.policy.model import LockSettings
from widgets.theme import ThemeManager


@pytest.fixture
def make(qtbot):
    def build(service: ShowcaseLock) -> LockSection:
        section = LockSection(ThemeManager(animations=False), service)
        qtbot.addWidget(section)
        section.show()
        qtbot.waitExposed(section)
        return section

    return build


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.mark.clause("3.2.3.1.1")
async def test_idle_time_is_chosen_from_the_list_or_by_oneself(make):
    service = ShowcaseLock()
    section = make(service)
    section.idle.setCurrentIndex(section.idle.findData("900"))
    section.idle.activated.emit(section.idle.currentIndex())
    assert service.settings.idle_s == 900
    section.idle.setCurrentIndex(section.idle.findData("own"))
    section.idle.activated.emit(section.idle.currentIndex())
    assert section.minutes.isVisible()
    section.minutes.setValue(7)
    section.minutes.editingFinished.emit()
    assert service.settings.idle_s == 420


async def test_a_bound_of_the_administrators_takes_longer_choices_away(make):
    section = make(ShowcaseLock(LockSettings(idle_s=300, idle_longest_s=600)))
    offered = [section.idle.itemData(index) for index in range(section.idle.count())]
    assert offered == ["60", "300", "own"]
    assert section.minutes.maximum() == 10


@pytest.mark.clause("3.2.3.1.5")
async def test_switches_are_kept(make):
    service = ShowcaseLock()
    section = make(service)
    click(section.with_desktop)
    click(section.at_start)
    assert (service.settings.with_desktop, service.settings.at_start) == (False, True)


@pytest.mark.clause("3.2.3.1.6")
async def test_a_free_combination_is_taken_and_a_taken_one_refused_in_words(make):
    service = ShowcaseLock()
    section = make(service)
    QTest.keyClick(
        section.keys, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    section.keys.editingFinished.emit()
    await section.tasks.settle()
    assert service.hotkey == "Ctrl+Alt+J"
    QTest.keyClick(
        section.keys, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    section.keys.editingFinished.emit()
    await section.tasks.settle()
    assert "已被其他程序占用" in section.problem.label.text()
    assert section.keys.keySequence().toString() == "Ctrl+Alt+J"


async def test_an_unlock_code_must_be_long_enough_and_typed_twice(make, qtbot):
    service = ShowcaseLock()
    section = make(service)
    click(section.passcode)
    dialog = section.window().findChild(PasscodeDialog)
    assert dialog is not None
    for code, again in (("123", "123"), ("123456", "654321")):
        dialog.code.edit.setText(code)
        dialog.again.edit.setText(again)
        click(dialog.go)
        assert service.passcode == ""
    dialog.again.edit.setText("123456")
    click(dialog.go)
    await section.tasks.settle()
    assert service.passcode == "123456"
    assert section.passcode.text() == "修改…"


@pytest.mark.clause("3.2.3.1.8")
async def test_the_log_is_filtered_by_trigger_and_written_for_spreadsheets(make, tmp_path: Path):
    section = make(ShowcaseLock())
    click(section.log)
    await section.tasks.settle()
    dialog = section.window().findChild(LockLogDialog)
    assert dialog is not None
    assert dialog.table.rowCount() == len(ENTRIES)
    dialog.trigger.setCurrentIndex(dialog.trigger.findData("idle"))
    dialog.trigger.activated.emit(dialog.trigger.currentIndex())
    await section.tasks.settle()
    assert dialog.table.rowCount() == 2
    assert dialog.table.item(0, 3).text() == "超时自动锁定"
    file = tmp_path / "log.csv"
    to_csv(dialog.entries, file)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][:2] == ["时间", "事件"]
    assert len(rows) == 3
    dialog.reject()
