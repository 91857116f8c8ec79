"""What a message list shows, as frozen values: it knows bubbles, files and lines, and nothing of the product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class RowKind(StrEnum):
    """How a row is drawn."""

    TEXT = "text"
    PICTURE = "picture"
    FILE = "file"
    VOICE = "voice"
    CARD = "card"
    """A card with an icon or face, a title, lines and a foot (名片、位置、聊天记录)."""
    NOTICE = "notice"
    """A card with a title, lines and an optional link (工作通知)."""
    SYSTEM = "system"
    """A line in the middle."""
    DATE = "date"
    UNREAD = "unread"
    RECALLED = "recalled"


class RowState(StrEnum):
    """Where an own row is on its way."""

    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"


class SpanKind(StrEnum):
    """What a stretch of a text is."""

    LINK = "link"
    MENTION = "mention"
    """Somebody is named."""
    ME = "me"
    """The reader is named."""
    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    CODE = "code"
    HEADING = "heading"
    PALE = "pale"
    """A quotation's words."""


@dataclass(frozen=True, slots=True)
class Span:
    """`length` characters of the text from `start` on; `target` is what a click hands out (an address, an id)."""

    start: int
    length: int
    kind: SpanKind
    target: str = ""


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """What a reply refers to."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class PictureBox:
    """A picture of `width` × `height` pixels; `thumbnail` are the bytes of a small one; `progress` 0 to 1 while on its way."""

    width: int
    height: int
    thumbnail: bytes = b""
    progress: float | None = None
    film: bool = False
    """A film: a button to play stands on it, and `note` (its length) in the corner."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class VoiceBox:
    """A spoken message: levels 0 to 255, its length in words, where it plays (None: it does not)."""

    levels: bytes
    length: str
    seconds: float
    progress: float | None = None
    playing: bool = False
    note: str = ""
    """Under the sound: what goes on with it ("正在转文字…")."""


@dataclass(frozen=True, slots=True)
class CardBox:
    """A card: `icon` names an icon; with `face` (an id) an avatar of `title` stands there instead."""

    title: str
    lines: tuple[str, ...] = ()
    foot: str = ""
    icon: str = ""
    face: str = ""


@dataclass(frozen=True, slots=True)
class LinkBox:
    """What a page says of itself, under a text."""

    url: str
    title: str
    description: str = ""
    site: str = ""
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class Chip:
    """An emoji at a message with who put it (`label`); `people` is the whole list for the tooltip."""

    emoji: str
    label: str
    mine: bool = False
    people: str = ""


@dataclass(frozen=True, slots=True)
class RowAction:
    """A word that can be clicked inside a row; `name` is handed out."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class FileBox:
    """A file: `note` is the line under its name; `progress` 0 to 1 draws a bar; `bad` colours the note as a failure."""

    name: str
    note: str
    progress: float | None = None
    actions: tuple[RowAction, ...] = ()
    bad: bool = False
    folder: bool = False


@dataclass(frozen=True, slots=True)
class BubbleRow:
    """One row. `key` is stable for the life of the message, so that nothing flickers when it is acknowledged."""

    key: str
    kind: RowKind
    text: str = ""
    own: bool = False
    author: str = ""
    """Shown above the bubble where it is not empty and the row does not continue another."""
    author_note: str = ""
    author_id: str = ""
    """Fixes the avatar's colour and finds its picture, groups rows, is handed out by a click on the avatar."""
    name: str = ""
    """For the avatar's initial and the screen reader; also of own rows."""
    continues: bool = False
    """Follows a row of the same author: no avatar, less room above. Set by `grouped`."""
    time: str = ""
    """Shown beside the bubble under the mouse."""
    state: RowState = RowState.SENT
    error: str = ""
    mark: str = ""
    """The read mark beside an own row."""
    mark_done: bool = False
    """Everybody has read it: the mark is quiet."""
    mark_opens: bool = False
    """A click on the mark shows who has read it."""
    quote: QuoteLine | None = None
    spans: tuple[Span, ...] = ()
    picture: PictureBox | None = None
    file: FileBox | None = None
    voice: VoiceBox | None = None
    card: CardBox | None = None
    link: LinkBox | None = None
    chips: tuple[Chip, ...] = ()
    selectable: bool = False
    """Can be chosen among several."""
    title: str = ""
    actions: tuple[RowAction, ...] = ()
    """Words after a line in the middle, or at the foot of a notice."""
    quick: tuple[RowAction, ...] = ()
    """Small buttons beside the bubble under the mouse; their names are names of icons ("more" opens the menu)."""
    muted: bool = False
    """The text stands for something that cannot be shown."""

    @property
    def is_bubble(self) -> bool:
        """Whether somebody said it (it has an avatar)."""
        return self.kind in _BUBBLES

    @property
    def copyable(self) -> str:
        """What copying the whole row gives."""
        if self.kind is RowKind.FILE and self.file is not None:
            return self.file.name
        if self.kind is RowKind.CARD and self.card is not None:
            return "\n".join((self.card.title, *self.card.lines))
        if self.kind is RowKind.NOTICE:
            return f"{self.title}\n{self.text}"
        return "" if self.muted else self.text


