"""What is inside a sealed body: the clients' own format, which the server never sees.

A body is MessagePack of one of these, sealed by sm/sealed.py. A client that meets a `type` or a newer field it
does not know shows "此消息需要升级客户端查看" (`Unknown`) and keeps the bytes for a later version.
"""

from typing import Any

import msgspec

from .content_base import Content, FileRef, Quote
from .content_kinds import (
    MAX_MERGED_DEPTH,
    CardContent,
    FolderContent,
    LinkPreview,
    LocationContent,
    MarkdownContent,
    MergedContent,
    VideoContent,
    VoiceContent,
)

UNKNOWN_TEXT = "此消息需要升级客户端查看"


class TextContent(Content, frozen=True, kw_only=True, tag="text"):
    """Plain text, at most 20,000 characters. `mentions` lists person ids; "all" means everyone."""

    text: str
    mentions: list[str] = []
    quote: Quote | None = None
    preview: LinkPreview | None = None


class ImageContent(Content, frozen=True, kw_only=True, tag="image"):
    """A picture. `thumbnail` is a small JPEG (≤ 16 KiB) that shows at once."""

    file: FileRef
    width: int
    height: int
    thumbnail: bytes = b""
    quote: Quote | None = None


class FileContent(Content, frozen=True, kw_only=True, tag="file"):
    """A file of any type."""

    file: FileRef
    quote: Quote | None = None


class SystemContent(Content, frozen=True, kw_only=True, tag="system"):
    """A line in the middle of the chat, written by the server through the HSM ("王建国 邀请 赵敏 加入群聊")."""

    text: str
    kind: str = ""
    people: list[str] = []


class NoticeContent(Content, frozen=True, kw_only=True, tag="notice"):
    """A work notice with a title, lines and an optional link into the client."""

    title: str
    text: str
    link: str = ""


class Unknown(msgspec.Struct, frozen=True):
    """A content that this version does not know; `raw` is kept."""

    raw: bytes


AnyContent = (
    TextContent
    | ImageContent
    | FileContent
    | VoiceContent
    | VideoContent
    | FolderContent
    | CardContent
    | LocationContent
    | MarkdownContent
    | MergedContent
    | SystemContent
    | NoticeContent
)
FILED = (ImageContent, FileContent, VoiceContent, VideoContent, FolderContent)
"""Contents that carry one sealed file in `file`."""
Filed = ImageContent | FileContent | VoiceContent | VideoContent | FolderContent
UNFORWARDABLE = (VoiceContent, SystemContent, NoticeContent, Unknown)
"""What the catalogue keeps where it was said (E092, E096), and what cannot be looked into."""

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AnyContent)


def encode_content(content: AnyContent) -> bytes:
    """Return the bytes to seal."""
    return _encoder.encode(content)


def decode_content(data: bytes) -> AnyContent | Unknown:
    """Return the content, or `Unknown` for what a newer client wrote."""
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError:
        return Unknown(raw=data)


def summary(content: AnyContent | Unknown) -> str:
    """One line for lists and notifications, in Chinese."""
    match content:
        case TextContent():
            return " ".join(content.text.split())
        case ImageContent():
            return "[图片]"
        case FileContent():
            return f"[文件] {content.file.name}"
        case VoiceContent():
            return f"[语音] {max(1, round(content.duration_ms / 1000))}″"
        case VideoContent():
            return "[视频]"
        case FolderContent():
            return f"[文件夹] {content.file.name}"
        case CardContent():
            return f"[名片] {content.name}"
        case LocationContent():
            return f"[位置] {content.name or content.address}"
        case MarkdownContent():
            return content.title or " ".join(content.text.split())[:100]
        case MergedContent():
            return f"[聊天记录] {content.title}"
        case SystemContent():
            return content.text
        case NoticeContent():
            return content.title
        case _:
            return f"[{UNKNOWN_TEXT}]"


def forwardable(content: AnyContent | Unknown | None) -> bool:
    """Say whether a message may be carried on to another conversation (E092, E096)."""
    return content is not None and not isinstance(content, UNFORWARDABLE)


def file_refs(content: AnyContent | Unknown | None, depth: int = MAX_MERGED_DEPTH) -> list[FileRef]:
    """Return the sealed files that a message carries, those inside forwarded records too, each once."""
    found: dict[str, FileRef] = {}
    if isinstance(content, FILED):
        found[content.file.file_id] = content.file
    elif isinstance(content, MergedContent) and depth > 0:
        for item in content.items:
            for ref in file_refs(decode_content(item.content), depth - 1):
                found.setdefault(ref.file_id, ref)
    return list(found.values())


def merged_depth(content: AnyContent | Unknown | None, limit: int = MAX_MERGED_DEPTH + 1) -> int:
    """Return how deep records lie in records, counted to `limit`: 0 for a plain message, 1 for a record of them."""
    if not isinstance(content, MergedContent) or limit <= 0:
        return 0
    depths = (merged_depth(decode_content(item.content), limit - 1) for item in content.items)
    return 1 + max(depths, default=0)


def as_builtins(content: AnyContent) -> dict[str, Any]:
    """Return plain Python values, for exports and tests."""
    return msgspec.to_builtins(content)


__all__ = [
    "FILED",
    "UNKNOWN_TEXT",
    "AnyContent",
    "CardContent",
    "Content",
    "FileContent",
    "FileRef",
    "Filed",
    "FolderContent",
    "ImageContent",
    "LinkPreview",
    "LocationContent",
    "MarkdownContent",
    "MergedContent",
    "NoticeContent",
    "Quote",
    "SystemContent",
    "TextContent",
    "Unknown",
    "VideoContent",
    "VoiceContent",
    "as_builtins",
    "decode_content",
    "encode_content",
    "file_refs",
    "forwardable",
    "merged_depth",
    "summary",
]
