"""Frames between the two processes: length and pickle. Only ever spoken with a child that this program started."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

_HEAD = struct.Struct("<Q")


def send(stream: IO[Any], message: Any) -> None:
    """Write one frame. Raises OSError when the other end is gone."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEAD.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[Any]) -> Any:
    """Read one frame; raises EOFError when the other end is gone."""
    head = _exactly(stream, _HEAD.size)
    return pickle.loads(_exactly(stream, _HEAD.unpack(head)[0]))  # noqa: S301 (our own child over a pipe)


def _exactly(stream: IO[Any], count: int) -> bytes:
    pieces: list[bytes] = []
    while count:
        piece = stream.read(count)
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
