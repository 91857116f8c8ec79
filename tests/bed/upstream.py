"""A scripted OpenAI-compatible model server on loopback: real HTTP, with every misbehaviour that real ones show.

What it does is told by the model's name: see `Upstream.SCRIPTS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

ANSWER = ["根据", "通知，", "会议定于", "周五", "上午召开。", "请提前", "十分钟到场。"]
HEAD = (
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    "connection: close\r\n\r\n"
)


class Client(Exception):
    """The caller has gone."""


class Reply:
    """One answer that is being written."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def head(self) -> None:
        self._writer.write(HEAD.encode())
        await self._writer.drain()

    async def raw(self, data: bytes) -> None:
        """One chunk of the body, as given."""
        if self._writer.is_closing():
            raise Client
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()

    async def event(self, value: Any) -> None:
        await self.raw(f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode())

    async def text(self, text: str) -> None:
        await self.event({"choices": [{"index": 0, "delta": {"content": text}}]})

    async def end(self, *, usage: bool = True) -> None:
        await self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if usage:
            await self.event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 22}})
        await self.raw(b"data: [DONE]\n\n")
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def status(self, status: int, body: Any, **headers: str) -> None:
        data = json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(data)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\nconnection: close\r\n\r\n").encode() + data)
        await self._writer.drain()


Script = Callable[["Upstream", Reply, dict[str, Any]], Awaitable[None]]


async def good(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    await reply.head()
    for text in ANSWER:
        await reply.text(text)
    await reply.end()


async def slow(up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """One word, and the next only when the test says so."""
    await reply.head()
    await reply.text("第一句。")
    up.waiting.set()
    await up.go_on.wait()
    await reply.text("第二句。")
    await reply.end()


async def endless(up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """Writes until the caller goes."""
    await reply.head()
    for number in range(100_000):
        await reply.text(f"第{number}句。")
        await asyncio.sleep(0.01)


async def silent(up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    await reply.head()
    await reply.text("说到一半")
    await up.go_on.wait()


async def mute(up: Upstream, _reply: Reply, _body: dict[str, Any]) -> None:
    """Takes the request and never answers."""
    await up.go_on.wait()


async def broken(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """Breaks in the middle of an event, in the middle of a character."""
    await reply.head()
    await reply.text("会议定于")
    event = 'data: {"choices":[{"index":0,"delta":{"content":"周五'.encode()
    await reply.raw(event[:-1])


async def malformed(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """Rubbish between good events, events cut anywhere, CRLF, comments, and unknown shapes."""
    await reply.head()
    await reply.raw(b"data: {not json\n\ndata: 7\n\ndata: []\n\n: comment\n\nevent: ping\ndata: {}\n\n")
    await reply.raw(b'data: {"choices": "x"}\n\ndata: {"choices": [null]}\n\n')
    whole = 'data: {"choices":[{"index":0,"delta":{"content":"好的，收到。"}}]}\r\n\r\n'.encode()
    for at in range(len(whole)):
        await reply.raw(whole[at : at + 1])
    await reply.raw(b'data: {"choices":[{"delta":{"content":5}}]}\n\ndata: \xff\xfe\n\n')
    await reply.end(usage=False)


async def rubbish(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    await reply.head()
    for _ in range(40):
        await reply.raw(b"data: <html>\n\n")


async def busy(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    await reply.status(429, {"error": {"message": "rate limit"}}, retry_after="7")


async def once_busy(up: Upstream, reply: Reply, body: dict[str, Any]) -> None:
    """Fails twice, then answers."""
    if up.calls[body["model"]] <= 2:
        await reply.status(503, {"error": "starting"})
    else:
        await good(up, reply, body)


async def down(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    await reply.status(500, {"error": "cuda"})


async def thinking(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """The tags in pieces, a forbidden thing only in the thought."""
    await reply.head()
    for text in ["<th", "ink>用户想问", "绝密词", "，先想想</thi", "nk>\n\n答案", "是周五。"]:
        await reply.text(text)
    await reply.event({"choices": [{"index": 0, "delta": {"reasoning_content": "再想想"}}]})
    await reply.end()


async def forbidden(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """The forbidden word comes late, cut between tokens, with a separator in it."""
    await reply.head()
    for text in ["好的，", "以下是内容。", "第二句说到绝", "·密", "词，如上。", "再见。"]:
        await reply.text(text)
    await reply.end()


async def echo(_up: Upstream, reply: Reply, body: dict[str, Any]) -> None:
    await reply.head()
    await reply.text(json.dumps(body, ensure_ascii=False))
    await reply.end()


async def mourning(_up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """An error as an event."""
    await reply.head()
    await reply.text("会议")
    await reply.event({"error": {"message": "out of memory"}})


async def dictated(up: Upstream, reply: Reply, _body: dict[str, Any]) -> None:
    """Writes what the test says."""
    await reply.head()
    for at in range(0, len(up.dictation), 5):
        await reply.text(up.dictation[at : at + 5])
    await reply.end()


class Upstream:
    """Listens while the context lasts. `calls` counts by model, `bodies` are the requests, `gone` callers who left."""

    SCRIPTS: dict[str, Script] = {
        one.__name__: one
        for one in (
            good, slow, endless, silent, mute, broken, malformed, rubbish, busy, once_busy, down, thinking,
            forbidden, echo, mourning, dictated,
        )
    }  # fmt: skip

    def __init__(self) -> None:
        self.dictation = ""
        self.vector: Callable[[str], list[float]] = lambda text: [float(len(text)), 1.0, 0.5]
        """What stands for a text."""
        self.calls: dict[str, int] = {}
        self.bodies: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.waiting, self.go_on, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Upstream:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._one(reader, writer)
        except (Client, ConnectionError):
            self.gone.set()
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        fields = {
            line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip()
            for line in head.split("\r\n")[1:]
            if ":" in line
        }
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        reply = Reply(writer)
        if head.startswith("GET"):
            await reply.status(200, {"object": "list", "data": [{"id": name} for name in self.SCRIPTS]})
            return
        asked = json.loads(body)
        self.bodies.append(asked)
        model = asked["model"]
        self.calls[model] = self.calls.get(model, 0) + 1
        if "/embeddings" in head.split("\r\n", 1)[0]:
            data = [
                {"index": index, "embedding": self.vector(text)}
                for index, text in reversed(list(enumerate(asked["input"])))
            ]
            await reply.status(200, {"data": data, "usage": {"prompt_tokens": 5}})
            return
        script = asyncio.ensure_future(self.SCRIPTS[model](self, reply, asked))
        # A caller who leaves is noticed at once, as a real model server does.
        left = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({script, left}, return_when=asyncio.FIRST_COMPLETED)
            if script.done():
                script.result()
            else:
                self.gone.set()
        finally:
            for one in (script, left):
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError, Client):
                    await one


__all__ = ["ANSWER", "Upstream"]
