"""The OpenAI-compatible endpoints below /v1, and what the client's assistant asks besides."""

import asyncio
import base64
import json
import math
import struct
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse

from server_stub.contract.errors import HTTP_STATUS, ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.llm import (
    EXTENSION,
    HELD,
    THINKING,
    AssistantSetup,
    AssistantUse,
    ChatRequest,
    EmbeddingsRequest,
    Feedback,
)
from server_stub.http.endpoint import Access, Call, Endpoint

from .asking import read_ask, read_texts
from .desk import AssistantDesk
from .ports import ProviderFailed
from .service import Answer, AssistantService, Show

_TAGS = ("llm",)
_MOST_BODY = 20 * 1024 * 1024
"""Pictures come inside the request."""
_FIRST_S = 8.0
"""So long the status of the answer waits for the first token; then the stream begins, and failures come in it."""
_BEAT_S = 10.0


class AssistantRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: AssistantService, desk: AssistantDesk) -> None:
        self._service, self._desk = service, desk

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        signed, tags = Access.SIGNED_IN, _TAGS
        serving = ("3.3.5",)
        return [
            Endpoint(
                "GET", "/v1/models", signed, self._models, "Models, in OpenAI's form",
                answer=Response, tags=tags, clauses=serving,
            ),
            Endpoint(
                "GET", "/v1/models/{model:path}", signed, self._model, "One model, in OpenAI's form",
                answer=Response, tags=tags, clauses=serving,
            ),
            Endpoint(
                "POST", "/v1/chat/completions", signed, self._chat, "An answer, streamed or whole, in OpenAI's form",
                body=ChatRequest, answer=Response, max_body=_MOST_BODY, tags=tags,
                clauses=(*serving, "3.2.6.9.1"),
            ),
            Endpoint(
                "POST", "/v1/embeddings", signed, self._embeddings, "Vectors of texts, in OpenAI's form",
                body=EmbeddingsRequest, answer=Response, max_body=4 * 1024 * 1024, tags=tags, clauses=serving,
            ),
            Endpoint(
                "GET", "/api/v1/assistant", signed, self._setup, "What the assistant's page needs",
                answer=AssistantSetup, tags=tags,
            ),
            Endpoint(
                "POST", "/api/v1/assistant/uses", signed, self._used, "Count what the client answered by itself",
                body=AssistantUse, tags=tags, clauses=("3.2.6.12.1",),
            ),
            Endpoint(
                "POST", "/api/v1/assistant/feedback", signed, self._feedback, "Thumbs up or down for an answer",
                body=Feedback, tags=tags, clauses=("3.2.6.9.11",),
            ),
        ]  # fmt: skip

    async def _setup(self, call: Call[None]) -> AssistantSetup:
        await self._service.admit(call.caller)
        return AssistantSetup(
            policy=self._service.policy,
            models=self._service.pool.models(),
            words=self._service.words,
            words_version=self._service.words_version,
            vision_models=self._service.pool.vision_models(),
        )

    async def _used(self, call: Call[AssistantUse]) -> None:
        await self._service.admit(call.caller)
        await self._desk.used(call.caller.person_id, call.body.kind)

    async def _feedback(self, call: Call[Feedback]) -> None:
        await self._service.admit(call.caller)
        await self._desk.feedback(call.caller.person_id, call.body)

    async def _models(self, call: Call[None]) -> Response:
        await self._service.admit(call.caller)
        return _json({"object": "list", "data": [_described(name) for name in self._names()]})

    async def _model(self, call: Call[None]) -> Response:
        await self._service.admit(call.caller)
        if call.path["model"] not in self._names():
            raise ApiError(ErrorCode.NOT_FOUND, "model", message="没有这个模型。")
        return _json(_described(call.path["model"]))

    def _names(self) -> list[str]:
        pool = self._service.pool
        return list(dict.fromkeys([*pool.models(), *pool.embedding_models()]))

    async def _embeddings(self, call: Call[EmbeddingsRequest]) -> Response:
        await self._service.admit(call.caller)
        texts = read_texts(call.body)
        try:
            vectors, tokens = await self._service.embed(call.caller, call.body.model, texts)
        except ProviderFailed as error:
            raise error.refusal() from None
        packed = call.body.encoding_format == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return _json({"object": "list", "data": data, "model": call.body.model, "usage": usage})

    async def _chat(self, call: Call[ChatRequest]) -> Response:
        await self._service.admit(call.caller)
        ask = read_ask(call.body, self._service.policy.longest_answer)
        answer = await self._service.begin(call.caller, ask)
        form = _Form(call.body.model)
        shows = self._service.answer(answer, ask)
        if not call.body.stream:
            return await self._whole(shows, answer, form)
        # The status waits a little for the first token, so that a refusal of the provider is one here too.
        first = asyncio.ensure_future(anext(shows, None))
        try:
            await asyncio.wait({first}, timeout=_FIRST_S)
            if first.done():
                first.result()
        except ProviderFailed as error:
            raise error.refusal() from None
        except asyncio.CancelledError:
            first.cancel()
            raise
        options = call.body.stream_options
        with_usage = bool(options and options.include_usage)
        return StreamingResponse(
            _streamed(first, shows, answer, form, with_usage, self._service.keep),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _whole(self, shows: AsyncIterator[Show], answer: Answer, form: "_Form") -> Response:
        text = ""
        try:
            async with aclosing(shows) as pieces:  # pyright: ignore[reportArgumentType]
                async for show in pieces:
                    text = show.replace if show.replace is not None else text + show.text
        except ProviderFailed as error:
            raise error.refusal() from None
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish or "stop"}
        return _json(form.head("chat.completion") | {"choices": [choice], "usage": _usage(answer)})


