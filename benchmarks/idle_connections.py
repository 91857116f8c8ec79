"""5,000 idle signed-in connections: memory each in the server process, and token sign-ins a second."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psutil  # noqa: E402
from bed.load import LoadClient, connect  # noqa: E402
from bed.world import ServerProcess, Signed, World, built  # noqa: E402

CONNECTIONS = 5000
AT_ONCE = 64
"""Sign-ins under way at the same time."""
ROUNDS = 3
WARM = 1000
FILES = 12_000


def raise_file_limit() -> None:
    """Let this process and its children hold that many sockets."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        top = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))


async def sign_in_all(people: list[Signed], port: int) -> tuple[list[LoadClient], float]:
    """Connect them, `AT_ONCE` at a time; returns the clients and the seconds."""
    waiting = iter(people)
    clients: list[LoadClient] = []

    async def worker() -> None:
        for one in waiting:
            clients.append(await connect(port, one.token))

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return clients, time.perf_counter() - began


async def leave(clients: list[LoadClient], server: psutil.Process, idle_sockets: int) -> None:
    """Break every connection and wait until the server has let go of them."""
    for client in clients:
        if client.transport is not None:
            client.transport.abort()
    await asyncio.gather(*(client.lost for client in clients))
    while server.num_fds() > idle_sockets + 50:  # noqa: ASYNC110 - another process's sockets tell no event
        await asyncio.sleep(0.05)


async def measure(world: World, server: ServerProcess) -> dict[str, float]:
    """The process's own memory (not the kernel's socket buffers) in its first round; median of the later sign-ins."""
    process = psutil.Process(server.pid)
    # What loads lazily with the first connection is not the connections' own.
    first = await connect(server.port, world.people[0].token)
    await leave([first], process, process.num_fds())
    sockets = process.num_fds()
    # The first thousand fill what the start left free in the heap: they are not counted, the other 4,000 are.
    early, _ = await sign_in_all(world.people[:WARM], server.port)
    await asyncio.sleep(2.0)
    before = process.memory_full_info().uss
    late, _ = await sign_in_all(world.people[WARM:], server.port)
    await asyncio.sleep(2.0)
    each = (process.memory_full_info().uss - before) / (CONNECTIONS - WARM) / 1000
    clients = early + late
    rates: list[float] = []
    for _ in range(ROUNDS):
        await leave(clients, process, sockets)
        clients, seconds = await sign_in_all(world.people, server.port)
        rates.append(CONNECTIONS / seconds)
    cpu = process.cpu_times()
    await asyncio.sleep(5.0)
    after = process.cpu_times()
    idle = (after.user + after.system - cpu.user - cpu.system) / 5.0 * 100
    await leave(clients, process, sockets)
    return {
        "kB per idle connection": round(each, 1),
        "token sign-ins/s": round(sorted(rates)[len(rates) // 2]),
        "CPU % while 5,000 are idle": round(idle, 1),
    }


def run() -> dict[str, Any]:
    """Server on one core, clients on the other."""
    raise_file_limit()
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as name:
        folder = Path(name) / "data"
        world = built(folder, people=CONNECTIONS)
        server = ServerProcess(folder, cpu=cores[0])
        os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            import uvloop

            figures = uvloop.run(measure(world, server))
        finally:
            server.stop()
            os.sched_setaffinity(0, set(cores))
    return {
        "name": "idle_connections",
        "unit": "",
        "figures": figures,
        "bar": {"kB per idle connection": {"max": 25}, "token sign-ins/s": {"min": 1500}},
        "peer": {
            "kB: mosquitto": 1.1,
            "kB: ejabberd": 33,
            "kB: prosody": 34,
            "sign-ins/s: ejabberd": 1443,
            "sign-ins/s: prosody": 174,
        },
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
