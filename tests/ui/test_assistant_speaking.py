"""Questions that are said: microphone, speech service, the words in the field, and nothing heard after one has left."""

from __future__ import annotations

import json
import math
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.features.assistant.view import AssistantPage
from app.features.chat.sound import Recording, SoundUnavailable
from app.features.chat.sound_qt import Recorded
from app.features.chat.speech_http import HttpTranscriber
from app.features.chat.voice_format import RATE
from app.server_facts import ServerFacts
from app.showcase.assistant_service import ShowcaseServer, showcase_assistant
from app.spoken import SpokenWords, spoken_words
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton


class Microphone:
    """Its sound comes from the test (see sound.Recorder); the recording is made as the real one makes it."""

    def __init__(self) -> None:
        self.heard: Recorded | None = None
        self.missing = False

    def start(self, level, ended) -> None:
        if self.missing:
            raise SoundUnavailable("没有找到麦克风。")
        self.heard = Recorded(level, ended)

    def say(self, seconds: float) -> None:
        for start in range(0, int(RATE * seconds), RATE // 10):
            tone = (int(9000 * math.sin(at / 8)) for at in range(start, start + RATE // 10))
            self.heard.take(b"".join(struct.pack("<h", one) for one in tone))

    def stop(self) -> Recording | None:
        heard, self.heard = self.heard, None
        return heard.recording() if heard is not None else None

    def cancel(self) -> None:
        self.heard = None


class Scribe(BaseHTTPRequestHandler):
    """Writes down one sentence, whatever it hears; /busy does not."""

    heard: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/busy":
            self.send_error(503)
            return
        self.server.heard.append((self.headers["content-type"], body))
        words = json.dumps({"text": "抽水泵车有多少台？"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def scribe():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scribe)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def open_page(qtbot):
    made: list[AssistantPage] = []

    async def build(ear) -> AssistantPage:
        page = AssistantPage(
            showcase_assistant(ShowcaseServer(models=())), ThemeManager(animations=False), ear=ear
        )
        page.resize(1302, 768)
        qtbot.addWidget(page)
        page.show()
        qtbot.waitExposed(page)
        made.append(page)
        await page.tasks.settle()
        return page

    yield build
    for page in made:
        await page.close_page()


def address(scribe, path: str = "/asr") -> str:
    return f"http://127.0.0.1:{scribe.server_port}{path}"


@pytest.mark.clause("3.2.6.3.7")
async def test_a_question_is_said_read_and_sent(open_page, scribe) -> None:
    microphone = Microphone()
    page = await open_page(SpokenWords(microphone, HttpTranscriber(address(scribe))))
    composer = page.composer
    assert composer.mic.isVisible()
    QTest.mouseClick(composer.mic, LEFT)
    assert composer.voice.isVisible()
    assert not composer.field.isVisible()
    microphone.say(2)
    assert composer.voice.time.text() == "0:02"
    QTest.keyClick(composer.voice, Qt.Key.Key_Return)
    assert not composer.field.isEnabled()
    await page.tasks.settle()
    # What was understood is read before it is sent.
    assert composer.field.toPlainText() == "抽水泵车有多少台？"
    assert page.views == []
    ((kind, sound),) = scribe.heard
    assert kind.startswith("audio/")
    assert len(sound) > 1000
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    await page.tasks.settle()
    assert "32台" in page.views[-1].turn.answer


async def test_what_goes_wrong_is_said_and_the_field_comes_back(open_page, scribe) -> None:
    microphone = Microphone()
    page = await open_page(SpokenWords(microphone, HttpTranscriber(address(scribe, "/busy"))))
    composer = page.composer
    microphone.missing = True
    QTest.mouseClick(composer.mic, LEFT)
    assert "没有找到麦克风" in page.toasts.toasts[-1].text.text()
    assert composer.field.isVisible()
    microphone.missing = False
    for seconds, words in ((0.3, "时间太短"), (2, "503")):
        QTest.mouseClick(composer.mic, LEFT)
        microphone.say(seconds)
        QTest.mouseClick(composer.voice.send, LEFT)
        await page.tasks.settle()
        assert words in page.toasts.toasts[-1].text.text()
        assert composer.field.isVisible()
        assert composer.field.isEnabled()
        assert composer.field.toPlainText() == ""


async def test_nobody_is_listened_to_after_escape_or_on_another_page(open_page, scribe) -> None:
    microphone = Microphone()
    page = await open_page(SpokenWords(microphone, HttpTranscriber(address(scribe))))
    QTest.mouseClick(page.composer.mic, LEFT)
    microphone.say(1)
    QTest.keyClick(page.composer.voice, Qt.Key.Key_Escape)
    assert microphone.heard is None
    assert page.composer.field.isVisible()
    QTest.mouseClick(page.composer.mic, LEFT)
    assert microphone.heard is not None
    page.hide()
    assert microphone.heard is None
    page.show()
    assert page.composer.field.isVisible()
    assert scribe.heard == []


async def test_without_a_speech_service_there_is_no_microphone(open_page) -> None:
    assert spoken_words(ServerFacts()) is None
    page = await open_page(None)
    assert not page.composer.mic.isVisible()
