"""REST endpoints of the audit trail; administrators only."""

from typing import Any

from starlette.responses import Response

from server_stub.contract.audit import AuditPage
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Access, Call, Endpoint, Query
from server_stub.spreadsheet import MEDIA_TYPES

from .reading import AuditFilter, AuditReader

_PATH = "/api/v1/admin/audit"
_TAGS = ("admin",)
_LATEST = 2**53
_FILTER = {
    "from_ms": Query(int, 0, minimum=0, maximum=_LATEST),
    "to_ms": Query(int, 0, minimum=0, maximum=_LATEST, doc="exclusive; 0: no end"),
    "actor": Query(str, "", max_length=36, doc="a person's id"),
    "action": Query(str, "", max_length=40),
    "text": Query(str, "", max_length=100, doc="a part of the target or of the result"),
}


class AuditRoutes:
    """Handlers; the rules are in the reader."""

    def __init__(self, reader: AuditReader) -> None:
        self._reader = reader

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table."""
        return [
            Endpoint(
                "GET",
                _PATH,
                Access.ADMIN,
                self._page,
                "The audit trail, the newest first",
                answer=AuditPage,
                query={
                    **_FILTER,
                    "before": Query(int, minimum=1, maximum=_LATEST, doc="the last id of the page before"),
                    "limit": Query(int, 100, minimum=1, maximum=500),
                },
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                _PATH + "/export",
                Access.ADMIN,
                self._export,
                "The audit trail as xlsx or csv",
                answer=Response,
                query={**_FILTER, "format": Query(str, "xlsx", max_length=4)},
                tags=_TAGS,
            ),
        ]

    async def _page(self, call: Call[None]) -> AuditPage:
        query = call.query
        return await self._reader.page(
            call.caller, _filter(call), before=query["before"], limit=query["limit"]
        )

    async def _export(self, call: Call[None]) -> Response:
        kind = call.query["format"]
        if kind not in MEDIA_TYPES:
            raise ApiError(ErrorCode.BAD_REQUEST, "format: csv or xlsx")
        data = await self._reader.export(call.caller, _filter(call), kind)
        name = f'attachment; filename="audit.{kind}"'
        return Response(data, media_type=MEDIA_TYPES[kind], headers={"content-disposition": name})


def _filter(call: Call[Any]) -> AuditFilter:
    return AuditFilter(*(call.query[name] for name in _FILTER))