_BUBBLES = frozenset(
    {RowKind.TEXT, RowKind.PICTURE, RowKind.FILE, RowKind.VOICE, RowKind.CARD, RowKind.NOTICE}
)
_STATE_WORDS = {RowState.PENDING: "正在发送", RowState.FAILED: "发送失败"}


def spoken(row: BubbleRow) -> str:
    """One sentence for the screen reader."""
    match row.kind:
        case RowKind.PICTURE:
            body = f"视频 {row.picture.note}" if row.picture and row.picture.film else "图片"
        case RowKind.VOICE:
            body = f"语音 {row.voice.length} {row.text}".strip() if row.voice else "语音"
        case RowKind.CARD:
            body = (
                "，".join(filter(None, (row.card.foot, row.card.title, *row.card.lines))) if row.card else ""
            )
        case RowKind.FILE:
            body = f"文件 {row.file.name}，{row.file.note}" if row.file else "文件"
        case RowKind.NOTICE:
            body = f"{row.title}，{row.text}"
        case RowKind.DATE | RowKind.SYSTEM | RowKind.RECALLED | RowKind.UNREAD:
            return row.text
        case _:
            body = row.text
    who = "我" if row.own else row.name or row.author
    chips = "、".join(f"{chip.emoji}{chip.label}" for chip in row.chips)
    about = [row.time, _STATE_WORDS.get(row.state, row.mark), row.error, chips]
    quoted = f"回复{row.quote.author}：" if row.quote else ""
    return "，".join(filter(None, (f"{who}：{quoted}{body}", *about)))


def grouped(rows: Iterable[BubbleRow]) -> list[BubbleRow]:
    """The rows with `continues` set where an author goes on without a line in between."""
    from dataclasses import replace

    made: list[BubbleRow] = []
    before: BubbleRow | None = None
    for row in rows:
        goes_on = (
            before is not None
            and row.is_bubble
            and before.is_bubble
            and row.author_id == before.author_id
            and row.own == before.own
        )
        made.append(row if row.continues == goes_on else replace(row, continues=goes_on))
        before = row
    return made


_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；！？、）】》“”‘’（【《]+", re.IGNORECASE | re.ASCII)
_TRAILING = ".,;:!?)]}'"


def link_spans(text: str) -> list[Span]:
    """Web addresses in a text; punctuation at the end is not part of one (E099)."""
    if "://" not in text and "www." not in text.lower():
        return []
    found: list[Span] = []
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_TRAILING)
        if address.count("(") > address.count(")") and match.group()[len(address) :].startswith(")"):
            address += ")"
        target = address if "://" in address else f"https://{address}"
        found.append(Span(match.start(), len(address), SpanKind.LINK, target))
    return found


def mention_spans(text: str, names: Sequence[tuple[str, str, bool]]) -> list[Span]:
    """Where @name stands for each (name, id, whether it means the reader) (E095)."""
    found: list[Span] = []
    taken: set[int] = set()
    # Longer names first: "@李强国" is not "@李强".
    for name, id, me in sorted(names, key=lambda one: -len(one[0])):
        word, place = f"@{name}", -1
        while (place := text.find(word, place + 1)) >= 0:
            if place not in taken:
                taken.add(place)
                found.append(Span(place, len(word), SpanKind.ME if me else SpanKind.MENTION, id))
    return sorted(found, key=lambda span: span.start)
