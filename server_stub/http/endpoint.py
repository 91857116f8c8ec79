"""The declaration of one REST endpoint, and the call that its handler receives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

BodyT = TypeVar("BodyT")


PHONE_COOKIE = "zd_phone"
PHONE_HEADER = "x-zd-phone"
"""Sent as "1" by the phone pages with every call; another site's page cannot add it (no CORS answer allows it)."""


class Access(Enum):
    """Who may call an endpoint. There is no default: every endpoint states it."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    ADMIN = "admin"
    PHONE = "phone"
    """The signed-in page of a phone browser: by cookie, never by an access token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The signed-in person, device and session behind a call."""

    person_id: str
    session_id: str
    device_id: str
    is_admin: bool = False


ANONYMOUS = Caller(person_id="", session_id="", device_id="")


@dataclass(slots=True)
class Call(Generic[BodyT]):
    """One call, decoded and authorised.

    `body` is of the endpoint's `body` type (None without one), `query` holds the declared query values.
    """

    caller: Caller
    body: BodyT
    path: dict[str, str]
    query: dict[str, Any]
    address: str
    trace_id: str
    http: HttpRequest


Handler = Callable[[Call[Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Query:
    """A query parameter: its type (int, str or bool), default, and bounds for OpenAPI and checking."""

    type: type
    default: Any = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = 200
    doc: str = ""


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: what the route table, the access check, OpenAPI and the rights matrix test are made from.

    `body`: msgspec type of the JSON body, or `bytes` for a raw body of at most `max_body` bytes (read by the
    handler from `call.body`), or None. `answer`: msgspec type, or `Response` when the handler makes its own.
    """

    method: str
    path: str
    access: Access
    handler: Handler
    summary: str
    body: Any = None
    answer: Any = None
    query: dict[str, Query] = field(default_factory=dict)
    max_body: int = 1024 * 1024
    status: int = 200
    tags: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    """Requirement ids that the endpoint serves."""


__all__ = [
    "ANONYMOUS",
    "PHONE_COOKIE",
    "PHONE_HEADER",
    "Access",
    "Call",
    "Caller",
    "Endpoint",
    "Handler",
    "HttpRequest",
    "Query",
    "Response",
]
