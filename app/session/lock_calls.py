"""Calls of the app lock: of an open session, of one that was just locked, and of a locked client by its ticket."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx
import msgspec

from app.session.http import HttpCaller, is_loopback, normal_url
from app.session.states import NetworkError
from app.session.tokens import SessionTokens
from app.store.slots import PhoneTicket
from server_stub.contract.errors import ApiError, ErrorBody, ErrorCode
from server_stub.contract.lock import (
    TICKET_HEADER,
    Desktop,
    DesktopList,
    Hold,
    HoldList,
    HoldRequest,
    LockLogBatch,
    LockLogEntry,
    LockLogPage,
    LockLogTaken,
    LockPageChange,
    LockPageNow,
    LockPolicy,
    LockReport,
    LockState,
    PhoneKey,
    PhoneKeyRequest,
    Scan,
    ScanRequest,
    ScanState,
)

T = TypeVar("T")
_SECONDS = 10.0


class LockCalls:
    """Of an open session. Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    async def state(self) -> LockState:
        """What this desktop has to heed."""
        return await self._http.call("GET", "/lock/state", LockState)

    async def page(self) -> LockPageNow:
        """The lock page in force."""
        return await self._http.call("GET", "/lock/page", LockPageNow)

    async def report(self, report: LockReport) -> None:
        """Say that this desktop is locked or open."""
        await self._http.call("POST", "/lock/report", type(None), body=report)

    async def phone_key(self, ticket_digest: bytes) -> PhoneKey:
        """Have a key made for the phone's slot."""
        body = PhoneKeyRequest(ticket_digest=ticket_digest)
        return await self._http.call("POST", "/lock/phone-key", PhoneKey, body=body)

    async def send_log(self, entries: list[LockLogEntry]) -> str:
        """Send entries; returns the digest of the newest one that the server has."""
        body = LockLogBatch(entries=entries)
        return (await self._http.call("POST", "/lock/log", LockLogTaken, body=body)).last

    # The console.

    async def policy(self) -> LockPolicy:
        """The policy in force."""
        return await self._http.call("GET", "/admin/lock/policy", LockPolicy)

    async def change_policy(self, policy: LockPolicy) -> None:
        """Set it for everybody."""
        await self._http.call("PUT", "/admin/lock/policy", type(None), body=policy)

    async def admin_page(self) -> LockPageNow:
        """The page in force."""
        return await self._http.call("GET", "/admin/lock/page", LockPageNow)

    async def change_page(self, change: LockPageChange) -> None:
        """Set it for everybody."""
        await self._http.call("PUT", "/admin/lock/page", type(None), body=change)

    async def default_page(self) -> None:
        """Back to the product's own."""
        await self._http.call("DELETE", "/admin/lock/page", type(None))

    async def log(self, **query: Any) -> LockLogPage:
        """Everybody's log: from_ms, to_ms, trigger, person_id, offset, limit."""
        return await self._http.call("GET", "/admin/lock/log", LockLogPage, query=query)

    async def export_log(self, **query: Any) -> bytes:
        """The same as a file: format "xlsx" or "csv"."""
        return (await self._http.raw("GET", "/admin/lock/log/export", query=query)).content

    async def desktops(self, person_id: str) -> list[Desktop]:
        """A person's desktops."""
        query = {"person_id": person_id}
        return (await self._http.call("GET", "/admin/lock/desktops", DesktopList, query=query)).desktops

    async def holds(self) -> list[Hold]:
        """Forced locks."""
        return (await self._http.call("GET", "/admin/lock/holds", HoldList)).holds

    async def hold(self, request: HoldRequest) -> list[Hold]:
        """Lock a person or a desktop until a scan."""
        return (await self._http.call("POST", "/admin/lock/holds", HoldList, body=request)).holds

    async def lift(self, hold_id: str) -> None:
        """Take a forced lock back."""
        await self._http.call("DELETE", f"/admin/lock/holds/{hold_id}", type(None))


class _Plain:
    """A short-lived http client with one header of its own."""

    def __init__(self, server_url: str, headers: dict[str, str]) -> None:
        self.base_url = normal_url(server_url)
        local = is_loopback(self.base_url)
        self._client = httpx.AsyncClient(
            base_url=self.base_url + "/api/v1",
            headers=headers,
            timeout=_SECONDS,
            trust_env=not local,
            verify=not self.base_url.startswith("http://"),
        )

    async def call(self, method: str, path: str, answer: type[T], body: msgspec.Struct | None = None) -> T:
        content = None if body is None else msgspec.json.encode(body)
        try:
            response = await self._client.request(method, path, content=content)
        except (httpx.HTTPError, OSError) as error:
            raise NetworkError(detail=type(error).__name__) from None
        if response.status_code >= 400:
            try:
                said = msgspec.json.decode(response.content, type=ErrorBody)
            except msgspec.DecodeError:
                raise NetworkError(detail=f"HTTP {response.status_code}") from None
            raise ApiError(said.code, said.detail, message=said.message)
        if answer is type(None) or response.status_code == 204:
            return None  # pyright: ignore[reportReturnType]
        try:
            return msgspec.json.decode(response.content, type=answer)
        except msgspec.DecodeError as error:
            raise NetworkError(detail=str(error)) from None

    async def close(self) -> None:
        await self._client.aclose()


class PartingCalls(_Plain):
    """Of a session that was just closed by the lock: its access token is lent for a quarter of an hour at most."""

    def __init__(self, tokens: SessionTokens) -> None:
        super().__init__(tokens.server_url, {"authorization": f"Bearer {tokens.access_token}"})

    async def state(self) -> LockState:
        """How far the server has the log."""
        return await self.call("GET", "/lock/state", LockState)

    async def report(self, report: LockReport) -> None:
        """Say that this desktop is locked. Raises NetworkError, ApiError."""
        await self.call("POST", "/lock/report", type(None), report)

    async def send_log(self, entries: list[LockLogEntry]) -> str:
        """Send entries of the log."""
        return (await self.call("POST", "/lock/log", LockLogTaken, LockLogBatch(entries=entries))).last


class TicketCalls(_Plain):
    """Of a locked client: what to heed, and being opened by phone. Raises NetworkError, ApiError."""

    def __init__(self, server_url: str, ticket: PhoneTicket) -> None:
        super().__init__(server_url, {TICKET_HEADER: f"{ticket.device_id}.{ticket.secret}"})

    async def state(self) -> LockState:
        """What to heed."""
        return await self.call("GET", "/lock/locked/state", LockState)

    async def page(self) -> LockPageNow:
        """The lock page in force."""
        return await self.call("GET", "/lock/locked/page", LockPageNow)

    async def ask(self, public_key: bytes) -> Scan:
        """Ask to be opened."""
        return await self.call("POST", "/lock/locked/scans", Scan, ScanRequest(public_key=public_key))

    async def outcome(self, scan_id: str) -> ScanState:
        """What became of it."""
        return await self.call("GET", f"/lock/locked/scans/{scan_id}", ScanState)


def is_lasting(error: Exception) -> bool:
    """Whether asking again cannot help."""
    return isinstance(error, ApiError) and error.code not in (
        ErrorCode.OVERLOADED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.INTERNAL,
        ErrorCode.THROTTLED,
    )
