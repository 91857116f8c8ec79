"""Recording, playing and writing down speech: the interfaces, and what is told where a machine has none (E092, 3.1.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

NO_MICROPHONE = "没有找到可用的麦克风。请接好麦克风并允许政钉使用，然后再试。"
NO_SPEAKER = "这台电脑没有可用的声音输出设备，无法播放。"
NO_TRANSCRIBER = "单位还没有配置语音转文字服务，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished recording. `waveform`: at most 64 levels, 0 to 255."""

    data: bytes
    media_type: str
    name: str
    duration_ms: int
    waveform: bytes


class SoundUnavailable(Exception):
    """There is no device, or it failed; `text` is for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Recorder(Protocol):
    """One microphone, one recording at a time. Callbacks come on the interface thread."""

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        """Begin; `level(0 to 1, milliseconds so far)` comes several times a second, `ended()` when the longest length is
        reached or the device went away. Raises SoundUnavailable."""
        ...

    def stop(self) -> Recording | None:
        """End and hand the recording out; None when there was nothing to hear (shorter than a second)."""
        ...

    def cancel(self) -> None:
        """End and forget it."""
        ...


class Player(Protocol):
    """Plays one sound at a time: starting one ends another. Callbacks come on the interface thread."""

    def play(
        self,
        data: bytes,
        media_type: str,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
    ) -> None:
        """Play from `at` (0 to 1); `moved(0 to 1)` follows it, `ended(what went wrong or "")` comes once. Raises SoundUnavailable."""
        ...

    def stop(self) -> float:
        """Stop; where it was (0 to 1). `ended` is not called."""
        ...


class Transcriber(Protocol):
    """Writes speech down. Third parties implement this, or the HTTP form of it in docs/protocol.md."""

    async def transcribe(self, data: bytes, media_type: str) -> str:
        """The words. Raises SoundUnavailable with the reason."""
        ...


class NoRecorder:
    """A machine without a microphone."""

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        raise SoundUnavailable(NO_MICROPHONE)

    def stop(self) -> Recording | None:
        return None

    def cancel(self) -> None:
        return


class NoPlayer:
    """A machine without a loudspeaker."""

    def play(
        self,
        data: bytes,
        media_type: str,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
    ) -> None:
        raise SoundUnavailable(NO_SPEAKER)

    def stop(self) -> float:
        return 0.0
