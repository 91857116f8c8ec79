"""What the key pages need of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Protocol

from app.session.session import Session
from app.shell.whole_file import write_whole
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.keys import (
    AlgorithmBackends,
    AuditVerdict,
    BackupRequest,
    Confirmation,
    Destruction,
    DestructionPreview,
    DeviceList,
    KeyAudit,
    KeyExport,
    KeyImport,
    KeyOverview,
    KeyRequest,
    KeyRequests,
    KeyShare,
    RestoreRequest,
    RotateNow,
    RotationPolicy,
    WorkingKeys,
)

_BASE = "/security"
_LONG_S = 300.0


class KeyConsole(Protocol):
    """Calls raise what app.shell.problems puts into words. Values of keys are never among the answers."""

    @property
    def me(self) -> str:
        """Own person id: nobody confirms his own request."""
        ...

    async def devices(self) -> DeviceList:
        """The machines, tested now."""
        ...

    async def overview(self) -> KeyOverview:
        """Keys by level and state."""
        ...

    async def working(self, after: str) -> WorkingKeys:
        """A page of conversation keys."""
        ...

    async def policy(self) -> RotationPolicy:
        """When keys are replaced."""
        ...

    async def set_policy(self, policy: RotationPolicy) -> RotationPolicy:
        """Change it."""
        ...

    async def rotate(self, purpose: str) -> KeyOverview:
        """Replace the key-encryption key now."""
        ...

    async def preview(self, wanted: Destruction) -> DestructionPreview:
        """What a destruction would do."""
        ...

    async def destroy(self, wanted: Destruction) -> KeyRequest:
        """Ask for one."""
        ...

    async def backup(self, reason: str) -> KeyRequest:
        """Ask for a backup."""
        ...

    async def restore(self, file: Path, share: str, reason: str) -> KeyRequest:
        """Ask for a restore."""
        ...

    async def export_key(self, conversation_id: str, epoch: int, reason: str) -> KeyRequest:
        """Ask for one key."""
        ...

    async def import_key(self, file: Path, share: str, reason: str) -> KeyRequest:
        """Ask to bring one key in."""
        ...

    async def requests(self) -> list[KeyRequest]:
        """What two administrators do together, newest first."""
        ...

    async def confirm(self, request_id: str, share: str = "") -> KeyRequest:
        """Confirm as the second."""
        ...

    async def cancel(self, request_id: str) -> KeyRequest:
        """Take a waiting request back."""
        ...

    async def share(self, request_id: str) -> str:
        """Take the own share; it is given once."""
        ...

    async def save_file(self, request_id: str, path: Path) -> None:
        """Save the file of a finished backup or export."""
        ...

    async def audit(self, *, before: int | None, kind: str, actor: str) -> KeyAudit:
        """A page of the log, newest first."""
        ...

    async def save_audit(self, kind: str, path: Path) -> None:
        """Save the log as CSV."""
        ...

    async def verify(self) -> AuditVerdict:
        """Walk the whole chain."""
        ...

    async def algorithms(self) -> AlgorithmBackends:
        """The backends, tested and timed now."""
        ...

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        """See OrgSource."""
        ...

    async def search(self, text: str, limit: int) -> SearchResult:
        """See OrgSource."""
        ...


class SessionKeyConsole:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._http = session.api.http

    @property
    def me(self) -> str:
        return self._session.me.id

    async def devices(self) -> DeviceList:
        return await self._http.call("GET", _BASE + "/devices", DeviceList, timeout=_LONG_S)

    async def overview(self) -> KeyOverview:
        return await self._http.call("GET", _BASE + "/keys", KeyOverview)

    async def working(self, after: str) -> WorkingKeys:
        query = {"after": after, "limit": 200}
        return await self._http.call("GET", _BASE + "/keys/working", WorkingKeys, query=query)

    async def policy(self) -> RotationPolicy:
        return await self._http.call("GET", _BASE + "/rotation", RotationPolicy)

    async def set_policy(self, policy: RotationPolicy) -> RotationPolicy:
        return await self._http.call("PUT", _BASE + "/rotation", RotationPolicy, body=policy)

    async def rotate(self, purpose: str) -> KeyOverview:
        body = RotateNow(purpose=purpose)
        return await self._http.call("POST", _BASE + "/rotation/now", KeyOverview, body=body, timeout=_LONG_S)

    async def preview(self, wanted: Destruction) -> DestructionPreview:
        path = _BASE + "/destruction/preview"
        return await self._http.call("POST", path, DestructionPreview, body=wanted, timeout=_LONG_S)

    async def destroy(self, wanted: Destruction) -> KeyRequest:
        return await self._http.call("POST", _BASE + "/destruction", KeyRequest, body=wanted, timeout=_LONG_S)

    async def backup(self, reason: str) -> KeyRequest:
        return await self._http.call("POST", _BASE + "/backup", KeyRequest, body=BackupRequest(reason=reason))

    async def restore(self, file: Path, share: str, reason: str) -> KeyRequest:
        body = RestoreRequest(backup=await asyncio.to_thread(file.read_bytes), share=share, reason=reason)
        return await self._http.call("POST", _BASE + "/restore", KeyRequest, body=body, timeout=_LONG_S)

    async def export_key(self, conversation_id: str, epoch: int, reason: str) -> KeyRequest:
        body = KeyExport(conversation_id=conversation_id, epoch=epoch, reason=reason)
        return await self._http.call("POST", _BASE + "/keys/export", KeyRequest, body=body)

    async def import_key(self, file: Path, share: str, reason: str) -> KeyRequest:
        body = KeyImport(file=await asyncio.to_thread(file.read_bytes), share=share, reason=reason)
        return await self._http.call("POST", _BASE + "/keys/import", KeyRequest, body=body)

    async def requests(self) -> list[KeyRequest]:
        query = {"limit": 50}
        return (await self._http.call("GET", _BASE + "/requests", KeyRequests, query=query)).requests

    async def confirm(self, request_id: str, share: str = "") -> KeyRequest:
        path = f"{_BASE}/requests/{request_id}/confirm"
        return await self._http.call(
            "POST", path, KeyRequest, body=Confirmation(share=share), timeout=_LONG_S
        )

    async def cancel(self, request_id: str) -> KeyRequest:
        return await self._http.call("POST", f"{_BASE}/requests/{request_id}/cancel", KeyRequest)

    async def share(self, request_id: str) -> str:
        return (await self._http.call("POST", f"{_BASE}/requests/{request_id}/share", KeyShare)).share

    async def save_file(self, request_id: str, path: Path) -> None:
        answer = await self._http.raw("GET", f"{_BASE}/requests/{request_id}/backup", timeout=_LONG_S)
        await asyncio.to_thread(write_whole, answer.content, path)

    async def audit(self, *, before: int | None, kind: str, actor: str) -> KeyAudit:
        query = {"before": before, "kind": kind, "actor": actor, "limit": 200}
        return await self._http.call("GET", _BASE + "/audit", KeyAudit, query=query)

    async def save_audit(self, kind: str, path: Path) -> None:
        answer = await self._http.raw("GET", _BASE + "/audit/export", query={"kind": kind}, timeout=_LONG_S)
        await asyncio.to_thread(write_whole, answer.content, path)

    async def verify(self) -> AuditVerdict:
        return await self._http.call("POST", _BASE + "/audit/verify", AuditVerdict, timeout=_LONG_S)

    async def algorithms(self) -> AlgorithmBackends:
        return await self._http.call("GET", _BASE + "/algorithms", AlgorithmBackends, timeout=_LONG_S)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._session.directory.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._session.directory.search(text, limit)
