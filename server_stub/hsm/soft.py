"""The software HSM: keys made, used and kept inside one object, sealed at rest under a device master key."""

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from server_stub.contract.sm import vectors
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.cache import RecentlyUsed
from server_stub.contract.sm.ports import BackendUnavailable, SealError

from . import wrapping
from .device import KEY_ID_BYTES, DeviceInfo, KekInfo, KeyHandle, SelfTest
from .errors import SdfCode, SdfError
from .master import MasterKeySource
from .randomness import HealthyRandom
from .secret import Secret, wipe_bytes
from .soft_files import SoftFiles
from .soft_state import Pair, SoftState, View

_KEYS_CACHED = 16_384
_RANDOM_MAX = 1 << 20
STANDARD_VERSION = 2


class SoftHsm:
    """A device in a folder of its own. Several processes of one machine may open the same folder.

    The state on disk is looked at before every use of a key, so what one process destroys no other uses again.
    """

    def __init__(
        self,
        folder: Path,
        master: MasterKeySource,
        alg: Algorithms,
        *,
        random: HealthyRandom | None = None,
        clock: Callable[[], float] = time.time,
        lane: tuple[int, int] = (0, 1),
    ) -> None:
        """`lane` (which, of how many): twins give out ids of key-encryption keys that never meet."""
        self.alg = alg
        self.random = random or HealthyRandom()
        if self.random.start_test():
            raise SdfError(SdfCode.RANDOM, "start test")
        self._cache: RecentlyUsed[Secret] = RecentlyUsed(_KEYS_CACHED)
        self.state = SoftState(folder, master, alg, self.random, self._cache.clear, clock, lane)
        self.files = SoftFiles(folder / "files", self.state, alg)

    def open_session(self) -> "SoftSession":
        """Open a session."""
        self.state.view()
        return SoftSession(self)

    def info(self) -> DeviceInfo:
        """Describe the device."""
        return DeviceInfo(
            issuer="ZhengDing",
            name="SoftHsm",
            serial=self.state.view().serial,
            version=1,
            standard=STANDARD_VERSION,
            algorithms=("SM2", "SM3", "SM4-GCM"),
            buffer_size=_RANDOM_MAX,
        )

    def self_test(self) -> SelfTest:
        """Test SM2, SM3, SM4 with the standard's vectors, the random numbers, and the sealed state."""
        failures = self.random.start_test()
        checks: tuple[tuple[str, Callable[[], object]], ...] = (
            ("SM3", lambda: vectors.check_sm3(self.alg.hash)),
            ("SM4", lambda: vectors.check_sm4(self.alg.cipher)),
            ("SM2", lambda: vectors.check_sm2(self.alg.sm2, self.alg.hash)),
            ("state", self.state.view),
        )
        for name, check in checks:
            try:
                check()
            except (vectors.VectorMismatch, BackendUnavailable, SealError, SdfError, ValueError):
                failures.append(name)
        names = ("repetition", "adaptive proportion", "monobit", "poker", *(name for name, _ in checks))
        return SelfTest(not failures, names, tuple(failures))

    def generate_pair(self, index: int) -> None:
        """Make the internal signing and encryption pairs of an index (device administration)."""
        if not 1 <= index <= 1024:
            raise SdfError(SdfCode.ARGUMENT_IN, "generate pair")
        self.state.add_pair(index)

    def close(self) -> None:
        """Close the device and wipe all keys in memory."""
        self._cache.clear()
        self.state.close()

    def usable(self, kek_id: int, key_id: bytes) -> View:
        """Return the state when the key may be used. Raises `SdfError` (KEY_NOT_EXIST)."""
        view = self.state.view()
        if kek_id not in view.keks or key_id in view.revoked:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        return view

    def unwrap(self, kek_id: int, blob: bytes) -> tuple[bytes, Secret]:
        """Return the id and the clear key of a wrapped key, from the cache when it was used lately."""
        parts = wrapping.parse(kek_id, blob)
        view = self.usable(kek_id, parts.key_id)

        def make() -> Secret:
            try:
                with view.keks[kek_id].use() as kek:
                    clear = self.alg.sm4_gcm_open(kek, parts.nonce, parts.sealed, parts.aad)
            except SealError:
                raise SdfError(SdfCode.ENCRYPTED_DATA, "import") from None
            secret = Secret(clear)
            wipe_bytes(clear)
            return secret

        return parts.key_id, self._cache.get(blob, make)

    def wrap(self, kek_id: int, key_id: bytes, key: bytes) -> bytes:
        """Wrap a key under a key-encryption key."""
        view = self.usable(kek_id, key_id)
        nonce = self.random.take(12)
        with view.keks[kek_id].use() as kek:
            sealed = self.alg.sm4_gcm_seal(kek, nonce, key, wrapping.aad(kek_id, key_id))
        return wrapping.Wrapped(kek_id, key_id, nonce, sealed).encode()

    def pair(self, index: int) -> Pair:
        """Return an internal pair. Raises `SdfError` (KEY_NOT_EXIST)."""
        found = self.state.view().pairs.get(index)
        if found is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        return found

    def transport_public(self) -> bytes:
        """Return the key to which a twin or a restore seals its state."""
        return self.state.transport_public()

    def export_state(self, public: bytes) -> bytes:
        """Return all keys of the device sealed to `public` (dual-active, backup)."""
        return self.state.export(public)

    def merge_state(self, sealed: bytes) -> None:
        """Take what a twin or a backup has more; what is destroyed on either side stays destroyed."""
        self.state.merge(sealed)

    def decrypt_to_device(self, envelope: bytes) -> bytes:
        """Open a 16-byte key that was encrypted to internal pair 1."""
        try:
            with self.pair(1).encrypt.use() as private:
                key = self.alg.sm2_decrypt(private, envelope)
        except (SealError, ValueError):
            raise SdfError(SdfCode.ENCRYPTED_DATA, "import") from None
        if len(key) != 16:
            raise SdfError(SdfCode.ENCRYPTED_DATA, "import")
        return key


