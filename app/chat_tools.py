"""Puts together what the chat page gets besides its service; multimedia is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.features.chat.contributed import MessageActionSource, PlusSource
from app.features.chat.sound import NO_MICROPHONE, NO_SPEAKER, Player, Recorder, Recording, SoundUnavailable
from app.features.chat.tools import MAP_URL, ChatTools
from app.server_facts import ServerFacts
from app.session.kinds import VideoFacts


class LateRecorder:
    """A microphone, made when somebody wants to speak."""

    def __init__(self) -> None:
        self._real: Recorder | None = None

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        if self._real is None:
            try:
                from app.features.chat.sound_qt import QtRecorder
            except ImportError:
                # The system's sound library is missing.
                raise SoundUnavailable(NO_MICROPHONE) from None
            self._real = QtRecorder()
        self._real.start(level, ended)

    def stop(self) -> Recording | None:
        return self._real.stop() if self._real is not None else None

    def cancel(self) -> None:
        if self._real is not None:
            self._real.cancel()


class LatePlayer:
    """A loudspeaker, made when somebody wants to listen."""

    def __init__(self) -> None:
        self._real: Player | None = None

    def play(
        self,
        data: bytes,
        media_type: str,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
    ) -> None:
        if self._real is None:
            try:
                from app.features.chat.sound_qt import QtPlayer
            except ImportError:
                raise SoundUnavailable(NO_SPEAKER) from None
            self._real = QtPlayer()
        self._real.play(data, media_type, at, moved, ended)

    def stop(self) -> float:
        return self._real.stop() if self._real is not None else 0.0


async def _film_facts(path: Path) -> VideoFacts:
    try:
        from app.features.chat.film_facts import film_facts
    except ImportError:
        # Sent as a file.
        return VideoFacts()
    return await film_facts(path)


def chat_tools(
    facts: ServerFacts,
    message_actions: Sequence[MessageActionSource] = (),
    plus: Sequence[PlusSource] = (),
) -> ChatTools:
    """For a signed-in account: devices of this machine, addresses as the administrators set them."""
    from app.features.chat.link_preview import HttpPreviews
    from app.features.chat.speech_http import HttpTranscriber

    return ChatTools(
        recorder=LateRecorder(),
        player=LatePlayer(),
        transcriber=HttpTranscriber(facts.speech_url) if facts.speech_url else None,
        previews=HttpPreviews(facts.preview_hosts),
        film_facts=_film_facts,
        map_url=facts.map_url or MAP_URL,
        message_actions=message_actions,
        plus=plus,
    )
