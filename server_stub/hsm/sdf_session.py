"""One session of a GM/T 0018 device."""

import ctypes
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from server_stub.contract.sm import gcm
from server_stub.contract.sm.ports import NONCE_BYTES, TAG_BYTES, SealError

from . import sdf_library as lib
from .device import KEY_ID_BYTES, KekInfo, KeyHandle
from .errors import SdfCode, SdfError

if TYPE_CHECKING:
    from .sdf import SdfHsm

VERSION = 2
_HEAD = 1 + 4 + KEY_ID_BYTES
WRAPPED_BYTES = _HEAD + 113 + NONCE_BYTES + TAG_BYTES
_RANDOM_MAX = 1 << 20
_RANDOM_PIECE = 4096
_LABEL = b"zhengding/sdf-wrapped-key"


class SdfSession:
    """Wrapped keys: version(1)=2 kek id(4) key id(16) SM2(key)(113) nonce(12) tag(16).

    The tag is SM4-GCM under the wrapped key over no text, with the first 21 bytes as additional data: it binds the key
    id, by which a key is revoked, to the key itself.
    """

    def __init__(self, device: "SdfHsm", raw: int) -> None:
        self._device, self.raw = device, raw
        self._call = device.library.call
        self._handles: dict[KeyHandle, tuple[int, bytes, int]] = {}
        self._numbers = count(1)
        self._unlocked: set[int] = set()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session and forget its key handles. A device that is gone needs no goodbye."""
        if not self._open:
            return
        self._open = False
        for _, _, key in self._handles.values():
            self._quietly("DestroyKey", self.raw, key)
        self._handles.clear()
        for index in self._unlocked:
            self._quietly("ReleasePrivateKeyAccessRight", self.raw, index)
        self._quietly("CloseSession", self.raw)

    def _quietly(self, name: str, *arguments: Any) -> None:
        try:
            self._call(name, *arguments)
        except SdfError:
            pass

    def _checked(self) -> "SdfHsm":
        if not self._open or self._device.closed:
            raise SdfError(SdfCode.STEP)
        return self._device

    def _unlock(self, index: int) -> None:
        if index not in self._unlocked:
            self._checked().unlock(self.raw, index)
            self._unlocked.add(index)

    # Random numbers.

    def draw(self, size: int) -> bytes:
        """Return random bytes of the device, not tested."""
        self._checked()
        parts: list[bytes] = []
        for at in range(0, size, _RANDOM_PIECE):
            piece = ctypes.create_string_buffer(min(_RANDOM_PIECE, size - at))
            self._call("GenerateRandom", self.raw, len(piece), piece)
            parts.append(piece.raw)
        return b"".join(parts)

    def random(self, size: int) -> bytes:
        """Return random bytes of the device, tested on the way."""
        if not 0 < size <= _RANDOM_MAX:
            raise SdfError(SdfCode.ARGUMENT_IN, "random")
        return self._checked().random.take(size)

    # Key-encryption keys.

    def keks(self) -> list[KekInfo]:
        """List the key-encryption keys."""
        return self._checked().registry.infos()

    def generate_kek(self, purpose: str) -> int:
        """Take a prepared internal pair into use. Raises `SdfError` (NO_BUFFER) when none is left."""
        device = self._checked()
        kek_id = device.registry.take(purpose, device.indices)
        self.export_encrypt_public(kek_id)  # an index that the device does not have is named at once
        return kek_id

    def destroy_kek(self, kek_id: int) -> None:
        """Never use an internal pair again."""
        self._checked().registry.destroy(kek_id)

    # Keys.

    def _head(self, kek_id: int, key_id: bytes) -> bytes:
        return bytes((VERSION,)) + kek_id.to_bytes(4, "big") + key_id

    def _keep(self, kek_id: int, key_id: bytes, key: int) -> KeyHandle:
        number = next(self._numbers)
        self._handles[number] = (kek_id, key_id, key)
        return number

    def _finish(self, head: bytes, sealed: bytes, key: int) -> bytes:
        nonce = self.random(NONCE_BYTES)
        return head + sealed + nonce + self._seal(key, nonce, b"", _LABEL + head)

    def generate_key_with_kek(self, kek_id: int) -> tuple[bytes, KeyHandle]:
        """Make an SM4 key; return it wrapped, and a handle (SDF_GenerateKeyWithIPK_ECC)."""
        device = self._checked()
        key_id = self.random(KEY_ID_BYTES)
        device.registry.check(kek_id, key_id)
        record, key = lib.CipherRecord(), ctypes.c_void_p()
        self._call("GenerateKeyWithIPK_ECC", self.raw, kek_id, 128, ctypes.byref(record), ctypes.byref(key))
        handle = self._keep(kek_id, key_id, key.value or 0)
        wrapped = self._finish(self._head(kek_id, key_id), lib.cipher_bytes(record), key.value or 0)
        return wrapped, handle

    def _parse(self, kek_id: int, wrapped: bytes) -> tuple[bytes, bytes]:
        """Return key id and SM2 ciphertext of a wrapped key that may be used."""
        if (
            len(wrapped) != WRAPPED_BYTES
            or wrapped[0] != VERSION
            or int.from_bytes(wrapped[1:5], "big") != kek_id
        ):
            raise SdfError(SdfCode.ENCRYPTED_DATA, "import")
        key_id = wrapped[5:_HEAD]
        self._checked().registry.check(kek_id, key_id)
        return key_id, wrapped[_HEAD : _HEAD + 113]

    def _import(self, index: int, sealed: bytes) -> int:
        self._unlock(index)
        key = ctypes.c_void_p()
        record = lib.cipher_record(sealed)
        try:
            self._call("ImportKeyWithISK_ECC", self.raw, index, ctypes.byref(record), ctypes.byref(key))
        except SdfError as error:
            raise _same_answer(error) from None
        return key.value or 0

    def import_key_with_kek(self, kek_id: int, wrapped: bytes) -> KeyHandle:
        """Return a handle on a wrapped key (SDF_ImportKeyWithISK_ECC)."""
        key_id, sealed = self._parse(kek_id, wrapped)
        key = self._import(kek_id, sealed)
        try:
            nonce, tag = wrapped[-NONCE_BYTES - TAG_BYTES : -TAG_BYTES], wrapped[-TAG_BYTES:]
            self._open_gcm(key, nonce, tag, _LABEL + wrapped[:_HEAD])
        except SdfError as error:
            self._quietly("DestroyKey", self.raw, key)
            raise _same_answer(error) from None
        return self._keep(kek_id, key_id, key)

    def _exchange(self, index: int, sealed: bytes, public: bytes) -> bytes:
        self._unlock(index)
        source, target, to = lib.cipher_record(sealed), lib.CipherRecord(), lib.public_record(public)
        self._call(
            "ExchangeDigitEnvelopeBaseOnECC",
            self.raw,
            index,
            lib.SGD_SM2_ENCRYPT,
            ctypes.byref(to),
            ctypes.byref(source),
            ctypes.byref(target),
        )
        return lib.cipher_bytes(target)

    def rewrap(self, kek_id: int, wrapped: bytes, new_kek_id: int) -> bytes:
        """Move a wrapped key to another internal pair."""
        handle = self.import_key_with_kek(kek_id, wrapped)
        try:
            key_id, sealed = self._parse(kek_id, wrapped)
            self._checked().registry.check(new_kek_id, key_id)
            moved = self._exchange(kek_id, sealed, self.export_encrypt_public(new_kek_id))
            return self._finish(self._head(new_kek_id, key_id), moved, self._handles[handle][2])
        finally:
            self.destroy_key(handle)

    def exchange_envelope(self, kek_id: int, wrapped: bytes, public: bytes) -> bytes:
        """Re-protect (转保护) a wrapped key to an SM2 public key."""
        # Imported first: the tag proves that the key id, which was checked, belongs to the key.
        self.destroy_key(self.import_key_with_kek(kek_id, wrapped))
        return self._exchange(kek_id, self._parse(kek_id, wrapped)[1], public)

    def import_envelope(self, kek_id: int, envelope: bytes) -> bytes:
        """Take a key encrypted to the device's own key 1 and return it wrapped."""
        key_id = self.random(KEY_ID_BYTES)
        self._checked().registry.check(kek_id, key_id)
        public = self.export_encrypt_public(kek_id)
        try:
            sealed = self._exchange(1, envelope, public)
        except SdfError as error:
            raise _same_answer(error) from None
        key = self._import(kek_id, sealed)
        try:
            return self._finish(self._head(kek_id, key_id), sealed, key)
        finally:
            self._quietly("DestroyKey", self.raw, key)

    def revoke(self, wrapped: list[bytes]) -> None:
        """Refuse these keys for ever."""
        if any(len(blob) != WRAPPED_BYTES or blob[0] != VERSION for blob in wrapped):
            raise SdfError(SdfCode.ENCRYPTED_DATA, "import")
        self._checked().registry.revoke([blob[5:_HEAD] for blob in wrapped])

    def destroy_key(self, handle: KeyHandle) -> None:
        """Forget a handle (SDF_DestroyKey)."""
        found = self._handles.pop(handle, None)
        if found is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        self._call("DestroyKey", self.raw, found[2])

    # Using keys.

    def _key(self, handle: KeyHandle) -> int:
        found = self._handles.get(handle)
        if found is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        self._checked().registry.check(found[0], found[1])
        return found[2]

    def _block(self, key: int, block: bytes) -> bytes:
        out, size = ctypes.create_string_buffer(16), ctypes.c_uint(16)
        self._call("Encrypt", self.raw, key, lib.SGD_SM4_ECB, None, block, 16, out, ctypes.byref(size))
        return out.raw

    def _seal(self, key: int, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        if len(nonce) != NONCE_BYTES:
            raise SdfError(SdfCode.ARGUMENT_IN, "encrypt")
        if not self._device.library.has("AuthEnc"):
            return gcm.seal(lambda block: self._block(key, block), nonce, plaintext, aad)
        length = len(plaintext)
        out, size = ctypes.create_string_buffer(length + 1), ctypes.c_uint(length)
        tag, tag_size = ctypes.create_string_buffer(TAG_BYTES), ctypes.c_uint(TAG_BYTES)
        self._call(
            *("AuthEnc", self.raw, key, lib.SGD_SM4_GCM, nonce, NONCE_BYTES, aad, len(aad)),
            *(plaintext, length, out, ctypes.byref(size), tag, ctypes.byref(tag_size)),
        )
        return out.raw[:length] + tag.raw

    def _open_gcm(self, key: int, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        length = len(sealed) - TAG_BYTES
        if length < 0 or len(nonce) != NONCE_BYTES:
            raise SdfError(SdfCode.ENCRYPTED_DATA, "decrypt")
        if not self._device.library.has("AuthDec"):
            try:
                return gcm.open_sealed(lambda block: self._block(key, block), nonce, sealed, aad)
            except SealError:
                raise SdfError(SdfCode.ENCRYPTED_DATA, "decrypt") from None
        out, size, tag_size = (
            ctypes.create_string_buffer(length + 1),
            ctypes.c_uint(length),
            ctypes.c_uint(TAG_BYTES),
        )
        try:
            self._call(
                *("AuthDec", self.raw, key, lib.SGD_SM4_GCM, nonce, NONCE_BYTES, aad, len(aad)),
                *(sealed[length:], ctypes.byref(tag_size), sealed[:length], length, out, ctypes.byref(size)),
            )
        except SdfError as error:
            raise _same_answer(error, "decrypt") from None
        return out.raw[:length]

    def encrypt_gcm(self, handle: KeyHandle, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return SM4-GCM ciphertext and tag (SDF_AuthEnc; built from SDF_Encrypt on devices of the 2012 edition)."""
        return self._seal(self._key(handle), nonce, plaintext, aad)

    def decrypt_gcm(self, handle: KeyHandle, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Open SM4-GCM (SDF_AuthDec)."""
        return self._open_gcm(self._key(handle), nonce, sealed, aad)

    def gcm_holds(self, index: int) -> bool:
        """Say whether a fresh key of pair `index` seals the same by SDF_AuthEnc as by SDF_Encrypt and plain GCM."""
        record, raw = lib.CipherRecord(), ctypes.c_void_p()
        self._call("GenerateKeyWithIPK_ECC", self.raw, index, 128, ctypes.byref(record), ctypes.byref(raw))
        key = raw.value or 0
        again = self._import(index, lib.cipher_bytes(record))
        nonce, plain, aad = self.draw(NONCE_BYTES), b"self-test of SM4-GCM, 2 blocks", b"aad"
        sealed = self._seal(key, nonce, plain, aad)
        by_blocks = gcm.seal(lambda block: self._block(again, block), nonce, plain, aad)
        opened = self._open_gcm(again, nonce, sealed, aad)
        for one in (key, again):
            self._quietly("DestroyKey", self.raw, one)
        return sealed == by_blocks and opened == plain

    def mac(self, handle: KeyHandle, data: bytes) -> bytes:
        """Return HMAC-SM3 under a key. Raises NOT_SUPPORTED on devices of the 2012 edition."""
        key = self._key(handle)
        self._call("HMACInit", self.raw, key, lib.SGD_HMAC_SM3)
        self._call("HMACUpdate", self.raw, data, len(data))
        return self._digest("HMACFinal")

    def _digest(self, name: str) -> bytes:
        out, size = ctypes.create_string_buffer(32), ctypes.c_uint(32)
        self._call(name, self.raw, out, ctypes.byref(size))
        if size.value != 32:
            raise SdfError(SdfCode.HARDWARE, f"SDF_{name}")
        return out.raw

    def hash(self, data: bytes, *, public: bytes | None = None, user_id: bytes = b"") -> bytes:
        """Return SM3, or e = SM3(Z‖M) when `public` is given."""
        self._checked()
        record = None if public is None else ctypes.byref(lib.public_record(public))
        self._call("HashInit", self.raw, lib.SGD_SM3, record, user_id, len(user_id))
        self._call("HashUpdate", self.raw, data, len(data))
        return self._digest("HashFinal")

    # The device's own pairs.

    def _export(self, name: str, index: int) -> bytes:
        self._checked()
        record = lib.PublicRecord()
        self._call(name, self.raw, index, ctypes.byref(record))
        return lib.public_bytes(record)

    def export_sign_public(self, index: int) -> bytes:
        """Return the public key of an internal signing pair."""
        return self._export("ExportSignPublicKey_ECC", index)

    def export_encrypt_public(self, index: int) -> bytes:
        """Return the public key of an internal encryption pair."""
        return self._export("ExportEncPublicKey_ECC", index)

    def sign(self, index: int, digest: bytes) -> bytes:
        """Sign e with an internal key."""
        if len(digest) != 32:
            raise SdfError(SdfCode.SIGN, "sign")
        self._unlock(index)
        record = lib.SignatureRecord()
        self._call("InternalSign_ECC", self.raw, index, digest, 32, ctypes.byref(record))
        return lib.signature_bytes(record)

    def verify(self, index: int, digest: bytes, signature: bytes) -> None:
        """Verify with an internal key."""
        self._checked()
        record = lib.signature_record(signature)
        self._call("InternalVerify_ECC", self.raw, index, digest, len(digest), ctypes.byref(record))

    def external_verify(self, public: bytes, digest: bytes, signature: bytes) -> None:
        """Verify with a given key."""
        self._checked()
        record, key = lib.signature_record(signature), lib.public_record(public)
        self._call(
            *("ExternalVerify_ECC", self.raw, lib.SGD_SM2_SIGN, ctypes.byref(key)),
            *(digest, len(digest), ctypes.byref(record)),
        )

    # Files.

    def create_file(self, name: str, size: int) -> None:
        """Make a file of zeros in the device."""
        self._checked()
        encoded = name.encode()
        self._call("CreateFile", self.raw, encoded, len(encoded), size)

    def read_file(self, name: str, offset: int, size: int) -> bytes:
        """Read from a file."""
        self._checked()
        encoded = name.encode()
        out, length = ctypes.create_string_buffer(size + 1), ctypes.c_uint(size)
        self._call("ReadFile", self.raw, encoded, len(encoded), offset, ctypes.byref(length), out)
        return out.raw[: min(length.value, size)]

    def write_file(self, name: str, offset: int, data: bytes) -> None:
        """Write into a file."""
        self._checked()
        encoded = name.encode()
        self._call("WriteFile", self.raw, encoded, len(encoded), offset, len(data), data)

    def delete_file(self, name: str) -> None:
        """Delete a file."""
        self._checked()
        encoded = name.encode()
        self._call("DeleteFile", self.raw, encoded, len(encoded))


def _same_answer(error: SdfError, operation: str = "import") -> SdfError:
    """Every wrong ciphertext gets one answer; a lost device and a missing right stay what they are."""
    if error.device_lost or error.code in (
        SdfCode.KEY_NOT_EXIST,
        SdfCode.NO_PRIVATE_KEY_ACCESS,
        SdfCode.PRIVATE_KEY_ACCESS,
        SdfCode.NOT_SUPPORTED,
        SdfCode.STEP,
    ):
        return error
    return SdfError(SdfCode.ENCRYPTED_DATA, operation)
