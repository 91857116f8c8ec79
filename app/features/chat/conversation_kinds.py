"""Turns the richer contents into rows: voice, films, folders, cards, places, records, formatted text, emoji (E092 to E104)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.store.records import ReactionMark, TransferRow, TransferState
from server_stub.contract.content import (
    AnyContent,
    CardContent,
    FolderContent,
    LinkPreview,
    LocationContent,
    MarkdownContent,
    MergedContent,
    Unknown,
    VideoContent,
    VoiceContent,
    decode_content,
    summary,
)
from widgets.chat.rows import (
    BubbleRow,
    CardBox,
    Chip,
    FileBox,
    LinkBox,
    PictureBox,
    RowKind,
    VoiceBox,
)

from .markdown import render
from .sizes import size_text

MERGED_LINES = 4
NAMES_IN_CHIP = 2
NAMES_IN_HINT = 30
FILM_SIDE = (16, 9)
"""The shape of a film whose size is unknown."""


@dataclass(frozen=True, slots=True)
class VoiceLook:
    """What goes on with a spoken message on this machine."""

    progress: float | None = None
    playing: bool = False
    writing: bool = False
    """It is being written down."""


def clock(milliseconds: int) -> str:
    """A length as 1:05."""
    seconds = max(0, round(milliseconds / 1000))
    return f"{seconds // 60}:{seconds % 60:02}"


def chips_of(marks: Sequence[ReactionMark], me: str, name: Callable[[str], str]) -> tuple[Chip, ...]:
    """The emoji at a message: with few people their names, with more a count."""
    made: list[Chip] = []
    for mark in marks:
        people = [name(id) for id in mark.people]
        label = "、".join(people) if len(people) <= NAMES_IN_CHIP else str(len(people))
        hint = "、".join(people[:NAMES_IN_HINT])
        if len(people) > NAMES_IN_HINT:
            hint += f" 等 {len(people)} 人"
        made.append(Chip(mark.emoji, label, me in mark.people, f"{mark.emoji} {hint}"))
    return tuple(made)


def link_box(preview: LinkPreview | None) -> LinkBox | None:
    """The card of a page under a text."""
    if preview is None:
        return None
    return LinkBox(preview.url, preview.title, preview.description, preview.site, preview.thumbnail)


def kind_row(
    base: BubbleRow,
    content: AnyContent | Unknown | None,
    *,
    voice: VoiceLook | None = None,
    transcript: str = "",
    transfer: TransferRow | None = None,
    file: Callable[[str, int], FileBox] | None = None,
) -> BubbleRow | None:
    """The row of a richer content; None for the plain kinds, which are made elsewhere."""
    match content:
        case VoiceContent():
            look = voice or VoiceLook()
            seconds = max(1, round(content.duration_ms / 1000))
            note = "正在转文字…" if look.writing else ""
            box = VoiceBox(content.waveform, f"{seconds}″", seconds, look.progress, look.playing, note)
            return replace(base, kind=RowKind.VOICE, voice=box, text=transcript)
        case VideoContent():
            wide, high = (content.width, content.height) if content.width and content.height else FILM_SIDE
            if not content.width:
                wide, high = wide * 100, high * 100
            note = clock(content.duration_ms) if content.duration_ms else size_text(content.file.size)
            progress = None
            if transfer is not None and transfer.state in MOVING:
                progress = transfer.fraction
            picture = PictureBox(wide, high, content.thumbnail, progress, film=True, note=note)
            return replace(base, kind=RowKind.PICTURE, picture=picture)
        case FolderContent():
            made = file(content.file.name, content.file.size) if file is not None else None
            box = made or FileBox(content.file.name, size_text(content.file.size))
            count = f"{len(content.entries)} 个文件 · "
            note = box.note if box.bad or box.progress is not None else count + box.note
            return replace(base, kind=RowKind.FILE, file=replace(box, note=note, folder=True))
        case CardContent():
            lines = (content.note,) if content.note else ()
            card = CardBox(content.name, lines, "个人名片", face=content.person_id)
            return replace(base, kind=RowKind.CARD, card=card)
        case LocationContent():
            return replace(base, kind=RowKind.CARD, card=location_box(content))
        case MergedContent():
            return replace(base, kind=RowKind.CARD, card=merged_box(content))
        case MarkdownContent():
            return markdown_row(base, content)
        case _:
            return None


MOVING = (TransferState.PREPARING, TransferState.QUEUED, TransferState.RUNNING, TransferState.PAUSED)


def location_box(content: LocationContent) -> CardBox:
    """A place with its address and where it is."""
    title = content.name or content.address
    lines = [content.address] if content.address and content.name else []
    north = "N" if content.latitude >= 0 else "S"
    east = "E" if content.longitude >= 0 else "W"
    lines.append(f"{abs(content.latitude):.5f}°{north}，{abs(content.longitude):.5f}°{east}")
    return CardBox(title, tuple(lines), "位置", icon="location")


def merged_box(content: MergedContent) -> CardBox:
    """A record: its title and its first lines."""
    lines = [
        f"{item.sender_name}：{summary(decode_content(item.content))}"
        for item in content.items[:MERGED_LINES]
    ]
    return CardBox(content.title or "聊天记录", tuple(lines), f"聊天记录 · 共 {len(content.items)} 条")


def markdown_row(base: BubbleRow, content: MarkdownContent) -> BubbleRow:
    """Formatted text; the title is its first line where it does not begin with it."""
    source = content.text
    first = source.lstrip().split("\n", 1)[0].lstrip("# ").strip()
    if content.title and content.title != first:
        source = f"# {content.title}\n{source}"
    shown = render(source)
    return replace(base, text=shown.text, spans=shown.spans)


def plain_words(content: AnyContent | Unknown | None, transcript: str = "") -> str:
    """All of a message as words, for copying and for other features."""
    match content:
        case MarkdownContent():
            return render(content.text).text
        case LocationContent():
            return " ".join(
                filter(
                    None, (content.name, content.address, f"{content.latitude:.6f},{content.longitude:.6f}")
                )
            )
        case CardContent():
            return f"{content.name} {content.note}".strip()
        case VoiceContent():
            return transcript
        case MergedContent():
            lines = [
                f"{item.sender_name}：{plain_words(decode_content(item.content))}" for item in content.items
            ]
            return "\n".join([content.title, *lines])
        case _:
            text = getattr(content, "text", "")
            return text or (summary(content) if content is not None else "")
