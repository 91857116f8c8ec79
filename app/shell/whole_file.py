"""Writes a file that the user named: whole or not at all, so that a full disk does not cost what stood there."""

from __future__ import annotations

from pathlib import Path


def write_whole(data: bytes, path: Path) -> None:
    """Write `data` beside `path` and put it there in one step. Raises OSError. Blocks: call it from a thread."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
