"""SM2 by libcrypto 3 or newer through EVP, with the keys and contexts reused between calls."""

import ctypes
import hashlib
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import curve, der
from .cache import RecentlyUsed
from .native import function, load, output
from .ports import BackendUnavailable, SealError, SealReason

_P, _N, _I, _S = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_char_p
_NID_SM2 = 1172
_SELECT_PUBLIC, _SELECT_PAIR = 0x86, 0x87
_PARAM_END, _PARAM_UNSIGNED, _PARAM_TEXT, _PARAM_OCTETS = 0, 2, 4, 5
_PRIVATE_CACHED, _PUBLIC_CACHED = 256, 4096
_CONTEXTS_KEPT = 8


class _Parameter(ctypes.Structure):
    """OSSL_PARAM."""

    _fields_ = (
        ("key", _S),
        ("kind", ctypes.c_uint),
        ("data", _P),
        ("size", _N),
        ("returned", _N),
    )


class _Key:
    """An EVP_PKEY and its idle contexts, one kind for each operation; freed with the last user."""

    __slots__ = ("_free", "_free_context", "contexts", "handle", "public")

    def __init__(
        self, handle: int, public: bytes, free: Callable[..., Any], free_context: Callable[..., Any]
    ) -> None:
        self.handle = handle
        self.public = public
        self._free = free
        self._free_context = free_context
        self.contexts: dict[str, deque[int]] = {
            "sign": deque(),
            "verify": deque(),
            "encrypt": deque(),
            "decrypt": deque(),
        }

    def __del__(self) -> None:
        for idle in self.contexts.values():
            for context in idle:
                self._free_context(context)
        self._free(self.handle)


def _names() -> tuple[str, ...]:
    beside = [str(Path(sys.base_prefix) / "DLLs" / "libcrypto-3.dll")] if sys.platform == "win32" else []
    return (
        "libcrypto.so.3",
        *beside,
        "libcrypto-3-x64.dll",
        "libcrypto-3-arm64.dll",
        "libcrypto-3.dll",
        "libcrypto.3.dylib",
    )


