"""Decrypts a SQLCipher 4 file and its log page by page, free pages and all: what one who has the key can find in it."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAGE, _RESERVED, _IV, _SALT = 4096, 80, 16, 16
_WAL_HEAD, _FRAME_HEAD = 32, 24


def _open(key: bytes, page: bytes, number: int) -> bytes:
    skipped = _SALT if number == 1 else 0
    iv = page[_PAGE - _RESERVED : _PAGE - _RESERVED + _IV]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return page[:skipped] + decryptor.update(page[skipped : _PAGE - _RESERVED]) + decryptor.finalize()


def plain_pages(file: Path, key: bytes) -> list[bytes]:
    """Pages of `file` and of its write-ahead log. `key`: the raw 32 bytes."""
    data = file.read_bytes()
    pages = [_open(key, data[at : at + _PAGE], at // _PAGE + 1) for at in range(0, len(data), _PAGE)]
    log = file.with_name(file.name + "-wal")
    if log.exists():
        frames = log.read_bytes()[_WAL_HEAD:]
        for at in range(0, len(frames), _FRAME_HEAD + _PAGE):
            number = int.from_bytes(frames[at : at + 4], "big")
            page = frames[at + _FRAME_HEAD : at + _FRAME_HEAD + _PAGE]
            if len(page) == _PAGE:
                pages.append(_open(key, page, number))
    if b"CREATE TABLE" not in b"".join(pages):
        raise ValueError("the key does not open the file")
    return pages
