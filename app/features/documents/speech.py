"""Speech recognition over an endpoint as OpenAI's transcriptions (FunASR, Whisper servers speak it)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from app.session.http import normal_url
from offline_ai.errors import UnreadableDocument
from offline_ai.minutes.transcript import UNKNOWN, Transcript, Utterance

SOUNDS = frozenset([".mp3", ".wav", ".m4a", ".aac", ".flac", ".ogg", ".mp4", ".amr", ".wma"])
MOST_BYTES = 500 * 1024 * 1024
SECONDS = 3600.0


class _Segment(msgspec.Struct):
    text: str
    start: float | None = None
    speaker: str | int | None = None


class _Answer(msgspec.Struct):
    text: str = ""
    segments: list[_Segment] = []


class HttpSpeech:
    """Blocks, so it is called in a thread. `url`: the server's address; only loopback may do without TLS."""

    def __init__(self, url: str, *, model: str = "whisper-1", seconds: float = SECONDS) -> None:
        """Raises InsecureServer or ValueError for an address that is none."""
        self._url = normal_url(url)
        self._model, self._seconds = model, seconds

    @property
    def name(self) -> str:
        return self._model

    def transcribe(self, path: Path, tell: Callable[[float], None] | None = None) -> Transcript:
        """Raises UnreadableDocument with a Chinese reason."""
        try:
            if path.stat().st_size > MOST_BYTES:
                raise UnreadableDocument("录音超过 500 MB，没有识别。", hint="请分成几段再试。")
            with path.open("rb") as file:
                answer = httpx.post(
                    f"{self._url}/v1/audio/transcriptions",
                    files={"file": (path.name, file)},
                    data={"model": self._model, "response_format": "verbose_json", "language": "zh"},
                    timeout=httpx.Timeout(self._seconds, connect=10.0),
                )
            answer.raise_for_status()
            found = msgspec.json.decode(answer.content, type=_Answer)
        except OSError as problem:
            raise UnreadableDocument("录音文件打不开。") from problem
        except httpx.HTTPStatusError as problem:
            code = problem.response.status_code
            raise UnreadableDocument(
                f"语音识别服务没有接受这份录音（{code}）。", hint="请换一种格式或稍后重试。"
            ) from problem
        except httpx.HTTPError as problem:
            raise UnreadableDocument(
                "连不上语音识别服务。", hint="请检查网络，或改为导入转写稿。"
            ) from problem
        except (msgspec.DecodeError, msgspec.ValidationError) as problem:
            raise UnreadableDocument("语音识别服务的回答不完整。", hint="请稍后重试。") from problem
        return _transcript(found)


def _transcript(found: _Answer) -> Transcript:
    segments = found.segments or ([_Segment(found.text)] if found.text.strip() else [])
    made: list[Utterance] = []
    for one in segments:
        text = one.text.strip()
        if not text:
            continue
        who = f"发言人{one.speaker}" if isinstance(one.speaker, int) else (one.speaker or UNKNOWN)
        if made and made[-1].speaker == who and len(made[-1].text) < 400:
            glue = "" if made[-1].text[-1] in "。！？；，、" else "，"
            made[-1] = Utterance(who, made[-1].text + glue + text, made[-1].start)
        else:
            made.append(Utterance(who, text, one.start))
    if not made:
        raise UnreadableDocument("录音里没有识别出讲话。", hint="请确认录音里有人说话。")
    return Transcript(tuple(made))
