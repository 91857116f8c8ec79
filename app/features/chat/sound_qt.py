"""Recording and playing with Qt Multimedia (E092)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtMultimedia import QAudio, QAudioFormat, QAudioOutput, QAudioSource, QMediaDevices, QMediaPlayer

from server_stub.contract.content_kinds import MAX_VOICE_MS

from .sound import NO_MICROPHONE, NO_SPEAKER, Recording, SoundUnavailable
from .voice_format import MEDIA_TYPE, RATE, duration_of, level_of, wav_of, waveform_of

SHORTEST_MS = 1000
NOT_PLAYABLE = "这段语音无法播放，可能已损坏。"


class Recorded:
    """What a recorder has heard so far: shared by the real one and those that tests feed."""

    def __init__(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        self._level, self._ended = level, ended
        self.pcm = bytearray()
        self.full = False

    def take(self, piece: bytes) -> None:
        """More samples came."""
        if self.full or not piece:
            return
        most = MAX_VOICE_MS * RATE // 1000 * 2
        self.pcm += piece[: most - len(self.pcm)]
        self._level(level_of(piece), len(self.pcm) // 2 * 1000 // RATE)
        if len(self.pcm) >= most:
            self.full = True
            self._ended()

    def recording(self) -> Recording | None:
        """The whole; None when it is too short."""
        pcm = bytes(self.pcm)
        length = duration_of(pcm)
        if length < SHORTEST_MS:
            return None
        return Recording(wav_of(pcm), MEDIA_TYPE, "语音.wav", length, waveform_of(pcm))


class QtRecorder(QObject):
    """See sound.Recorder."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: QAudioSource | None = None
        self._device: QIODevice | None = None
        self._heard: Recorded | None = None

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        self.cancel()
        microphone = QMediaDevices.defaultAudioInput()
        form = QAudioFormat()
        form.setSampleRate(RATE)
        form.setChannelCount(1)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        if microphone.isNull() or not microphone.isFormatSupported(form):
            raise SoundUnavailable(NO_MICROPHONE)
        source = QAudioSource(microphone, form, self)
        device = source.start()
        if device is None or source.error() is not QAudio.Error.NoError:
            source.deleteLater()
            raise SoundUnavailable(NO_MICROPHONE)
        heard = Recorded(level, ended)
        self._source, self._device, self._heard = source, device, heard
        device.readyRead.connect(lambda: heard.take(bytes(device.readAll().data())))
        source.stateChanged.connect(lambda state: self._stopped(state, heard, ended))

    def _stopped(self, state: QAudio.State, heard: Recorded, ended: Callable[[], None]) -> None:
        # The microphone was taken away: what was said until then can still be sent.
        if state is QAudio.State.StoppedState and self._heard is heard and not heard.full:
            heard.full = True
            ended()

    def stop(self) -> Recording | None:
        heard = self._heard
        self.cancel()
        return heard.recording() if heard is not None else None

    def cancel(self) -> None:
        source, self._source, self._device, self._heard = self._source, None, None, None
        if source is not None:
            source.stop()
            source.deleteLater()


class QtPlayer(QObject):
    """See sound.Player."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player: QMediaPlayer | None = None
        self._buffer: QBuffer | None = None
        self._at = 0.0

    def play(
        self,
        data: bytes,
        media_type: str,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
    ) -> None:
        self.stop()
        if QMediaDevices.defaultAudioOutput().isNull():
            raise SoundUnavailable(NO_SPEAKER)
        self.begin(data, at, moved, ended, lambda player: player.setAudioOutput(QAudioOutput(player)))

    def begin(
        self,
        data: bytes,
        at: float,
        moved: Callable[[float], None],
        ended: Callable[[str], None],
        attach: Callable[[QMediaPlayer], None],
    ) -> None:
        """Play into what `attach` gives the player: a loudspeaker, or a buffer where there is none."""
        player = self._player = QMediaPlayer(self)
        attach(player)
        buffer = self._buffer = QBuffer(player)
        buffer.setData(QByteArray(data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._at = at

        def status(state: QMediaPlayer.MediaStatus) -> None:
            if player is not self._player:
                return
            match state:
                case QMediaPlayer.MediaStatus.LoadedMedia if at > 0:
                    player.setPosition(round(at * player.duration()))
                case QMediaPlayer.MediaStatus.EndOfMedia:
                    self.stop()
                    ended("")
                case QMediaPlayer.MediaStatus.InvalidMedia:
                    self.stop()
                    ended(NOT_PLAYABLE)
                case _:
                    return

        def position(now: int) -> None:
            if player is self._player and player.duration() > 0:
                self._at = min(1.0, now / player.duration())
                moved(self._at)

        player.mediaStatusChanged.connect(status)
        player.positionChanged.connect(position)
        player.setSourceDevice(buffer)
        player.play()

    def stop(self) -> float:
        player, self._player, self._buffer = self._player, None, None
        if player is not None:
            player.stop()
            player.deleteLater()
        return self._at
