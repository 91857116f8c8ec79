"""Keeps the rules for links, and notes what clients stopped (3.2.3.4.4)."""

import time
from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy import Connection, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.links import MOST_SITES, REASONS, LinkPolicy, LinkReport, site
from server_stub.http.endpoint import Access, Call, Caller, Endpoint
from server_stub.storage.database import Database

from .tables import link_settings

_POLICY = "policy"
_OUTCOMES = ("blocked", "left", "opened")


class Links:
    """The rules; everybody may read them, administrators change them."""

    def __init__(
        self,
        database: Database,
        record: Callable[[str, str, str, str], Awaitable[None]],
        announce: Callable[[], Awaitable[None]],
    ) -> None:
        """`announce` tells connected clients that the rules are others now."""
        self._database = database
        self._record = record
        self._announce = announce

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table."""
        tags, clauses = ("links",), ("3.2.3.4.4",)
        return [
            Endpoint(
                "GET",
                "/api/v1/links/policy",
                Access.SIGNED_IN,
                self._policy,
                "The rules for links in messages",
                answer=LinkPolicy,
                tags=tags,
                clauses=clauses,
            ),
            Endpoint(
                "POST",
                "/api/v1/links/reports",
                Access.SIGNED_IN,
                self._report,
                "A link was stopped or asked about",
                body=LinkReport,
                answer=None,
                tags=tags,
                clauses=clauses,
            ),
            Endpoint(
                "PUT",
                "/api/v1/admin/links",
                Access.ADMIN,
                self._change,
                "Set the rules for links",
                body=LinkPolicy,
                answer=LinkPolicy,
                tags=tags,
                clauses=clauses,
            ),
        ]

    async def _policy(self, _call: Call[None]) -> LinkPolicy:
        return await self._database.read(_read)

    async def _change(self, call: Call[LinkPolicy]) -> LinkPolicy:
        wanted = call.body
        if wanted.unknown not in ("open", "warn", "block"):
            raise ApiError(ErrorCode.BAD_REQUEST, "unknown")
        policy = LinkPolicy(
            on=wanted.on,
            blocked=_sites(wanted.blocked),
            trusted=_sites(wanted.trusted),
            unknown=wanted.unknown,
        )
        both = sorted(set(policy.blocked) & set(policy.trusted))
        if both:
            raise ApiError(ErrorCode.BAD_REQUEST, "both", message=f"{both[0]} 同时在禁止和可信网站中。")
        await self._database.write(lambda connection: _write(connection, call.caller, policy))
        said = f"{'on' if policy.on else 'off'}，禁止 {len(policy.blocked)}，可信 {len(policy.trusted)}"
        await self._record("link_policy", call.caller.person_id, "links", said)
        await self._announce()
        return policy

    async def _report(self, call: Call[LinkReport]) -> None:
        report = call.body
        if report.reason not in REASONS or report.outcome not in _OUTCOMES or len(report.host) > 253:
            raise ApiError(ErrorCode.BAD_REQUEST, "report")
        await self._record(f"link_{report.outcome}", call.caller.person_id, report.host, report.reason)


def _sites(wanted: list[str]) -> list[str]:
    if len(wanted) > MOST_SITES:
        raise ApiError(ErrorCode.TOO_LARGE, "sites", message=f"最多 {MOST_SITES} 个网站。")
    found = {text: site(text) for text in wanted if text.strip()}
    wrong = next((text for text, one in found.items() if not one), "")
    if wrong:
        raise ApiError(
            ErrorCode.BAD_REQUEST, "site", message=f"“{wrong[:60]}”不是网站地址，应如 example.com。"
        )
    return sorted(set(found.values()))


def _read(connection: Connection) -> LinkPolicy:
    mine = select(link_settings.c.value).where(link_settings.c.name == _POLICY)
    value = connection.execute(mine).scalar_one_or_none()
    return LinkPolicy() if value is None else msgspec.json.decode(value, type=LinkPolicy)


def _write(connection: Connection, caller: Caller, policy: LinkPolicy) -> None:
    values = {
        "value": msgspec.json.encode(policy).decode(),
        "changed_by": caller.person_id,
        "changed_at": int(time.time() * 1000),
    }
    mine = link_settings.c.name == _POLICY
    if not connection.execute(update(link_settings).where(mine).values(**values)).rowcount:
        connection.execute(insert(link_settings).values(name=_POLICY, **values))
