"""REST endpoints of the app lock for desktops: open ones by their session, locked ones by their ticket."""

from typing import Any

from starlette.responses import Response

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.lock import (
    TICKET_HEADER,
    LockLogBatch,
    LockLogPage,
    LockLogTaken,
    LockPageNow,
    LockReport,
    LockState,
    PhoneKey,
    PhoneKeyRequest,
    Scan,
    ScanRequest,
    ScanState,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query
from server_stub.spreadsheet import MEDIA_TYPES

from .log import Filter
from .service import LockService

_TAGS = ("lock",)
_PATH = "/api/v1/lock"
_LATEST = 2**53
FILTER = {
    "from_ms": Query(int, 0, minimum=0, maximum=_LATEST),
    "to_ms": Query(int, 0, minimum=0, maximum=_LATEST),
    "trigger": Query(str, "", max_length=20),
}
PAGING = {
    "offset": Query(int, 0, minimum=0, maximum=10_000_000),
    "limit": Query(int, 100, minimum=1, maximum=500),
}


def wanted_of(call: Call[Any], person_id: str) -> Filter:
    """The filter that a call states."""
    query = call.query
    return Filter(query["from_ms"], query["to_ms"], query["trigger"], person_id)


async def exported(service: LockService, call: Call[Any], person_id: str) -> Response:
    """The log as a file."""
    kind = call.query["format"]
    if kind not in MEDIA_TYPES:
        raise ApiError(ErrorCode.BAD_REQUEST, "format: csv or xlsx")
    data = await service.log.export(wanted_of(call, person_id), kind)
    name = f'attachment; filename="lock-log.{kind}"'
    return Response(data, media_type=MEDIA_TYPES[kind], headers={"content-disposition": name})


class LockRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: LockService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of desktops."""
        inside, public = Access.SIGNED_IN, Access.PUBLIC
        return [
            Endpoint(
                "GET",
                _PATH + "/state",
                inside,
                self._state,
                "What this desktop has to heed",
                answer=LockState,
                tags=_TAGS,
                clauses=("3.2.3.1.4",),
            ),
            Endpoint(
                "GET",
                _PATH + "/page",
                inside,
                self._page,
                "The lock page in force",
                answer=LockPageNow,
                tags=_TAGS,
                clauses=("3.2.3.5.2",),
            ),
            Endpoint(
                "POST",
                _PATH + "/report",
                inside,
                self._report,
                "Say, signed by the device, that this desktop is locked or open",
                body=LockReport,
                tags=_TAGS,
                clauses=("3.2.3.1.4", "3.2.3.1.7"),
            ),
            Endpoint(
                "POST",
                _PATH + "/phone-key",
                inside,
                self._phone_key,
                "Have a wrapping key made with which the owner's phone opens this desktop",
                body=PhoneKeyRequest,
                answer=PhoneKey,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                _PATH + "/log",
                inside,
                self._take_log,
                "Send entries of this desktop's log",
                body=LockLogBatch,
                answer=LockLogTaken,
                tags=_TAGS,
                clauses=("3.2.3.1.8",),
            ),
            Endpoint(
                "GET",
                _PATH + "/log",
                inside,
                self._log,
                "The own log, of all own desktops",
                answer=LockLogPage,
                query={**FILTER, **PAGING},
                tags=_TAGS,
                clauses=("3.2.3.1.8",),
            ),
            Endpoint(
                "GET",
                _PATH + "/log/export",
                inside,
                self._export,
                "The own log as xlsx or csv",
                answer=Response,
                query={**FILTER, "format": Query(str, "xlsx", max_length=4)},
                tags=_TAGS,
                clauses=("3.2.3.1.8",),
            ),
            Endpoint(
                "GET",
                _PATH + "/locked/state",
                public,
                self._locked_state,
                "What a locked desktop has to heed (by its ticket)",
                answer=LockState,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                _PATH + "/locked/page",
                public,
                self._locked_page,
                "The lock page in force (by a locked desktop's ticket)",
                answer=LockPageNow,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                _PATH + "/locked/scans",
                public,
                self._ask,
                "A locked desktop asks to be opened by its owner's phone (by its ticket)",
                body=ScanRequest,
                answer=Scan,
                max_body=4096,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                _PATH + "/locked/scans/{id}",
                public,
                self._outcome,
                "What became of it; the key comes once (by the locked desktop's ticket)",
                answer=ScanState,
                tags=_TAGS,
            ),
        ]

    async def _state(self, call: Call[None]) -> LockState:
        return await self._service.desktops.state(call.caller.person_id, call.caller.device_id)

    async def _page(self, call: Call[None]) -> LockPageNow:
        return await self._service.settings.page()

    async def _report(self, call: Call[LockReport]) -> None:
        await self._service.desktops.report(call.caller, call.body)

    async def _phone_key(self, call: Call[PhoneKeyRequest]) -> PhoneKey:
        return await self._service.desktops.new_phone_key(call.caller, call.body.ticket_digest)

    async def _take_log(self, call: Call[LockLogBatch]) -> LockLogTaken:
        return LockLogTaken(last=await self._service.log.take(call.caller, call.body.entries))

    async def _log(self, call: Call[None]) -> LockLogPage:
        wanted = wanted_of(call, call.caller.person_id)
        return await self._service.log.page(wanted, call.query["offset"], call.query["limit"])

    async def _export(self, call: Call[None]) -> Response:
        return await exported(self._service, call, call.caller.person_id)

    # By ticket.

    async def _locked_state(self, call: Call[None]) -> LockState:
        return await self._service.desktops.state(*await self._service.scans.whose(_ticket(call)))

    async def _locked_page(self, call: Call[None]) -> LockPageNow:
        await self._service.scans.whose(_ticket(call))
        return await self._service.settings.page()

    async def _ask(self, call: Call[ScanRequest]) -> Scan:
        return await self._service.scans.ask(_ticket(call), call.body.public_key, call.address)

    async def _outcome(self, call: Call[None]) -> ScanState:
        return await self._service.scans.outcome(_ticket(call), call.path["id"])


def _ticket(call: Call[Any]) -> str:
    return call.http.headers.get(TICKET_HEADER, "")[:200]
