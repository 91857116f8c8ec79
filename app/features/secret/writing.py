"""The input of a secret chat: words, voice, and files that can be looked at here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QWidget

from app.session.secret import MAX_BYTES
from server_stub.contract.secret import SecretFile, SecretPicture, SecretText
from widgets.controls import IconButton, LoadingButton, label
from widgets.theme import ThemeManager

from .edit import SecretEdit
from .head import burn_words
from .viewer import PICTURES, REFUSED, VIEWABLE, can_view
from .voice import SecretVoices


class SecretWriting(QFrame):
    """Signals: `written(AnySecret, bytes)`: send it; `refused(text)`: what cannot be sent, and why."""

    written = Signal(object, bytes)
    refused = Signal(str)

    def __init__(
        self, themes: ThemeManager, voices: SecretVoices | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._voices = voices
        self._hint = ""
        self.is_open = False
        """Whether there is a chat to write into."""
        self.setProperty("surface", "content")
        self.setProperty("line", "top")
        theme, space = themes.theme, themes.theme.space
        self.edit = SecretEdit(themes, "")
        self.edit.submitted.connect(self.send_text)
        self.edit.changed.connect(self._show_ready)
        self.flame = label("")
        self.flame.setPixmap(
            themes.icons.icon("flame", "text_2").pixmap(theme.sizes.icon_small, theme.sizes.icon_small)
        )
        self.attach = IconButton(themes, "paperclip", "发送图片、PDF 或文本")
        self.attach.clicked.connect(self._choose_file)
        self.send = LoadingButton(themes, "发送", kind="secret")
        self.send.clicked.connect(self.send_text)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xxl, space.m, space.xl, space.m)
        row.setSpacing(space.m)
        row.addWidget(self.flame)
        row.addWidget(self.edit, 1)
        self.mic = IconButton(themes, "mic", "发送语音")
        if voices is not None:
            self.mic.clicked.connect(voices.toggle)
            voices.recording.connect(self._recording)
            voices.recorded.connect(self.written)
            voices.failed.connect(self.refused)
        row.addWidget(self.mic, 0, Qt.AlignmentFlag.AlignBottom)
        self.mic.setVisible(voices is not None)
        row.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        self.setMinimumHeight(theme.grow(theme.sizes.header))

    def set_sending(self, on: bool) -> None:
        """Something is on its way: nothing else is sent meanwhile."""
        if on:
            self.send.set_loading(True, "发送")
        else:
            self.send.set_loading(False)
            self._show_ready()

    def _show_ready(self) -> None:
        self.send.setEnabled(not self.edit.is_empty and not self.send.loading)

    def send_text(self) -> None:
        """Send what was typed; what is refused comes back into the input."""
        if self.edit.is_empty or not self.is_open or self.send.loading:
            return
        self.written.emit(SecretText(text=self.edit.take()), b"")

    def _recording(self, seconds: int) -> None:
        """The microphone is open, or (-1) not any more."""
        on = seconds >= 0
        self.mic.set_icon("stop" if on else "mic")
        self.mic.set_color("bad" if on else "text_2")
        self.mic.set_label("结束并发送" if on else "发送语音")
        if on:
            self.edit.set_hint(f"正在录音 {seconds} 秒，再点一次发送，离开即作废")
        else:
            self.edit.set_hint(self._hint)

    def show_burn(self, burn_s: int) -> None:
        """Say what becomes of what is written here. `burn_s`: seconds that it can be read."""
        self._hint = f"阅后 {burn_words(burn_s)}销毁，不能复制、转发、截屏"
        if self._voices is None or not self._voices.is_recording:
            self.edit.set_hint(self._hint)

    def _choose_file(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(VIEWABLE))
        name, _kind = QFileDialog.getOpenFileName(self, "发送图片、PDF 或文本", "", f"可密聊的文件 ({kinds})")
        if name:
            self.send_file(Path(name))

    def send_file(self, path: Path) -> None:
        """Send a picture, PDF or text from the disk; the file itself stays as it is."""
        if not can_view(path.name):
            self.refused.emit(REFUSED)
            return
        try:
            if path.stat().st_size > MAX_BYTES:
                self.refused.emit(f"密聊文件不能超过 {MAX_BYTES // 1024 // 1024} MB。")
                return
            data = path.read_bytes()
        except OSError:
            self.refused.emit("文件不存在，或没有读取权限。")
            return
        image = QImage.fromData(data) if path.suffix.lower() in PICTURES else QImage()
        if not image.isNull():
            self.written.emit(SecretPicture(width=image.width(), height=image.height(), size=len(data)), data)
        else:
            self.written.emit(SecretFile(name=path.name, size=len(data)), data)
