"""SM2, SM3 and SM4 by the fastest backends that pass the standard's vectors on this machine."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

from . import curve, identity, vectors
from .exchange import Agreed, exchange
from .ports import (
    DEFAULT_ID,
    DIGEST_BYTES,
    KEY_BYTES,
    NONCE_BYTES,
    SIGNATURE_BYTES,
    TAG_BYTES,
    BackendUnavailable,
    CipherBackend,
    HashBackend,
    Hasher,
    SealError,
    SealReason,
    Sm2Backend,
    Sm2KeyPair,
)

Role = Literal["SM2", "SM3", "SM4"]
Backend = TypeVar("Backend")


@dataclass(frozen=True, slots=True)
class BackendReport:
    """How one backend fared: `reason` says in English why it was left out, or is empty."""

    role: Role
    library: str
    """Name of the kind of backend, also when it could not be loaded."""
    name: str
    """Library and version, or empty when it could not be loaded."""
    passed: bool
    reason: str
    used: bool


def _gcrypt_sm4() -> CipherBackend:
    from .libgcrypt import GcryptSm4

    return GcryptSm4()


def _pyca_sm4() -> CipherBackend:
    from .pyca import CryptographySm4

    return CryptographySm4()


def _gmssl_sm4() -> CipherBackend:
    from .pure import GmsslSm4

    return GmsslSm4()


def _gcrypt_sm3() -> HashBackend:
    from .libgcrypt import GcryptSm3

    return GcryptSm3()


def _pyca_sm3() -> HashBackend:
    from .pyca import CryptographySm3

    return CryptographySm3()


def _gmssl_sm3() -> HashBackend:
    from .pure import GmsslSm3

    return GmsslSm3()


def _libcrypto_sm2(_: HashBackend) -> Sm2Backend:
    from .libcrypto import LibcryptoSm2

    return LibcryptoSm2()


def _gmssl_sm2(sm3: HashBackend) -> Sm2Backend:
    from .pure import GmsslSm2

    return GmsslSm2(sm3)


# In the order of measured speed; imports happen inside, so that what is not needed is not loaded.
CIPHERS: tuple[tuple[str, Callable[[], CipherBackend]], ...] = (
    ("libgcrypt", _gcrypt_sm4),
    ("cryptography", _pyca_sm4),
    ("gmssl", _gmssl_sm4),
)
HASHES: tuple[tuple[str, Callable[[], HashBackend]], ...] = (
    ("libgcrypt", _gcrypt_sm3),
    ("cryptography", _pyca_sm3),
    ("gmssl", _gmssl_sm3),
)
SM2S: tuple[tuple[str, Callable[[HashBackend], Sm2Backend]], ...] = (
    ("libcrypto", _libcrypto_sm2),
    ("gmssl", _gmssl_sm2),
)


def _attempt(make: Callable[[], Backend], check: Callable[[Backend], None]) -> tuple[Backend | None, str]:
    """Make a backend and test it; return it or None, and why it is left out."""
    try:
        backend = make()
        check(backend)
    except vectors.VectorMismatch as mismatch:
        return None, f"vector failed: {mismatch}"
    except (BackendUnavailable, ImportError) as absent:
        return None, str(absent)
    except Exception as broken:  # a broken library must never stop the start
        return None, f"failed in self-test: {type(broken).__name__}"
    return backend, ""


def _first(
    candidates: tuple[tuple[str, Callable[[], Backend]], ...], check: Callable[[Backend], None]
) -> Backend:
    reasons: list[str] = []
    for library, make in candidates:
        backend, reason = _attempt(make, check)
        if backend is not None:
            return backend
        reasons.append(f"{library}: {reason}")
    raise BackendUnavailable("; ".join(reasons))


class Algorithms:
    """SM2, SM3 and SM4 for the whole program; built once in the composition root, safe between threads."""

    def __init__(self, cipher: CipherBackend, sm3: HashBackend, sm2: Sm2Backend) -> None:
        self.cipher = cipher
        self.hash = sm3
        self.sm2 = sm2

    @classmethod
    def best(cls) -> Self:
        """Choose, for each algorithm, the fastest backend that passes the vectors.

        Raises `BackendUnavailable` when there is none.
        """
        sm3 = _first(HASHES, vectors.check_sm3)
        cipher = _first(CIPHERS, vectors.check_sm4)
        sm2 = _first(
            tuple((library, lambda make=make: make(sm3)) for library, make in SM2S),
            lambda backend: vectors.check_sm2(backend, sm3),
        )
        return cls(cipher, sm3, sm2)

    def report(self) -> list[BackendReport]:
        """Test every backend of this machine and say how each fared; takes up to a second (pure Python)."""
        rows: list[BackendReport] = []

        def add(
            role: Role,
            library: str,
            backend: HashBackend | CipherBackend | Sm2Backend | None,
            why: str,
            used: str,
        ) -> None:
            name = backend.name if backend is not None else ""
            rows.append(
                BackendReport(role, library, name, backend is not None, why, name != "" and name == used)
            )

        for library, make_sm2 in SM2S:
            sm2, why = _attempt(
                lambda make_sm2=make_sm2: make_sm2(self.hash),
                lambda found: vectors.check_sm2(found, self.hash),
            )
            add("SM2", library, sm2, why, self.sm2.name)
        for library, make_sm3 in HASHES:
            sm3, why = _attempt(make_sm3, vectors.check_sm3)
            add("SM3", library, sm3, why, self.hash.name)
        for library, make_cipher in CIPHERS:
            cipher, why = _attempt(make_cipher, vectors.check_sm4)
            add("SM4", library, cipher, why, self.cipher.name)
        return rows

    def sm3(self, data: bytes) -> bytes:
        """Return the 32-byte SM3 digest."""
        return self.hash.digest(data)

    def sm3_hasher(self) -> Hasher:
        """Begin a running SM3 (`update`, `digest`)."""
        return self.hash.hasher()

    def hmac_sm3(self, key: bytes, data: bytes) -> bytes:
        """Return HMAC-SM3, 32 bytes; the key may have any length."""
        block = (key if len(key) <= 64 else self.hash.digest(key)).ljust(64, b"\0")
        inner = self.hash.digest(bytes(byte ^ 0x36 for byte in block) + data)
        return self.hash.digest(bytes(byte ^ 0x5C for byte in block) + inner)

    def sm4_gcm_seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes = b"") -> bytes:
        """Return ciphertext followed by the 16-byte tag; `key` 16 bytes, `nonce` 12 bytes, never used twice."""
        if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
            raise ValueError("SM4-GCM takes a key of 16 bytes and a nonce of 12")
        return self.cipher.seal(key, nonce, plaintext, aad)

    def sm4_gcm_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
        """Return the plain text of what `sm4_gcm_seal` made. Raises `SealError`."""
        if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
            raise ValueError("SM4-GCM takes a key of 16 bytes and a nonce of 12")
        if len(sealed) < TAG_BYTES:
            raise SealError(SealReason.TRUNCATED)
        return self.cipher.open(key, nonce, sealed, aad)

    def sm2_generate(self) -> Sm2KeyPair:
        """Make a key pair from the system's random numbers."""
        private = curve.fixed(secrets.randbelow(curve.N - 2) + 1)
        return Sm2KeyPair(private, self.sm2.public_of(private))

    def sm2_public(self, private: bytes) -> bytes:
        """Return the public key of a private key. Raises ValueError."""
        return self.sm2.public_of(private)

    def sm2_sign(self, private: bytes, message: bytes, user_id: bytes = DEFAULT_ID) -> bytes:
        """Return the signature `r‖s`, 64 bytes. Raises ValueError for a key that is none."""
        public = self.sm2.public_of(private)
        return self.sm2.sign_digest(private, identity.message_digest(self.hash, public, user_id, message))

    def sm2_verify(
        self, public: bytes, message: bytes, signature: bytes, user_id: bytes = DEFAULT_ID
    ) -> bool:
        """Say whether `signature` is by the owner of `public`; False also for malformed keys and signatures."""
        if len(signature) != SIGNATURE_BYTES or len(public) != len(curve.GENERATOR):
            return False
        try:
            return self.sm2.verify_digest(
                public, identity.message_digest(self.hash, public, user_id, message), signature
            )
        except ValueError:
            return False

    def sm2_sign_digest(self, private: bytes, digest: bytes) -> bytes:
        """Sign e = SM3(Z‖M) that was made elsewhere, as GM/T 0018 devices do."""
        if len(digest) != DIGEST_BYTES:
            raise ValueError("an SM3 digest has 32 bytes")
        return self.sm2.sign_digest(private, digest)

    def sm2_verify_digest(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        """Verify a signature of e = SM3(Z‖M); False also for malformed input."""
        if len(signature) != SIGNATURE_BYTES or len(digest) != DIGEST_BYTES:
            return False
        try:
            return self.sm2.verify_digest(public, digest, signature)
        except ValueError:
            return False

    def sm2_digest(self, public: bytes, message: bytes, user_id: bytes = DEFAULT_ID) -> bytes:
        """Return e = SM3(Z‖M)."""
        return identity.message_digest(self.hash, public, user_id, message)

    def sm2_encrypt(self, public: bytes, data: bytes) -> bytes:
        """Return `04‖X‖Y‖C3‖C2` (97 bytes more than `data`). Raises ValueError for a bad key or no data."""
        if not data:
            raise ValueError("SM2 encrypts at least one byte")
        return self.sm2.encrypt(public, data)

    def sm2_decrypt(self, private: bytes, sealed: bytes) -> bytes:
        """Open what `sm2_encrypt` made. Raises `SealError`."""
        return self.sm2.decrypt(private, sealed)

    def sm2_exchange(
        self,
        *,
        initiator: bool,
        own: Sm2KeyPair,
        own_ephemeral: Sm2KeyPair,
        peer: bytes,
        peer_ephemeral: bytes,
        size: int = KEY_BYTES,
        own_id: bytes = DEFAULT_ID,
        peer_id: bytes = DEFAULT_ID,
    ) -> Agreed:
        """Agree on a key (GM/T 0003.3). Compare the peer's confirmation with `equal`. Raises ValueError."""
        return exchange(
            self.sm2,
            self.hash,
            initiator=initiator,
            own=own,
            own_ephemeral=own_ephemeral,
            peer=peer,
            peer_ephemeral=peer_ephemeral,
            size=size,
            own_id=own_id,
            peer_id=peer_id,
        )

    def sm2_forget(self, private: bytes) -> None:
        """Drop what the backend cached of a private key, at sign-out or destruction."""
        self.sm2.forget(private)

    @staticmethod
    def equal(left: bytes, right: bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(left, right)
