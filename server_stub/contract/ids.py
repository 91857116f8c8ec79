"""Client-made identifiers: UUIDv7 (RFC 9562), ordered by time of making."""

import secrets
import time
import uuid


def uuid7(now_ms: int | None = None) -> str:
    """Return a UUIDv7 as 36 lower-case characters; `now_ms` is Unix time in milliseconds (default: now)."""
    ms = int(time.time() * 1000) if now_ms is None else now_ms
    value = (ms & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= secrets.randbits(12) << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_uuid(text: str) -> bool:
    """Whether `text` is a canonical lower-case UUID."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
