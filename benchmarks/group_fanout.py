"""One message to a group of 2,000, all online: time until the last has it; ejabberd, prosody and mosquitto in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from bed.load import LoadClient  # noqa: E402
from bed.ports import free_port  # noqa: E402
from bed.processes import start, stop  # noqa: E402
from bed.world import ServerProcess, World, built  # noqa: E402
from bed.xmpp import ROOM, Occupant, groupchat, instant_room  # noqa: E402
from bed.xmpp import server as xmpp_server  # noqa: E402

from server_stub.contract.frames import Send, ServerFrameCodec  # noqa: E402
from server_stub.contract.ids import uuid7  # noqa: E402
from server_stub.gateway.framing import client_frame  # noqa: E402

PEOPLE = 2000
BODY_BYTES = 300
JOINING_S = 300
"""Longest time for one person to enter a peer's room."""
ROUNDS = 100
"""Messages sent one by one, each after the last receiver has the one before."""
SECONDS = 6.0
WINDOW = 8
"""Messages in flight while measuring deliveries a second."""


class Count:
    """Counts what all receivers have got."""

    def __init__(self) -> None:
        self.got = 0
        self.goal = -1
        self.reached: asyncio.Future[None] | None = None
        self.on_got: Any = None

    def add(self, number: int) -> None:
        """Note `number` deliveries."""
        self.got += number
        if self.got >= self.goal and self.reached is not None and not self.reached.done():
            self.reached.set_result(None)

    async def until(self, goal: int) -> None:
        """Return at the moment at which `goal` deliveries have happened."""
        self.goal = goal
        self.reached = asyncio.get_running_loop().create_future()
        if self.got < goal:
            await asyncio.wait_for(self.reached, 30)


class Receiver(LoadClient):
    """Counts frames without decoding them, so that the generator's core is not what is measured."""

    count: Count

    def _frame(self, payload: bytes) -> None:
        if self.ready.done():
            self.count.add(1)
        else:
            super()._frame(payload)


class Subscriber(asyncio.Protocol):
    """A client of MQTT 3.1.1 at QoS 0 that counts what it receives."""

    def __init__(self, name: str, count: Count) -> None:
        self.name = name
        self.count = count
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        name = self.name.encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
        subscribe = b"\x00\x01\x00\x01g\x00"
        self.transport.write(  # type: ignore[union-attr]
            b"\x10" + bytes((len(body),)) + body + b"\x82" + bytes((len(subscribe),)) + subscribe
        )

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        at, end, got = 0, len(data), 0
        while end - at >= 2:
            size, body, shift = 0, at + 1, 0
            while body < end:
                byte = data[body]
                size |= (byte & 127) << shift
                body, shift = body + 1, shift + 7
                if not byte & 128:
                    break
            else:
                break
            if body + size > end:
                break
            kind = data[at] >> 4
            if kind == 3:
                got += 1
            elif kind == 9:
                self.ready.set_result(None)
            at = body + size
        self._buffer = data[at:]
        if got:
            self.count.add(got)


def publish(body: bytes) -> bytes:
    """The bytes of a PUBLISH to the group's topic."""
    size = len(body) + 3
    return b"\x30" + bytes((size & 127 | 128, size >> 7)) + b"\x00\x01g" + body


async def figures(count: Count, receivers: int, send: Any) -> dict[str, float]:
    """Latency of single messages, then deliveries a second with several in flight; `send()` sends one."""
    times: list[float] = []
    for index in range(ROUNDS + 10):
        goal = count.got + receivers
        began = time.perf_counter()
        send()
        await count.until(goal)
        if index >= 10:
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    sent, before, began = 0, count.got, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        while sent < WINDOW + (count.got - before) // receivers:
            send()
            sent += 1
        await count.until(before + receivers * (sent - WINDOW + 1))
    rate = (count.got - before) / (time.perf_counter() - began)
    await count.until(before + receivers * sent)
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(times[int(len(times) * 0.95)], 1),
        "rate": round(rate),
    }


async def ours(world: World, port: int) -> dict[str, float]:
    """The product: with sign-in, rights, sealed body and durable commit."""
    count, loop, codec = Count(), asyncio.get_running_loop(), ServerFrameCodec()
    clients: list[Receiver] = []

    async def one(token: str) -> Receiver:
        def make() -> Receiver:
            made = Receiver(token, None)
            made.count = count
            return made

        _transport, client = await loop.create_connection(make, "127.0.0.1", port)
        await client.ready
        return client

    for begin in range(0, PEOPLE, 100):
        clients += await asyncio.gather(*(one(who.token) for who in world.people[begin : begin + 100]))
    body = b"\x01\x00\x00\x00\x01" + secrets.token_bytes(BODY_BYTES - 5)
    transport = clients[0].transport
    assert transport is not None

    def send() -> None:
        frame = Send(client_id=uuid7(), conversation_id=world.group, body=body)
        transport.write(client_frame(codec.encode(frame)))

    # The sender's acknowledgement counts as its delivery: everybody gets exactly one frame a message.
    found = await figures(count, PEOPLE, send)
    for client in clients:
        if client.transport is not None:
            client.transport.abort()
    return found


