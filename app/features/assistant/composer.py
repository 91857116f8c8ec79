"""Where questions are written: files chosen, pasted or dropped in, who answers, send and stop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFontMetrics, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from widgets.chat.voice_strip import VoiceStrip
from widgets.controls import Chip, IconButton, button, label, surface
from widgets.theme import ThemeManager

from .dropped import is_picture

LONGEST = 4000
MOST_FILES = 8
_IN_ROW = 2
"""Files beside one another."""
_ASK = "提问、查找，或说要办的事，按回车发送；可将文件和图片拖到这里"
BY_RULES = "本机查找（规则与摘录）"


class _Field(QPlainTextEdit):
    """Return sends, Shift+Return breaks the line. Signals: `sent()`, `pasted(paths)` for files on the clipboard."""

    sent = Signal()
    pasted = Signal(list)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(_local(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if paths := _local(source):
            self.pasted.emit(paths)
        else:
            super().insertFromMimeData(source)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        plain = not e.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if e.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.sent.emit()
            return
        super().keyPressEvent(e)


class Composer(QWidget):
    """Signals: `sent()`, `stopped()`, `told(text)` for what cannot be done."""

    sent = Signal()
    stopped = Signal()
    told = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.files: list[Path] = []
        self._offered = False
        self._seeing: set[str] = set()
        theme, space = themes.theme, themes.theme.space
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        box = surface("tile")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(space.s, space.s, space.s, space.s)
        inside.setSpacing(space.xs)
        self._chips = QGridLayout()
        self._chips.setSpacing(space.xs)
        self._chips.setColumnStretch(_IN_ROW, 1)
        inside.addLayout(self._chips)
        self.hint = label("", "caption", "weak")
        self.hint.hide()
        inside.addWidget(self.hint)
        self.field = _Field()
        self.field.setProperty("plain", True)
        self.field.setPlaceholderText(_ASK)
        self.field.setAccessibleName("问题")
        self.field.setFixedHeight(theme.grow(theme.sizes.row))
        self.field.setAcceptDrops(False)
        self.field.sent.connect(self._send)
        self.field.pasted.connect(self.add_files)
        inside.addWidget(self.field)
        self.voice = VoiceStrip(themes)
        self.voice.send.setText("转成文字")
        self.voice.hide()
        inside.addWidget(self.voice)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.attach = IconButton(themes, "paperclip", "添加文件和图片（Ctrl+O）")
        self.attach.clicked.connect(self._ask_files)
        self.mic = IconButton(themes, "mic", "语音输入")
        self.mic.hide()
        self._key = QShortcut(QKeySequence.StandardKey.Open, self)
        self._key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._key.activated.connect(self.attach.click)
        self.by = QComboBox()
        self.by.setAccessibleName("由谁回答")
        self.by.currentIndexChanged.connect(lambda _index: self._by_changed())
        self.share = QCheckBox("允许模型阅读找到的消息摘录")
        self.share.setToolTip("消息在本机查找；勾选后，找到的摘录会随问题交给本单位配置的模型。")
        self.go = button("发送", "primary")
        self.go.clicked.connect(self._send)
        self.stop = button("停止生成", "secondary")
        self.stop.clicked.connect(self.stopped)
        self.stop.hide()
        row.addWidget(self.attach)
        row.addWidget(self.mic)
        row.addWidget(self.by)
        row.addWidget(self.share)
        row.addStretch(1)
        row.addWidget(self.stop)
        row.addWidget(self.go)
        inside.addLayout(row)
        column.addWidget(box)
        self.set_models([])

    def set_models(self, models: list[str], seeing: Sequence[str] = ()) -> None:
        """Who may answer; the first model is chosen where there is one, or what was chosen before.

        `seeing`: those that may be given pictures."""
        self._seeing = set(seeing)
        before = self.by.currentData() if self.by.count() else None
        self.by.clear()
        self.by.addItem(BY_RULES, "")
        for name in models:
            self.by.addItem(f"模型：{name}", name)
        at = self.by.findData(before) if before is not None and self._offered else -1
        self.by.setCurrentIndex(at if at >= 0 else 1 if models else 0)
        self._offered = bool(models)
        self._by_changed()

    @property
    def model(self) -> str:
        """The chosen model; empty for rules."""
        return self.by.currentData() or ""

    def _by_changed(self) -> None:
        self.share.setVisible(bool(self.model))
        self._show_hint()

    def _show_hint(self) -> None:
        """What will become of the pictures, before they are sent."""
        pictures = any(is_picture(path.name) for path in self.files)
        sees = self.model in self._seeing
        self.hint.setText(
            "图片会缩小后交给所选模型查看。" if sees else "由识别出的文字回答：所选的回答方式不能查看图片。"
        )
        self.hint.setVisible(pictures)

    def _send(self) -> None:
        if not self.field.isEnabled() or not self.field.toPlainText().strip():
            return
        if len(self.field.toPlainText()) > LONGEST:
            self.told.emit(f"问题不超过 {LONGEST} 字；较长的材料请作为文件拖入。")
            return
        self.sent.emit()

    def take(self) -> tuple[str, tuple[Path, ...]]:
        """The question and its files; both are taken out."""
        text, files = self.field.toPlainText().strip(), tuple(self.files)
        self.field.clear()
        self.files = []
        self._show_files()
        return text, files

    def set_busy(self, busy: bool) -> None:
        """No input while an answer is made (3.2.6.9.9)."""
        for one in (self.field, self.attach, self.mic, self.by, self.share, self.go):
            one.setEnabled(not busy)
        self.setAcceptDrops(not busy)
        self.stop.setVisible(busy)
        self.go.setVisible(not busy)
        (self.stop if busy else self.field).setFocus()

    def set_listening(self, on: bool) -> None:
        """What is said takes the place of what is written."""
        self.field.setVisible(not on)
        self.voice.setVisible(on)
        for one in (self.attach, self.mic, self.go):
            one.setEnabled(not on)
        if on:
            self.voice.begin()
            self.voice.hint.setText("最长 60 秒")
        (self.voice if on else self.field).setFocus()

    def set_writing(self, on: bool) -> None:
        """What was said is being written down."""
        self.field.setPlaceholderText("正在转成文字…" if on else _ASK)
        for one in (self.field, self.attach, self.mic, self.go):
            one.setEnabled(not on)
        if not on:
            self.field.setFocus()

    def add_files(self, paths: list[Path]) -> None:
        """Files for the next question."""
        for path in paths:
            if not path.is_file():
                self.told.emit("只能拖入文件，不能拖入文件夹。")
            elif len(self.files) >= MOST_FILES:
                self.told.emit(f"一次最多 {MOST_FILES} 个文件。")
                break
            elif path not in self.files:
                self.files.append(path)
        self._show_files()

    def _ask_files(self) -> None:
        dialog = QFileDialog(self, "添加文件和图片")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def _show_files(self) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        theme = self._themes.theme
        metrics = QFontMetrics(theme.font("secondary"))
        for at, path in enumerate(self.files):
            # A long name must not make the window wider than the screen.
            short = metrics.elidedText(path.name, Qt.TextElideMode.ElideMiddle, theme.sizes.detail)
            chip = Chip(self._themes, short)
            chip.setAccessibleName(path.name)
            chip.setToolTip(path.name)
            chip.removed.connect(lambda one=path: self._drop(one))
            self._chips.addWidget(chip, at // _IN_ROW, at % _IN_ROW)
        self._show_hint()

    def _drop(self, path: Path) -> None:
        self.files = [one for one in self.files if one != path]
        self._show_files()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add_files(_local(event.mimeData()))
        event.acceptProposedAction()


def _local(data: QMimeData) -> list[Path]:
    """The files of this machine that are dragged or on the clipboard."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
