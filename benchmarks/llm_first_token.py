"""Time to first token that the server adds: the same scripted model asked directly and through the server; bar 20 ms.

The model answers at once, so that what is measured is the server: sign-in, permission, quota (a durable commit),
forwarding. Once without forbidden words, where tokens pass as they come, and once checked sentence by sentence.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx  # noqa: E402
from bed.duo import make_office  # noqa: E402
from bed.office import PASSWORD, Device  # noqa: E402
from bed.upstream import Upstream  # noqa: E402
from bed.world import ServerProcess  # noqa: E402

from server_stub.contract.sm.algorithms import Algorithms  # noqa: E402

ROUNDS, WARM = 120, 15
BAR_MS = 20.0


async def first_ms(http: httpx.AsyncClient, url: str) -> float:
    """From the call to the first event with text."""
    body = {"model": "good", "stream": True, "messages": [{"role": "user", "content": "什么时候开会？"}]}
    began = time.perf_counter()
    async with http.stream("POST", url, json=body) as answer:
        if answer.status_code != 200:
            raise RuntimeError((await answer.aread()).decode())
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices and choices[0]["delta"].get("content"):
                    took = (time.perf_counter() - began) * 1000
                    break
        else:
            raise RuntimeError("no text came")
    return took


async def sides(http: httpx.AsyncClient, direct: str, ours: str) -> tuple[list[float], list[float]]:
    """Both in turns, so that the machine's moods fall on both."""
    plain: list[float] = []
    through: list[float] = []
    for _ in range(WARM + ROUNDS):
        plain.append(await first_ms(http, direct))
        through.append(await first_ms(http, ours))
    return plain[WARM:], through[WARM:]


async def measure(server: ServerProcess) -> dict[str, Any]:
    """Set the office up, then measure."""
    async with (
        Upstream() as upstream,
        httpx.AsyncClient(trust_env=False, timeout=30, verify=False) as http,
    ):
        api = f"{server.url}/api/v1"
        device = Device(Algorithms.best()).info()
        body = {"login": "admin", "password": PASSWORD, "device": device}
        token = (await http.post(f"{api}/auth/sign-in", json=body)).json()["tokens"]["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        admin = f"{api}/admin"
        for method, path, sent in (
            ("POST", "features/assistant", {"changes": [{"subject": "everyone", "allow": True}]}),
            ("POST", "assistant/providers", {"name": "p", "address": upstream.url, "models": ["good"]}),
            ("PUT", "assistant/policy", {"requests_per_minute": 0, "check": "sentences"}),
            ("PUT", "assistant/quotas", {"quotas": [{"subject": "everyone", "tokens_per_day": 10**9}]}),
        ):
            answer = await http.request(method, f"{admin}/{path}", json=sent)
            answer.raise_for_status()
        ours = f"{server.url}/v1/chat/completions"
        plain, through = await sides(http, f"{upstream.url}/chat/completions", ours)
        words = [{"text": f"禁词{number}"} for number in range(2000)]
        put = await http.put(f"{admin}/assistant/words", json={"version": 0, "words": words})
        put.raise_for_status()
        _, checked = await sides(http, f"{upstream.url}/chat/completions", ours)
    base = statistics.median(plain)
    return {
        "direct": base,
        "added": statistics.median(through) - base,
        "added_p95": statistics.quantiles(through, n=20)[18] - base,
        "checked": statistics.median(checked) - base,
    }


def run() -> dict[str, Any]:
    """The server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "server"
        asyncio.run(make_office(data))
        server = ServerProcess(data)
        try:
            found = asyncio.run(measure(server))
        finally:
            server.stop()
    return {
        "name": "llm_first_token",
        "figures": {
            "added_ms_p50": round(found["added"], 2),
            "added_ms_p95": round(found["added_p95"], 2),
            "added_ms_p50_by_sentences_2000_words": round(found["checked"], 2),
        },
        "peer": {"direct_ms_p50": round(found["direct"], 2)},
        "bar": {"added_ms_p50": f"<= {BAR_MS}"},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=2))
