"""SM4-GCM and SM3 by libgcrypt 1.10 or newer, the fastest here (AES-NI, AVX2 and GFNI where present)."""

import ctypes
from typing import Any

from .native import function, load, output, wipe
from .ports import TAG_BYTES, BackendUnavailable, Hasher, SealError, SealReason

_SM4, _ECB, _GCM, _SM3 = 318, 1, 9, 326
_DISABLE_SECMEM, _FINISHED, _IS_FINISHED = 37, 38, 39
_P, _N, _I, _U = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint


def _open() -> tuple[ctypes.CDLL, str]:
    library = load(("libgcrypt.so.20", "libgcrypt-20.dll", "libgcrypt.20.dylib"), "gcrypt")
    version: bytes | None = function(library, "gcry_check_version", ctypes.c_char_p, ctypes.c_char_p)(None)
    text = (version or b"0").decode("ascii", "replace")
    parts = [int("".join(c for c in part if c.isdigit()) or "0") for part in text.split(".")[:2]]
    if parts < [1, 10]:
        raise BackendUnavailable(f"libgcrypt {text} is older than 1.10")
    control = library.gcry_control
    control.restype = _U
    # Another library of the process may have initialised it already; then its choices stand.
    if not control(_I(_IS_FINISHED), _I(0)):
        control(_I(_DISABLE_SECMEM), _I(0))
        control(_I(_FINISHED), _I(0))
    return library, f"libgcrypt {text}"


class GcryptSm4:
    """SM4 by libgcrypt. A handle lives for one call, so no key outlasts its use and threads share nothing."""

    def __init__(self) -> None:
        library, self._name = _open()
        self._new = function(library, "gcry_cipher_open", _U, _P, _I, _I, _U)
        self._close = function(library, "gcry_cipher_close", None, _P)
        self._key = function(library, "gcry_cipher_setkey", _U, _P, ctypes.c_char_p, _N)
        self._nonce = function(library, "gcry_cipher_setiv", _U, _P, ctypes.c_char_p, _N)
        self._aad = function(library, "gcry_cipher_authenticate", _U, _P, ctypes.c_char_p, _N)
        self._encrypt = function(library, "gcry_cipher_encrypt", _U, _P, _P, _N, ctypes.c_char_p, _N)
        self._decrypt = function(library, "gcry_cipher_decrypt", _U, _P, _P, _N, ctypes.c_char_p, _N)
        self._tag = function(library, "gcry_cipher_gettag", _U, _P, _P, _N)
        self._check = function(library, "gcry_cipher_checktag", _U, _P, ctypes.c_char_p, _N)
        self._close(self._handle(_GCM, bytes(16)))

    @property
    def name(self) -> str:
        """Return the library and its version."""
        return self._name

    def _handle(self, mode: int, key: bytes) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        if self._new(ctypes.byref(handle), _SM4, mode, 0):
            raise BackendUnavailable("libgcrypt was built without SM4 or GCM")
        if self._key(handle, key, len(key)):
            self._close(handle)
            raise ValueError("an SM4 key is 16 bytes")
        return handle

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """Encrypt one 16-byte block."""
        handle = self._handle(_ECB, key)
        try:
            out, address = output(16)
            if self._encrypt(handle, address, 16, block, 16):
                raise ValueError("SM4 refused the block")
            return out
        finally:
            self._close(handle)

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return ciphertext followed by the 16-byte tag."""
        size = len(plaintext)
        out, address = output(size + TAG_BYTES)
        handle = self._handle(_GCM, key)
        try:
            failed = self._nonce(handle, nonce, len(nonce))
            if aad:
                failed |= self._aad(handle, aad, len(aad))
            if size:
                failed |= self._encrypt(handle, address, size, plaintext, size)
            failed |= self._tag(handle, address + size, TAG_BYTES)
            if failed:
                raise ValueError("SM4-GCM refused the input")
            return out
        finally:
            self._close(handle)

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Return the plain text. Raises `SealError`."""
        size = len(sealed) - TAG_BYTES
        out, address = output(max(size, 1))
        handle = self._handle(_GCM, key)
        try:
            failed = self._nonce(handle, nonce, len(nonce))
            if aad:
                failed |= self._aad(handle, aad, len(aad))
            if size:
                failed |= self._decrypt(handle, address, size, sealed, size)
            if failed or self._check(handle, sealed[size:], TAG_BYTES):
                wipe(address, max(size, 1))
                raise SealError(SealReason.TAMPERED)
            return out if size else b""
        finally:
            self._close(handle)


class GcryptSm3:
    """SM3 by libgcrypt."""

    def __init__(self) -> None:
        library, self._name = _open()
        self._hash = function(library, "gcry_md_hash_buffer", None, _I, _P, ctypes.c_char_p, _N)
        self._library = library
        algo_info = function(library, "gcry_md_algo_info", _U, _I, _I, _P, _P)
        if algo_info(_SM3, 8, None, None):
            raise BackendUnavailable("libgcrypt was built without SM3")

    @property
    def name(self) -> str:
        """Return the library and its version."""
        return self._name

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte digest of `data`."""
        out, address = output(32)
        self._hash(_SM3, address, data, len(data))
        return out

    def hasher(self) -> Hasher:
        """Begin a running digest."""
        return _RunningSm3(self._library)


class _RunningSm3:
    def __init__(self, library: ctypes.CDLL) -> None:
        self._write = function(library, "gcry_md_write", None, _P, ctypes.c_char_p, _N)
        self._read = function(library, "gcry_md_read", _P, _P, _I)
        self._copy = function(library, "gcry_md_copy", _U, _P, _P)
        self._close = function(library, "gcry_md_close", None, _P)
        self._handle: Any = ctypes.c_void_p()
        if function(library, "gcry_md_open", _U, _P, _I, _U)(ctypes.byref(self._handle), _SM3, 0):
            raise MemoryError

    def update(self, data: bytes) -> None:
        self._write(self._handle, data, len(data))

    def digest(self) -> bytes:
        copy = ctypes.c_void_p()
        if self._copy(ctypes.byref(copy), self._handle):
            raise MemoryError
        try:
            return ctypes.string_at(self._read(copy, _SM3), 32)
        finally:
            self._close(copy)

    def __del__(self) -> None:
        if self._handle:
            self._close(self._handle)
            self._handle = None
