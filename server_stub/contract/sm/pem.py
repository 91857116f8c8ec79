"""SM2 keys as PKCS#8 and SubjectPublicKeyInfo, in DER and PEM, as OpenSSL and Tongsuo read and write them."""

import base64
import re

from . import curve, der
from .ports import Sm2KeyPair

_SEQUENCE, _BITS, _OCTETS = 0x30, 0x03, 0x04
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
"""AlgorithmIdentifier { id-ecPublicKey, 1.2.156.10197.1.301 (sm2p256v1) }."""
_ALGORITHM_SM2 = bytes.fromhex("301406082a811ccf5501822d06082a811ccf5501822d")
"""The same with the SM2 object identifier in both places, as some vendors write it."""
_PRIVATE, _PUBLIC = "PRIVATE KEY", "PUBLIC KEY"


def public_to_der(public: bytes) -> bytes:
    """Return SubjectPublicKeyInfo. Raises ValueError for a key that is none."""
    curve.point(public)
    return der.encode(_SEQUENCE, _ALGORITHM + der.encode(_BITS, b"\0" + public))


def _algorithm(data: bytes, at: int) -> int:
    for known in (_ALGORITHM, _ALGORITHM_SM2):
        if data.startswith(known, at):
            return at + len(known)
    raise ValueError("not an SM2 key")


def public_from_der(data: bytes) -> bytes:
    """Read SubjectPublicKeyInfo; return `04‖X‖Y`. Raises ValueError."""
    body, end = der.decode(data, 0, _SEQUENCE)
    bits, after = der.decode(body, _algorithm(body, 0), _BITS)
    if end != len(data) or after != len(body) or not bits or bits[0]:
        raise ValueError("not an SM2 public key")
    curve.point(bits[1:])
    return bits[1:]


def private_to_der(pair: Sm2KeyPair) -> bytes:
    """Return PKCS#8 PrivateKeyInfo with the public key inside."""
    curve.scalar(pair.private)
    point = der.encode(0xA1, der.encode(_BITS, b"\0" + pair.public))
    inner = der.encode(_SEQUENCE, der.integer(1) + der.encode(_OCTETS, pair.private) + point)
    return der.encode(_SEQUENCE, der.integer(0) + _ALGORITHM + der.encode(_OCTETS, inner))


def private_from_der(data: bytes) -> bytes:
    """Read PKCS#8; return the 32-byte private key. Raises ValueError, without a word of the content."""
    body, end = der.decode(data, 0, _SEQUENCE)
    version, at = der.read_integer(body, 0)
    octets, _ = der.decode(body, _algorithm(body, at), _OCTETS)
    inner, inner_end = der.decode(octets, 0, _SEQUENCE)
    one, at = der.read_integer(inner, 0)
    private, _ = der.decode(inner, at, _OCTETS)
    if end != len(data) or version > 1 or one != 1 or inner_end != len(octets):
        raise ValueError("not an SM2 private key")
    curve.scalar(private)
    return private


def _to_pem(label: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def _from_pem(label: str, text: str) -> bytes:
    found = re.search(f"-----BEGIN {label}-----([A-Za-z0-9+/=\\s]+)-----END {label}-----", text)
    if not found:
        raise ValueError(f"no PEM block {label}")
    return base64.b64decode("".join(found[1].split()), validate=True)


def public_to_pem(public: bytes) -> str:
    """Return a public key as PEM."""
    return _to_pem(_PUBLIC, public_to_der(public))


def public_from_pem(text: str) -> bytes:
    """Read a public key from PEM. Raises ValueError."""
    return public_from_der(_from_pem(_PUBLIC, text))


def private_to_pem(pair: Sm2KeyPair) -> str:
    """Return a private key as PEM, not encrypted: the caller keeps it safe."""
    return _to_pem(_PRIVATE, private_to_der(pair))


def private_from_pem(text: str) -> bytes:
    """Read an unencrypted private key from PEM. Raises ValueError."""
    return private_from_der(_from_pem(_PRIVATE, text))
