"""The signed-in session's tokens and the device that proves them."""

import msgspec


class SessionTokens(msgspec.Struct, frozen=True, kw_only=True):
    """What the store keeps of a sign-in. `repr` shows no token."""

    server_url: str
    session_id: str
    access_token: str
    refresh_token: str
    expires_at: float
    """Unix seconds by this machine's clock."""
    is_admin: bool = False

    def __repr__(self) -> str:
        return f"SessionTokens({self.server_url}, {self.session_id})"


class DeviceKey(msgspec.Struct, frozen=True, kw_only=True):
    """The device's id and SM2 key pair. `repr` shows no key."""

    id: str
    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"DeviceKey({self.id})"


def pack(value: SessionTokens | DeviceKey) -> bytes:
    """Bytes for the store."""
    return msgspec.msgpack.encode(value)


def unpack_tokens(data: bytes) -> SessionTokens:
    """Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(data, type=SessionTokens)


def unpack_device(data: bytes) -> DeviceKey:
    """Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(data, type=DeviceKey)
