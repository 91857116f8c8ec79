"""Shamir's secret sharing over GF(2^8): `needed` of `total` shares give the secret, fewer tell nothing."""

import base64
import binascii
import hashlib
import secrets

SECRET_BYTES = 16


class BadShare(Exception):
    """A share is misspelt, of another backup, or there are too few; `text` is for the administrator."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _tables() -> tuple[list[int], list[int]]:
    powers, logs = [0] * 510, [0] * 256
    value = 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value ^= value << 1  # times 3, a generator
        if value & 0x100:
            value ^= 0x11B
    return powers, logs


_POWERS, _LOGS = _tables()


def _times(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + _LOGS[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    return _POWERS[_LOGS[a] + 255 - _LOGS[b]] if a else 0


def split(secret: bytes, *, needed: int, total: int) -> list[tuple[int, bytes]]:
    """Return `total` shares as (number from 1, bytes)."""
    if not 2 <= needed <= total <= 255:
        raise ValueError("at least two shares, at most 255")
    polynomials = [bytes((byte,)) + secrets.token_bytes(needed - 1) for byte in secret]
    shares: list[tuple[int, bytes]] = []
    for x in range(1, total + 1):
        values = bytearray()
        for coefficients in polynomials:
            value = 0
            for coefficient in reversed(coefficients):
                value = _times(value, x) ^ coefficient
            values.append(value)
        shares.append((x, bytes(values)))
    return shares


def join(shares: list[tuple[int, bytes]]) -> bytes:
    """Return the secret of enough different shares; of too few, or of wrong ones, something else."""
    numbers = [number for number, _ in shares]
    secret = bytearray()
    for at in range(len(shares[0][1])):
        value = 0
        for number, data in shares:
            part = data[at]
            for other in numbers:
                if other != number:
                    part = _times(part, _over(other, other ^ number))
            value ^= part
        secret.append(value)
    return bytes(secret)


def to_text(backup_id: bytes, needed: int, number: int, data: bytes) -> str:
    """Return a share as text to write down: `ZDS1-backup-number-needed-data-check`."""
    body = base64.b32encode(data).decode().rstrip("=")
    head = f"ZDS1-{backup_id[:4].hex().upper()}-{number}-{needed}-{body}"
    return f"{head}-{_check(head)}"


def _check(head: str) -> str:
    return hashlib.sha256(head.encode()).hexdigest()[:6].upper()


def from_text(text: str) -> tuple[bytes, int, int, bytes]:
    """Read a share; return (backup mark, needed, number, data). Raises `BadShare`."""
    cleaned = "".join(text.split()).upper()
    parts = cleaned.split("-")
    if len(parts) != 6 or parts[0] != "ZDS1" or _check(cleaned.rpartition("-")[0]) != parts[5]:
        raise BadShare("密钥分量填写有误，请逐字核对。")
    try:
        data = base64.b32decode(parts[4] + "=" * (-len(parts[4]) % 8))
        return bytes.fromhex(parts[1]), int(parts[3]), int(parts[2]), data
    except (ValueError, binascii.Error):
        raise BadShare("密钥分量填写有误，请逐字核对。") from None
