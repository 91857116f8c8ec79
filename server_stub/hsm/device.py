"""The HSM (信源加密机) as the rest of the server sees it, in the shape of GM/T 0018 (3.3.4)."""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

KeyHandle = int
"""A key inside a session; it never leaves the device."""

KEY_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """SDF_GetDeviceInfo."""

    issuer: str
    name: str
    serial: str
    version: int
    standard: int
    algorithms: tuple[str, ...]
    buffer_size: int


@dataclass(frozen=True, slots=True)
class KekInfo:
    """A key-encryption key inside the device; `created` and `destroyed` are UTC seconds, 0 for never."""

    id: int
    purpose: str
    created: int
    destroyed: int = 0

    @property
    def active(self) -> bool:
        """Say whether it can still be used."""
        return self.destroyed == 0


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Outcome of a self-test: what was tested and what failed."""

    passed: bool
    checks: tuple[str, ...]
    failures: tuple[str, ...] = field(default=())


class HsmSession(Protocol):
    """One session; used by one thread at a time. Every call raises `SdfError`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """End the session and forget its key handles."""
        ...

    def random(self, size: int) -> bytes:
        """Return random bytes (SDF_GenerateRandom)."""
        ...

    def keks(self) -> list[KekInfo]:
        """List the key-encryption keys, also destroyed ones."""
        ...

    def generate_kek(self, purpose: str) -> int:
        """Make a key-encryption key in the device; return its id."""
        ...

    def destroy_kek(self, kek_id: int) -> None:
        """Destroy a key-encryption key, and with it every key under it."""
        ...

    def generate_key_with_kek(self, kek_id: int) -> tuple[bytes, KeyHandle]:
        """Make an SM4 key; return it wrapped, and a handle (SDF_GenerateKeyWithKEK)."""
        ...

    def import_key_with_kek(self, kek_id: int, wrapped: bytes) -> KeyHandle:
        """Return a handle on a wrapped key (SDF_ImportKeyWithKEK)."""
        ...

    def rewrap(self, kek_id: int, wrapped: bytes, new_kek_id: int) -> bytes:
        """Move a wrapped key under another key-encryption key inside the device."""
        ...

    def exchange_envelope(self, kek_id: int, wrapped: bytes, public: bytes) -> bytes:
        """Re-protect (转保护) a wrapped key to an SM2 public key; return `04‖X‖Y‖C3‖C2` of the 16 bytes."""
        ...

    def import_envelope(self, kek_id: int, envelope: bytes) -> bytes:
        """Take a key encrypted to the device's own key 1 and return it wrapped."""
        ...

    def revoke(self, wrapped: list[bytes]) -> None:
        """Make the device refuse these keys for ever, also out of a restored database."""
        ...

    def destroy_key(self, handle: KeyHandle) -> None:
        """Forget a handle (SDF_DestroyKey)."""
        ...

    def encrypt_gcm(self, handle: KeyHandle, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return SM4-GCM ciphertext and tag (SDF_AuthEnc)."""
        ...

    def decrypt_gcm(self, handle: KeyHandle, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Open SM4-GCM (SDF_AuthDec)."""
        ...

    def mac(self, handle: KeyHandle, data: bytes) -> bytes:
        """Return HMAC-SM3 under a key (SDF_HMAC…), 32 bytes."""
        ...

    def hash(self, data: bytes, *, public: bytes | None = None, user_id: bytes = b"") -> bytes:
        """Return SM3, or e = SM3(Z‖M) when `public` is given (SDF_HashInit/Update/Final)."""
        ...

    def export_sign_public(self, index: int) -> bytes:
        """Return the public key of the internal signing pair `index` (from 1)."""
        ...

    def export_encrypt_public(self, index: int) -> bytes:
        """Return the public key of the internal encryption pair `index` (from 1)."""
        ...

    def sign(self, index: int, digest: bytes) -> bytes:
        """Sign e with an internal key (SDF_InternalSign_ECC); return `r‖s`."""
        ...

    def verify(self, index: int, digest: bytes, signature: bytes) -> None:
        """Verify with an internal key (SDF_InternalVerify_ECC); raises VERIFY."""
        ...

    def external_verify(self, public: bytes, digest: bytes, signature: bytes) -> None:
        """Verify with a given key (SDF_ExternalVerify_ECC); raises VERIFY."""
        ...

    def create_file(self, name: str, size: int) -> None:
        """Make a file of zeros in the device (SDF_CreateFile)."""
        ...

    def read_file(self, name: str, offset: int, size: int) -> bytes:
        """Read from a file (SDF_ReadFile)."""
        ...

    def write_file(self, name: str, offset: int, data: bytes) -> None:
        """Write into a file (SDF_WriteFile)."""
        ...

    def delete_file(self, name: str) -> None:
        """Delete a file (SDF_DeleteFile)."""
        ...


class Hsm(Protocol):
    """A device. Safe between threads; sessions are not."""

    def open_session(self) -> HsmSession:
        """Open a session (SDF_OpenSession). Raises `SdfError`."""
        ...

    def info(self) -> DeviceInfo:
        """Describe the device (SDF_GetDeviceInfo). Raises `SdfError`."""
        ...

    def self_test(self) -> SelfTest:
        """Test algorithms and random numbers now."""
        ...

    def close(self) -> None:
        """Close the device and forget all keys in memory."""
        ...
