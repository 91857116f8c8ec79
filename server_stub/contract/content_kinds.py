"""The richer kinds of messages: voice, video, folder, card, place, link, markdown, forwarded records, reactions."""

import unicodedata

import msgspec

from .content_base import Content, FileRef, Quote

MAX_VOICE_MS = 60_000
MAX_WAVEFORM = 64
"""Levels of a voice message's waveform, a byte each."""
MAX_FOLDER_FILES = 2000
MAX_MERGED = 100
"""Messages in one forwarded record."""
MAX_MERGED_DEPTH = 8
MAX_REACTIONS = 12
"""Different emoji of one person at one message."""
MAX_EMOJI = 16
"""Characters of one emoji (families are joined from many)."""


class VoiceContent(Content, frozen=True, kw_only=True, tag="voice"):
    """A spoken message, at most 60 seconds; it cannot be forwarded (E092). `waveform`: up to 64 levels, 0 to 255."""

    file: FileRef
    duration_ms: int
    waveform: bytes = b""
    quote: Quote | None = None


class VideoContent(Content, frozen=True, kw_only=True, tag="video"):
    """A film (E093). `thumbnail` is a small JPEG (≤ 16 KiB); sizes are 0 where the sender could not tell."""

    file: FileRef
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    thumbnail: bytes = b""
    quote: Quote | None = None


class FolderEntry(msgspec.Struct, frozen=True, array_like=True):
    """One file of a folder: its path below the folder with "/" between the parts, and its size in bytes."""

    path: str
    size: int


class FolderContent(Content, frozen=True, kw_only=True, tag="folder"):
    """A folder sent as one tree (E100): `file` holds the contents of `entries` one after the other, without gaps.

    `empty` lists folders without files. Who receives it checks every path before writing (see app/session/foldertree.py).
    """

    file: FileRef
    entries: list[FolderEntry]
    empty: list[str] = []
    quote: Quote | None = None


class CardContent(Content, frozen=True, kw_only=True, tag="card"):
    """A colleague's card (E094): who it is; what the receiver may see of the person, the directory decides."""

    person_id: str
    name: str
    note: str = ""


class LocationContent(Content, frozen=True, kw_only=True, tag="location"):
    """A place (E098): degrees north and east, in the map's own system (GCJ-02 for maps in China)."""

    name: str
    address: str = ""
    latitude: float
    longitude: float


class LinkPreview(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page says of itself, fetched by the sender's client; the receiver's fetches nothing (E099)."""

    url: str
    title: str
    description: str = ""
    site: str = ""
    thumbnail: bytes = b""
    """A small JPEG (≤ 16 KiB)."""


class MarkdownContent(Content, frozen=True, kw_only=True, tag="markdown"):
    """Text with light formatting (3.1.2.2); no HTML, and nothing in it is ever fetched."""

    title: str
    text: str
    quote: Quote | None = None


class MergedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of a forwarded record. `content` are the encoded bytes, so that newer kinds survive inside."""

    sender_id: str
    sender_name: str
    sent_at: int
    content: bytes


class MergedContent(Content, frozen=True, kw_only=True, tag="merged"):
    """Several messages forwarded as one record (E104); records may hold records, eight deep at most."""

    title: str
    items: list[MergedItem]


class ReactionContent(Content, frozen=True, kw_only=True, tag="reaction"):
    """All emoji of one person at message `seq` (E103). Its own sealed body: never a message."""

    seq: int
    emoji: list[str]


_encoder = msgspec.msgpack.Encoder()
_reaction_decoder = msgspec.msgpack.Decoder(ReactionContent)


def is_emoji(text: str) -> bool:
    """Say whether a text may stand at a message: signs only, so that nobody puts words there."""
    if not 0 < len(text) <= MAX_EMOJI:
        return False
    kinds = [unicodedata.category(one) for one in text]
    # Letters of any script, controls and blanks are out; digits belong to keycaps.
    return not any(kind[0] in "LZ" or kind in ("Cc", "Cs", "Co") for kind in kinds) and any(
        kind in ("So", "Sk", "Me") for kind in kinds
    )


def encode_reaction(reaction: ReactionContent) -> bytes:
    """Return the bytes to seal."""
    return _encoder.encode(reaction)


def decode_reaction(data: bytes) -> ReactionContent | None:
    """Return what somebody put to a message; None when it is nothing that may be shown."""
    try:
        found = _reaction_decoder.decode(data)
    except msgspec.DecodeError:
        return None
    good = [one for one in dict.fromkeys(found.emoji) if is_emoji(one)]
    return ReactionContent(seq=found.seq, emoji=good[:MAX_REACTIONS])
