"""Sealed files: 1 MiB chunks, content-addressed by SM3, resumable both ways."""

from .wire import Request, Wire

CHUNK_BYTES = 1024 * 1024
"""Plain bytes in a chunk, except the last."""


class FileStart(Request, frozen=True, kw_only=True):
    """Announce a file. Its name and key travel sealed inside the message, never here.

    `size` counts plain bytes, `extension` is lower-case without the dot (for the type limits).
    `id` is made by the client (UUIDv7), so that a repeat resumes the same upload.
    """

    id: str
    size: int
    chunks: int
    extension: str = ""


class FileState(Wire, frozen=True, kw_only=True):
    """How far an upload is."""

    id: str
    size: int
    chunks: int
    received: list[int]
    """Indices of the chunks that are stored."""
    complete: bool


class FileComplete(Request, frozen=True, kw_only=True):
    """All chunks are there: `digest` is SM3 over the concatenated SM3 digests of the sealed chunks in order."""

    digest: bytes


HEADER_CHUNK_DIGEST = "x-chunk-sm3"
"""Hexadecimal SM3 of the sealed chunk, on uploads and downloads."""
