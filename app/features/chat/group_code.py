"""The group's QR code, and the four digits for those who stand together (E083, E118)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from server_stub.contract.directory import Person
from server_stub.contract.groups import CODE_PREFIX, GroupCode
from server_stub.contract.personal import PERSON_PREFIX
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager

from .group_parts import WorkDialog
from .group_service import GroupService

_QUIET = 4
"""Empty modules around the code, as ISO/IEC 18004 asks for."""
_SAVED = 12
"""Pixels of a module in a saved picture."""
_DARK, _BRIGHT = QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)
"""Scanners need these, whatever the theme is."""


def code_image(text: str, module: int = _SAVED) -> QImage:
    """A QR code as a picture, quiet zone included."""
    import segno  # Here, so that the start of the client does not wait for it.

    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    size = len(rows) + 2 * _QUIET
    picture = QImage(size * module, size * module, QImage.Format.Format_RGB32)
    picture.fill(_BRIGHT)
    painter = QPainter(picture)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                painter.fillRect((x + _QUIET) * module, (y + _QUIET) * module, module, module, _DARK)
    painter.end()
    return picture


class CodeView(QWidget):
    """Paints a QR code sharply at any scale."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._side = themes.theme.grow(themes.theme.sizes.picture_max)
        self._picture = QImage()
        self.setFixedSize(QSize(self._side, self._side))
        self.setAccessibleName("二维码")

    def show_text(self, text: str) -> None:
        """Show another code."""
        self._picture = code_image(text, 8) if text else QImage()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _BRIGHT)
        if not self._picture.isNull():
            painter.drawImage(QRectF(self.rect()), self._picture)


class CodeDialog(WorkDialog):
    """A group's code: to show, to copy, to save as a picture; managers make a new one."""

    def __init__(
        self,
        groups: GroupService,
        themes: ThemeManager,
        conversation_id: str,
        title: str,
        *,
        can_renew: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "群二维码", parent)
        self._groups, self._id = groups, conversation_id
        self.code: GroupCode | None = None
        self.name = label(title, "title", wrap=True)
        self.name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.view = CodeView(themes)
        self.text = label("", "body")
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.until = label("正在获取…", "caption", wrap=True)
        self.until.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.view)
        middle.addStretch(1)
        self.content.addWidget(self.name)
        self.content.addLayout(middle)
        self.content.addSpacing(themes.theme.space.s)
        self.content.addWidget(self.text)
        self.content.addWidget(self.until)
        self.renew = self.add_button("换一个", slot=lambda: self.work(self._get(renew=True), "换一个二维码"))
        self.renew.setVisible(can_renew)
        self.save = self.add_button("保存图片", slot=self._save)
        self.copy = self.add_button("复制群号码", "primary", default=True, slot=self._copy)
        self._enable()
        self.work(self._get(renew=False), "获取二维码")

    async def _get(self, *, renew: bool) -> None:
        code = await self._groups.code(self._id, renew=renew)
        if self.over:
            return
        self.code = code
        self.view.show_text(CODE_PREFIX + code.code)
        self.text.setText(" ".join(code.code[n : n + 5] for n in range(0, len(code.code), 5)))
        day = datetime.fromtimestamp(code.expires_at / 1000)
        self.until.setText(f"同事在政钉“加入群聊”里扫码或输入群号码即可加入；{day:%m月%d日 %H:%M} 前有效。")
        self._enable()
        # The words have come only now: the window must have room for them.
        self.layout().activate()
        self.resize(self.width(), max(self.height(), self.heightForWidth(self.width())))

    def failed(self) -> None:
        self.until.setText("" if self.code is None else self.until.text())

    def _enable(self) -> None:
        for one in (self.save, self.copy, self.renew):
            one.setEnabled(self.code is not None)

    def _copy(self) -> None:
        if self.code is not None:
            QGuiApplication.clipboard().setText(self.code.code)
            self.copy.setText("已复制")

    def _save(self) -> None:
        if self.code is None:
            return
        picture = code_image(CODE_PREFIX + self.code.code)
        dialog = QFileDialog(self, "保存二维码", "群二维码.png", "图片 (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda name: self._saved(picture.save(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _saved(self, done: bool) -> None:
        if not done:
            self.notice.say("没有保存成功，请换一个位置再试。", "bad")
            self.notice.show()


class PersonCodeDialog(Dialog):
    """One's own QR code: whoever scans it begins a chat, if he may (E149, E165)."""

    def __init__(self, themes: ThemeManager, person: Person, parent: QWidget | None = None) -> None:
        super().__init__(themes, "我的二维码", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.value = PERSON_PREFIX + person.id
        post = next((one for one in person.posts if one.main), None)
        view = CodeView(themes)
        view.show_text(self.value)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(view)
        middle.addStretch(1)
        note = f"{post.unit_name} {post.title}".strip() if post else ""
        for words, role in ((person.name, "title"), (note, "secondary")):
            made = label(words, role, wrap=True)  # type: ignore[arg-type]
            made.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self.content.addWidget(made)
        self.content.addLayout(middle)
        hint = label("同事在政钉“加入群聊”里识别此码，即可与您发起聊天。", "caption", wrap=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.content.addWidget(hint)
        self.add_button("复制图片", slot=self._copy)
        self.add_button("关闭", "primary", default=True, slot=self.accept)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(code_image(self.value))


class NumberDialog(WorkDialog):
    """Four large digits that others enter, and how long they still hold."""

    def __init__(
        self,
        groups: GroupService,
        themes: ThemeManager,
        code: GroupCode,
        now_ms: Callable[[], int],
        count: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        """`count`: how many members the group has now."""
        super().__init__(themes, "面对面建群", parent)
        self._groups, self._now_ms, self._count = groups, now_ms, count
        self.code = code
        self.digits = label("", "display", "brand")
        self.digits.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint = label("请身边的同事点“＋”→“加入群聊”，输入这四位数字。", "body", "weak", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.left = label("", "caption")
        self.came = label("", "caption", wrap=True)
        for one in (self.left, self.came):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for one in (self.digits, self.hint, self.left, self.came):
            self.content.addWidget(one)
        self.again = self.add_button("重新获取", slot=lambda: self.work(self._renew(), "获取数字"))
        self.add_button("完成", "primary", default=True, slot=self.accept)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._tick()

    def _tick(self) -> None:
        seconds = max(0, (self.code.expires_at - self._now_ms()) // 1000)
        self.digits.setText("  ".join(self.code.code) if seconds else "—")
        self.left.setText(
            f"{seconds // 60}:{seconds % 60:02} 后失效" if seconds else "数字已失效，请重新获取。"
        )
        others = self._count() - 1
        self.came.setText(f"已有 {others} 人加入。" if others > 0 else "没有人加入时，关闭窗口后不保留群聊。")

    async def _renew(self) -> None:
        self.code = await self._groups.code(self.code.conversation_id, face=True, renew=True)
        if not self.over:
            self._tick()
