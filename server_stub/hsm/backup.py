"""The backup file of all keys, sealed under a key that exists only as shares of several administrators.

File: "ZDKEYBK1"(8) needed(1) total(1) backup id(16) nonce(12) SM4-GCM(MessagePack)(… + 16); the first 26 bytes are the
additional data.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError

from . import replica, shares
from .dual import Replicating
from .errors import SdfCode, SdfError
from .secret import wipe_bytes

MAGIC = b"ZDKEYBK1"
_HEAD = len(MAGIC) + 2 + 16


class BadBackup(Exception):
    """A backup cannot be used; `text` is for the administrator."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class KeptKey(msgspec.Struct, kw_only=True, frozen=True):
    """A conversation's wrapped key."""

    conversation_id: str
    epoch: int
    wrapped: bytes
    kek_id: int
    created_at: int


class Content(msgspec.Struct, kw_only=True):
    """What is inside; `state` is empty for vendors' devices, which are backed up by the vendor's own procedure."""

    made_at: int
    serial: str
    private: bytes
    state: bytes
    keys: list[KeptKey]


@dataclass(frozen=True, slots=True)
class Backup:
    """A sealed backup and the texts of its shares."""

    data: bytes
    shares: list[str]


def make(
    alg: Algorithms,
    hsm: object,
    *,
    serial: str,
    keys: list[KeptKey],
    made_at: int,
    needed: int = 2,
    total: int = 2,
) -> Backup:
    """Seal the device's state and the wrapped keys. Raises `SdfError`."""
    pair = alg.sm2_generate()
    state = hsm.export_state(pair.public) if isinstance(hsm, Replicating) else b""
    content = Content(made_at=made_at, serial=serial, private=pair.private, state=state, keys=keys)
    data = msgspec.msgpack.encode(content)
    try:
        return seal_shared(alg, MAGIC, data, needed=needed, total=total)
    finally:
        wipe_bytes(data)


def seal_shared(alg: Algorithms, magic: bytes, data: bytes, *, needed: int = 2, total: int = 2) -> Backup:
    """Seal bytes under a fresh key that exists only as shares. `magic`: 8 bytes that say what it is."""
    key, backup_id, nonce = secrets.token_bytes(16), secrets.token_bytes(16), secrets.token_bytes(12)
    head = magic + bytes((needed, total)) + backup_id
    sealed = head + nonce + alg.sm4_gcm_seal(key, nonce, data, head)
    parts = shares.split(key, needed=needed, total=total)
    wipe_bytes(key)
    return Backup(sealed, [shares.to_text(backup_id, needed, number, part) for number, part in parts])


def open_backup(alg: Algorithms, data: bytes, texts: Sequence[str]) -> Content:
    """Open a backup with enough shares. Raises `BadBackup`, `BadShare`."""
    try:
        return msgspec.msgpack.decode(open_shared(alg, MAGIC, data, texts, "密钥备份文件"), type=Content)
    except msgspec.DecodeError:
        raise BadBackup("密钥备份文件已损坏，或密钥分量不正确。") from None


def open_shared(alg: Algorithms, magic: bytes, data: bytes, texts: Sequence[str], what: str) -> bytes:
    """Open what `seal_shared` sealed, with enough shares; `what` names it for the administrator."""
    if len(data) < _HEAD + 28 or not data.startswith(magic):
        raise BadBackup(f"这不是{what}，或文件不完整。")
    needed, backup_id = data[len(magic)], data[len(magic) + 2 : _HEAD]
    found: dict[int, bytes] = {}
    for text in texts:
        mark, _, number, part = shares.from_text(text)
        if mark != backup_id[:4] or len(part) != shares.SECRET_BYTES:
            raise shares.BadShare("密钥分量不属于这份文件。")
        found[number] = part
    if len(found) < needed:
        raise shares.BadShare(f"需要 {needed} 份不同的密钥分量。")
    key = shares.join(list(found.items())[:needed])
    head, nonce = data[:_HEAD], data[_HEAD : _HEAD + 12]
    try:
        return alg.sm4_gcm_open(key, nonce, data[_HEAD + 12 :], head)
    except SealError:
        raise BadBackup(f"{what}已损坏，或密钥分量不正确。") from None
    finally:
        wipe_bytes(key)


def restore_device(alg: Algorithms, hsm: object, content: Content) -> None:
    """Merge a backup's device state; what was destroyed here stays destroyed. Raises `SdfError`."""
    if not content.state:
        return
    if not isinstance(hsm, Replicating):
        raise SdfError(SdfCode.NOT_SUPPORTED, "restore")
    state = replica.open_sealed(alg, content.private, content.state)
    try:
        public = hsm.transport_public()
        hsm.merge_state(replica.seal(alg, secrets.token_bytes(16), secrets.token_bytes(12), public, state))
    finally:
        wipe_bytes(state)
