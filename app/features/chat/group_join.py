"""加入群聊: by the number, by the code's text, by a picture of the QR code (E058, E119)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from server_stub.contract.groups import CODE_PREFIX, GroupPeek, JoinState
from server_stub.contract.personal import PERSON_PREFIX
from widgets.capture_area import AreaCapture
from widgets.controls import Avatar, AvatarSpec, LoadingButton, button, label, surface
from widgets.theme import ThemeManager

from .group_parts import WorkDialog
from .group_service import GroupService


def code_in(image: QImage) -> str:
    """The text of a QR code in a picture, "" where there is none. Takes a moment: run it in a thread."""
    import cv2
    import numpy

    if image.isNull():
        return ""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = numpy.frombuffer(bytes(grey.constBits()), numpy.uint8)
    pixels = pixels.reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()].copy()
    text, _points, _straight = cv2.QRCodeDetector().detectAndDecode(pixels)
    return text or ""


class JoinDialog(WorkDialog):
    """Look at what a code leads to, then join. Signals: `joined(conversation_id)`;
    `person_found(person_id)` when the code was a person's own.
    """

    joined = Signal(str)
    person_found = Signal(str)

    def __init__(
        self,
        groups: GroupService,
        picture: Callable[[str], Awaitable[bytes]],
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        """`picture(avatar_id)` fetches the picture of a group that was found."""
        super().__init__(themes, "加入群聊", parent)
        self._groups, self._picture = groups, picture
        self.found: GroupPeek | None = None
        self.code = QLineEdit()
        self.code.setPlaceholderText("四位数字、群号码或链接")
        self.code.setAccessibleName("群号码")
        self.code.setMaxLength(100)
        self.code.textChanged.connect(lambda _text: self._forget())
        self.code.returnPressed.connect(self._go)
        file, clip = button("选择二维码图片…", "link"), button("从剪贴板识别", "link")
        self.from_screen = button("截屏识别", "link")
        self.from_screen.clicked.connect(self._scan_screen)
        self.capture = AreaCapture(themes, self)
        self.capture.captured.connect(lambda image: self.work(self._scan(image), "识别二维码"))
        self.capture.impossible.connect(lambda: self._complain("这个桌面不允许程序截屏。"))
        file.clicked.connect(self._choose)
        clip.clicked.connect(lambda: self.work(self._scan(QGuiApplication.clipboard().image()), "识别二维码"))
        links = QHBoxLayout()
        links.addWidget(file)
        links.addWidget(clip)
        links.addWidget(self.from_screen)
        links.addStretch(1)
        self.card = surface("card")
        space = themes.theme.space
        self.face = Avatar(themes, AvatarSpec(), themes.theme.sizes.avatar)
        self.name, self.note = label("", "body", "strong", wrap=True), label("", "caption", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.note)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(space.m, space.m, space.m, space.m)
        row.setSpacing(space.m)
        row.addWidget(self.face)
        row.addLayout(words, 1)
        self.why = QLineEdit()
        self.why.setPlaceholderText("给群管理员的说明（可不填）")
        self.why.setAccessibleName("申请说明")
        self.why.setMaxLength(100)
        self.content.addWidget(self.code)
        self.content.addLayout(links)
        self.content.addWidget(self.card)
        self.content.addWidget(self.why)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "查找")
        self.go.setDefault(True)
        self.go.clicked.connect(self._go)
        self.foot.addWidget(self.go)
        self.code.setFocus()
        self._forget()

    def _forget(self) -> None:
        self.found = None
        self.card.hide()
        self.why.hide()
        self.go.setText("查找")
        self.go.setEnabled(bool(self.code.text().strip()))
        self.adjustSize()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "选择二维码图片", "", "图片 (*.png *.jpg *.jpeg *.bmp *.webp)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.scan_file(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def scan_file(self, path: Path) -> None:
        """Read a code from a picture on the disk."""
        self.work(self._scan(QImage(str(path))), "识别二维码")

    def take(self, link: str) -> None:
        """Look at a link that was clicked or pasted elsewhere."""
        self.code.setText(link)
        self._go()

    def _scan_screen(self) -> None:
        self.capture.start([self])

    async def _scan(self, image: QImage) -> None:
        text = await asyncio.to_thread(code_in, image)
        if self.over:
            return
        if not text.startswith((PERSON_PREFIX, CODE_PREFIX)):
            self._complain("图片里没有找到群二维码或名片二维码，请换一张清晰的图片。")
            return
        self.code.setText(text)
        await self._look()

    def _complain(self, words: str) -> None:
        self.notice.say(words, "bad")
        self.notice.show()

    @property
    def _wanted(self) -> str:
        """The number or code, also out of a whole link."""
        return self.code.text().strip().removeprefix(CODE_PREFIX)

    def _go(self) -> None:
        if not self.go.loading and self.code.text().strip():
            self.go.set_loading(True, "请稍候…")
            self.work(self._look() if self.found is None else self._join(), "加入群聊")

    async def _look(self) -> None:
        wanted = self._wanted
        if wanted.startswith(PERSON_PREFIX):
            self.person_found.emit(wanted.removeprefix(PERSON_PREFIX))
            self.accept()
            return
        found = await self._groups.peek(wanted)
        if self.over:
            return
        self.go.set_loading(False)
        self.found = found
        name = found.name or "未命名的群聊"
        self.face.set_spec(AvatarSpec(name, found.conversation_id))
        if found.avatar_file:
            self.tasks.start(self._show_face(name, found), "读取头像", on_error=lambda _error, _doing: None)
        self.name.setText(name)
        asks = found.rules_join == "approval" and not found.joined and len(wanted) > 4
        said = "您已在群里" if found.joined else "加入需要群主或管理员同意" if asks else "可直接加入"
        self.note.setText(f"{found.member_count} 人 · {said}")
        self.card.show()
        self.why.setVisible(asks)
        self.go.setText("进入群聊" if found.joined else "提交申请" if asks else "加入")
        self.go.setEnabled(True)
        self.adjustSize()

    async def _show_face(self, name: str, found: GroupPeek) -> None:
        """The group's own picture; the account does not know the group yet, so it comes with what was found."""
        data = await self._picture(found.avatar_file)
        picture = QPixmap()
        if self.found is found and picture.loadFromData(data):
            self.face.set_spec(AvatarSpec(name, found.conversation_id, picture))

    async def _join(self) -> None:
        answer = await self._groups.join(self._wanted, self.why.text().strip())
        if self.over:
            return
        if answer.state is JoinState.JOINED and answer.conversation is not None:
            self.joined.emit(answer.conversation.id)
            self.accept()
            return
        self.go.set_loading(False)
        self.go.hide()
        self.notice.say("申请已提交，群管理员同意后会出现在会话列表。", "ok")
        self.notice.show()

    def failed(self) -> None:
        self.go.set_loading(False)
