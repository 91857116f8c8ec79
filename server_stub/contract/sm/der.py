"""DER of SM2 signatures and ciphertexts (GM/T 0009), to and from the raw forms used on the wire."""

from .ports import SIGNATURE_BYTES

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def encode(tag: int, body: bytes) -> bytes:
    """Return one DER element."""
    n = len(body)
    if n < 0x80:
        return bytes((tag, n)) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def decode(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """Return the body of the element at `at` and where the next begins. Raises ValueError."""
    if at + 2 > len(data) or data[at] != tag:
        raise ValueError("not the DER element expected")
    n, begin = data[at + 1], at + 2
    if n >= 0x80:
        size = n & 0x7F
        if not 1 <= size <= 4 or begin + size > len(data):
            raise ValueError("bad DER length")
        n = int.from_bytes(data[begin : begin + size], "big")
        begin += size
        if n < 0x80 or n.bit_length() <= 8 * (size - 1):
            raise ValueError("DER length not minimal")
    if begin + n > len(data):
        raise ValueError("DER cut short")
    return data[begin : begin + n], begin + n


def integer(value: int) -> bytes:
    """Return a DER INTEGER that is not negative."""
    return encode(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def read_integer(data: bytes, at: int) -> tuple[int, int]:
    """Return the INTEGER at `at`, and where the next element begins. Raises ValueError."""
    body, after = decode(data, at, _INTEGER)
    if not body or body[0] & 0x80 or (len(body) > 1 and body[0] == 0 and not body[1] & 0x80):
        raise ValueError("DER integer negative or not minimal")
    return int.from_bytes(body, "big"), after


def signature_to_der(raw: bytes) -> bytes:
    """Turn `r‖s` into SEQUENCE { r, s }."""
    if len(raw) != SIGNATURE_BYTES:
        raise ValueError("an SM2 signature is 64 bytes")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    return encode(_SEQUENCE, integer(r) + integer(s))


def signature_from_der(der: bytes) -> bytes:
    """Turn SEQUENCE { r, s } into `r‖s`. Raises ValueError."""
    body, end = decode(der, 0, _SEQUENCE)
    r, at = read_integer(body, 0)
    s, at = read_integer(body, at)
    if end != len(der) or at != len(body) or r >> 256 or s >> 256:
        raise ValueError("not an SM2 signature")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def ciphertext_to_der(raw: bytes) -> bytes:
    """Turn `04‖X‖Y‖C3‖C2` into SEQUENCE { x, y, hash, ciphertext }. Raises ValueError."""
    if len(raw) < 98 or raw[0] != 4:
        raise ValueError("SM2 ciphertext cut short")
    x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:65], "big")
    return encode(
        _SEQUENCE, integer(x) + integer(y) + encode(_OCTETS, raw[65:97]) + encode(_OCTETS, raw[97:])
    )


def ciphertext_from_der(der: bytes) -> bytes:
    """Turn SEQUENCE { x, y, hash, ciphertext } into `04‖X‖Y‖C3‖C2`. Raises ValueError."""
    body, end = decode(der, 0, _SEQUENCE)
    x, at = read_integer(body, 0)
    y, at = read_integer(body, at)
    c3, at = decode(body, at, _OCTETS)
    c2, at = decode(body, at, _OCTETS)
    if end != len(der) or at != len(body) or x >> 256 or y >> 256 or len(c3) != 32 or not c2:
        raise ValueError("not an SM2 ciphertext")
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big") + c3 + c2
