"""A film in a window of its own: play, pause, go to a place, loudness, save (E093)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtMultimedia import QAudioOutput, QMediaDevices, QMediaPlayer
from PySide6.QtMultimediaWidgets import QVideoWidget
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStackedWidget, QVBoxLayout, QWidget

from server_stub.contract.content import VideoContent
from widgets.controls import EmptyState, IconButton, label
from widgets.theme import ThemeManager

from .conversation_kinds import clock

SIZE = (800, 560)


class FilmWindow(QWidget):
    """Give it the film with `give_bytes` or `give_path`; it plays at once. Signals: `save_wanted()`."""

    save_wanted = Signal()

    def __init__(self, themes: ThemeManager, content: VideoContent, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(content.file.name)
        self.setProperty("surface", "content")
        self._themes, self._length = themes, content.duration_ms
        self._device: QBuffer | None = None
        self.player = QMediaPlayer(self)
        if not QMediaDevices.defaultAudioOutput().isNull():
            self._sound = QAudioOutput(self)
            self.player.setAudioOutput(self._sound)
        self.screen_ = QVideoWidget()
        self.player.setVideoOutput(self.screen_)
        self.wait = EmptyState(themes, "video", "正在取视频…", "取到后会自动播放。")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.wait)
        self.stack.addWidget(self.screen_)
        self.play_button = IconButton(themes, "play", "播放（空格）")
        self.play_button.clicked.connect(self.toggle)
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setAccessibleName("播放位置")
        self.place.sliderMoved.connect(self.player.setPosition)
        self.time = label("0:00 / " + clock(self._length), "caption")
        self.save = IconButton(themes, "save", "另存为…")
        self.save.clicked.connect(self.save_wanted)
        space = themes.theme.space
        foot = QHBoxLayout()
        foot.setContentsMargins(space.l, space.s, space.l, space.s)
        foot.setSpacing(space.m)
        for one in (self.play_button, self.place, self.time, self.save):
            foot.addWidget(one, 1 if one is self.place else 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addLayout(foot)
        self.resize(*SIZE)
        self._ready(False)
        self.player.durationChanged.connect(self._length_known)
        self.player.positionChanged.connect(self._moved)
        self.player.playbackStateChanged.connect(self._state)
        self.player.mediaStatusChanged.connect(self._status)
        self.player.errorOccurred.connect(
            lambda *_about: self.fail("这个视频无法在这里播放，请另存后用其他播放器打开。")
        )

    def _ready(self, ready: bool) -> None:
        self.play_button.setEnabled(ready)
        self.place.setEnabled(ready)

    def give_bytes(self, data: bytes) -> None:
        """Play from memory: nothing of it goes to the disk in clear."""
        self._device = QBuffer(self)
        self._device.setData(QByteArray(data))
        self._device.open(QIODevice.OpenModeFlag.ReadOnly)
        self.player.setSourceDevice(self._device)
        self._begin()

    def give_path(self, path: Path) -> None:
        """Play a file."""
        self.player.setSource(QUrl.fromLocalFile(str(path)))
        self._begin()

    def _begin(self) -> None:
        self.stack.setCurrentWidget(self.screen_)
        self._ready(True)
        self.player.play()

    def fail(self, words: str) -> None:
        """Say why it does not play."""
        self._ready(False)
        self.wait.set_texts("没有播放", words)
        self.stack.setCurrentWidget(self.wait)

    def toggle(self) -> None:
        """Play or pause; from the start when it was over."""
        if self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState:
            self.player.pause()
        else:
            self.player.play()

    def _length_known(self, length: int) -> None:
        self._length = length or self._length
        self.place.setRange(0, self._length)

    def _moved(self, at: int) -> None:
        if not self.place.isSliderDown():
            self.place.setValue(at)
        self.time.setText(f"{clock(at)} / {clock(self._length)}")

    def _state(self, state: QMediaPlayer.PlaybackState) -> None:
        playing = state is QMediaPlayer.PlaybackState.PlayingState
        self.play_button.set_icon("pause" if playing else "play")
        self.play_button.setToolTip("暂停（空格）" if playing else "播放（空格）")

    def _status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status is QMediaPlayer.MediaStatus.InvalidMedia:
            self.fail("这个视频无法在这里播放，请另存后用其他播放器打开。")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Space:
                self.toggle()
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                step = 5000 if event.key() == Qt.Key.Key_Right else -5000
                self.player.setPosition(max(0, min(self._length, self.player.position() + step)))
            case Qt.Key.Key_Escape:
                self.close()
            case _:
                super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.player.stop()
        super().closeEvent(event)
