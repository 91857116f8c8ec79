"""Sound and films as they really are: made by ffmpeg, played by Qt, recorded into files that others open (E092, E093)."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QAudioBufferOutput, QMediaPlayer

from app.features.chat.film_facts import film_facts
from app.features.chat.film_view import FilmWindow
from app.features.chat.sound import SoundUnavailable
from app.features.chat.sound_qt import QtPlayer, QtRecorder
from app.features.chat.speech_http import HttpTranscriber
from app.features.chat.voice_format import RATE, duration_of, wav_of, waveform_of
from app.session.kinds import VideoFacts
from server_stub.contract.content import FileRef, VideoContent
from widgets.theme import ThemeManager

pytestmark = [
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the clips"),
    # A machine without sound says so in Qt's log; that is not what is tested.
    pytest.mark.qt_log_ignore(
        "pipewire", "PulseAudio", "ALSA", "No audio", "Could not open", "Could not load"
    ),
]


def made(path: Path, *arguments: str) -> Path:
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1.6")
    made(folder / "tone.ogg", *tone, "-c:a", "libvorbis")
    made(folder / "tone.wav", *tone, "-ar", str(RATE), "-ac", "1")
    made(folder / "tone.pcm", *tone, "-ar", str(RATE), "-ac", "1", "-f", "s16le")
    made(
        folder / "clip.mp4",
        *("-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=2", *tone),
        *("-c:v", "mpeg4", "-c:a", "aac", "-shortest"),
    )
    (folder / "broken.mp4").write_bytes(b"this is no film" * 100)
    return folder


async def played(player: QtPlayer, data: bytes, at: float = 0.0) -> tuple[str, list[float]]:
    places: list[float] = []
    over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    outputs: list[QAudioBufferOutput] = []

    def attach(real: QMediaPlayer) -> None:
        # The sound goes into a buffer: decoded and timed as for a loudspeaker.
        outputs.append(QAudioBufferOutput(real))
        real.setAudioBufferOutput(outputs[-1])

    player.begin(data, at, places.append, lambda problem: over.done() or over.set_result(problem), attach)
    async with asyncio.timeout(60):
        return await over, places


@pytest.mark.clause("E092")
async def test_real_sound_plays_to_its_end_and_a_broken_one_says_so(media, qapp):
    player = QtPlayer()
    for name in ("tone.ogg", "tone.wav"):
        problem, places = await played(player, (media / name).read_bytes())
        assert problem == ""
        assert places == sorted(places)
        assert places[-1] > 0.5
    problem, _ = await played(player, b"RIFF....broken")
    assert "无法播放" in problem
    # What was recorded here is such a file, and other programs read it as long as it was.
    pcm = (media / "tone.pcm").read_bytes()
    wav = wav_of(pcm)
    assert len(wav) < len(pcm) * 0.51
    assert duration_of(pcm) == pytest.approx(1600, abs=5)
    assert len(waveform_of(pcm)) == 64
    problem, _ = await played(player, wav)
    assert problem == ""
    own = media / "own.wav"
    own.write_bytes(wav)
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(own)], check=True, capture_output=True
    )
    stream = json.loads(said.stdout)["streams"][0]
    assert (stream["codec_name"], stream["sample_rate"], stream["channels"]) == ("pcm_mulaw", str(RATE), 1)
    assert float(stream["duration"]) == pytest.approx(1.6, abs=0.02)
    player.deleteLater()


@pytest.mark.clause("E092")
async def test_a_machine_without_devices_is_told_so(qapp, monkeypatch):
    from PySide6.QtMultimedia import QAudioDevice, QMediaDevices

    monkeypatch.setattr(QMediaDevices, "defaultAudioInput", staticmethod(QAudioDevice))
    monkeypatch.setattr(QMediaDevices, "defaultAudioOutput", staticmethod(QAudioDevice))
    recorder, player = QtRecorder(), QtPlayer()
    with pytest.raises(SoundUnavailable, match="麦克风"):
        recorder.start(lambda _level, _time: None, lambda: None)
    assert recorder.stop() is None
    with pytest.raises(SoundUnavailable, match="声音输出"):
        player.play(b"", "audio/wav", 0, lambda _at: None, lambda _problem: None)


@pytest.mark.clause("E093")
async def test_a_film_tells_its_size_length_and_first_picture(media, qapp):
    facts = await film_facts(media / "clip.mp4")
    assert (facts.width, facts.height) == (320, 180)
    assert facts.duration_ms == pytest.approx(2000, abs=500)
    image = QImage.fromData(facts.thumbnail)
    assert (image.width(), image.height()) == (320, 180)
    assert len({image.pixel(x, 60) for x in range(0, 320, 20)}) > 4
    assert await film_facts(media / "broken.mp4") == VideoFacts()


@pytest.mark.clause("E093")
async def test_a_film_plays_from_memory_in_a_window(media, qtbot):
    data = (media / "clip.mp4").read_bytes()
    content = VideoContent(
        file=FileRef(file_id="f", key=b"", name="积水点.mp4", size=len(data)), duration_ms=2000
    )
    window = FilmWindow(ThemeManager(animations=False), content)
    window.show()
    qtbot.waitExposed(window)
    moved = asyncio.Event()
    window.player.positionChanged.connect(lambda at: moved.set() if at > 300 else None)
    window.give_bytes(data)
    async with asyncio.timeout(60):
        await moved.wait()
    assert window.place.maximum() == pytest.approx(2000, abs=500)
    assert window.time.text().endswith("/ 0:02")
    window.toggle()
    window.close()
    broken = FilmWindow(ThemeManager(animations=False), content)
    broken.show()
    failed = asyncio.Event()
    broken.player.errorOccurred.connect(lambda *_about: failed.set())
    broken.give_bytes(b"this is no film" * 100)
    async with asyncio.timeout(60):
        await failed.wait()
    assert broken.stack.currentWidget() is broken.wait
    assert (
        "无法在这里播放" in broken.wait.findChildren(type(broken.time))[-1].text() or broken.wait.isVisible()
    )
    broken.close()


class Scribe(BaseHTTPRequestHandler):
    """A speech service as a third party would write it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        kind = self.headers["content-type"]
        if self.path == "/busy":
            self.send_error(503)
            return
        words = b"nonsense" if self.path == "/odd" else json.dumps({"text": f"{kind} {len(body)}"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.clause("3.1.2.2")
async def test_speech_goes_to_the_service_that_the_organisation_named():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scribe)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        assert await HttpTranscriber(base + "/asr").transcribe(b"RIFF" * 9, "audio/wav") == "audio/wav 36"
        for path, words in (("/busy", "503"), ("/odd", "没有响应")):
            with pytest.raises(SoundUnavailable, match=words):
                await HttpTranscriber(base + path).transcribe(b"x", "audio/wav")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    with pytest.raises(SoundUnavailable, match="没有响应"):
        await HttpTranscriber(base, seconds=2).transcribe(b"x", "audio/wav")


def pdf(pages: int) -> bytes:
    """A PDF with a number and a coloured bar on each page."""
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QColor, QPageSize, QPainter, QPdfWriter

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setResolution(72)
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.fillRect(0, 0, 400, 200, QColor("#c03020" if number % 2 else "#2050c0"))
        painter.drawText(40, 300, f"page {number + 1}")
    painter.end()
    return bytes(buffer.data().data())


@pytest.mark.clause("E101")
async def test_text_and_pdf_are_looked_at_inside_the_program(qtbot):
    from app.features.chat.preview_view import FilePreview, preview_kind, read_text
    from app.shell.tasks import Tasks

    assert [preview_kind(name, 10) for name in ("a.txt", "b.PDF", "c.png", "d.exe", "e")] == [
        "text",
        "pdf",
        "picture",
        "",
        "",
    ]
    assert preview_kind("a.pdf", 1 << 30) == ""
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        assert read_text("汛情通报\n第二行".encode(encoding)) == "汛情通报\n第二行"
    problems: list[BaseException] = []
    tasks = Tasks(lambda error, _doing: problems.append(error))
    window = FilePreview(ThemeManager(animations=False), "预案.pdf", tasks)
    window.resize(700, 600)
    window.show()
    qtbot.waitExposed(window)
    await window.give_pdf(pdf(30))
    assert window.where.text() == "第 1 / 30 页"

    def seen() -> set[str]:
        shot = window.pages.viewport().grab().toImage()
        return {shot.pixelColor(60, y).name() for y in range(0, shot.height(), 3)}

    async def until_seen(color: str) -> None:
        for _ in range(2000):
            if color in seen():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{color} never came")

    await until_seen("#2050c0")
    window.pages.verticalScrollBar().setValue(int(window.pages._tops[29]) - 100)
    await until_seen("#c03020")
    assert window.where.text() in ("第 28 / 30 页", "第 29 / 30 页", "第 30 / 30 页")
    assert len(window.pages._images) <= 8
    before = window.pages.verticalScrollBar().maximum()
    window.larger.click()
    assert window.pages.verticalScrollBar().maximum() > before
    broken = FilePreview(ThemeManager(animations=False), "坏.pdf", tasks)
    with pytest.raises(ValueError, match="PDF"):
        await broken.give_pdf(b"%PDF-1.4 nonsense")
    broken.close()
    await tasks.settle()
    await tasks.close()
    window.close()
    assert problems == []
