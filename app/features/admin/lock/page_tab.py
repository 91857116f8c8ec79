"""锁屏页面: texts and picture of the one lock page, with the page itself beside them (3.2.3.5.2)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.shell.problems import Problem, describe
from app.shell.tasks import Tasks
from lock.page.appearance import (
    DEFAULT,
    HEADING_LONGEST,
    LINE_LONGEST,
    MOST_LINES,
    PICTURE_BYTES,
    BadAppearance,
    LockAppearance,
    checked,
)
from server_stub.contract.lock import LockPageChange, LockPageNow, LockPageText
from widgets.controls import Banner, ConfirmDialog, button, label
from widgets.theme import ThemeManager

from .preview import LockPreview
from .service import LockAdminService


class LockPageTab(QWidget):
    """Signals: `told(words)`. What is typed shows at once in the preview; nothing reaches anybody before 保存."""

    told = Signal(str)

    def __init__(
        self, service: LockAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self._saved = DEFAULT
        self._picture = b""
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.caption, self.heading = QLineEdit(), QLineEdit()
        self.lines = QPlainTextEdit()
        for edit, name, longest in (
            (self.caption, "小标题", HEADING_LONGEST),
            (self.heading, "宣贯标题", HEADING_LONGEST),
        ):
            edit.setAccessibleName(name)
            edit.setMaxLength(longest)
            edit.textEdited.connect(self._edited)
        self.lines.setAccessibleName("宣贯正文")
        self.lines.setTabChangesFocus(True)
        self.lines.setFixedHeight(themes.theme.line("body") * (MOST_LINES + 1))
        self.lines.textChanged.connect(self._edited)
        form = QVBoxLayout()
        form.setSpacing(space.s)
        for words, edit in (
            ("小标题", self.caption),
            (f"标题（不超过 {HEADING_LONGEST} 字）", self.heading),
            (f"正文（每行一条，最多 {MOST_LINES} 行，每行不超过 {LINE_LONGEST} 字）", self.lines),
        ):
            form.addWidget(label(words, "secondary"))
            form.addWidget(edit)
        form.addWidget(label("背景图（PNG 或 JPEG，不超过 2 MB）", "secondary"))
        pictures = QHBoxLayout()
        pictures.setSpacing(space.s)
        self.choose, self.remove = button("选择图片…"), button("移除图片", "ghost")
        self.choose.clicked.connect(self._choose)
        self.remove.clicked.connect(lambda: self.take_picture(b""))
        pictures.addWidget(self.choose)
        pictures.addWidget(self.remove)
        pictures.addStretch(1)
        form.addLayout(pictures)
        form.addStretch(1)
        self.state = label("", "caption", wrap=True)
        form.addWidget(self.state)
        foot = QHBoxLayout()
        foot.setSpacing(space.s)
        self.save, self.default = button("保存并立即生效", "primary"), button("恢复默认")
        self.save.clicked.connect(self._save)
        self.default.clicked.connect(self._ask_default)
        foot.addWidget(self.save)
        foot.addWidget(self.default)
        foot.addStretch(1)
        form.addLayout(foot)
        self.preview = LockPreview(themes)
        beside = QVBoxLayout()
        beside.addWidget(label("预览（所有方式的锁定都显示这一个页面）", "secondary"))
        beside.addWidget(self.preview)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(space.section)
        row.addLayout(form, 2)
        row.addLayout(beside, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.problem)
        column.addLayout(row, 1)
        self._fill(DEFAULT)

    # Reading.

    def entered(self) -> None:
        """Read anew, unless something was typed."""
        if self.wanted() == self._saved:
            self.tasks.start(self._read(), "读取锁屏页面")

    async def _read(self) -> None:
        self._show(await self._service.page())

    def _show(self, page: LockPageNow) -> None:
        text = page.text
        appearance = (
            DEFAULT
            if text is None
            else LockAppearance(text.caption, text.heading, tuple(text.lines), page.picture)
        )
        self._saved = appearance
        self._fill(appearance)
        self.problem.hide()

    def _fill(self, appearance: LockAppearance) -> None:
        with QSignalBlocker(self.lines):
            self.caption.setText(appearance.caption)
            self.heading.setText(appearance.heading)
            self.lines.setPlainText("\n".join(appearance.lines))
        self._picture = appearance.picture
        self._edited()

    # Editing.

    def wanted(self) -> LockAppearance:
        """What the fields say."""
        lines = tuple(line for line in self.lines.toPlainText().split("\n") if line.strip())
        return LockAppearance(self.caption.text(), self.heading.text(), lines, self._picture)

    def _edited(self) -> None:
        wanted = self.wanted()
        self.preview.show_appearance(wanted)
        self.remove.setEnabled(bool(self._picture))
        changed = wanted != self._saved
        self.save.setEnabled(changed)
        self.default.setEnabled(self._saved != DEFAULT or changed)
        if changed:
            self.state.setText("有未保存的更改。")
        else:
            self.state.setText("当前为默认页面。" if self._saved == DEFAULT else "当前页面已生效。")

    def _choose(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, "选择背景图", "", "图片 (*.png *.jpg *.jpeg)")
        if name:
            self.tasks.start(self._load(Path(name)), "读取图片")

    async def _load(self, file: Path) -> None:
        self.take_picture(await asyncio.to_thread(file.read_bytes))

    def take_picture(self, data: bytes) -> None:
        """Use a picture; one that cannot be used is refused with the reason."""
        if len(data) > PICTURE_BYTES:
            self._complain("背景图片不能超过 2 MB，请压缩后再选。")
        elif data and QImage.fromData(data).isNull():
            self._complain("这个文件不是可用的 PNG 或 JPEG 图片。")
        else:
            self.problem.hide()
            self._picture = data
            self._edited()

    # Saving.

    def _save(self) -> None:
        try:
            wanted = checked(self.wanted())
        except BadAppearance as bad:
            self._complain(str(bad))
            return
        self.save.setEnabled(False)
        self.tasks.start(self._saved_as(wanted), "保存锁屏页面")

    async def _saved_as(self, wanted: LockAppearance) -> None:
        text = LockPageText(caption=wanted.caption, heading=wanted.heading, lines=list(wanted.lines))
        picture = None if wanted.picture == self._saved.picture else wanted.picture
        await self._service.change_page(LockPageChange(text=text, picture=picture))
        self._saved = replace(wanted)
        self._fill(wanted)
        self.problem.hide()
        self.told.emit("锁屏页面已保存，所有电脑立即生效")

    def _ask_default(self) -> None:
        dialog = ConfirmDialog(
            self._themes,
            "恢复默认锁屏页面？",
            "自定义的文案和背景图将被清除，所有电脑立即恢复默认页面。",
            accept="恢复默认",
            parent=self,
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._set_default(), "恢复默认锁屏页面"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _set_default(self) -> None:
        await self._service.default_page()
        self._saved = DEFAULT
        self._fill(DEFAULT)
        self.told.emit("已恢复默认锁屏页面")

    def _failed(self, error: BaseException, doing: str) -> None:
        self._complain(describe(error, doing))
        self.save.setEnabled(self.wanted() != self._saved)

    def _complain(self, problem: Problem | str) -> None:
        self.problem.say(problem if isinstance(problem, str) else problem.text, "bad")
        self.problem.show()
