"""Qt's own words are Chinese wherever the program shows them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTextEdit,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.shell import chinese
from installers.prune import doomed

ENGLISH = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def speaking(qapp: QApplication) -> Iterator[QApplication]:
    """The application with Qt's Chinese, taken off again."""
    before, there = QLocale(), set(qapp.findChildren(QTranslator))
    assert chinese.speak_chinese(qapp)
    yield qapp
    for translator in set(qapp.findChildren(QTranslator)) - there:
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


def words_of(window: QWidget) -> list[str]:
    """Everything that can be read in a window: labels, buttons and their tips, actions, column heads, choices."""
    found: list[str] = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        found += [widget.toolTip(), widget.accessibleName()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QComboBox):
            found += [widget.itemText(row) for row in range(widget.count())]
        if isinstance(widget, QTreeView):
            model = widget.model()
            heads = range(model.columnCount())
            found += [str(model.headerData(one, Qt.Orientation.Horizontal)) for one in heads]
    found += [action.text() for action in window.findChildren(QAction)]
    return [one for one in found if one]


def english(words: list[str]) -> list[str]:
    return [one for one in words if ENGLISH.search(one)]


@pytest.mark.parametrize("saving", [False, True])
def test_the_file_dialog_says_nothing_in_english(
    speaking: QApplication, qtbot: QtBot, tmp_path: Path, saving: bool
) -> None:
    (tmp_path / "会议材料").mkdir()
    dialog = QFileDialog(None, "另存为", str(tmp_path))
    qtbot.addWidget(dialog)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setViewMode(QFileDialog.ViewMode.Detail)
    if saving:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.show()
    tree = dialog.findChild(QTreeView)
    assert isinstance(tree, QTreeView)
    model = tree.model()
    qtbot.waitUntil(lambda: model.rowCount(tree.rootIndex()) == 1)
    row = [str(model.index(0, column, tree.rootIndex()).data()) for column in range(model.columnCount())]
    said = [one for one in words_of(dialog) if one != str(tmp_path)]
    assert english(said) == []
    assert {"大小", "修改时间", "取消", "新建文件夹"} <= set(said)
    assert ("保存(&S)" if saving else "打开(&O)") in said
    assert row[0] == "会议材料"
    assert row[2] == "文件夹"


def test_standard_buttons_and_questions_are_chinese(speaking: QApplication, qtbot: QtBot) -> None:
    box = QMessageBox()
    qtbot.addWidget(box)
    every = QMessageBox.StandardButton
    for one in (every.Ok, every.Save, every.SaveAll, every.Open, every.Yes, every.YesToAll, every.No, every.NoToAll,
                every.Abort, every.Retry, every.Ignore, every.Close, every.Cancel, every.Discard, every.Help,
                every.Apply, every.Reset, every.RestoreDefaults):  # fmt: skip
        box.addButton(one)
    asked = QInputDialog()
    qtbot.addWidget(asked)
    asked.show()
    said = words_of(box)
    assert len([one for one in said if one]) >= 18
    assert english(said) == []
    assert {"确定", "取消", "不保存"} <= set(said)
    assert english(words_of(asked)) == []


def test_text_fields_offer_a_chinese_menu(speaking: QApplication, qtbot: QtBot) -> None:
    for field in (QLineEdit("词"), QTextEdit("词"), QPlainTextEdit("词")):
        qtbot.addWidget(field)
        menu = field.createStandardContextMenu()
        said = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
        menu.deleteLater()
        assert english(said) == []
        assert "全选" in said


def test_dates_in_the_file_dialog_are_chinese_in_a_session_without_a_language() -> None:
    """In a process of its own: Qt reads the system's language once, when the application is made."""
    program = (
        "from app.main import make_application\n"
        "from PySide6.QtCore import QDateTime, QLocale\n"
        "application = make_application([])\n"
        "short = QLocale.FormatType.ShortFormat\n"
        "print(QLocale.system().toString(QDateTime.fromSecsSinceEpoch(0), short))\n"
    )
    left = {name: value for name, value in os.environ.items() if name != "LC_ALL" and name != "LC_TIME"}
    left |= {"LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=left, check=True, timeout=60, capture_output=True, text=True)
    assert re.match(r"1970/0?1/0?1 ", done.stdout), done.stdout
    assert done.stderr == ""  # no complaint where the system has no such locale installed


def test_the_words_of_our_own_are_made_of_the_readable_ones(tmp_path: Path) -> None:
    """Whoever changes the .ts has to run lrelease."""
    made = tmp_path / "own.qm"
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    command = [str(tool), "-silent", str(chinese.OWN.with_suffix(".ts")), "-qm", str(made)]
    subprocess.run(command, check=True, timeout=60)
    assert made.read_bytes() == chinese.OWN.read_bytes()


def test_packages_keep_the_words_of_qt() -> None:
    path = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase_zh_CN.qm")
    assert path.is_file()
    for name in ("Qt/translations/qtbase_zh_CN.qm", "translations/qtbase_zh_CN.qm"):
        assert not doomed(name)
