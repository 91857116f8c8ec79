"""Builds the parts of this feature."""

import os
from collections.abc import Awaitable, Callable
from typing import Protocol

from server_stub.http.endpoint import Caller, Endpoint
from server_stub.storage.database import Database

from .desk import KnowledgeDesk
from .routes import KnowledgeRoutes
from .service import Audit, KnowledgeService
from .vectors import Embedder, Vectors

_NONCE = 12


class Cipher(Protocol):
    """SM4-GCM."""

    def sm4_gcm_seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes = b"") -> bytes: ...

    def sm4_gcm_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes: ...


class TextSealer:
    """Texts under a key that lies beside the database, not in it; each opens only as the document that it is."""

    def __init__(self, cipher: Cipher, key: bytes) -> None:
        self._cipher, self._key = cipher, key[:16]

    def seal(self, text: str, name: str) -> bytes:
        """See Sealer."""
        return self.seal_bytes(text.encode(), name)

    def open(self, sealed: bytes, name: str) -> str:
        """See Sealer."""
        return self.open_bytes(sealed, name).decode()

    def seal_bytes(self, data: bytes, name: str) -> bytes:
        """See BytesSealer."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.sm4_gcm_seal(self._key, nonce, data, _bound(name))

    def open_bytes(self, sealed: bytes, name: str) -> bytes:
        """See BytesSealer."""
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        return self._cipher.sm4_gcm_open(self._key, nonce, rest, _bound(name))


def _bound(name: str) -> bytes:
    return b"zd-knowledge " + name.encode()


class Knowledge:
    """All of it; `close` with the server."""

    def __init__(
        self,
        database: Database,
        sealer: TextSealer,
        admit: Callable[[Caller], Awaitable[None]],
        audit: Audit,
        announce: Callable[[], Awaitable[None]],
        embedder: Embedder,
    ) -> None:
        self.vectors = Vectors(database, sealer, embedder)
        service = KnowledgeService(database, sealer, admit, audit, self.vectors)
        self._routes = KnowledgeRoutes(service, KnowledgeDesk(database, sealer, audit, announce))

    def endpoints(self) -> list[Endpoint]:
        """All endpoints of this feature."""
        return self._routes.endpoints()

    async def close(self) -> None:
        """Give up what is being made."""
        await self.vectors.close()
