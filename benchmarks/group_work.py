"""Running a group of 2,000 members of whom 300 are online: what each act of its owner takes, answered and delivered."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import httpx  # noqa: E402
from bed.load import LoadClient, connect_all  # noqa: E402
from bed.world import ServerProcess, World, built  # noqa: E402

from server_stub.contract.frames import AnyServerFrame, EventFrame  # noqa: E402
from server_stub.contract.ids import uuid7  # noqa: E402

PEOPLE = 2000
ONLINE = 300
ROUNDS = 7
BAR_MS = 300
"""What a click may take before it feels slow."""
CREATE_BAR_MS = 1000


class Online:
    """The members who are there; tells when all of them have heard of something."""

    def __init__(self) -> None:
        self.heard: set[LoadClient] = set()
        self.all_heard = asyncio.Event()

    def begin(self) -> None:
        """Forget what was heard."""
        self.heard.clear()
        self.all_heard.clear()

    def on_frame(self, client: LoadClient, frame: AnyServerFrame) -> None:
        """Note an event."""
        if isinstance(frame, EventFrame):
            self.heard.add(client)
            if len(self.heard) == ONLINE:
                self.all_heard.set()


async def timed(online: Online, act: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Milliseconds until the owner has the answer and until everybody online has heard of it."""
    online.begin()
    began = time.perf_counter()
    await act()
    answered = (time.perf_counter() - began) * 1000
    await asyncio.wait_for(online.all_heard.wait(), 30)
    return answered, (time.perf_counter() - began) * 1000


async def measure(world: World, url: str, port: int) -> dict[str, float]:
    """All acts, the median of some rounds each."""
    online = Online()
    clients = await connect_all(port, [one.token for one in world.people[:ONLINE]], online.on_frame)
    figures: dict[str, float] = {}
    # The last ten are outside, so that there is somebody to take in.
    outside = [one.id for one in world.people[-10:]]
    group = f"/conversations/{world.group}"
    async with httpx.AsyncClient(
        base_url=f"{url}/api/v1",
        headers={"authorization": f"Bearer {world.people[0].token}"},
        timeout=60,
        trust_env=False,
        verify=False,
    ) as http:

        async def call(method: str, path: str, body: Any = None) -> Any:
            answer = await http.request(method, path, json=body)
            if answer.status_code >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return answer.json()

        async def note(name: str, *acts: Callable[[], Awaitable[Any]]) -> None:
            """The first of `acts` is measured, the others undo it."""
            answered: list[float] = []
            delivered: list[float] = []
            for _ in range(ROUNDS):
                for index, act in enumerate(acts):
                    first, last = await timed(online, act)
                    if index == 0:
                        answered.append(first)
                        delivered.append(last)
            figures[f"{name}, answered ms"] = round(statistics.median(answered), 1)
            figures[f"{name}, all online told ms"] = round(statistics.median(delivered), 1)

        others = [one.id for one in world.people[1:]]
        made: list[float] = []
        for number in range(ROUNDS):
            began = time.perf_counter()
            body = {"client_id": uuid7(), "name": f"大会{number}", "member_ids": others}
            await call("POST", "/conversations/group", body)
            made.append((time.perf_counter() - began) * 1000)
        figures["create with 2,000, answered ms"] = round(statistics.median(made), 1)
        read: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            listed = await call("GET", f"{group}/members")
            read.append((time.perf_counter() - began) * 1000)
            if len(listed["members"]) != PEOPLE:
                raise RuntimeError(f"{len(listed['members'])} members")
        figures["read all members ms"] = round(statistics.median(read), 1)
        out = {"add": [], "remove": outside}
        into = {"add": outside, "remove": []}
        await note(
            "take 10 out, new key",
            lambda: call("POST", f"{group}/members", out),
            lambda: call("POST", f"{group}/members", into),
        )
        await timed(online, lambda: call("POST", f"{group}/members", out))
        await note(
            "take 10 in",
            lambda: call("POST", f"{group}/members", into),
            lambda: call("POST", f"{group}/members", out),
        )
        names = iter(range(1000))
        await note("rename", lambda: call("PATCH", group, {"name": f"全体{next(names)}"}))
        await note("announcement", lambda: call("PATCH", group, {"announcement": f"第{next(names)}号通知"}))
        second = world.people[1].id
        await note(
            "name an administrator",
            lambda: call("POST", f"{group}/role", {"person_id": second, "role": "admin"}),
            lambda: call("POST", f"{group}/role", {"person_id": second, "role": "member"}),
        )
    for client in clients:
        if client.transport is not None:
            client.transport.abort()
    return figures


def run() -> dict[str, Any]:
    """Server on one core, the owner and the members on the other."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as name:
        folder = Path(name) / "data"
        world = built(folder, people=PEOPLE, group=True)
        server = ServerProcess(folder, cpu=cores[0])
        os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            figures = asyncio.run(measure(world, server.url, server.port))
        finally:
            server.stop()
            os.sched_setaffinity(0, set(cores))
    return {
        "name": "group_work",
        "unit": "ms",
        "better": "lower",
        "figures": figures,
        "bar": {name: {"max": CREATE_BAR_MS if "create" in name else BAR_MS} for name in figures},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
