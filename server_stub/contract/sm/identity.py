"""What SM2 hashes around a message: the user digest Z, the message digest e, and the KDF (GM/T 0003)."""

from . import curve
from .ports import HashBackend


def user_digest(sm3: HashBackend, public: bytes, user_id: bytes) -> bytes:
    """Return Z of a public key and a user id of at most 8191 bytes."""
    if len(user_id) > 8191:
        raise ValueError("an SM2 user id has at most 8191 bytes")
    return sm3.digest((8 * len(user_id)).to_bytes(2, "big") + user_id + curve.Z_CONSTANTS + public[1:])


def message_digest(sm3: HashBackend, public: bytes, user_id: bytes, message: bytes) -> bytes:
    """Return e = SM3(Z‖M), 32 bytes."""
    return sm3.digest(user_digest(sm3, public, user_id) + message)


def derive(sm3: HashBackend, seed: bytes, size: int) -> bytes:
    """Return `size` bytes of KDF(seed)."""
    blocks = (sm3.digest(seed + count.to_bytes(4, "big")) for count in range(1, (size + 31) // 32 + 1))
    return b"".join(blocks)[:size]
