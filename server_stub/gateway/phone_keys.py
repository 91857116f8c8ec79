"""Wrapping keys of phone slots from the HSM's key custody, as the app lock asks for them."""

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.lock import UNLOCK_PURPOSE
from server_stub.features.lock.ports import WrappedPhoneKey
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey


class CustodyPhoneKeys:
    """`features.lock.ports.PhoneKeys` over `KeyCustody`. Calls may wait for the device."""

    def __init__(self, custody: KeyCustody) -> None:
        self._custody = custody

    def new(self) -> WrappedPhoneKey:
        """See the port."""
        made = self._custody.new_file_key()
        return WrappedPhoneKey(made.blob, made.kek_id)

    def envelope(self, wrapped: WrappedPhoneKey, device_id: str, public: bytes) -> bytes:
        """See the port; KEY_DESTROYED when the key is gone."""
        try:
            return self._custody.envelope(
                WrappedKey(wrapped.blob, wrapped.kek_id),
                conversation_id=f"{UNLOCK_PURPOSE}/{device_id}",
                epoch=0,
                device_public=public,
            )
        except KeyDestroyed:
            raise ApiError(ErrorCode.KEY_DESTROYED, message="手机解锁的密钥已销毁，请用密码解锁。") from None
