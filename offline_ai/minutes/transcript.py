"""Transcripts (txt, srt, vtt, docx) into statements with speaker and time; and the interface of speech recognition."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from offline_ai.documents.extract import extract
from offline_ai.documents.plain import decode
from offline_ai.errors import EmptyDocument, UnreadableDocument

_CLOCK = r"(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):(?P<s>\d{2})(?:[.,]\d{1,3})?"
_CUE = re.compile(rf"{_CLOCK}\s*-->\s*")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^>]+)>")
_NAME = r"[一-龥A-Za-z·][一-龥A-Za-z0-9·（）() ]{0,19}?"
_HEAD = re.compile(
    rf"[\[【(（]?\s*(?:{_CLOCK})?\s*[\]】)）]?\s*(?P<name>{_NAME})\s*[\[【(（]?\s*(?:(?P<clock>\d{{1,2}}(?::\d{{2}}){{1,2}}))?\s*[\]】)）]?\s*$"
)
_INLINE = re.compile(
    rf"[\[【(（]?\s*(?:{_CLOCK})?\s*[\]】)）]?\s*(?P<name>{_NAME})\s*(?:[\[【(（]\s*(?P<clock>\d{{1,2}}(?::\d{{2}}){{1,2}})\s*[\]】)）])?\s*[：:]\s*(?P<said>\S.*)$"
)
_NO_NAME = re.compile(
    r"(?:时间|地点|主题|议题|参会|出席|主持(?!人$)|记录(?!员$)|列席|会议|附件|第.*[项条]|[一二三四五六七八九十]+是|要求|目标|问题|原因|措施|注意|比如|例如|结论|备注|说明)"
)
_ROLE = re.compile(r"(?:主持人|记录员|记录人|发言人|汇报人)\s*[：:]?\s*(?=\S)")
"""Before a name in the line above a speech: 主持人 王建国 09:00:05."""
_OFFICE = re.compile(r"(?:主持人|记录员|记录人|发言人|汇报人)$")
UNKNOWN = "未标明发言人"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one person says until another speaks; `start` in seconds from the beginning, None where not known."""

    speaker: str
    text: str
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """`heading`: lines before the first statement (title, date, place, who is there)."""

    utterances: tuple[Utterance, ...]
    heading: tuple[str, ...] = ()


class SpeechRecogniser(Protocol):
    """Sound into a transcript: an endpoint or a local model, outside of this package."""

    @property
    def name(self) -> str: ...

    def transcribe(self, path: Path, tell: Callable[[float], None] | None = None) -> Transcript:
        """Raises MissingComponent or UnreadableDocument with a Chinese reason."""
        ...


def read_transcript(path: Path) -> Transcript:
    """Read a file by its kind. Raises an UnreadableDocument."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UnreadableDocument("文件打不开。") from problem
    suffix = path.suffix.lower()
    if suffix in (".srt", ".vtt") or data.lstrip(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return parse_captions(decode(data))
    text = decode(data) if suffix == ".txt" else extract(data, path.name).text
    return parse_text(text)


def parse_captions(text: str) -> Transcript:
    """SubRip and WebVTT; neighbouring cues of one speaker are joined. Raises EmptyDocument."""
    found: list[Utterance] = []
    for chunk in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in chunk.strip().split("\n")]
        at = next((place for place, line in enumerate(lines) if _CUE.match(line)), -1)
        if at < 0:
            continue
        match = _CUE.match(lines[at])
        start = _seconds(match) if match else None
        said = " ".join(lines[at + 1 :]).strip()
        voice = _VOICE.search(said)
        said = re.sub(r"<[^>]+>", "", said).strip()
        speaker = voice[1].strip() if voice else ""
        if not speaker and (inline := _INLINE.match(said)) and not _NO_NAME.match(inline["name"]):
            speaker, said = inline["name"].strip(), inline["said"]
        if said:
            found.append(Utterance(speaker, said, start))
    return _joined(found, ())


def parse_text(text: str) -> Transcript:
    """Lines such as 张三：…, [00:01:02] 张三：…, or a line 张三 00:01:02 with the words below. Raises EmptyDocument."""
    found: list[Utterance] = []
    heading: list[str] = []
    for line in (line.strip() for line in text.split("\n")):
        if not line:
            continue
        inline, head = _INLINE.match(line), _HEAD.match(line)
        named = _ROLE.sub("", head["name"].strip(), count=1) if head else ""
        if head and (head["clock"] or head["m"]) and not _NO_NAME.match(named):
            found.append(Utterance(named, "", _start(head)))
        elif not found and inline and _names_only(inline):
            heading.append(line)
        elif inline and not _NO_NAME.match(inline["name"].strip()):
            found.append(Utterance(inline["name"].strip(), inline["said"].strip(), _start(inline)))
        elif found:
            last = found[-1]
            glue = "" if not last.text or last.text[-1] in "。！？；，、" else "，"
            found[-1] = replace(last, text=last.text + glue + line)
        else:
            heading.append(line)
    if not found:
        body = [line for line in heading if len(line) > 12]
        return _joined(
            [Utterance("", line) for line in body], tuple(line for line in heading if len(line) <= 12)
        )
    # What was said before anybody is named is no head of the record: it must not get lost.
    spoken = [line for line in heading if len(line) > 12 and line[-1] in "。！？" and not _INLINE.match(line)]
    return _joined(
        [*(Utterance("", line) for line in spoken), *found],
        tuple(line for line in heading if line not in spoken),
    )


def _names_only(inline: re.Match[str]) -> bool:
    """主持人：王建国 in the head of a record tells who leads; it is no speech."""
    return bool(
        _OFFICE.match(inline["name"].strip()) and re.fullmatch(r"[一-龥·、 ]{2,16}", inline["said"].strip())
    )


def _seconds(match: re.Match[str]) -> float | None:
    if not match["m"]:
        return None
    return int(match["h"] or 0) * 3600 + int(match["m"]) * 60 + int(match["s"])


def _start(match: re.Match[str]) -> float | None:
    if match["clock"]:
        total = 0
        for part in match["clock"].split(":"):
            total = total * 60 + int(part)
        return float(total)
    return _seconds(match)


def _joined(found: Sequence[Utterance], heading: tuple[str, ...]) -> Transcript:
    made: list[Utterance] = []
    for one in found:
        if not one.text:
            continue
        if made and one.speaker in ("", made[-1].speaker) and len(made[-1].text) < 600:
            last = made[-1]
            glue = "" if last.text[-1] in "。！？；，、" else "，"
            made[-1] = replace(last, text=last.text + glue + one.text)
        else:
            made.append(replace(one, speaker=one.speaker or UNKNOWN))
    if not made:
        raise EmptyDocument("没有读到发言内容。", hint="每段发言写成“姓名：内容”，再试。")
    return Transcript(tuple(made), heading)
