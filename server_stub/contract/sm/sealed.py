"""The versioned sealed formats that both ends share: messages, file chunks and key envelopes.

Message:  version(1) epoch(4, big-endian) nonce(12) ciphertext tag(16)
Chunk:    version(1) nonce(12) ciphertext tag(16)
Envelope: version(1) SM2(key)(113: 04‖X‖Y‖C3‖C2) nonce(12) tag(16)

The additional data of each names its kind and all that it belongs to, every part with its length before it, so that
sealed bytes moved to another conversation, sender, message, file or place are refused. The tag of an envelope is
SM4-GCM under the enclosed key over no text: it binds the key to conversation and epoch, and every HSM that can encrypt
under a key handle can make it.
"""

import secrets
from collections.abc import Callable

from .algorithms import Algorithms
from .ports import KEY_BYTES, NONCE_BYTES, TAG_BYTES, SealError, SealReason

VERSION = 1
CHUNK = 1024 * 1024
"""Plain bytes in a chunk, except the last."""
MESSAGE_OVERHEAD = 1 + 4 + NONCE_BYTES + TAG_BYTES
CHUNK_OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES
_WRAPPED_KEY_BYTES = 97 + KEY_BYTES
ENVELOPE_BYTES = 1 + _WRAPPED_KEY_BYTES + NONCE_BYTES + TAG_BYTES


def new_key() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def new_nonce() -> bytes:
    """Return 12 random bytes."""
    return secrets.token_bytes(NONCE_BYTES)


def _canonical(label: bytes, *parts: bytes) -> bytes:
    every = (b"zhengding/" + label, bytes((VERSION,)), *parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in every)


def _number(value: int, size: int) -> bytes:
    try:
        return value.to_bytes(size, "big")
    except OverflowError:
        raise ValueError("epoch or index out of range") from None


def _version_of(sealed: bytes, smallest: int) -> None:
    """Raise `SealError` unless `sealed` begins like a format that this program knows and is long enough."""
    if not sealed:
        raise SealError(SealReason.TRUNCATED)
    if sealed[0] != VERSION:
        raise SealError(SealReason.UNKNOWN_VERSION)
    if len(sealed) < smallest:
        raise SealError(SealReason.TRUNCATED)


def message_aad(*, epoch: int, conversation_id: str, sender_id: str, client_id: str) -> bytes:
    """Return the additional data of a message."""
    return _canonical(
        b"message", _number(epoch, 4), conversation_id.encode(), sender_id.encode(), client_id.encode()
    )


def message_bytes(epoch: int, nonce: bytes, ciphertext: bytes) -> bytes:
    """Put a sealed message together; `ciphertext` ends with its tag."""
    return bytes((VERSION,)) + _number(epoch, 4) + nonce + ciphertext


def seal_message(
    alg: Algorithms,
    key16: bytes,
    *,
    epoch: int,
    conversation_id: str,
    sender_id: str,
    client_id: str,
    plaintext: bytes,
) -> bytes:
    """Seal a message under the key of the conversation's epoch; 33 bytes are added."""
    aad = message_aad(epoch=epoch, conversation_id=conversation_id, sender_id=sender_id, client_id=client_id)
    nonce = new_nonce()
    return message_bytes(epoch, nonce, alg.sm4_gcm_seal(key16, nonce, plaintext, aad))


def sealed_epoch(sealed: bytes) -> int:
    """Return the epoch whose key opens a sealed message. Raises `SealError`."""
    _version_of(sealed, MESSAGE_OVERHEAD)
    return int.from_bytes(sealed[1:5], "big")


def open_message(
    alg: Algorithms,
    keys: Callable[[int], bytes | None],
    *,
    conversation_id: str,
    sender_id: str,
    client_id: str,
    sealed: bytes,
) -> bytes:
    """Open a message; `keys` gives the key of an epoch, None when it is destroyed or was never had.

    Raises `SealError`: unknown_version, truncated, key_destroyed, tampered (also for a message that was moved to
    another place).
    """
    epoch = sealed_epoch(sealed)
    key = keys(epoch)
    if key is None:
        raise SealError(SealReason.KEY_DESTROYED)
    aad = message_aad(epoch=epoch, conversation_id=conversation_id, sender_id=sender_id, client_id=client_id)
    return alg.sm4_gcm_open(key, sealed[5:17], sealed[17:], aad)


def chunk_count(size: int) -> int:
    """Return how many chunks a file of `size` plain bytes has; an empty file has one."""
    return max(1, -(-size // CHUNK))


def _chunk_aad(file_id: str, index: int, last: bool) -> bytes:
    return _canonical(b"chunk", file_id.encode(), _number(index, 8), b"\x01" if last else b"\x00")


def seal_chunk(
    alg: Algorithms, file_key: bytes, *, file_id: str, index: int, last: bool, data: bytes
) -> bytes:
    """Seal chunk `index` (from 0) of a file; 29 bytes are added.

    The nonce is random, so that a file that changed between two attempts never repeats one.
    """
    if len(data) > CHUNK or (not last and len(data) != CHUNK):
        raise ValueError("every chunk but the last is 1 MiB")
    nonce = new_nonce()
    return (
        bytes((VERSION,)) + nonce + alg.sm4_gcm_seal(file_key, nonce, data, _chunk_aad(file_id, index, last))
    )


def open_chunk(
    alg: Algorithms, file_key: bytes, *, file_id: str, index: int, last: bool, sealed: bytes
) -> bytes:
    """Open chunk `index`; `last` says whether the reader expects the end here.

    Raises `SealError`: a chunk of another file or place, or an end too early or too late, is tampered.
    """
    _version_of(sealed, CHUNK_OVERHEAD)
    return alg.sm4_gcm_open(file_key, sealed[1:13], sealed[13:], _chunk_aad(file_id, index, last))


def envelope_aad(*, conversation_id: str, epoch: int) -> bytes:
    """Return the additional data of an envelope."""
    return _canonical(b"envelope", conversation_id.encode(), _number(epoch, 4))


def envelope_bytes(wrapped: bytes, nonce: bytes, tag: bytes) -> bytes:
    """Put an envelope together from the SM2 ciphertext of the key, the nonce and the binding tag."""
    return bytes((VERSION,)) + wrapped + nonce + tag


def seal_envelope(
    alg: Algorithms, device_public: bytes, *, conversation_id: str, epoch: int, key: bytes
) -> bytes:
    """Wrap a conversation key for a device's SM2 key, bound to conversation and epoch; 142 bytes.

    Raises ValueError for a public key that is none.
    """
    nonce = new_nonce()
    tag = alg.sm4_gcm_seal(key, nonce, b"", envelope_aad(conversation_id=conversation_id, epoch=epoch))
    return envelope_bytes(alg.sm2_encrypt(device_public, key), nonce, tag)


def open_envelope(
    alg: Algorithms, device_private: bytes, *, conversation_id: str, epoch: int, envelope: bytes
) -> bytes:
    """Return the 16-byte key of an envelope. Raises `SealError`."""
    _version_of(envelope, ENVELOPE_BYTES)
    if len(envelope) != ENVELOPE_BYTES:
        raise SealError(SealReason.TAMPERED)
    key = alg.sm2_decrypt(device_private, envelope[1 : 1 + _WRAPPED_KEY_BYTES])
    nonce, tag = envelope[-NONCE_BYTES - TAG_BYTES : -TAG_BYTES], envelope[-TAG_BYTES:]
    alg.sm4_gcm_open(key, nonce, tag, envelope_aad(conversation_id=conversation_id, epoch=epoch))
    return key