class LibcryptoSm2:
    """SM2 by libcrypto. EVP_PKEYs are cached under a hash of the key; contexts are lent to one call at a time."""

    def __init__(self) -> None:
        library = load(_names(), "crypto")
        try:
            number: int = function(library, "OpenSSL_version_num", ctypes.c_ulong)()
        except BackendUnavailable:
            raise BackendUnavailable("libcrypto is older than 3.0") from None
        if number < 0x30000000:
            raise BackendUnavailable("libcrypto is older than 3.0")
        text: bytes = function(library, "OpenSSL_version", _S, _I)(0)
        self._name = "libcrypto " + text.decode("ascii", "replace").split(" ", 2)[1]
        self._clear_error = function(library, "ERR_clear_error", None)
        self._context_by_name = function(library, "EVP_PKEY_CTX_new_from_name", _P, _P, _S, _S)
        self._context_of_key = function(library, "EVP_PKEY_CTX_new_from_pkey", _P, _P, _P, _S)
        self._free_context = function(library, "EVP_PKEY_CTX_free", None, _P)
        self._free_key = function(library, "EVP_PKEY_free", None, _P)
        self._fromdata_init = function(library, "EVP_PKEY_fromdata_init", _I, _P)
        self._fromdata = function(library, "EVP_PKEY_fromdata", _I, _P, _P, _I, _P)
        self._init = {
            kind: function(library, f"EVP_PKEY_{kind}_init", _I, _P)
            for kind in ("sign", "verify", "encrypt", "decrypt")
        }
        self._sign = function(library, "EVP_PKEY_sign", _I, _P, _P, _P, _S, _N)
        self._verify = function(library, "EVP_PKEY_verify", _I, _P, _S, _N, _S, _N)
        self._encrypt = function(library, "EVP_PKEY_encrypt", _I, _P, _P, _P, _S, _N)
        self._decrypt = function(library, "EVP_PKEY_decrypt", _I, _P, _P, _P, _S, _N)
        self._bn = function(library, "BN_bin2bn", _P, _S, _I, _P)
        self._bn_free = function(library, "BN_clear_free", None, _P)
        self._point_new = function(library, "EC_POINT_new", _P, _P)
        self._point_free = function(library, "EC_POINT_clear_free", None, _P)
        self._point_read = function(library, "EC_POINT_oct2point", _I, _P, _P, _S, _N, _P)
        self._point_write = function(library, "EC_POINT_point2oct", _N, _P, _P, _I, _P, _N, _P)
        self._point_add = function(library, "EC_POINT_add", _I, _P, _P, _P, _P, _P)
        self._point_mul = function(library, "EC_POINT_mul", _I, _P, _P, _P, _P, _P, _P)
        self._group: int | None = function(library, "EC_GROUP_new_by_curve_name", _P, _I)(_NID_SM2)
        if not self._group:
            self._clear_error()
            raise BackendUnavailable("libcrypto was built without SM2")
        self._private: RecentlyUsed[_Key] = RecentlyUsed(_PRIVATE_CACHED)
        self._public: RecentlyUsed[_Key] = RecentlyUsed(_PUBLIC_CACHED)

    @property
    def name(self) -> str:
        """Return the library and its version."""
        return self._name

    def _multiply(self, a: int, p: bytes | None) -> bytes:
        """Return aP, or aG when `p` is None; the ladder of libcrypto takes the same time for every a."""
        number = self._bn(curve.fixed(a), 32, None)
        out, given = self._point_new(self._group), self._point_new(self._group)
        try:
            if p is None:
                good = self._point_mul(self._group, out, number, None, None, None)
            else:
                good = self._point_read(self._group, given, p, len(p), None) and self._point_mul(
                    self._group, out, None, given, number, None
                )
            return self._written(out, good)
        finally:
            self._bn_free(number)
            self._point_free(out)
            self._point_free(given)

    def _written(self, point: int, good: int) -> bytes:
        encoded, address = output(65)
        if not good or self._point_write(self._group, point, 4, address, 65, None) != 65:
            self._clear_error()
            raise ValueError("not a point of the SM2 curve")
        return encoded

    def combine(self, a: int, p: bytes, b: int, q: bytes) -> bytes:
        """Return aP + bQ."""
        first, second = self._multiply(a % curve.N, p), self._multiply(b % curve.N, q)
        left, right = self._point_new(self._group), self._point_new(self._group)
        try:
            good = (
                self._point_read(self._group, left, first, 65, None)
                and self._point_read(self._group, right, second, 65, None)
                and self._point_add(self._group, left, left, right, None)
            )
            return self._written(left, good)
        finally:
            self._point_free(left)
            self._point_free(right)

    def _import(self, public: bytes, private: bytes | None) -> _Key:
        parameters = (_Parameter * 4)()
        group, point = ctypes.create_string_buffer(b"SM2"), ctypes.create_string_buffer(public, 65)
        # libcrypto takes the number in the byte order of the machine.
        secret = ctypes.create_string_buffer(
            int.from_bytes(private or b"", "big").to_bytes(32, sys.byteorder), 32
        )
        parameters[0] = _Parameter(b"group", _PARAM_TEXT, ctypes.addressof(group), 3, 0)
        parameters[1] = _Parameter(b"pub", _PARAM_OCTETS, ctypes.addressof(point), 65, 0)
        if private:
            parameters[2] = _Parameter(b"priv", _PARAM_UNSIGNED, ctypes.addressof(secret), 32, 0)
        handle = ctypes.c_void_p()
        context = self._context_by_name(None, b"SM2", None)
        try:
            good = (
                context
                and self._fromdata_init(context) == 1
                and self._fromdata(
                    context, ctypes.byref(handle), _SELECT_PAIR if private else _SELECT_PUBLIC, parameters
                )
                == 1
            )
        finally:
            self._free_context(context)
            ctypes.memset(secret, 0, 32)
        if not good or not handle.value:
            self._clear_error()
            raise ValueError("not an SM2 key")
        return _Key(handle.value, public, self._free_key, self._free_context)

    def _private_key(self, private: bytes) -> _Key:
        def make() -> _Key:
            return self._import(self._multiply(curve.scalar(private), None), private)

        return self._private.get(hashlib.sha256(private).digest(), make)

    def _public_key(self, public: bytes) -> _Key:
        def make() -> _Key:
            curve.point(public)
            return self._import(public, None)

        return self._public.get(public, make)

    def _lend(self, key: _Key, kind: str) -> int:
        try:
            return key.contexts[kind].pop()
        except IndexError:
            context: int | None = self._context_of_key(None, key.handle, None)
            if not context or self._init[kind](context) != 1:
                self._free_context(context)
                self._clear_error()
                raise ValueError("libcrypto refused the SM2 key") from None
            return context

    def _give_back(self, key: _Key, kind: str, context: int) -> None:
        if len(key.contexts[kind]) < _CONTEXTS_KEPT:
            key.contexts[kind].append(context)
        else:
            self._free_context(context)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key of a private key."""
        return self._private_key(private).public

    def check_public(self, public: bytes) -> None:
        """Raise ValueError unless `public` is a point of the curve."""
        curve.point(public)

    def sign_digest(self, private: bytes, digest: bytes) -> bytes:
        """Sign e; return `r‖s`."""
        key = self._private_key(private)
        room, size = ctypes.create_string_buffer(80), ctypes.c_size_t(80)
        context = self._lend(key, "sign")
        if self._sign(context, room, ctypes.byref(size), digest, len(digest)) != 1:
            self._free_context(context)
            self._clear_error()
            raise ValueError("libcrypto refused to sign")
        self._give_back(key, "sign", context)
        return der.signature_from_der(room.raw[: size.value])

    def verify_digest(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        """Say whether `r‖s` is a signature of e."""
        key = self._public_key(public)
        encoded = der.signature_to_der(signature)
        context = self._lend(key, "verify")
        good = self._verify(context, encoded, len(encoded), digest, len(digest)) == 1
        if not good:
            self._clear_error()
        self._give_back(key, "verify", context)
        return good

    def encrypt(self, public: bytes, data: bytes) -> bytes:
        """Return `04‖X‖Y‖C3‖C2`."""
        key = self._public_key(public)
        capacity = len(data) + 140
        room, size = ctypes.create_string_buffer(capacity), ctypes.c_size_t(capacity)
        context = self._lend(key, "encrypt")
        if self._encrypt(context, room, ctypes.byref(size), data, len(data)) != 1:
            self._free_context(context)
            self._clear_error()
            raise ValueError("libcrypto refused to encrypt")
        self._give_back(key, "encrypt", context)
        return der.ciphertext_from_der(room.raw[: size.value])

    def decrypt(self, private: bytes, sealed: bytes) -> bytes:
        """Open `04‖X‖Y‖C3‖C2`. Raises `SealError`."""
        key = self._private_key(private)
        try:
            encoded = der.ciphertext_to_der(sealed)
        except ValueError:
            raise SealError(SealReason.TRUNCATED) from None
        room, size = ctypes.create_string_buffer(len(encoded)), ctypes.c_size_t(len(encoded))
        context = self._lend(key, "decrypt")
        good = self._decrypt(context, room, ctypes.byref(size), encoded, len(encoded)) == 1
        self._give_back(key, "decrypt", context)
        plain = room.raw[: size.value] if good else b""
        ctypes.memset(room, 0, len(encoded))
        if not good:
            self._clear_error()
            raise SealError(SealReason.TAMPERED)
        return plain

    def forget(self, private: bytes) -> None:
        """Drop what is cached of a private key."""
        self._private.drop(hashlib.sha256(private).digest())
