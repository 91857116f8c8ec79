"""Conversation keys as the conversations feature wants them, over the HSM's custody."""

from server_stub.contract.content import AnyContent, encode_content
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey

_KEK_BYTES = 4


class ConversationKeys:
    """Satisfies conversations.ports.Keys. Wrapped keys are kept as key-encryption key id ‖ blob."""

    def __init__(self, custody: KeyCustody) -> None:
        self._custody = custody

    def new_conversation_key(self) -> bytes:
        """Return a fresh wrapped key."""
        made = self._custody.new_conversation_key()
        return made.kek_id.to_bytes(_KEK_BYTES, "big") + made.blob

    def envelope(self, wrapped: bytes, *, conversation_id: str, epoch: int, device_public: bytes) -> bytes:
        """Return the key under the device's public key; raises KEY_DESTROYED where it is gone."""
        try:
            return self._custody.envelope(
                _unpacked(wrapped), conversation_id=conversation_id, epoch=epoch, device_public=device_public
            )
        except KeyDestroyed:
            raise ApiError(ErrorCode.KEY_DESTROYED) from None

    def seal_as_server(
        self, wrapped: bytes, *, conversation_id: str, epoch: int, client_id: str, content: AnyContent
    ) -> bytes:
        """Seal a content of the server's own."""
        try:
            return self._custody.seal_as_server(
                _unpacked(wrapped),
                epoch=epoch,
                conversation_id=conversation_id,
                sender_id="system",
                client_id=client_id,
                plaintext=encode_content(content),
            )
        except KeyDestroyed:
            raise ApiError(ErrorCode.KEY_DESTROYED) from None


def _unpacked(wrapped: bytes) -> WrappedKey:
    return WrappedKey(wrapped[_KEK_BYTES:], int.from_bytes(wrapped[:_KEK_BYTES], "big"))
