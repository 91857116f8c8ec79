"""Recordings go to a speech recognition server and come back as minutes; what goes wrong is said in Chinese."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.features.documents.service import DocumentService
from app.features.documents.speech import HttpSpeech
from app.session.http import InsecureServer
from app.showcase.documents_service import InlineEngine, ShowcaseOutside
from offline_ai.errors import UnreadableDocument

SAID = {
    "text": "",
    "segments": [
        {"text": "请财政局负责落实资金，", "start": 1.0, "speaker": 1},
        {"text": "月底前完成。", "start": 4.0, "speaker": 1},
        {"text": "好的。", "start": 9.5, "speaker": 2},
    ],
}


class Recogniser(HTTPServer):
    """Answers with what it was told to; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.code = json.dumps(SAID).encode(), 200
        self.heard: list[tuple[str, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Recogniser)
        server.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(server.code)
        self.send_header("Content-Length", str(len(server.answer)))
        self.end_headers()
        self.wfile.write(server.answer)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Recogniser]:
    made = Recogniser()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


async def test_a_recording_becomes_minutes(server: Recogniser, tmp_path: Path) -> None:
    speech = HttpSpeech(f"http://127.0.0.1:{server.server_port}")
    service = DocumentService(tmp_path, ShowcaseOutside(), InlineEngine(), speech)
    path = tmp_path / "会.mp3"
    path.write_bytes(b"ID3sound")
    transcript, minutes, said = await service.minutes(path, date(2026, 11, 26))
    assert [(one.speaker, one.start) for one in transcript.utterances] == [("发言人1", 1.0), ("发言人2", 9.5)]
    assert minutes is not None
    assert (said.note, said.reply) == ("", "")
    assert [(one.owner, one.due) for one in minutes.actions] == [("郑州市财政局", date(2026, 11, 30))]
    assert server.heard[0][0] == "/v1/audio/transcriptions"
    assert b"ID3sound" in server.heard[0][1]
    await service.close()


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [(500, b"", "没有接受"), (200, b"<html>", "不完整"), (200, b'{"text": ""}', "没有识别出讲话")],
)
def test_bad_answers_are_told(
    server: Recogniser, tmp_path: Path, code: int, answer: bytes, words: str
) -> None:
    server.code, server.answer = code, answer
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(UnreadableDocument, match=words):
        HttpSpeech(f"http://127.0.0.1:{server.server_port}").transcribe(path)


def test_an_address_without_tls_is_refused_and_a_dead_one_told(tmp_path: Path) -> None:
    with pytest.raises(InsecureServer):
        HttpSpeech("http://asr.example.cn")
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(UnreadableDocument, match="连不上"):
        HttpSpeech("http://127.0.0.1:9", seconds=5).transcribe(path)
