"""Looks into a film before it is sent: size, length, a first picture (E093)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink

from app.session.kinds import VideoFacts

from .pictures import thumbnail_of

LONGEST_SECONDS = 8.0
"""A film that shows nothing until then is sent without a picture."""


async def film_facts(path: Path) -> VideoFacts:
    """What can be told of a film; zeros where it cannot be played here."""
    player, sink = QMediaPlayer(), QVideoSink()
    shown: asyncio.Future[QImage] = asyncio.get_running_loop().create_future()

    def frame_came(frame: QVideoFrame) -> None:
        if not shown.done() and frame.isValid():
            image = frame.toImage()
            if not image.isNull():
                shown.set_result(image)

    def failed(*_about: object) -> None:
        if not shown.done():
            shown.set_result(QImage())

    def status(state: QMediaPlayer.MediaStatus) -> None:
        if state in (QMediaPlayer.MediaStatus.InvalidMedia, QMediaPlayer.MediaStatus.EndOfMedia):
            failed()

    sink.videoFrameChanged.connect(frame_came)
    player.errorOccurred.connect(failed)
    player.mediaStatusChanged.connect(status)
    player.setVideoSink(sink)
    try:
        player.setSource(QUrl.fromLocalFile(str(path)))
        player.play()
        async with asyncio.timeout(LONGEST_SECONDS):
            image = await shown
        length = max(0, player.duration())
        if image.isNull():
            return VideoFacts(duration_ms=length)
        thumbnail = await asyncio.to_thread(thumbnail_of, image)
        return VideoFacts(image.width(), image.height(), length, thumbnail)
    except TimeoutError:
        return VideoFacts()
    finally:
        player.stop()
        player.setVideoSink(None)  # type: ignore[arg-type]
        player.deleteLater()
        sink.deleteLater()
