"""A question that is said: the chat's microphone and the organisation's speech service, as the assistant hears them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.features.assistant.ports import Unheard
from app.features.chat.sound import Recorder, SoundUnavailable
from app.server_facts import ServerFacts

TOO_SHORT = "说话时间太短，没有听到。"


class Transcriber(Protocol):
    """See app.features.chat.speech_http."""

    async def transcribe(self, data: bytes, media_type: str) -> str: ...


class SpokenWords:
    """See app.features.assistant.ports.Ear. The sound is kept in memory only, and goes to the service and nowhere else."""

    def __init__(self, recorder: Recorder, transcriber: Transcriber) -> None:
        self._recorder, self._transcriber = recorder, transcriber

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        try:
            self._recorder.start(level, ended)
        except SoundUnavailable as problem:
            raise Unheard(problem.text) from None

    async def finish(self) -> str:
        recording = self._recorder.stop()
        if recording is None:
            raise Unheard(TOO_SHORT)
        try:
            return await self._transcriber.transcribe(recording.data, recording.media_type)
        except SoundUnavailable as problem:
            raise Unheard(problem.text) from None

    def cancel(self) -> None:
        self._recorder.cancel()


def spoken_words(facts: ServerFacts) -> SpokenWords | None:
    """None where the administrators have named no speech service."""
    from app.chat_tools import LateRecorder
    from app.features.chat.speech_http import HttpTranscriber

    return SpokenWords(LateRecorder(), HttpTranscriber(facts.speech_url)) if facts.speech_url else None
