"""The signed link of a meeting's check-in page: nobody can guess one, and a renewed one voids the old (3.1.6.4.7)."""

import base64
import hashlib
import hmac
import uuid

_SIGNED = 12
"""Bytes of the signature: 96 bits, tried only over a throttled network."""


class Links:
    """Makes and reads tokens: base64url of the meeting's UUID, the round, and an HMAC over both."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"meeting-check-in\x00" + secret).digest()

    def token(self, meeting_id: str, number: int) -> str:
        """The token for a meeting in this round of links."""
        plain = uuid.UUID(meeting_id).bytes + (number % 65536).to_bytes(2, "big")
        return base64.urlsafe_b64encode(plain + self._sign(plain)).decode().rstrip("=")

    def read(self, token: str) -> tuple[str, int] | None:
        """Meeting id and round of a token that was made here; None for any other text."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        plain, signature = data[:18], data[18:]
        if len(plain) != 18 or not hmac.compare_digest(signature, self._sign(plain)):
            return None
        return str(uuid.UUID(bytes=plain[:16])), int.from_bytes(plain[16:], "big")

    def _sign(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, plain, "sha256")[:_SIGNED]
