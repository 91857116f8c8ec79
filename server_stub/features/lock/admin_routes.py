"""Endpoints of the console: policy, lock page, everybody's log, forced locks."""

from starlette.responses import Response

from server_stub.contract.lock import (
    DesktopList,
    HoldList,
    HoldRequest,
    LockLogPage,
    LockPageChange,
    LockPageNow,
    LockPolicy,
)
from server_stub.http.endpoint import Access, Call, Caller, Endpoint, Query

from .ports import Audit
from .routes import FILTER, PAGING, exported, wanted_of
from .service import LockService

_TAGS = ("admin",)
_PATH = "/api/v1/admin/lock"
_PAGE_BODY = 3 * 1024 * 1024
"""A picture of 2 MB as base64, and the texts."""
_PERSON = {"person_id": Query(str, "", max_length=36)}


class AdminLockRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: LockService, audit: Audit) -> None:
        self._service = service
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of administrators."""
        admin, tags, page, log = Access.ADMIN, _TAGS, ("3.2.3.5.2",), ("3.2.3.1.8",)
        return [
            Endpoint(
                "GET", _PATH + "/policy", admin, self._policy, "The lock policy",
                answer=LockPolicy, tags=tags, clauses=("3.2.3.1.1",),
            ),
            Endpoint(
                "PUT", _PATH + "/policy", admin, self._change_policy, "Set the lock policy for every desktop",
                body=LockPolicy, tags=tags, clauses=("3.2.3.1.1",),
            ),
            Endpoint(
                "GET", _PATH + "/page", admin, self._page, "The lock page", answer=LockPageNow, tags=tags,
                clauses=page,
            ),
            Endpoint(
                "PUT", _PATH + "/page", admin, self._change_page, "Set texts and picture of the lock page",
                body=LockPageChange, max_body=_PAGE_BODY, tags=tags, clauses=page,
            ),
            Endpoint(
                "DELETE", _PATH + "/page", admin, self._default_page, "Back to the product's own lock page",
                tags=tags, clauses=page,
            ),
            Endpoint(
                "GET", _PATH + "/log", admin, self._log, "Everybody's log", answer=LockLogPage,
                query={**FILTER, **PAGING, **_PERSON}, tags=tags, clauses=log,
            ),
            Endpoint(
                "GET", _PATH + "/log/export", admin, self._export, "Everybody's log as xlsx or csv",
                answer=Response, query={**FILTER, **_PERSON, "format": Query(str, "xlsx", max_length=4)},
                tags=tags, clauses=log,
            ),
            Endpoint(
                "GET", _PATH + "/desktops", admin, self._desktops, "A person's desktops", answer=DesktopList,
                query={"person_id": Query(str, required=True, max_length=36)}, tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/holds", admin, self._holds, "Forced locks, the newest first",
                answer=HoldList, tags=tags,
            ),
            Endpoint(
                "POST", _PATH + "/holds", admin, self._hold, "Lock a person or a desktop until a scan",
                body=HoldRequest, answer=HoldList, tags=tags,
            ),
            Endpoint(
                "DELETE", _PATH + "/holds/{id}", admin, self._lift, "Take a forced lock back", tags=tags,
            ),
        ]  # fmt: skip

    async def _policy(self, call: Call[None]) -> LockPolicy:
        return await self._service.settings.policy()

    async def _change_policy(self, call: Call[LockPolicy]) -> None:
        await self._service.settings.change_policy(call.caller.person_id, call.body)
        await self._audit("lock_policy", call.caller.person_id, "", "changed")
        await self._service.news.everybody()

    async def _page(self, call: Call[None]) -> LockPageNow:
        return await self._service.settings.page()

    async def _change_page(self, call: Call[LockPageChange]) -> None:
        await self._service.settings.change_page(call.caller.person_id, call.body)
        await self._audit("lock_page", call.caller.person_id, "", "changed")
        await self._service.news.everybody()

    async def _default_page(self, call: Call[None]) -> None:
        await self._service.settings.default_page(call.caller.person_id)
        await self._audit("lock_page", call.caller.person_id, "", "default")
        await self._service.news.everybody()

    async def _log(self, call: Call[None]) -> LockLogPage:
        wanted = wanted_of(call, call.query["person_id"])
        return await self._service.log.page(wanted, call.query["offset"], call.query["limit"])

    async def _export(self, call: Call[None]) -> Response:
        answer = await exported(self._service, call, call.query["person_id"])
        await self._audit("lock_log", call.caller.person_id, call.query["person_id"], "exported")
        return answer

    async def _desktops(self, call: Call[None]) -> DesktopList:
        subject = Caller(call.query["person_id"], "", "")
        return DesktopList(desktops=await self._service.desktops.of_person(subject))

    async def _holds(self, call: Call[None]) -> HoldList:
        return HoldList(holds=await self._service.holds.all())

    async def _hold(self, call: Call[HoldRequest]) -> HoldList:
        await self._service.holds.put(call.caller.person_id, call.body)
        return HoldList(holds=await self._service.holds.all())

    async def _lift(self, call: Call[None]) -> None:
        await self._service.holds.lift(call.caller.person_id, call.path["id"])
