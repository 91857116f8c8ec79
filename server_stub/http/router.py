"""Turns endpoints into Starlette routes: decode, authorise, call, encode; deny by default."""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from server_stub.contract.errors import HTTP_STATUS, ApiError, ErrorCode

from .endpoint import ANONYMOUS, PHONE_COOKIE, PHONE_HEADER, Access, Call, Caller, Endpoint, Query

log = logging.getLogger(__name__)

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of NUL in JSON, not the escaped text of one."""

Authenticate = Callable[[str], Awaitable[Caller]]
"""Turns an access token into a caller; raises ApiError."""

Refused = Callable[[Caller, str, str, str], None]
"""Notes a refusal: caller, kind, target, what was wanted."""


class CallObserver(Protocol):
    """Learns of every finished call, for metrics."""

    def observe_call(self, method: str, path: str, status: int, seconds: float) -> None:
        """`path` is the endpoint's pattern, never the concrete one."""
        ...


class Router:
    """Builds the routes. Every endpoint passes the same steps in the same order."""

    def __init__(
        self,
        authenticate: Authenticate,
        observer: CallObserver,
        authenticate_phone: Authenticate | None = None,
        refused: Refused = lambda _caller, _kind, _target, _wanted: None,
    ) -> None:
        """`authenticate_phone` turns a phone's cookie into a caller; without it no phone gets in.

        `refused` notes who asked for what is the administrators'.
        """
        self._authenticate = authenticate
        self._authenticate_phone = authenticate_phone
        self._observer = observer
        self._refused = refused
        self._encoder = msgspec.json.Encoder()

    def routes(self, endpoints: Sequence[Endpoint]) -> list[Route]:
        """Return Starlette routes for `endpoints`; a method and path may be declared once."""
        seen: set[tuple[str, str]] = set()
        for endpoint in endpoints:
            key = (endpoint.method, endpoint.path)
            if key in seen:
                raise ValueError(f"declared twice: {key}")
            seen.add(key)
        return [
            Route(endpoint.path, self._make(endpoint), methods=[endpoint.method], name=_name(endpoint))
            for endpoint in endpoints
        ]

    def _make(self, endpoint: Endpoint) -> Callable[[HttpRequest], Awaitable[Response]]:
        decoder = None
        if endpoint.body is not None and endpoint.body is not bytes:
            decoder = msgspec.json.Decoder(endpoint.body)

        async def handle(request: HttpRequest) -> Response:
            started = time.perf_counter()
            trace_id = secrets.token_hex(8)
            try:
                response = await self._run(endpoint, decoder, request, trace_id)
            except ApiError as error:
                response = self.refusal(error, trace_id)
            except ClientDisconnect:
                response = self.refusal(ApiError(ErrorCode.BAD_REQUEST, "连接中断"), trace_id)
            except Exception:
                log.exception("call failed", extra={"trace_id": trace_id, "endpoint": _name(endpoint)})
                response = self.refusal(ApiError(ErrorCode.INTERNAL, f"编号 {trace_id}"), trace_id)
            response.headers["x-trace-id"] = trace_id
            self._observer.observe_call(
                endpoint.method, endpoint.path, response.status_code, time.perf_counter() - started
            )
            return response

        return handle

    async def _run(
        self,
        endpoint: Endpoint,
        decoder: "msgspec.json.Decoder[Any] | None",
        request: HttpRequest,
        trace_id: str,
    ) -> Response:
        caller = await self._caller(endpoint, request)
        query = _read_query(endpoint.query, request)
        path = {key: str(value) for key, value in request.path_params.items()}
        if any("\x00" in value for value in path.values()):
            raise ApiError(ErrorCode.NOT_FOUND)
        body: Any = None
        if endpoint.body is not None:
            raw = await read_body(request, endpoint.max_body)
            if decoder is None:
                body = raw
            elif _NUL.search(raw):
                # PostgreSQL keeps no NUL in texts, and no text of ours needs one.
                raise ApiError(ErrorCode.BAD_REQUEST, "NUL character")
            else:
                try:
                    body = decoder.decode(raw)
                except msgspec.DecodeError as error:
                    raise ApiError(ErrorCode.BAD_REQUEST, str(error)) from None
                except RecursionError:
                    raise ApiError(ErrorCode.BAD_REQUEST, "nested too deeply") from None
        call = Call(
            caller=caller,
            body=body,
            path=path,
            query=query,
            address=request.client.host if request.client else "",
            trace_id=trace_id,
            http=request,
        )
        answer = await endpoint.handler(call)
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(status_code=204)
        return Response(
            self._encoder.encode(answer), status_code=endpoint.status, media_type="application/json"
        )

    async def _caller(self, endpoint: Endpoint, request: HttpRequest) -> Caller:
        if endpoint.access is Access.PUBLIC:
            return ANONYMOUS
        if endpoint.access is Access.PHONE:
            return await self._phone(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        caller = await self._authenticate(token)
        if endpoint.access is Access.ADMIN and not caller.is_admin:
            # The endpoint's pattern: what stood in its place may be anything.
            self._refused(caller, "console", endpoint.path, endpoint.method)
            raise ApiError(ErrorCode.FORBIDDEN)
        return caller

    async def _phone(self, request: HttpRequest) -> Caller:
        token = request.cookies.get(PHONE_COOKIE, "")
        if not token or self._authenticate_phone is None:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        check_same_site(request)
        return await self._authenticate_phone(token)

    def refusal(self, error: ApiError, trace_id: str = "") -> Response:
        """Return the answer for a refusal."""
        headers = {}
        if error.retry_after:
            headers["retry-after"] = str(max(1, round(error.retry_after)))
        return Response(
            self._encoder.encode(error.body(trace_id)),
            status_code=HTTP_STATUS[error.code],
            media_type="application/json",
            headers=headers,
        )


def check_same_site(request: HttpRequest) -> None:
    """Refuse a change that another site's page asks for in the user's name (CSRF)."""
    if request.method in ("GET", "HEAD"):
        return
    origin = request.headers.get("origin")
    foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host", "")
    if foreign or request.headers.get(PHONE_HEADER) != "1":
        raise ApiError(ErrorCode.FORBIDDEN, "cross-site")


async def read_body(request: HttpRequest, limit: int) -> bytes:
    """Return the body, refusing more than `limit` bytes without reading it all."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise ApiError(ErrorCode.TOO_LARGE, f"> {limit}")
    parts: list[bytes] = []
    total = 0
    async for part in request.stream():
        total += len(part)
        if total > limit:
            raise ApiError(ErrorCode.TOO_LARGE, f"> {limit}")
        parts.append(part)
    return b"".join(parts)


def _read_query(declared: dict[str, Query], request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {}
    unknown = set(request.query_params.keys()) - set(declared)
    if unknown:
        raise ApiError(ErrorCode.BAD_REQUEST, f"unknown query: {', '.join(sorted(unknown))[:200]}")
    for name, query in declared.items():
        text = request.query_params.get(name)
        if text is None:
            if query.required:
                raise ApiError(ErrorCode.BAD_REQUEST, f"missing query: {name}")
            values[name] = query.default
        else:
            values[name] = _convert(name, query, text)
    return values


def _convert(name: str, query: Query, text: str) -> Any:
    if query.type is int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: not a whole number")
        number = int(text)
        if query.minimum is not None and number < query.minimum:
            raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: < {query.minimum}")
        if query.maximum is not None and number > query.maximum:
            raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: > {query.maximum}")
        return number
    if query.type is bool:
        if text not in ("true", "false"):
            raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: true or false")
        return text == "true"
    if len(text) > query.max_length:
        raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: longer than {query.max_length}")
    if "\x00" in text:
        raise ApiError(ErrorCode.BAD_REQUEST, f"{name}: NUL character")
    return text


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"