async def _streamed(
    first: "asyncio.Future[Show | None]",
    shows: AsyncIterator[Show],
    answer: Answer,
    form: "_Form",
    with_usage: bool,
    keep: Callable[[Coroutine[Any, Any, None]], None],
) -> AsyncIterator[bytes]:
    pending = first
    told = 0.0
    try:
        yield form.chunk({"role": "assistant", "content": ""})
        while True:
            done, _ = await asyncio.wait({pending}, timeout=_BEAT_S)
            if not done:
                yield b": wait\n\n"
                continue
            show = pending.result()
            if show is None:
                break
            if show.replace is not None:
                yield form.chunk({"content": ""}, extension={"replace": show.replace})
            elif show.text:
                yield form.chunk({"content": show.text})
            elif time.monotonic() - told > 0.3:
                # A comment, which OpenAI's clients pass over: that something happens though nothing is shown.
                told = time.monotonic()
                yield f": {THINKING}\n\n".encode() if show.thinking else f": {HELD} {show.held}\n\n".encode()
            pending = asyncio.ensure_future(anext(shows, None))
        yield form.chunk({}, finish=answer.finish or "stop")
        if with_usage:
            yield form.usage(_usage(answer))
        yield b"data: [DONE]\n\n"
    except (ProviderFailed, ApiError) as error:
        refusal = error.refusal() if isinstance(error, ProviderFailed) else error
        body = {
            "message": refusal.message,
            "type": "upstream_error",
            "code": refusal.code.value,
            "status": HTTP_STATUS[refusal.code],
        }
        yield f"data: {json.dumps({'error': body}, ensure_ascii=False)}\n\n".encode()
    finally:
        # A reader who left cancels this again and again: the end has a task of its own.
        keep(_end(pending, shows))


async def _end(pending: "asyncio.Future[Show | None]", shows: AsyncIterator[Show]) -> None:
    """Stop the model and close the books."""
    pending.cancel()
    await asyncio.gather(pending, return_exceptions=True)
    await shows.aclose()  # type: ignore[attr-defined]


class _Form:
    """What all parts of one answer have in common."""

    def __init__(self, model: str) -> None:
        self._common = {"id": f"chatcmpl-{uuid7()}", "created": int(time.time()), "model": model}

    def head(self, kind: str) -> dict[str, Any]:
        return {**self._common, "object": kind}

    def chunk(
        self, delta: dict[str, Any], *, finish: str | None = None, extension: dict[str, Any] | None = None
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        body = self.head("chat.completion.chunk") | {"choices": [choice]}
        if extension:
            body[EXTENSION] = extension
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()

    def usage(self, usage: dict[str, int]) -> bytes:
        body = self.head("chat.completion.chunk") | {"choices": [], "usage": usage}
        return f"data: {json.dumps(body)}\n\n".encode()


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = answer.prompt_tokens, answer.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _described(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "zhengding"}


def _packed(vector: list[float]) -> str:
    plain = [value if math.isfinite(value) else 0.0 for value in vector]
    return base64.b64encode(struct.pack(f"<{len(plain)}f", *plain)).decode()


def _json(value: Any) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), media_type="application/json")
