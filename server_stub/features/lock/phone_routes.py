"""Endpoints of the phone pages: desktops and their lock, requests to open, the push inbox, the event stream."""

from starlette.responses import Response, StreamingResponse

from server_stub.contract.lock import DesktopList, FindScan, NoticeList, PhoneScan
from server_stub.contract.wire import Wire
from server_stub.http.endpoint import Access, Call, Endpoint

from . import notices
from .service import LockService

_TAGS = ("phone",)
_PATH = "/api/v1/phone"


class PhoneScans(Wire, frozen=True, kw_only=True):
    """Requests that wait for the owner."""

    scans: list[PhoneScan]


class PhoneLockRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: LockService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of phones."""
        phone, tags = Access.PHONE, _TAGS
        lock = ("3.2.3.1.4",)
        return [
            Endpoint(
                "GET", _PATH + "/desktops", phone, self._desktops, "The own desktops",
                answer=DesktopList, tags=tags, clauses=lock,
            ),
            Endpoint(
                "POST", _PATH + "/desktops/{id}/lock", phone, self._lock, "Lock an own desktop",
                tags=tags, clauses=lock,
            ),
            Endpoint(
                "GET", _PATH + "/scans", phone, self._waiting, "Own desktops that ask to be opened",
                answer=PhoneScans, tags=tags,
            ),
            Endpoint(
                "POST", _PATH + "/scans/find", phone, self._find, "Find a request by its code",
                body=FindScan, answer=PhoneScan, max_body=1024, tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/scans/{id}", phone, self._show, "A request to open a desktop",
                answer=PhoneScan, tags=tags,
            ),
            Endpoint(
                "POST", _PATH + "/scans/{id}/confirm", phone, self._confirm, "Open the desktop", tags=tags,
            ),
            Endpoint(
                "POST", _PATH + "/scans/{id}/reject", phone, self._reject, "Leave it locked", tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/notices", phone, self._notices, "The push inbox",
                answer=NoticeList, tags=tags, clauses=("3.2.3.1.7",),
            ),
            Endpoint(
                "POST", _PATH + "/notices/read", phone, self._read, "All of them were seen", tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/events", phone, self._events, "Server-sent events: when to look again",
                answer=Response, tags=tags,
            ),
        ]  # fmt: skip

    async def _desktops(self, call: Call[None]) -> DesktopList:
        return DesktopList(desktops=await self._service.desktops.of_person(call.caller))

    async def _lock(self, call: Call[None]) -> None:
        await self._service.desktops.lock_remotely(call.caller, call.path["id"])

    async def _waiting(self, call: Call[None]) -> PhoneScans:
        return PhoneScans(scans=await self._service.scans.waiting(call.caller))

    async def _find(self, call: Call[FindScan]) -> PhoneScan:
        return await self._service.scans.find(call.caller, call.body.code)

    async def _show(self, call: Call[None]) -> PhoneScan:
        return await self._service.scans.show(call.caller, call.path["id"])

    async def _confirm(self, call: Call[None]) -> None:
        await self._service.scans.answer(call.caller, call.path["id"], agree=True)

    async def _reject(self, call: Call[None]) -> None:
        await self._service.scans.answer(call.caller, call.path["id"], agree=False)

    async def _notices(self, call: Call[None]) -> NoticeList:
        person_id = call.caller.person_id
        return await self._service.database.read(lambda connection: notices.newest(connection, person_id))

    async def _read(self, call: Call[None]) -> None:
        person_id = call.caller.person_id
        await self._service.database.write(lambda connection: notices.mark_read(connection, person_id))
        await self._service.news.phone(person_id)

    async def _events(self, call: Call[None]) -> Response:
        return StreamingResponse(
            self._service.news.stream(call.caller.person_id),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )
