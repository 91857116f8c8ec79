"""Sign-in by scanning with a phone that is signed in (E005)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from app.shell.form import button, text
from app.shell.problems import Problem
from lock.page.scan import QrPicture
from widgets.theme import ThemeManager

from .parts import FormPage


class ScanPage(FormPage):
    """Signals: `again()`, `back()`."""

    again = Signal()
    back = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("扫码登录", "用手机相机扫码，在手机的“政钉”页面上核对数字并确认。")
        theme = themes.theme
        self.picture = QrPicture(theme.sizes.detail, theme.radius.control)
        self.picture.setAccessibleName("登录二维码")
        self.url = ""
        self.code = text("", "title", "strong")
        self.code.setAccessibleName("核对数字")
        row = QHBoxLayout()
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeft)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.code)
        self.renew = button("重新生成二维码", "primary", self.again.emit)
        self.renew.hide()
        self.finish(self.renew, button("用密码登录", "link", self.back.emit))

    def leave(self) -> None:
        self.back.emit()

    def show_scan(self, url: str, code: str) -> None:
        """A code that can be scanned, and the digits that the phone shows too."""
        self.url = url
        self.picture.show_text(url)
        self.picture.show()
        self.code.show()
        self.code.setText(f"核对数字  {code}")
        self.notice.say(None)
        self.renew.hide()

    def stop(self, words: str = "") -> None:
        """Nothing can be scanned any more; `words` say why."""
        self.url = ""
        self.picture.show_text("")
        self.code.setText("")
        # Where something is to be said, no empty place stands for the code.
        self.picture.setVisible(not words)
        self.code.setVisible(not words)
        self.notice.say(Problem(words) if words else None)
        self.renew.setVisible(bool(words))
