"""SM2, SM3 and SM4 over the pure-Python `gmssl`: slow, for machines without libraries and for cross-checks.

Of gmssl only the primitives are used (point multiplication, compression, block). Its own random numbers come from
`random`, its decryption does not check C3 and it knows no user ids, so those parts are made here.
"""

import hmac
import secrets
from collections.abc import Callable
from importlib import import_module
from typing import Any

from . import curve, gcm
from .identity import derive
from .ports import HashBackend, Hasher, SealError, SealReason

# gmssl has no types; everything that comes out of it is converted at once.
_sm2: Any = import_module("gmssl.sm2")
_sm3: Any = import_module("gmssl.sm3")
_sm4: Any = import_module("gmssl.sm4")
_NAME = "gmssl (pure Python)"


class GmsslSm4:
    """SM4 by gmssl, GCM by `gcm`."""

    @property
    def name(self) -> str:
        """Return the library."""
        return _NAME

    def _block(self, key: bytes) -> Callable[[bytes], bytes]:
        if len(key) != 16:
            raise ValueError("an SM4 key is 16 bytes")
        cipher = _sm4.CryptSM4()
        cipher.set_key(key, _sm4.SM4_ENCRYPT)

        def encrypt(block: bytes) -> bytes:
            return bytes(cipher.one_round(cipher.sk, list(block)))

        return encrypt

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """Encrypt one 16-byte block."""
        return self._block(key)(block)

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return ciphertext followed by the 16-byte tag."""
        return gcm.seal(self._block(key), nonce, plaintext, aad)

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Return the plain text. Raises `SealError`."""
        return gcm.open_sealed(self._block(key), nonce, sealed, aad)


class GmsslSm3:
    """SM3 by gmssl."""

    @property
    def name(self) -> str:
        """Return the library."""
        return _NAME

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte digest of `data`."""
        return bytes.fromhex(_sm3.sm3_hash(list(data)))

    def hasher(self) -> Hasher:
        """Begin a running digest; gmssl has none, so all is kept until it is asked for."""
        return _KeptSm3()


class _KeptSm3:
    def __init__(self) -> None:
        self._data = bytearray()

    def update(self, data: bytes) -> None:
        self._data += data

    def digest(self) -> bytes:
        return bytes.fromhex(_sm3.sm3_hash(list(self._data)))


def _times(k: int, x: int, y: int) -> tuple[int, int]:
    """Return k(x, y), 1 <= k < n."""
    text = _sm2.CryptSM2("", "")._kg(k, f"{x:064x}{y:064x}")
    if text is None:
        raise ValueError("point at infinity")
    return int(text[:64], 16), int(text[64:], 16)


def _plus(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2), p = left, right, curve.P
    if x1 == x2:
        if (y1 + y2) % p == 0:
            raise ValueError("point at infinity")
        slope = (3 * x1 * x1 + curve.A) * pow(2 * y1, -1, p) % p
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, p) % p
    x3 = (slope * slope - x1 - x2) % p
    return x3, (slope * (x1 - x3) - y1) % p


class GmsslSm2:
    """SM2 over gmssl's curve arithmetic. Its time depends on the keys: use it only where nothing else is there."""

    def __init__(self, sm3: HashBackend) -> None:
        self._sm3 = sm3

    @property
    def name(self) -> str:
        """Return the library."""
        return _NAME

    def _encoded(self, point: tuple[int, int]) -> bytes:
        return b"\x04" + curve.fixed(point[0]) + curve.fixed(point[1])

    def _base(self, k: int) -> tuple[int, int]:
        return _times(k, curve.GX, curve.GY)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key of a private key."""
        return self._encoded(self._base(curve.scalar(private)))

    def check_public(self, public: bytes) -> None:
        """Raise ValueError unless `public` is a point of the curve."""
        curve.point(public)

    def sign_digest(self, private: bytes, digest: bytes) -> bytes:
        """Sign e; return `r‖s`."""
        d, e = curve.scalar(private), int.from_bytes(digest, "big")
        while True:
            k = secrets.randbelow(curve.N - 1) + 1
            r = (e + self._base(k)[0]) % curve.N
            s = pow(1 + d, -1, curve.N) * (k - r * d) % curve.N
            if r and s and r + k != curve.N:
                return curve.fixed(r) + curve.fixed(s)

    def verify_digest(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        """Say whether `r‖s` is a signature of e."""
        x, y = curve.point(public)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        t = (r + s) % curve.N
        if not (1 <= r < curve.N and 1 <= s < curve.N and t):
            return False
        try:
            x1, _ = _plus(self._base(s), _times(t, x, y))
        except ValueError:
            return False
        return (int.from_bytes(digest, "big") + x1) % curve.N == r

    def encrypt(self, public: bytes, data: bytes) -> bytes:
        """Return `04‖X‖Y‖C3‖C2`."""
        x, y = curve.point(public)
        while True:
            k = secrets.randbelow(curve.N - 1) + 1
            shared = self._encoded(_times(k, x, y))[1:]
            mask = derive(self._sm3, shared, len(data))
            if any(mask):
                c3 = self._sm3.digest(shared[:32] + data + shared[32:])
                return (
                    self._encoded(self._base(k)) + c3 + bytes(a ^ b for a, b in zip(data, mask, strict=True))
                )

    def decrypt(self, private: bytes, sealed: bytes) -> bytes:
        """Open `04‖X‖Y‖C3‖C2`. Raises `SealError`."""
        d = curve.scalar(private)
        if len(sealed) < 98 or sealed[0] != 4:
            raise SealError(SealReason.TRUNCATED)
        try:
            x, y = curve.point(sealed[:65])
        except ValueError:
            raise SealError(SealReason.TAMPERED) from None
        shared = self._encoded(_times(d, x, y))[1:]
        mask = derive(self._sm3, shared, len(sealed) - 97)
        data = bytes(a ^ b for a, b in zip(sealed[97:], mask, strict=True))
        c3 = self._sm3.digest(shared[:32] + data + shared[32:])
        if not any(mask) or not hmac.compare_digest(c3, sealed[65:97]):
            raise SealError(SealReason.TAMPERED)
        return data

    def combine(self, a: int, p: bytes, b: int, q: bytes) -> bytes:
        """Return aP + bQ."""
        left = _times(a % curve.N, *curve.point(p))
        return self._encoded(_plus(left, _times(b % curve.N, *curve.point(q))))

    def forget(self, private: bytes) -> None:
        """Nothing is cached here."""
