"""What is inside a sealed body: the clients' own format, which the server never sees.

A body is MessagePack of one of these, sealed by sm/sealed.py. A client that meets a `type` or a newer field it
does not know shows "当前版本不支持此消息，请升级" (`Unknown`) and keeps the bytes for a later version.
"""

from typing import Any

import msgspec


class Content(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of message contents."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The message that a reply refers to, with a short text of it."""

    seq: int
    sender_id: str
    text: str


class TextContent(Content, frozen=True, kw_only=True, tag="text"):
    """Plain text, at most 20,000 characters. `mentions` lists person ids; "all" means everyone."""

    text: str
    mentions: list[str] = []
    quote: Quote | None = None


class FileRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sealed file: its id on the server and the key that opens it."""

    file_id: str
    key: bytes
    name: str
    size: int
    digest: bytes = b""
    """SM3 of the plain bytes."""
    media_type: str = ""


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


AnyContent = TextContent | ImageContent | FileContent | SystemContent | NoticeContent

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
        case SystemContent():
            return content.text
        case NoticeContent():
            return content.title
        case _:
            return "[当前版本不支持此消息]"


def as_builtins(content: AnyContent) -> dict[str, Any]:
    """Return plain Python values, for exports and tests."""
    return msgspec.to_builtins(content)
