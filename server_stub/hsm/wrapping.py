"""How a key is wrapped under a key-encryption key (GM/T 0018 leaves the form to the device).

version(1) kek id(4, big-endian) key id(16) nonce(12) SM4-GCM(key)(16 + 16)
"""

from dataclasses import dataclass

from .device import KEY_ID_BYTES
from .errors import SdfCode, SdfError

VERSION = 1
HEADER_BYTES = 1 + 4 + KEY_ID_BYTES
WRAPPED_BYTES = HEADER_BYTES + 12 + 32


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The readable parts of a wrapped key."""

    kek_id: int
    key_id: bytes
    nonce: bytes
    sealed: bytes

    @property
    def aad(self) -> bytes:
        """Return what the wrapping binds."""
        return aad(self.kek_id, self.key_id)

    def encode(self) -> bytes:
        """Return the bytes to store."""
        return header(self.kek_id, self.key_id) + self.nonce + self.sealed


def header(kek_id: int, key_id: bytes) -> bytes:
    """Return the clear head of a wrapped key."""
    return bytes((VERSION,)) + kek_id.to_bytes(4, "big") + key_id


def aad(kek_id: int, key_id: bytes) -> bytes:
    """Return the additional data of the wrapping."""
    return b"zhengding/wrapped-key" + header(kek_id, key_id)


def parse(kek_id: int, blob: bytes) -> Wrapped:
    """Read a wrapped key. Whatever is wrong, the answer is the same `SdfError` (ENCRYPTED_DATA)."""
    if len(blob) != WRAPPED_BYTES or blob[0] != VERSION or int.from_bytes(blob[1:5], "big") != kek_id:
        raise SdfError(SdfCode.ENCRYPTED_DATA, "import")
    return Wrapped(kek_id, blob[5:21], blob[21:33], blob[33:])
