"""What comes while the client is locked: an append-only file, each record sealed to the device's SM2 public key."""

from __future__ import annotations

import struct
from pathlib import Path

from app.session.tokens import DeviceKey
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import ENVELOPE_BYTES, SealError, new_key, open_envelope, seal_envelope

_HEAD = struct.Struct(">I")
_NONCE = bytes(12)
"""Every record has a key of its own, so that a fixed nonce is never used twice under one key."""
_PURPOSE = "locked-inbox"
_LARGEST = 2 * 1024 * 1024
_FULL = 64 * 1024 * 1024


class SealedInbox:
    """Whoever holds this object can add records; only the private key, which lies in the closed store, reads them."""

    def __init__(self, file: Path, algorithms: Algorithms, device_public: bytes) -> None:
        self._file = file
        self._algorithms = algorithms
        self._public = device_public

    def append(self, record: bytes) -> bool:
        """Add a record (some ms: SM2). False when the file is full: the server still has what did not fit."""
        if len(record) > _LARGEST or (self._file.exists() and self._file.stat().st_size > _FULL):
            return False
        key = new_key()
        envelope = seal_envelope(self._algorithms, self._public, conversation_id=_PURPOSE, epoch=0, key=key)
        sealed = envelope + self._algorithms.sm4_gcm_seal(key, _NONCE, record, _PURPOSE.encode())
        with self._file.open("ab") as stream:
            stream.write(_HEAD.pack(len(sealed)) + sealed)
        return True


def read_inbox(file: Path, algorithms: Algorithms, device: DeviceKey) -> list[bytes]:
    """The records in order; damaged or torn ones are left out (the server has them too)."""
    try:
        data = file.read_bytes()
    except OSError:
        return []
    found: list[bytes] = []
    at = 0
    while at + _HEAD.size <= len(data):
        (length,) = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        sealed = data[at : at + length]
        at += length
        if length > _LARGEST * 2 or len(sealed) != length:
            break
        try:
            key = open_envelope(
                algorithms,
                device.private,
                conversation_id=_PURPOSE,
                epoch=0,
                envelope=sealed[:ENVELOPE_BYTES],
            )
            found.append(algorithms.sm4_gcm_open(key, _NONCE, sealed[ENVELOPE_BYTES:], _PURPOSE.encode()))
        except SealError:
            continue
    return found
