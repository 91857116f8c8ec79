"""SM4-GCM and SM3 by the `cryptography` package, which brings its own OpenSSL on every platform."""

import cryptography
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from .ports import TAG_BYTES, BackendUnavailable, Hasher, SealError, SealReason


class CryptographySm4:
    """SM4 by `cryptography`."""

    def __init__(self) -> None:
        try:
            Cipher(SM4(bytes(16)), modes.GCM(bytes(12))).encryptor()
        except UnsupportedAlgorithm:
            raise BackendUnavailable("cryptography was built without SM4-GCM") from None

    @property
    def name(self) -> str:
        """Return the library and its version."""
        return f"cryptography {cryptography.__version__}"

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """Encrypt one 16-byte block."""
        encryptor = Cipher(SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block, for the vectors
        return encryptor.update(block) + encryptor.finalize()

    def seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return ciphertext followed by the 16-byte tag."""
        encryptor = Cipher(SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag

    def open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Return the plain text. Raises `SealError`."""
        decryptor = Cipher(SM4(key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(aad)
        try:
            return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()
        except InvalidTag:
            raise SealError(SealReason.TAMPERED) from None


class CryptographySm3:
    """SM3 by `cryptography`."""

    def __init__(self) -> None:
        try:
            hashes.Hash(hashes.SM3())
        except UnsupportedAlgorithm:
            raise BackendUnavailable("cryptography was built without SM3") from None

    @property
    def name(self) -> str:
        """Return the library and its version."""
        return f"cryptography {cryptography.__version__}"

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte digest of `data`."""
        running = hashes.Hash(hashes.SM3())
        running.update(data)
        return running.finalize()

    def hasher(self) -> Hasher:
        """Begin a running digest."""
        return _RunningSm3()


class _RunningSm3:
    def __init__(self) -> None:
        self._running = hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        self._running.update(data)

    def digest(self) -> bytes:
        return self._running.copy().finalize()
