"""One-to-one messages of 1 KB with a durable commit before each acknowledgement; 500 pairs, server on one core."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bed.load import LoadClient, connect_all  # noqa: E402
from bed.world import ServerProcess, World, built  # noqa: E402

from server_stub.contract.frames import Ack, AnyServerFrame, EventFrame, Nack, Send, ServerFrameCodec  # noqa: E402
from server_stub.contract.ids import uuid7  # noqa: E402
from server_stub.gateway.framing import client_frame  # noqa: E402

PAIRS = 500
BODY_BYTES = 1024
WINDOW = 4
"""Messages in flight a sender while measuring throughput."""
SECONDS = 8.0
ARCHIVE = int(os.environ.get("ZD_BENCH_ARCHIVE", "100000"))
"""Messages in the archive before the second measurement."""
RATE = 500


def sealed_body() -> bytes:
    """Bytes of a sealed message of 1 KB under epoch 1; the server does not open it."""
    return b"\x01\x00\x00\x00\x01" + secrets.token_bytes(BODY_BYTES - 5)


class Traffic:
    """Sends over every pair's first connection and takes the time."""

    def __init__(self, world: World) -> None:
        self.codec = ServerFrameCodec()
        self.chats = [chat for _a, _b, chat in world.pairs]
        self.clients: list[LoadClient] = []
        self.sender_of: dict[LoadClient, int] = {}
        self.sent: dict[str, float] = {}
        self.acked: list[float] = []
        self.delivered: list[float] = []
        self.acks = 0
        self.goal = 0
        self.reached = asyncio.Event()
        self.refused = 0
        self.refill = False
        self.body = sealed_body()

    def send(self, pair: int) -> None:
        """Send one message in `pair`'s chat."""
        client_id = uuid7()
        frame = Send(client_id=client_id, conversation_id=self.chats[pair], body=self.body)
        self.sent[client_id] = time.perf_counter()
        transport = self.clients[2 * pair].transport
        assert transport is not None
        transport.write(client_frame(self.codec.encode(frame)))

    def on_frame(self, client: LoadClient, frame: AnyServerFrame) -> None:
        """Note acknowledgements and deliveries."""
        if isinstance(frame, Ack):
            self.acks += 1
            if self.acks == self.goal:
                self.reached.set()
            self.acked.append(time.perf_counter() - self.sent[frame.client_id])
            if self.refill:
                self.send(self.sender_of[client])
        elif isinstance(frame, EventFrame):
            message = frame.event.message  # type: ignore[union-attr]
            self.delivered.append(time.perf_counter() - self.sent.pop(message.client_id))
        elif isinstance(frame, Nack):
            self.refused += 1

    async def throughput(self, seconds: float) -> float:
        """Messages acknowledged a second, `WINDOW` in flight a sender."""
        self.refill = True
        for pair in range(len(self.chats)):
            for _ in range(WINDOW):
                self.send(pair)
        await asyncio.sleep(1.0)
        before, started = self.acks, time.perf_counter()
        await asyncio.sleep(seconds)
        rate = (self.acks - before) / (time.perf_counter() - started)
        self.refill = False
        await self.quiet()
        return rate

    async def until(self, count: int) -> None:
        """Go on until `count` messages are acknowledged."""
        self.refill = True
        for pair in range(len(self.chats)):
            for _ in range(WINDOW):
                self.send(pair)
        if self.acks < count:
            self.goal = count
            self.reached.clear()
            await self.reached.wait()
        self.refill = False
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        last = -1
        while last != len(self.delivered):
            last = len(self.delivered)
            await asyncio.sleep(0.3)
        self.sent.clear()

    async def latency(self, rate: int, seconds: float) -> tuple[list[float], list[float]]:
        """Send `rate` a second, evenly; returns sorted seconds to acknowledgement and to delivery."""
        self.acked, self.delivered = [], []
        started = time.perf_counter()
        for index in range(int(rate * seconds)):
            wait = started + index / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self.send(index % len(self.chats))
        await self.quiet()
        return sorted(self.acked), sorted(self.delivered)


def at(sorted_values: list[float], share: float) -> float:
    """The value below which `share` of them lie, in milliseconds."""
    return round(sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] * 1000, 2)


async def measure(world: World, port: int) -> dict[str, float]:
    """All figures of one server."""
    traffic = Traffic(world)
    traffic.clients = await connect_all(port, [one.token for one in world.people], traffic.on_frame)
    traffic.sender_of = {traffic.clients[2 * pair]: pair for pair in range(PAIRS)}
    empty = await traffic.throughput(SECONDS)
    await traffic.until(ARCHIVE)
    full = await traffic.throughput(SECONDS)
    acked, delivered = await traffic.latency(RATE, 8.0)
    for client in traffic.clients:
        if client.transport is not None:
            client.transport.abort()
    return {
        "messages/s, empty archive": round(empty),
        "messages/s, full archive": round(full),
        "archive": traffic.acks,
        "refused": traffic.refused,
        "ack p50 ms at 500/s": at(acked, 0.5),
        "ack p99 ms at 500/s": at(acked, 0.99),
        "delivery p50 ms at 500/s": at(delivered, 0.5),
        "delivery p99 ms at 500/s": at(delivered, 0.99),
    }


def run() -> dict[str, Any]:
    """Build a world, start the server on core 0, load it from the other."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as name:
        folder = Path(name) / "data"
        world = built(folder, people=2 * PAIRS, pairs=PAIRS)
        server = ServerProcess(folder, cpu=cores[0])
        os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            import uvloop

            figures = uvloop.run(measure(world, server.port))
        finally:
            server.stop()
            os.sched_setaffinity(0, set(cores))
    return {
        "name": "one_to_one",
        "unit": "messages/s",
        "figures": figures,
        "bar": {
            "messages/s, empty archive": {"min": 5000},
            "messages/s, full archive": {"min": 5000},
            "ack p50 ms at 500/s": {"max": 5},
            "ack p99 ms at 500/s": {"max": 30},
        },
        "peer": {"ejabberd": "286 to 1,350/s", "prosody": "208 to 1,384/s"},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
