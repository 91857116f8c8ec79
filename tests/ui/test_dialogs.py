"""Dialogs on screens of any size: the buttons can always be reached, Escape always leaves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit

from widgets.controls import ConfirmDialog, Dialog, LoadingButton, SearchField, button, label
from widgets.theme import ThemeManager


@pytest.fixture
def themes(qtbot):
    return ThemeManager(animations=False)


def inside(dialog: Dialog) -> bool:
    """Whether the whole window lies in the free part of its screen."""
    return dialog.screen().availableGeometry().contains(dialog.frameGeometry())


def test_a_dialog_that_is_higher_than_the_screen_scrolls_between_its_title_and_its_buttons(qtbot, themes):
    dialog = Dialog(themes, "名单")
    qtbot.addWidget(dialog)
    fields = []
    for number in range(60):
        fields.append(QLineEdit(str(number)))
        dialog.content.addWidget(fields[-1])
    hidden = QLabel("说明")
    hidden.hide()
    dialog.content.addWidget(hidden)
    go = dialog.add_button("导入", "primary", default=True, slot=dialog.accept)
    fields[0].setFocus()
    dialog.open()
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: inside(dialog))
    assert go.isVisible()
    assert dialog.rect().contains(go.geometry())
    assert dialog.heading.isVisible()
    assert fields[0].isVisible()
    assert fields[0].mapTo(dialog, fields[0].rect().topLeft()).x() == dialog.heading.x()
    assert not hidden.isVisible()
    # The keyboard reaches what is scrolled away.
    fields[-1].setFocus(Qt.FocusReason.TabFocusReason)
    dialog._room.ensureWidgetVisible(fields[-1])
    qtbot.waitUntil(lambda: not fields[-1].visibleRegion().isEmpty())
    assert dialog.rect().contains(go.geometry())


def test_a_dialog_that_grows_while_it_is_open_stays_on_the_screen(qtbot, themes):
    dialog = Dialog(themes, "名单")
    qtbot.addWidget(dialog)
    dialog.content.addWidget(label("正在读取", "body"))
    go = dialog.add_button("导入", "primary", default=True, slot=dialog.accept)
    dialog.open()
    qtbot.waitExposed(dialog)
    notes = QPlainTextEdit()
    notes.setMinimumHeight(dialog.screen().availableGeometry().height() - 60)
    dialog.content.addWidget(notes)
    qtbot.waitUntil(lambda: notes.isVisible() and notes.height() >= notes.minimumHeight())
    qtbot.waitUntil(lambda: inside(dialog))
    assert dialog.rect().contains(go.geometry())


def test_a_dialog_that_fits_is_left_as_it_is(qtbot, themes):
    dialog = Dialog(themes, "名单")
    qtbot.addWidget(dialog)
    dialog.content.addWidget(label("两行", "body"))
    dialog.add_button("好", "primary", default=True)
    dialog.open()
    qtbot.waitExposed(dialog)
    assert dialog.height() == dialog.sizeHint().height()
    assert dialog._room is None


def test_escape_in_an_empty_search_field_leaves_the_dialog_and_first_empties_a_full_one(qtbot, themes):
    dialog = Dialog(themes, "手动签到")
    qtbot.addWidget(dialog)
    search = SearchField(themes, "姓名")
    dialog.content.addWidget(search)
    dialog.open()
    qtbot.waitExposed(dialog)
    search.edit.setFocus()
    search.edit.setText("王")
    QTest.keyClick(search.edit, Qt.Key.Key_Escape)
    assert search.text() == ""
    assert dialog.isVisible()
    QTest.keyClick(search.edit, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(("tabs", "agreed"), [(0, False), (1, True), (2, False)])
def test_enter_presses_the_answer_that_has_the_keyboard(qtbot, themes, tabs, agreed):
    dialog = ConfirmDialog(themes, "转让群主", "赵敏 将成为新群主。", "转让", danger=True)
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.open()
    for _ in range(tabs):
        QTest.keyClick(dialog, Qt.Key.Key_Tab)
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert bool(dialog.result()) is agreed


def test_enter_on_another_button_does_not_press_the_default_one(qtbot, themes):
    dialog = Dialog(themes, "改名")
    qtbot.addWidget(dialog)
    done: list[str] = []
    dialog.content.addWidget(QLineEdit("处室"))
    more = button("更多…")
    more.setAutoDefault(False)
    more.clicked.connect(lambda: done.append("more"))
    dialog.content.addWidget(more)
    refuse = dialog.add_button("取消", slot=lambda: done.append("cancel"))
    save = dialog.add_button("保存", "primary", default=True, slot=lambda: done.append("save"))
    busy = LoadingButton(themes, "检查")
    busy.setAutoDefault(False)
    busy.clicked.connect(lambda: done.append("check"))
    dialog.foot.addWidget(busy)
    with qtbot.waitActive(dialog):
        dialog.open()
    for one in (more, refuse, save, busy, dialog.findChild(QLineEdit)):
        one.setFocus()
        QTest.keyClick(one, Qt.Key.Key_Return)
    # In a line of text Enter means the dialog's own answer.
    assert done == ["more", "cancel", "save", "check", "save"]
