"""Conversation keys from the HSM's key custody, as conversations ask for them."""

from server_stub.contract.content import AnyContent, encode_content
from server_stub.features.conversations.ports import KeyGone, KeyUnreadable, Wrapped
from server_stub.features.conversations.writer import SYSTEM_SENDER
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.errors import SdfCode, SdfError


class CustodyKeys:
    """`conversations.ports.Keys` over `KeyCustody`. Calls may wait for the device: use them from threads."""

    def __init__(self, custody: KeyCustody) -> None:
        self._custody = custody

    def new_conversation_key(self) -> Wrapped:
        """Return a fresh key, wrapped."""
        made = self._custody.new_conversation_key()
        return Wrapped(made.blob, made.kek_id)

    def envelope(self, wrapped: Wrapped, *, conversation_id: str, epoch: int, device_public: bytes) -> bytes:
        """Return the key under the device's public key; raises KeyGone, KeyUnreadable."""
        try:
            return self._custody.envelope(
                WrappedKey(wrapped.blob, wrapped.kek_id),
                conversation_id=conversation_id,
                epoch=epoch,
                device_public=device_public,
            )
        except KeyDestroyed:
            # A machine that has never had the key-encryption key (a database without its device) has destroyed nothing:
            # were that told as destruction, every client would drop what it has.
            known = {kek.id for kek in self._custody.keks()}
            raise (KeyGone if wrapped.kek_id in known else KeyUnreadable) from None
        except SdfError as error:
            if error.code is SdfCode.ENCRYPTED_DATA:
                raise KeyUnreadable from None
            raise

    def seal_as_server(
        self, wrapped: Wrapped, *, conversation_id: str, epoch: int, client_id: str, content: AnyContent
    ) -> bytes:
        """Seal a content of the server's own; raises KeyGone."""
        try:
            return self._custody.seal_as_server(
                WrappedKey(wrapped.blob, wrapped.kek_id),
                epoch=epoch,
                conversation_id=conversation_id,
                sender_id=SYSTEM_SENDER,
                client_id=client_id,
                plaintext=encode_content(content),
            )
        except KeyDestroyed:
            raise KeyGone from None
