"""Speaking and listening in secret: recordings are in memory from the microphone to the loudspeaker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.session.secret import SecretBody
from server_stub.contract.secret import SecretVoice

WAV = "audio/wav"
_RATE = 16_000


class Recorded(Protocol):
    """A finished recording."""

    @property
    def data(self) -> bytes:
        """A WAV file."""
        ...

    @property
    def duration_ms(self) -> int:
        """How long."""
        ...


class Microphone(Protocol):
    """See the chat's recorder. What goes wrong has its sentence as `text`."""

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None: ...
    def stop(self) -> Recorded | None: ...
    def cancel(self) -> None: ...


class Loudspeaker(Protocol):
    """See the chat's player."""

    def play(
        self,
        data: bytes,
        media_type: str,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
    ) -> None: ...
    def stop(self) -> float: ...


class SecretVoices(QObject):
    """One recording or one playing at a time. Signals: `recording(seconds)` while it runs (-1: over), `recorded(voice, data)`,
    `failed(words)`."""

    recording = Signal(int)
    recorded = Signal(object, bytes)
    failed = Signal(str)

    def __init__(
        self, microphone: Microphone, loudspeaker: Loudspeaker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._microphone, self._loudspeaker = microphone, loudspeaker
        self._running = False

    @property
    def is_recording(self) -> bool:
        """Whether the microphone is open."""
        return self._running

    def toggle(self) -> None:
        """Begin to record, or end and hand it out."""
        if self._running:
            self._end()
            return
        self._loudspeaker.stop()
        try:
            self._microphone.start(lambda _level, ms: self.recording.emit(ms // 1000), self._end)
        except Exception as error:
            self.failed.emit(str(getattr(error, "text", "")) or "麦克风无法使用。")
            return
        self._running = True
        self.recording.emit(0)

    def _end(self) -> None:
        if not self._running:
            return
        self._running = False
        heard = self._microphone.stop()
        self.recording.emit(-1)
        if heard is None:
            self.failed.emit("说话时间太短，没有发送。")
            return
        voice = SecretVoice(duration_ms=heard.duration_ms, rate=_RATE, size=len(heard.data))
        self.recorded.emit(voice, heard.data)

    def play(self, body: SecretBody) -> None:
        """Let a recording be heard, from memory."""
        self._loudspeaker.stop()
        try:
            self._loudspeaker.play(body.look().data, WAV, 0.0, lambda _at: None, self._played)
        except Exception as error:
            self.failed.emit(str(getattr(error, "text", "")) or "无法播放。")

    def _played(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)

    def cancel(self) -> None:
        """Forget what was said and be quiet."""
        if self._running:
            self._running = False
            self._microphone.cancel()
            self.recording.emit(-1)
        self._loudspeaker.stop()
