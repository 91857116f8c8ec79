"""A sealed append-only file beside the database: unsent commands and the device's identity survive its loss."""

import os
import secrets
import struct
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .connection import derive
from .slots import replace_file

_LENGTH = struct.Struct(">I")
_NONCE = 12
_MAX_RECORD = 8 * 1024 * 1024
_AAD = b"zhengding-lifeline-1"


class LifelineRecord(msgspec.Struct, frozen=True, array_like=True):
    """`op`: "add" a command (`data`), "done" with it, or "secret" (`name` → `data`; empty data forgets it)."""

    op: str
    name: str
    """Client id of the command, or the name of the secret."""
    data: bytes = b""


class Lifeline:
    """Used by the writer thread only, except for the constructor and `replay`.

    Within a transaction `add`, `done` and `secret` collect; `flush` puts "add" and "secret" on the disk before the
    commit, `committed` appends "done" after it. A crash between the two leaves a command that was already done: it is
    sent again after a recovery and the server recognises its client id.
    """

    def __init__(self, file: Path, key: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(derive(key, "lifeline"))
        self._early: list[bytes] = []
        self._late: list[bytes] = []
        self._handle: Any = None

    def add(self, client_id: str, data: bytes) -> None:
        """Note an unsent command."""
        self._early.append(self._seal(LifelineRecord("add", client_id, data)))

    def done(self, client_id: str) -> None:
        """Note that a command was sent or given up."""
        self._late.append(self._seal(LifelineRecord("done", client_id)))

    def secret(self, name: str, data: bytes) -> None:
        """Note a secret of the device's identity."""
        self._early.append(self._seal(LifelineRecord("secret", name, data)))

    def mark(self) -> int:
        """A point to go back to within the transaction."""
        return len(self._early) << 32 | len(self._late)

    def back_to(self, mark: int) -> None:
        """Forget what was noted since `mark` (0: everything)."""
        del self._early[mark >> 32 :]
        del self._late[mark & 0xFFFFFFFF :]

    def flush(self) -> None:
        """Put what must not be lost on the disk."""
        if self._early:
            self._append(self._early, sync=True)
            self._early = []

    def committed(self) -> None:
        """Append what only saves work when it is lost."""
        if self._late:
            self._append(self._late, sync=False)
            self._late = []

    def replay(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Read the file: unsent commands in order of adding, and secrets. A torn or damaged rest is left out."""
        commands: dict[str, bytes] = {}
        secrets_: dict[str, bytes] = {}
        try:
            content = self._file.read_bytes()
        except FileNotFoundError:
            return commands, secrets_
        for record in self._records(content):
            if record.op == "add":
                commands[record.name] = record.data
            elif record.op == "done":
                commands.pop(record.name, None)
            elif record.op == "secret" and record.data:
                secrets_[record.name] = record.data
            elif record.op == "secret":
                secrets_.pop(record.name, None)
        return commands, secrets_

    def rewrite(self, commands: dict[str, bytes], secrets_: dict[str, bytes]) -> None:
        """Replace the file by just these."""
        self.close()
        records = [LifelineRecord("secret", name, data) for name, data in secrets_.items()]
        records += [LifelineRecord("add", name, data) for name, data in commands.items()]
        replace_file(self._file, b"".join(self._seal(record) for record in records))

    def size(self) -> int:
        """Bytes on the disk."""
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _seal(self, record: LifelineRecord) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(record), _AAD)
        return _LENGTH.pack(len(sealed)) + sealed

    def _records(self, content: bytes) -> list[LifelineRecord]:
        records: list[LifelineRecord] = []
        position = 0
        while position + 4 <= len(content):
            (length,) = _LENGTH.unpack_from(content, position)
            sealed = content[position + 4 : position + 4 + length]
            position += 4 + length
            if length > _MAX_RECORD or len(sealed) != length:
                break  # A crash while appending; nothing after it was ever acknowledged.
            try:
                plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _AAD)
                records.append(msgspec.msgpack.decode(plain, type=LifelineRecord))
            except (InvalidTag, msgspec.DecodeError, ValueError):
                continue  # One damaged record does not take the others with it.
        return records

    def _append(self, records: list[bytes], *, sync: bool) -> None:
        if self._handle is None:
            descriptor = os.open(
                self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600
            )
            self._handle = os.fdopen(descriptor, "ab", buffering=0)
        self._handle.write(b"".join(records))
        if sync:
            os.fsync(self._handle.fileno())
