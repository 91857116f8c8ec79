"""The state of one software device on its way to another: SM2(key)(113) nonce(12) SM4-GCM(state)."""

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError

from .errors import SdfCode, SdfError
from .secret import wipe_bytes

_AAD = b"zhengding/hsm/replica"


def seal(alg: Algorithms, key: bytes, nonce: bytes, public: bytes, data: bytes) -> bytes:
    """Seal a state under `key` (16 random bytes, wiped here) to a transport key."""
    try:
        return alg.sm2_encrypt(public, key) + nonce + alg.sm4_gcm_seal(key, nonce, data, _AAD)
    except ValueError:
        raise SdfError(SdfCode.PUBLIC_KEY_OPERATION, "export state") from None
    finally:
        wipe_bytes(key)


def open_sealed(alg: Algorithms, private: bytes, sealed: bytes) -> bytes:
    """Open a state. Raises `SdfError` (ENCRYPTED_DATA)."""
    if not private:
        raise SdfError(SdfCode.ENCRYPTED_DATA, "merge")
    try:
        key = alg.sm2_decrypt(private, sealed[:113])
        return alg.sm4_gcm_open(key, sealed[113:125], sealed[125:], _AAD)
    except (SealError, ValueError):
        raise SdfError(SdfCode.ENCRYPTED_DATA, "merge") from None
