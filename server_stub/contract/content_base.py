"""What all message contents share: the base, references to files and to other messages."""

import msgspec


class Content(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of message contents."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The message that a reply refers to, with a short text of it."""

    seq: int
    sender_id: str
    text: str


class FileRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sealed file: its id on the server and the key that opens it."""

    file_id: str
    key: bytes
    name: str
    size: int
    digest: bytes = b""
    """SM3 of the plain bytes."""
    media_type: str = ""
