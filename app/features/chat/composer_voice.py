"""Saying a message instead of writing it (E092)."""

from __future__ import annotations

from collections.abc import Callable

from app.shell.tasks import Tasks
from widgets.chat.composer import Composer

from .sound import Recorder, Recording, SoundUnavailable

TOO_SHORT = "说话时间太短，没有发送。"


class VoiceWriting:
    """Joins the composer's button and strip to a recorder. `send` gets what was said."""

    def __init__(
        self,
        tasks: Tasks,
        composer: Composer,
        recorder: Recorder,
        send: Callable[[Recording], None],
        tell: Callable[[str, str], None],
    ) -> None:
        self._composer, self._recorder, self._send, self._tell = composer, recorder, send, tell
        self.active = False
        composer.voice_requested.connect(self.begin)
        composer.voice.sent.connect(self.finish)
        composer.voice.cancelled.connect(self.cancel)

    def begin(self) -> None:
        """Start to listen; an honest word where there is nothing to listen with."""
        if self.active:
            return
        try:
            self._recorder.start(self._composer.voice.show_level, self._full)
        except SoundUnavailable as problem:
            self._tell(problem.text, "warn")
            return
        self.active = True
        self._composer.set_recording(True)

    def finish(self) -> None:
        """Send what was said."""
        if not self.active:
            return
        self.active = False
        recording = self._recorder.stop()
        self._composer.set_recording(False)
        if recording is None:
            self._tell(TOO_SHORT, "info")
        else:
            self._send(recording)

    def cancel(self) -> None:
        """Forget what was said."""
        if self.active:
            self.active = False
            self._recorder.cancel()
            self._composer.set_recording(False)

    def _full(self) -> None:
        """The longest length is reached, or the microphone went away: the user decides what becomes of it."""
        self._composer.voice.hint.setText("录音已停止，请发送或取消")
