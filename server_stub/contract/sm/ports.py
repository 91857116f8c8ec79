"""What a backend of SM2, SM3 or SM4 must offer, and the errors they share."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

KEY_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
BLOCK_BYTES = 16
DIGEST_BYTES = 32
PRIVATE_BYTES = 32
PUBLIC_BYTES = 65
SIGNATURE_BYTES = 64
DEFAULT_ID = b"1234567812345678"
"""User id of GM/T 0009 when the two ends agreed on none."""


class SealReason(StrEnum):
    """Why sealed bytes were refused."""

    UNKNOWN_VERSION = "unknown_version"
    KEY_DESTROYED = "key_destroyed"
    TAMPERED = "tampered"
    TRUNCATED = "truncated"


SEAL_TEXT: dict[SealReason, str] = {
    SealReason.UNKNOWN_VERSION: "此内容由更新的版本加密，请升级客户端后查看。",
    SealReason.KEY_DESTROYED: "密钥已销毁",
    SealReason.TAMPERED: "内容校验未通过，可能被篡改或重放。",
    SealReason.TRUNCATED: "内容不完整。",
}
"""What a user reads in place of the text."""


class SealError(Exception):
    """Sealed bytes were refused for `reason`; neither key nor content is ever in the message."""

    def __init__(self, reason: SealReason) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def text(self) -> str:
        """Return the sentence for the user, in Chinese."""
        return SEAL_TEXT[self.reason]


class BackendUnavailable(Exception):
    """A backend cannot be used on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Sm2KeyPair:
    """An SM2 key pair: `private` 32 bytes big-endian, `public` 65 bytes `04‖X‖Y`."""

    private: bytes = field(repr=False)
    public: bytes


class Hasher(Protocol):
    """A running SM3."""

    def update(self, data: bytes) -> None:
        """Add `data`."""
        ...

    def digest(self) -> bytes:
        """Return the 32-byte digest of all that was added; more may be added afterwards."""
        ...


class HashBackend(Protocol):
    """SM3 (GM/T 0004)."""

    @property
    def name(self) -> str:
        """Return the library and its version."""
        ...

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte digest of `data`."""
        ...

    def hasher(self) -> Hasher:
        """Begin a running digest."""
        ...


class CipherBackend(Protocol):
    """SM4 (GM/T 0002) and SM4-GCM (RFC 8998). Lengths are checked by the caller."""

    @property
    def name(self) -> str:
        """Return the library and its version."""
        ...

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """Encrypt one 16-byte block."""
        ...

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return ciphertext followed by the 16-byte tag."""
        ...

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Return the plain text. Raises `SealError` (tampered); nothing is released before the tag holds."""
        ...


class Sm2Backend(Protocol):
    """SM2 (GM/T 0003) below the level of user ids. Raises ValueError for a key that is none."""

    @property
    def name(self) -> str:
        """Return the library and its version."""
        ...

    def public_of(self, private: bytes) -> bytes:
        """Return the 65-byte public key of a private key in [1, n-2]."""
        ...

    def check_public(self, public: bytes) -> None:
        """Raise ValueError unless `public` is a point of the curve."""
        ...

    def sign_digest(self, private: bytes, digest: bytes) -> bytes:
        """Sign e = SM3(Z‖M), 32 bytes; return `r‖s`, 64 bytes."""
        ...

    def verify_digest(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        """Say whether `r‖s` is a signature of e."""
        ...

    def encrypt(self, public: bytes, data: bytes) -> bytes:
        """Return `04‖X‖Y‖C3‖C2` for 1 or more bytes."""
        ...

    def decrypt(self, private: bytes, sealed: bytes) -> bytes:
        """Open `04‖X‖Y‖C3‖C2`. Raises `SealError`."""
        ...

    def combine(self, a: int, p: bytes, b: int, q: bytes) -> bytes:
        """Return the point aP + bQ as 65 bytes (for the key exchange). Raises ValueError at infinity."""
        ...

    def forget(self, private: bytes) -> None:
        """Drop what is cached of a private key."""
        ...
