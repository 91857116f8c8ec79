"""The HTTP side of the client: one call with typed body and answer, errors sorted, tokens refreshed."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from app.session.states import NetworkError
from app.session.tokens import DeviceKey, SessionTokens
from server_stub.contract.accounts import Refresh, Tokens
from server_stub.contract.errors import ApiError, ErrorBody, ErrorCode
from server_stub.contract.sm.algorithms import Algorithms

T = TypeVar("T")
log = logging.getLogger(__name__)

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_EARLY = 30.0
"""Seconds before its end at which an access token is renewed."""
_CONNECT_S = 8.0
_encoder = msgspec.json.Encoder()


class InsecureServer(ValueError):
    """`http://` to another machine: passwords and tokens would travel in clear."""

    text = "服务器地址必须以 https:// 开头。"


class SessionEnded(Exception):
    """The server has ended this session (signed out remotely, account disabled, token used twice)."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.code.value)
        self.code = error.code
        self.text = error.message
        if error.code in (ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED, ErrorCode.BAD_CREDENTIALS):
            self.text = "此设备的登录已失效，请重新登录。"


def normal_url(url: str) -> str:
    """Scheme, host and port of a server's address as the user typed it. Raises InsecureServer, ValueError."""
    text = url.strip().rstrip("/")
    if "://" not in text:
        text = f"https://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("服务器地址不正确。")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InsecureServer("http:// is for this machine only")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def is_loopback(url: str) -> bool:
    """Whether the server runs on this machine."""
    return urlsplit(url).hostname in _LOOPBACK


