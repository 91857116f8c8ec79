"""Access and refresh tokens: signed, not stored, so that a check touches no disk."""

import base64
import hmac
from collections.abc import Callable

import msgspec

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller

Mac = Callable[[bytes, bytes], bytes]
"""HMAC-SM3: key, data → 32 bytes."""


class _Claims(msgspec.Struct, frozen=True, array_like=True):
    session_id: str
    person_id: str
    device_id: str
    is_admin: bool
    expires_at: int


class Tokens:
    """Makes and checks tokens with the server's secret, which all processes of an organisation share."""

    def __init__(self, mac: Mac, secret: bytes) -> None:
        self._mac = mac
        self._secret = secret
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(_Claims)

    def access(self, caller: Caller, expires_at: int) -> str:
        """Return an access token for `caller` that lasts until `expires_at` (Unix seconds)."""
        claims = self._encoder.encode(
            _Claims(caller.session_id, caller.person_id, caller.device_id, caller.is_admin, expires_at)
        )
        return f"{_text(claims)}.{_text(self._tag(b'access', claims))}"

    def read_access(self, token: str, now_s: int) -> Caller:
        """Return whose token it is; raise UNAUTHENTICATED or TOKEN_EXPIRED."""
        try:
            claims_text, tag_text = token.split(".")
            claims, tag = _bytes(claims_text), _bytes(tag_text)
        except ValueError:
            raise ApiError(ErrorCode.UNAUTHENTICATED) from None
        if not hmac.compare_digest(tag, self._tag(b"access", claims)):
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        found = self._decoder.decode(claims)
        if found.expires_at <= now_s:
            raise ApiError(ErrorCode.TOKEN_EXPIRED)
        return Caller(found.person_id, found.session_id, found.device_id, found.is_admin)

    def refresh(self, session_id: str, counter: int) -> str:
        """Return the session's refresh token number `counter`."""
        return f"{counter}.{_text(self._tag(b'refresh', f'{session_id}.{counter}'.encode()))}"

    def read_refresh(self, session_id: str, token: str) -> int:
        """Return the number of a genuine refresh token of this session; raise UNAUTHENTICATED otherwise."""
        number, _, _ = token.partition(".")
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        if not hmac.compare_digest(token.encode(), self.refresh(session_id, int(number)).encode()):
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        return int(number)

    def phone(self, session_id: str) -> str:
        """Return what a phone's cookie carries for its session; it opens nothing but the phone's endpoints."""
        return f"{session_id}.{_text(self._tag(b'phone', session_id.encode()))}"

    def read_phone(self, token: str) -> str:
        """Return the session of a genuine cookie; raise UNAUTHENTICATED otherwise."""
        session_id, _, _ = token.partition(".")
        if not hmac.compare_digest(token.encode(), self.phone(session_id).encode()):
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        return session_id

    def code_digest(self, person_id: str, purpose: str, code: str) -> bytes:
        """Return what is kept of a code that was sent by text message."""
        return self._tag(b"code", f"{person_id}.{purpose}.{code}".encode())

    def _tag(self, domain: bytes, data: bytes) -> bytes:
        return self._mac(self._secret, domain + b"\x00" + data)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
