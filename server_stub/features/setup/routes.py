"""REST endpoints of the first start; only a program on the server's own machine may call them."""

from typing import Any

from server_stub.contract.accounts import Progress, SetupAdmin, SetupDemo
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Access, Call, Endpoint

from .service import SetupService

_TAGS = ("setup",)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def is_local(call: Call[Any]) -> bool:
    """Whether the call comes from this machine itself and not through a proxy on it."""
    local = call.address in ("127.0.0.1", "::1")
    return local and not any(name in call.http.headers for name in _FORWARDED)


class SetupRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: SetupService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1/setup"
        return [
            Endpoint(
                "POST",
                base + "/demo",
                Access.PUBLIC,
                self._demo,
                "Fill an empty server with the demo organisation (from its own machine only)",
                body=SetupDemo,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                base + "/admin",
                Access.PUBLIC,
                self._admin,
                "Make the first administrator of an empty server (from its own machine only)",
                body=SetupAdmin,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                base + "/progress",
                Access.PUBLIC,
                self._progress,
                "How far the demo organisation is (from the server's own machine only)",
                answer=Progress,
                tags=_TAGS,
            ),
        ]

    async def _demo(self, call: Call[SetupDemo]) -> None:
        _check(call)
        await self._service.begin_demo(call.body.people)

    async def _admin(self, call: Call[SetupAdmin]) -> None:
        _check(call)
        await self._service.make_administrator(call.body)

    async def _progress(self, call: Call[None]) -> Progress:
        _check(call)
        return self._service.progress()


def _check(call: Call[Any]) -> None:
    if not is_local(call):
        raise ApiError(ErrorCode.FORBIDDEN, "only from the server's own machine")
