"""Models behind an OpenAI-compatible server, by HTTP."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec

from server_stub.contract.llm import ProviderSetting

from .ports import Ask, Piece, ProviderFailed
from .sse import EventReader, ThoughtFilter, TooLong

_CONNECT_S = 5.0
_LONGEST_S = 900.0
MOST_MALFORMED = 20
"""Events that are no JSON are passed over up to this number in one answer."""
_MOST_ANSWER = 64 * 1024 * 1024


class Upstream:
    """One server. What it says is not trusted: lengths, forms and times are bounded."""

    def __init__(self, setting: ProviderSetting, api_key: str) -> None:
        self._setting = setting
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.AsyncClient(
            base_url=setting.address.rstrip("/"),
            headers=headers,
            timeout=httpx.Timeout(setting.first_token_s, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=20),
            follow_redirects=False,
            trust_env=False,
        )

    async def stream(self, ask: Ask) -> AsyncIterator[Piece]:
        """See ModelProvider."""
        body = {
            "model": ask.model,
            "messages": ask.messages,
            "max_tokens": ask.longest,
            "stream": True,
            "stream_options": {"include_usage": True},
            **ask.options,
        }
        request = self._client.build_request("POST", "/chat/completions", json=body)
        response = await self._send(request)
        try:
            if "text/event-stream" not in response.headers.get("content-type", "text/event-stream"):
                raise ProviderFailed("no event stream", "模型服务没有按约定流式输出。")
            async for piece in self._pieces(response):
                yield piece
        finally:
            with contextlib.suppress(httpx.HTTPError):
                await response.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            async with asyncio.timeout(self._setting.first_token_s):
                response = await self._client.send(request, stream=True)
        except (TimeoutError, httpx.TimeoutException):
            raise ProviderFailed("timeout", "模型服务没有按时应答。", again=False) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderFailed(type(error).__name__, "无法连接模型服务。", again=True) from None
        if response.status_code == 200:
            return response
        try:
            raise _refused(response)
        finally:
            await response.aclose()

    async def _pieces(self, response: httpx.Response) -> AsyncIterator[Piece]:
        reader, thoughts = EventReader(), ThoughtFilter()
        malformed = 0
        began = time.monotonic()
        finish, answered, ended = "", False, False
        bytes_ = response.aiter_bytes()
        while not ended:
            wait = self._setting.between_tokens_s if answered else self._setting.first_token_s
            try:
                async with asyncio.timeout(wait):
                    chunk = await anext(bytes_, None)
            except (TimeoutError, httpx.TimeoutException):
                raise ProviderFailed("timeout", "模型服务中途没有响应。") from None
            except httpx.HTTPError as error:
                raise ProviderFailed(type(error).__name__, "模型服务的连接中途断开。") from None
            if chunk is None:
                break
            if time.monotonic() - began > _LONGEST_S:
                raise ProviderFailed("too long", "回答时间过长，已停止。")
            try:
                events = reader.feed(chunk)
            except TooLong:
                raise ProviderFailed("line too long", "模型服务的输出无法识别。") from None
            for data in events:
                if data.strip() == "[DONE]":
                    ended = True
                    break
                event = _decoded(data)
                if event is None:
                    malformed += 1
                    if malformed > MOST_MALFORMED:
                        raise ProviderFailed("malformed", "模型服务的输出无法识别。")
                    continue
                if isinstance(event.get("error"), dict | str):
                    raise ProviderFailed("error event", "模型服务报告出错，回答中断。")
                for piece in _read(event, thoughts):
                    finish = piece.finish or finish
                    answered = answered or bool(piece.text) or piece.thinking
                    yield piece
        rest = thoughts.finish()
        if rest:
            yield Piece(text=rest)
        if not ended and not finish:
            raise ProviderFailed("cut off", "模型服务的连接中途断开。")

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """See ModelProvider."""
        request = self._client.build_request(
            "POST", "/embeddings", json={"model": model, "input": texts, "encoding_format": "float"}
        )
        response = await self._send(request)
        try:
            async with asyncio.timeout(self._setting.first_token_s):
                answer = await _whole(response)
        except (TimeoutError, httpx.HTTPError):
            raise ProviderFailed("timeout", "模型服务没有按时应答。", again=True) from None
        finally:
            await response.aclose()
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = [[float(number) for number in row["embedding"]] for row in rows]
            tokens = int(answer.get("usage", {}).get("prompt_tokens", 0))
        except (KeyError, TypeError, ValueError):
            raise ProviderFailed("malformed", "模型服务的输出无法识别。") from None
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise ProviderFailed("malformed", "模型服务给出的向量数量不对。")
        return vectors, tokens

    async def check(self) -> None:
        """See ModelProvider: whether the list of models comes."""
        try:
            answer = await self._client.get("/models", timeout=8)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderFailed(type(error).__name__, "无法连接模型服务。") from None
        if answer.status_code != 200:
            raise _refused(answer)

    async def close(self) -> None:
        """See ModelProvider."""
        await self._client.aclose()


async def _whole(response: httpx.Response) -> Any:
    parts: list[bytes] = []
    total = 0
    async for part in response.aiter_bytes():
        total += len(part)
        if total > _MOST_ANSWER:
            raise ProviderFailed("too long", "模型服务的输出过长。")
        parts.append(part)
    try:
        return msgspec.json.decode(b"".join(parts))
    except msgspec.DecodeError:
        raise ProviderFailed("malformed", "模型服务的输出无法识别。") from None


def _decoded(data: str) -> dict[str, Any] | None:
    try:
        event = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(event: dict[str, Any], thoughts: ThoughtFilter) -> list[Piece]:
    """The pieces in one event; anything of another form is passed over."""
    found: list[Piece] = []
    choices = event.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    delta = _mapping(choice.get("delta"))
    content = delta.get("content")
    if isinstance(content, str) and content:
        text = thoughts.feed(content)
        if text:
            found.append(Piece(text=text))
        elif thoughts.thinking:
            found.append(Piece(thinking=True))
    elif isinstance(delta.get("reasoning_content"), str):
        found.append(Piece(thinking=True))
    if isinstance(choice.get("finish_reason"), str):
        found.append(Piece(finish=choice["finish_reason"]))
    usage = event.get("usage")
    if isinstance(usage, dict):
        prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if isinstance(prompt, int) and isinstance(completion, int) and prompt >= 0 and completion >= 0:
            found.append(Piece(prompt_tokens=prompt, completion_tokens=completion))
    return found


def _refused(response: httpx.Response) -> ProviderFailed:
    status = response.status_code
    if status == 429:
        try:
            after = min(300.0, max(1.0, float(response.headers.get("retry-after", "5"))))
        except ValueError:
            after = 5.0
        return ProviderFailed(
            "throttled", "模型服务正忙，请稍后再试。", again=after <= 2.0, retry_after=after
        )
    if status in (401, 403):
        return ProviderFailed(f"HTTP {status}", "模型服务拒绝了密钥，请联系管理员。")
    if status in (400, 413, 422):
        return ProviderFailed(f"HTTP {status}", "模型服务不接受这个请求，可能是内容过长。", ours=True)
    if status == 404:
        return ProviderFailed(f"HTTP {status}", "模型服务上没有这个模型。")
    return ProviderFailed(f"HTTP {status}", "模型服务出错，请稍后再试。", again=status >= 500)
