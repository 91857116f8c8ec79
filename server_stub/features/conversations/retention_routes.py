"""REST endpoints of the deletion of old messages; for administrators alone."""

from typing import Any

from server_stub.contract.retention import (
    LONGEST_DAYS,
    SHORTEST_DAYS,
    RetentionAsked,
    RetentionPolicy,
    RetentionRun,
    RetentionState,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .retention import Retention


class RetentionRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table."""
        path = "/api/v1/admin/retention"

        def make(method: str, path: str, handler: Any, summary: str, answer: Any, **more: Any) -> Endpoint:
            clauses = ("3.2.3.2.1", "3.2.3.2.2", "3.2.3.2.3", "3.2.3.2.4")
            return Endpoint(
                method,
                path,
                Access.ADMIN,
                handler,
                summary,
                answer=answer,
                tags=("retention",),
                clauses=clauses,
                **more,
            )

        days = Query(int, 365, minimum=SHORTEST_DAYS, maximum=LONGEST_DAYS)
        return [
            make("GET", path, self._state, "How long messages are kept", RetentionState),
            make("PUT", path, self._set, "Set it", RetentionState, body=RetentionPolicy),
            make(
                "GET",
                path + "/waiting",
                self._waiting,
                "How many messages are older",
                RetentionAsked,
                query={"days": days},
            ),
            make("POST", path + "/run", self._run, "Delete what is too old now", RetentionRun),
        ]

    async def _state(self, _call: Call[None]) -> RetentionState:
        return await self._retention.state()

    async def _set(self, call: Call[RetentionPolicy]) -> RetentionState:
        return await self._retention.set(call.caller, call.body)

    async def _waiting(self, call: Call[None]) -> RetentionAsked:
        return RetentionAsked(waiting=await self._retention.waiting(int(call.query["days"])))

    async def _run(self, call: Call[None]) -> RetentionRun:
        return await self._retention.run_now(call.caller)
