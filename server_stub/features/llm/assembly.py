"""Builds the parts of this feature."""

import os
from pathlib import Path
from typing import Protocol

from server_stub.contract.llm import ProviderKind
from server_stub.http.endpoint import Endpoint
from server_stub.storage.database import Database

from .admin_routes import AdminAssistantRoutes
from .desk import AssistantDesk
from .keeping import KeptProvider
from .local import LocalModel
from .pool import Pool
from .ports import Announce, Audit, Figures, ModelProvider, Permissions
from .routes import AssistantRoutes
from .service import AssistantService

_NONCE = 12


class Cipher(Protocol):
    """SM4-GCM."""

    def sm4_gcm_seal(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes = b"") -> bytes: ...

    def sm4_gcm_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes: ...


class KeySealer:
    """Providers' keys under a key that lies beside the database, not in it."""

    def __init__(self, cipher: Cipher, key: bytes) -> None:
        self._cipher, self._key = cipher, key[:16]

    def seal(self, text: str) -> bytes:
        """See Sealer."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.sm4_gcm_seal(self._key, nonce, text.encode(), b"zd-llm-key")

    def open(self, sealed: bytes) -> str:
        """See Sealer."""
        if not sealed:
            return ""
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        return self._cipher.sm4_gcm_open(self._key, nonce, rest, b"zd-llm-key").decode()


class Assistant:
    """All of it; `start` and `close` with the server."""

    def __init__(
        self,
        database: Database,
        permissions: Permissions,
        sealer: KeySealer,
        models: Path,
        audit: Audit,
        figures: Figures,
        announce: Announce,
    ) -> None:
        """`models`: the folder of GGUF files; `announce` tells connected clients that something changed."""

        def make(kept: KeptProvider) -> ModelProvider:
            if kept.setting.kind is ProviderKind.GGUF:
                return LocalModel(models, kept.setting.address)
            # Only where one is used: the HTTP client takes a part of the server's start.
            from .upstream import Upstream

            return Upstream(kept.setting, sealer.open(kept.sealed_key))

        self.service = AssistantService(database, permissions, Pool(make), audit, figures)
        self.desk = AssistantDesk(database, self.service, sealer, audit, announce)

    def endpoints(self) -> list[Endpoint]:
        """All endpoints of this feature."""
        return [
            *AssistantRoutes(self.service, self.desk).endpoints(),
            *AdminAssistantRoutes(self.desk).endpoints(),
        ]

    async def start(self) -> None:
        """Read the settings."""
        await self.service.start()

    async def close(self) -> None:
        """Finish the books."""
        await self.service.close()
