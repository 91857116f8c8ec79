"""Looks at the way to the server step by step, so that a clerk can tell the help desk where it ends (E159)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from app.session.session import Session
from app.session.states import LinkState, NetworkError
from server_stub.contract.errors import ApiError

T = TypeVar("T")
SECONDS = 8.0
"""Longest time of a step."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One step of a look at the network: what was tried, how it went in words, milliseconds (None where it failed)."""

    step: str
    text: str
    milliseconds: float | None


async def probe(session: Session) -> AsyncIterator[Probe]:
    """Name, connection, service, message channel; stops after the first step that fails."""
    parts = urlsplit(session.server_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found, took = await _timed(
            asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, TimeoutError):
        yield Probe("解析地址", f"找不到 {host}，请检查网线、无线网络或服务器地址。", None)
        return
    yield Probe("解析地址", f"{host} → {found[0][4][0]}", took)
    try:
        (_reader, writer), took = await _timed(asyncio.open_connection(host, port))
    except (OSError, TimeoutError):
        yield Probe("建立连接", f"{host} 的 {port} 端口没有回应，可能被防火墙拦截，或服务器没有运行。", None)
        return
    writer.close()
    yield Probe("建立连接", f"{host}:{port}", took)
    try:
        info, took = await _timed(session.api.server_info())
    except (NetworkError, ApiError, TimeoutError) as error:
        text = getattr(error, "text", "") or getattr(error, "message", "") or "没有及时回应。"
        yield Probe("服务接口", str(text), None)
        return
    yield Probe("服务接口", f"{info.name} {info.version}", took)
    state = session.link_state
    if state is LinkState.ONLINE:
        yield Probe("消息通道", "已连接，消息即时收发", 0.0)
    else:
        yield Probe("消息通道", f"{state.label or '未连接'}，正在自动重连。", None)


async def _timed(work: Awaitable[T]) -> tuple[T, float]:
    began = time.perf_counter()
    async with asyncio.timeout(SECONDS):
        found = await work
    return found, (time.perf_counter() - began) * 1000
