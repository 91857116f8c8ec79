"""Keys of secret messages from the HSM's key custody."""

from collections.abc import Collection

from server_stub.features.secret.ports import KeyGone, Wrapped
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey

EPOCH = 1
"""A message's key has one epoch; the envelope is bound to the message's client id."""


class SecretKeys:
    """`secret.ports.MessageKeys` over `KeyCustody`."""

    def __init__(self, custody: KeyCustody) -> None:
        self._custody = custody

    def make(self) -> Wrapped:
        """A fresh key of one message."""
        made = self._custody.new_secret_key()
        return Wrapped(made.blob, made.kek_id)

    def envelope(self, wrapped: Wrapped, *, client_id: str, device_public: bytes) -> bytes:
        """The key for a device."""
        try:
            return self._custody.envelope(
                WrappedKey(wrapped.blob, wrapped.kek_id),
                conversation_id=client_id,
                epoch=EPOCH,
                device_public=device_public,
            )
        except KeyDestroyed:
            raise KeyGone from None

    def retire(self, kept: Collection[int], older_than_ms: int) -> list[int]:
        """Rotate an old key-encryption key, and destroy those that no key needs."""
        return self._custody.retire_secret(kept, older_than_ms)
