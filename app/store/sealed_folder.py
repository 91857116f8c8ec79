"""Files of the account that are plain while it is open (seating plans) and sealed while it is locked."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .slots import replace_file

log = logging.getLogger(__name__)

SUFFIX = ".sealed"
_NONCE = 12


def sealing_key(store_key: bytes) -> bytes:
    """The key for such files, from the store's: whoever opens the store opens them."""
    return hashlib.sha256(b"zhengding/sealed-folder" + store_key).digest()


def seal_folder(folder: Path, key: bytes) -> int:
    """Put every file below `folder` into a sealed one beside it and remove the plain one; returns how many.

    Each file is safe at every moment: the plain one goes after the sealed one is on the disk. Raises OSError.
    """
    count = 0
    for file in _files(folder):
        if file.name.endswith(SUFFIX):
            continue
        sealed = file.with_name(file.name + SUFFIX)
        nonce = secrets.token_bytes(_NONCE)
        data = AESGCM(key).encrypt(nonce, file.read_bytes(), _place(folder, file))
        times = file.stat()
        replace_file(sealed, nonce + data)
        os.utime(sealed, ns=(times.st_atime_ns, times.st_mtime_ns))
        file.unlink()
        count += 1
    return count


def open_folder(folder: Path, key: bytes) -> int:
    """Bring the plain files back; returns how many. One that does not open stays sealed and is told in the log.

    Where both are there the end came in the middle of sealing: the plain one is whole, and it is the same.
    """
    count = 0
    for sealed in _files(folder):
        if not sealed.name.endswith(SUFFIX):
            continue
        file = sealed.with_name(sealed.name.removesuffix(SUFFIX))
        if not file.exists():
            data = sealed.read_bytes()
            try:
                plain = AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _place(folder, file))
            except (InvalidTag, ValueError):
                log.error("a sealed file did not open: %s", sealed.name)
                continue
            times = sealed.stat()
            replace_file(file, plain)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
            count += 1
        sealed.unlink()
    return count


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file()) if folder.is_dir() else []


def _place(folder: Path, file: Path) -> bytes:
    return file.relative_to(folder).as_posix().encode()