async def theirs(port: int) -> dict[str, float]:
    """mosquitto: no accounts, no rights, no sealing, nothing kept."""
    count, loop = Count(), asyncio.get_running_loop()
    clients: list[Subscriber] = []
    for index in range(PEOPLE):
        _transport, client = await loop.create_connection(
            lambda name=f"c{index}": Subscriber(name, count), "127.0.0.1", port
        )
        await client.ready
        clients.append(client)
    data = publish(secrets.token_bytes(BODY_BYTES))
    transport = clients[0].transport
    assert transport is not None
    found = await figures(count, PEOPLE, lambda: transport.write(data))
    for client in clients:
        if client.transport is not None:
            client.transport.abort()
    return found


async def occupants(port: int) -> dict[str, float]:
    """A group chat of XMPP: anonymous accounts, presence broadcast off, nothing kept."""
    count, loop = Count(), asyncio.get_running_loop()
    clients: list[Occupant] = []

    async def one(index: int) -> Occupant:
        _transport, client = await loop.create_connection(
            lambda: Occupant(f"n{index}", ROOM, count.add), "127.0.0.1", port
        )
        # Everybody is told of everybody already there: two million stanzas before the room is full.
        await asyncio.wait_for(client.ready, JOINING_S)
        return client

    # The first one makes the room; prosody locks a fresh one until its maker has taken the default settings.
    clients.append(await one(0))
    transport = clients[0].transport
    assert transport is not None
    transport.write(instant_room(ROOM))
    for begin in range(1, PEOPLE, 20):
        clients += await asyncio.gather(*(one(index) for index in range(begin, min(PEOPLE, begin + 20))))
    data = groupchat(ROOM, secrets.token_hex(BODY_BYTES // 2))
    found = await figures(count, PEOPLE, lambda: transport.write(data))
    for client in clients:
        if client.transport is not None:
            client.transport.abort()
    return found


def xmpp(name: str, folder: Path, cpu: int) -> dict[str, float] | None:
    """Run ejabberd or prosody on `cpu`; None where it is not installed, nothing where it was too slow to measure."""
    import uvloop

    port = free_port()
    process = xmpp_server(name, folder / name, port, cpu)
    if process is None:
        return None
    try:
        asyncio.run(listening(port, 40))
        return uvloop.run(occupants(port))
    except TimeoutError:
        return {}
    finally:
        stop(process)


def mosquitto(folder: Path, cpu: int) -> dict[str, float] | None:
    """Run the peer on `cpu`; None where it is not installed."""
    import uvloop

    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    port = free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
        "max_queued_messages 0\nlog_type error\n"
    )
    process = start(["taskset", "-c", str(cpu), program, "-c", settings])
    try:
        asyncio.run(listening(port))
        return uvloop.run(theirs(port))
    finally:
        stop(process)


async def listening(port: int, seconds: float = 10) -> None:
    """Wait until somebody accepts on `port`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def run() -> dict[str, Any]:
    """Server on one core, load generator on another; first ours, then the peers."""
    import uvloop

    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="zd-bench-") as name:
        folder = Path(name)
        world = built(folder / "data", people=PEOPLE, group=True)
        server = ServerProcess(folder / "data", cpu=cores[0])
        os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            found = uvloop.run(ours(world, server.port))
            server.stop()
            peers = {"mosquitto": mosquitto(folder, cores[0])}
            peers |= {name: xmpp(name, folder, cores[0]) for name in ("ejabberd", "prosody")}
        finally:
            if server.process.poll() is None:
                server.stop()
            os.sched_setaffinity(0, set(cores))
    names = {"p50": "last of 2,000 p50 ms", "p95": "last of 2,000 p95 ms", "rate": "deliveries/s"}
    beside: dict[str, Any] = {}
    for peer, measured in peers.items():
        if measured is None:
            beside[peer] = f"未安装（apt-get install {peer}）"
        elif not measured:
            beside[peer] = "未能在限时内让 2,000 人进群"
        else:
            beside |= {f"{peer} {names[key]}": value for key, value in measured.items()}
    return {
        "name": "group_fanout",
        "unit": "",
        "figures": {names[key]: value for key, value in found.items()},
        "bar": {"last of 2,000 p50 ms": {"max": 20}, "deliveries/s": {"min": 100_000}},
        "peer": beside,
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