class HttpCaller:
    """Calls the server. Raises NetworkError (try again), ApiError (refused), SessionEnded (sign in again)."""

    def __init__(self, base_url: str, algorithms: Algorithms, *, timeout: float = 15.0) -> None:
        """`timeout`: seconds for each of connecting, writing and each wait for data."""
        self.base_url = normal_url(base_url)
        self._algorithms = algorithms
        local = is_loopback(self.base_url)
        self._client = httpx.AsyncClient(
            base_url=self.base_url + "/api/v1",
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_S)),
            limits=httpx.Limits(max_connections=12, max_keepalive_connections=6),
            # Loading certificates takes 50 ms of the start; on plain loopback there are none to check.
            verify=not self.base_url.startswith("http://"),
            trust_env=not local,
            follow_redirects=False,
        )
        self._tokens: SessionTokens | None = None
        self._device: DeviceKey | None = None
        self._keep: Callable[[SessionTokens], Awaitable[None]] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self.on_ended: Callable[[SessionEnded], None] | None = None
        """Called once when the server no longer knows the session."""
        self.clock: Callable[[], float] = time.time
        """Unix seconds by the server's clock as far as known; for signed times."""

    def sign_in_as(
        self,
        tokens: SessionTokens,
        device: DeviceKey,
        keep: Callable[[SessionTokens], Awaitable[None]],
    ) -> None:
        """Use these tokens; `keep` stores each renewed pair before it is used."""
        self._tokens, self._device, self._keep = tokens, device, keep

    def move_to(self, base_url: str) -> None:
        """Call another address of the same server from now on."""
        self.base_url = normal_url(base_url)
        self._client.base_url = self.base_url + "/api/v1"
        if self._tokens is not None:
            self._tokens = msgspec.structs.replace(self._tokens, server_url=self.base_url)

    def forget_tokens(self) -> None:
        """Send no token any more."""
        self._tokens = None

    @property
    def tokens(self) -> SessionTokens | None:
        """The current tokens."""
        return self._tokens

    async def access_token(self) -> str:
        """A token that is good for a while, renewed if need be."""
        if self._tokens is None:
            raise SessionEnded(ApiError(ErrorCode.UNAUTHENTICATED))
        if self._tokens.expires_at - time.time() < _EARLY:
            await self.refresh(self._tokens.access_token)
        return self._tokens.access_token

    async def call(
        self,
        method: str,
        path: str,
        answer: type[T],
        *,
        body: msgspec.Struct | None = None,
        content: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        signed_in: bool = True,
        timeout: float | None = None,
    ) -> T:
        """One call; `answer` is the type of its JSON answer (`type(None)`: none expected). `content` stands in for
        `body` where bytes are sent; `timeout` as in `raw`."""
        headers = {"content-type": "application/octet-stream"} if content is not None else {}
        if body is not None:
            content = _encoder.encode(body)
            headers = {"content-type": "application/json"}
        response = await self.raw(
            method, path, content=content, headers=headers, query=query, signed_in=signed_in, timeout=timeout
        )
        if answer is type(None) or response.status_code == 204:
            return None  # pyright: ignore[reportReturnType]
        try:
            return msgspec.json.decode(response.content, type=answer)
        except msgspec.DecodeError as error:
            raise NetworkError("服务器的回答无法识别，请检查服务器地址或升级客户端。", str(error)) from None

    async def raw(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        signed_in: bool = True,
        timeout: float | None = None,
    ) -> httpx.Response:
        """One call with raw content; the answer is known to be good. `timeout`: seconds of waiting for the answer, for
        work that takes the server long; None for the usual."""
        patience = self._client.timeout if timeout is None else httpx.Timeout(timeout, connect=_CONNECT_S)
        wanted = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in (query or {}).items()
            if value is not None
        }
        for attempt in (0, 1):
            sent = dict(headers or {})
            used = ""
            if signed_in:
                used = await self.access_token()
                sent["authorization"] = f"Bearer {used}"
            try:
                response = await self._client.request(
                    method, path, content=content, headers=sent, params=wanted, timeout=patience
                )
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise NetworkError(detail=type(error).__name__) from None
            if response.status_code < 400:
                return response
            refusal = _refusal(response)
            if signed_in and refusal.code is ErrorCode.TOKEN_EXPIRED and attempt == 0:
                await self.refresh(used)
                continue
            if signed_in and refusal.code is ErrorCode.UNAUTHENTICATED and attempt == 0:
                # Either the token is strange to a restarted server or the session is over: the refresh tells.
                await self.refresh(used)
                continue
            raise refusal
        raise NetworkError

    async def lines(self, path: str, body: msgspec.Struct, *, timeout: float = 120.0) -> AsyncIterator[str]:
        """The lines of an answer that comes in pieces, such as server-sent events; `path` from the server's root.

        `timeout`: seconds to wait for each piece. Closing the iterator ends the call.
        """
        url, content = self.base_url + path, _encoder.encode(body)
        patience = httpx.Timeout(timeout, connect=_CONNECT_S)
        for attempt in (0, 1):
            used = await self.access_token()
            headers = {"content-type": "application/json", "authorization": f"Bearer {used}"}
            try:
                async with self._client.stream(
                    "POST", url, content=content, headers=headers, timeout=patience
                ) as response:
                    if response.status_code < 400:
                        async for line in response.aiter_lines():
                            yield line
                        return
                    await response.aread()
                    refusal = _refusal(response)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                raise NetworkError(detail=type(error).__name__) from None
            if attempt or refusal.code not in (ErrorCode.TOKEN_EXPIRED, ErrorCode.UNAUTHENTICATED):
                raise refusal
            await self.refresh(used)

    async def refresh(self, used: str) -> None:
        """Renew the tokens unless somebody has since `used`; concurrent callers share one exchange."""
        if self._tokens is not None and self._tokens.access_token != used:
            return
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.get_running_loop().create_task(self._exchange())
        # Shielded: one caller's cancellation must not lose the answer, which the server gives only once.
        await asyncio.shield(self._refreshing)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._refreshing is not None and not self._refreshing.done():
            try:
                await self._refreshing
            except (NetworkError, ApiError, SessionEnded):
                pass
        await self._client.aclose()

    async def _exchange(self) -> None:
        tokens, device = self._tokens, self._device
        if tokens is None or device is None or self._keep is None:
            raise SessionEnded(ApiError(ErrorCode.UNAUTHENTICATED))
        signed_at = int(self.clock() * 1000)
        signed = f"zd-refresh{tokens.session_id}\n{tokens.refresh_token}\n{signed_at}".encode()
        proof = await asyncio.to_thread(self._algorithms.sm2_sign, device.private, signed)
        body = Refresh(
            session_id=tokens.session_id,
            refresh_token=tokens.refresh_token,
            signed_at=signed_at,
            proof=proof,
        )
        try:
            fresh = await self.call("POST", "/auth/refresh", Tokens, body=body, signed_in=False)
        except ApiError as error:
            if error.code in _TRY_AGAIN:
                raise NetworkError(error.message, error.code.value) from None
            ended = SessionEnded(error)
            self._tokens = None
            if self.on_ended is not None:
                self.on_ended(ended)
            raise ended from None
        renewed = msgspec.structs.replace(
            tokens,
            access_token=fresh.access_token,
            refresh_token=fresh.refresh_token,
            expires_at=time.time() + fresh.expires_in,
        )
        await self._keep(renewed)
        self._tokens = renewed


_TRY_AGAIN = {ErrorCode.OVERLOADED, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL, ErrorCode.THROTTLED}


def _refusal(response: httpx.Response) -> ApiError:
    try:
        body = msgspec.json.decode(response.content, type=ErrorBody)
    except msgspec.DecodeError:
        if response.status_code >= 500 or response.status_code == 429:
            return ApiError(ErrorCode.UNAVAILABLE, f"HTTP {response.status_code}")
        code = {401: ErrorCode.UNAUTHENTICATED, 403: ErrorCode.FORBIDDEN, 404: ErrorCode.NOT_FOUND}
        return ApiError(code.get(response.status_code, ErrorCode.BAD_REQUEST), f"HTTP {response.status_code}")
    return ApiError(body.code, body.detail, message=body.message, retry_after=body.retry_after)


def is_temporary(error: ApiError) -> bool:
    """Whether trying again later may help."""
    return error.code in _TRY_AGAIN or error.code in (ErrorCode.TOKEN_EXPIRED, ErrorCode.UNAUTHENTICATED)