class SoftSession:
    """One session of the software HSM."""

    def __init__(self, device: SoftHsm) -> None:
        self._device = device
        self._handles: dict[KeyHandle, tuple[int, bytes, Secret]] = {}
        self._numbers = count(1)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session and forget its key handles."""
        self._handles.clear()
        self._open = False

    def _checked(self) -> SoftHsm:
        if not self._open:
            raise SdfError(SdfCode.STEP)
        return self._device

    def _handle(self, kek_id: int, key_id: bytes, secret: Secret) -> KeyHandle:
        number = next(self._numbers)
        self._handles[number] = (kek_id, key_id, secret)
        return number

    def _secret(self, handle: KeyHandle) -> Secret:
        found = self._handles.get(handle)
        if found is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        kek_id, key_id, secret = found
        self._checked().usable(kek_id, key_id)
        return secret

    def random(self, size: int) -> bytes:
        """Return random bytes."""
        if not 0 < size <= _RANDOM_MAX:
            raise SdfError(SdfCode.ARGUMENT_IN, "random")
        return self._checked().random.take(size)

    def keks(self) -> list[KekInfo]:
        """List the key-encryption keys."""
        return list(self._checked().state.view().infos)

    def generate_kek(self, purpose: str) -> int:
        """Make a key-encryption key."""
        device = self._checked()
        key = device.random.take(16)
        try:
            return device.state.add_kek(purpose, key)
        finally:
            wipe_bytes(key)

    def destroy_kek(self, kek_id: int) -> None:
        """Destroy a key-encryption key."""
        self._checked().state.destroy_kek(kek_id)

    def generate_key_with_kek(self, kek_id: int) -> tuple[bytes, KeyHandle]:
        """Make an SM4 key; return it wrapped, and a handle."""
        device = self._checked()
        key, key_id = device.random.take(16), device.random.take(KEY_ID_BYTES)
        wrapped = device.wrap(kek_id, key_id, key)
        secret = Secret(key)
        wipe_bytes(key)
        return wrapped, self._handle(kek_id, key_id, secret)

    def import_key_with_kek(self, kek_id: int, wrapped: bytes) -> KeyHandle:
        """Return a handle on a wrapped key."""
        key_id, secret = self._checked().unwrap(kek_id, wrapped)
        return self._handle(kek_id, key_id, secret)

    def rewrap(self, kek_id: int, wrapped: bytes, new_kek_id: int) -> bytes:
        """Move a wrapped key under another key-encryption key."""
        device = self._checked()
        key_id, secret = device.unwrap(kek_id, wrapped)
        with secret.use() as key:
            return device.wrap(new_kek_id, key_id, key)

    def exchange_envelope(self, kek_id: int, wrapped: bytes, public: bytes) -> bytes:
        """Re-protect a wrapped key to an SM2 public key."""
        device = self._checked()
        _, secret = device.unwrap(kek_id, wrapped)
        with secret.use() as key:
            try:
                return device.alg.sm2_encrypt(public, key)
            except ValueError:
                raise SdfError(SdfCode.PUBLIC_KEY_OPERATION, "exchange envelope") from None

    def import_envelope(self, kek_id: int, envelope: bytes) -> bytes:
        """Take a key encrypted to the device's own key 1 and return it wrapped."""
        device = self._checked()
        key = device.decrypt_to_device(envelope)
        try:
            return device.wrap(kek_id, device.random.take(KEY_ID_BYTES), key)
        finally:
            wipe_bytes(key)

    def revoke(self, wrapped: list[bytes]) -> None:
        """Make the device refuse these keys for ever."""
        ids = [wrapping.parse(int.from_bytes(blob[1:5], "big"), blob).key_id for blob in wrapped]
        self._checked().state.revoke(ids)

    def destroy_key(self, handle: KeyHandle) -> None:
        """Forget a handle."""
        if self._handles.pop(handle, None) is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)

    def encrypt_gcm(self, handle: KeyHandle, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return SM4-GCM ciphertext and tag."""
        with self._secret(handle).use() as key:
            try:
                return self._device.alg.sm4_gcm_seal(key, nonce, plaintext, aad)
            except ValueError:
                raise SdfError(SdfCode.ARGUMENT_IN, "encrypt") from None

    def decrypt_gcm(self, handle: KeyHandle, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Open SM4-GCM."""
        with self._secret(handle).use() as key:
            try:
                return self._device.alg.sm4_gcm_open(key, nonce, sealed, aad)
            except (SealError, ValueError):
                raise SdfError(SdfCode.ENCRYPTED_DATA, "decrypt") from None

    def mac(self, handle: KeyHandle, data: bytes) -> bytes:
        """Return HMAC-SM3 under a key."""
        with self._secret(handle).use() as key:
            return self._device.alg.hmac_sm3(key, data)

    def hash(self, data: bytes, *, public: bytes | None = None, user_id: bytes = b"") -> bytes:
        """Return SM3, or e = SM3(Z‖M) when `public` is given."""
        alg = self._checked().alg
        if public is None:
            return alg.sm3(data)
        try:
            return alg.sm2_digest(public, data, user_id)
        except ValueError:
            raise SdfError(SdfCode.ARGUMENT_IN, "hash") from None

    def export_sign_public(self, index: int) -> bytes:
        """Return the public key of an internal signing pair."""
        return self._checked().pair(index).sign_public

    def export_encrypt_public(self, index: int) -> bytes:
        """Return the public key of an internal encryption pair."""
        return self._checked().pair(index).encrypt_public

    def sign(self, index: int, digest: bytes) -> bytes:
        """Sign e with an internal key."""
        device = self._checked()
        with device.pair(index).sign.use() as private:
            try:
                return device.alg.sm2_sign_digest(private, digest)
            except ValueError:
                raise SdfError(SdfCode.SIGN, "sign") from None

    def verify(self, index: int, digest: bytes, signature: bytes) -> None:
        """Verify with an internal key."""
        self.external_verify(self.export_sign_public(index), digest, signature)

    def external_verify(self, public: bytes, digest: bytes, signature: bytes) -> None:
        """Verify with a given key."""
        if not self._checked().alg.sm2_verify_digest(public, digest, signature):
            raise SdfError(SdfCode.VERIFY, "verify")

    def create_file(self, name: str, size: int) -> None:
        """Make a file of zeros in the device."""
        self._checked().files.create(name, size)

    def read_file(self, name: str, offset: int, size: int) -> bytes:
        """Read from a file."""
        return self._checked().files.read(name, offset, size)

    def write_file(self, name: str, offset: int, data: bytes) -> None:
        """Write into a file."""
        self._checked().files.write(name, offset, data)

    def delete_file(self, name: str) -> None:
        """Delete a file."""
        self._checked().files.delete(name)
