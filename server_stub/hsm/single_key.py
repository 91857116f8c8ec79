"""A single conversation key on its way to another server, under dual control: the file opens with two shares only.

The device re-protects the key (转保护) to a key pair made for this one file; the pair's private half is sealed under a key
that exists only as shares. File: as a backup's, with the mark "ZDKEYEX1".
"""

import msgspec

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError

from .backup import Backup, BadBackup, open_shared, seal_shared
from .custody import KeyCustody, WrappedKey
from .secret import wipe_bytes

MAGIC = b"ZDKEYEX1"


class SingleKey(msgspec.Struct, kw_only=True, frozen=True):
    """What is inside."""

    conversation_id: str
    epoch: int
    created_at: int
    made_at: int
    serial: str
    private: bytes
    envelope: bytes


def export(
    alg: Algorithms,
    custody: KeyCustody,
    wrapped: WrappedKey,
    *,
    conversation_id: str,
    epoch: int,
    created_at: int,
    made_at: int,
    serial: str,
) -> Backup:
    """Seal one key for two administrators. Raises `SdfError`, `KeyDestroyed`."""
    pair = alg.sm2_generate()
    content = SingleKey(
        conversation_id=conversation_id,
        epoch=epoch,
        created_at=created_at,
        made_at=made_at,
        serial=serial,
        private=pair.private,
        envelope=custody.carry(wrapped, pair.public),
    )
    data = msgspec.msgpack.encode(content)
    try:
        return seal_shared(alg, MAGIC, data)
    finally:
        wipe_bytes(data)


def take(
    alg: Algorithms, custody: KeyCustody, data: bytes, shares: list[str]
) -> tuple[SingleKey, WrappedKey]:
    """Open a file with both shares and put its key under this device. Raises `BadBackup`, `BadShare`, `SdfError`.

    The key is in this process's memory for the moment between the two envelopes, and wiped.
    """
    plain = open_shared(alg, MAGIC, data, shares, "单个密钥的导出文件")
    try:
        content = msgspec.msgpack.decode(plain, type=SingleKey)
        key = alg.sm2_decrypt(content.private, content.envelope)
    except (msgspec.DecodeError, SealError):
        raise BadBackup("导出文件已损坏。") from None
    finally:
        wipe_bytes(plain)
    try:
        return content, custody.receive(alg.sm2_encrypt(custody.encrypt_public(), key))
    finally:
        wipe_bytes(key)
