"""GCM over any block cipher in plain Python: the last resort where no library offers SM4-GCM."""

import hmac
from collections.abc import Callable

from .ports import SealError, SealReason

_REDUCTION = 0xE1 << 120


class Ghash:
    """GHASH under one hash key."""

    def __init__(self, key: bytes) -> None:
        value = int.from_bytes(key, "big")
        # The hash key times every power of x, so that a multiplication is a sum of rows.
        self._rows: list[int] = []
        for _ in range(128):
            self._rows.append(value)
            value = (value >> 1) ^ (_REDUCTION if value & 1 else 0)

    def digest(self, aad: bytes, ciphertext: bytes) -> int:
        """Return the hash of additional data and ciphertext."""
        state = 0
        for part in (aad, ciphertext):
            for at in range(0, len(part), 16):
                state = self._times(state ^ int.from_bytes(part[at : at + 16].ljust(16, b"\0"), "big"))
        return self._times(state ^ (len(aad) * 8 << 64 | len(ciphertext) * 8))

    def _times(self, value: int) -> int:
        product, rows = 0, self._rows
        for bit in range(128):
            if value >> (127 - bit) & 1:
                product ^= rows[bit]
        return product


def _stream(block: Callable[[bytes], bytes], nonce: bytes, data: bytes) -> bytes:
    count = (len(data) + 15) // 16
    pad = b"".join(block(nonce + at.to_bytes(4, "big")) for at in range(2, count + 2))[: len(data)]
    return (int.from_bytes(pad, "big") ^ int.from_bytes(data, "big")).to_bytes(len(data), "big")


def _tag(block: Callable[[bytes], bytes], nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    mask = int.from_bytes(block(nonce + b"\0\0\0\1"), "big")
    return (Ghash(block(bytes(16))).digest(aad, ciphertext) ^ mask).to_bytes(16, "big")


def seal(block: Callable[[bytes], bytes], nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return ciphertext followed by the 16-byte tag; `nonce` has 12 bytes."""
    ciphertext = _stream(block, nonce, plaintext)
    return ciphertext + _tag(block, nonce, ciphertext, aad)


def open_sealed(block: Callable[[bytes], bytes], nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plain text. Raises `SealError`."""
    ciphertext, tag = sealed[:-16], sealed[-16:]
    if not hmac.compare_digest(_tag(block, nonce, ciphertext, aad), tag):
        raise SealError(SealReason.TAMPERED)
    return _stream(block, nonce, ciphertext)
