"""A server process killed in mid-traffic: nothing acknowledged is lost, nothing is there twice, no number is missing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from bed.load import LoadClient, connect_all
from bed.world import ServerProcess, World, build_world

from server_stub.contract.frames import Ack, AnyServerFrame, Nack, Send, ServerFrameCodec
from server_stub.contract.ids import uuid7
from server_stub.gateway.framing import client_frame

PAIRS = 10
KILLS = 3
ACKS_BEFORE_A_KILL = 400
WINDOW = 8
BODY = b"\x01\x00\x00\x00\x01" + b"\x5a" * 60


@dataclass
class Sender:
    """One end of a chat, with an outbox as a client has it: a message leaves it only by its acknowledgement."""

    chat: str
    outbox: dict[str, None] = field(default_factory=dict)
    acked: dict[str, int] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)


class Traffic:
    """Sends over every pair's first connection until told to stop, and keeps what was acknowledged."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.codec = ServerFrameCodec()
        self.senders = [Sender(chat) for _a, _b, chat in world.pairs]
        self.of: dict[LoadClient, Sender] = {}
        self.refused: list[Nack] = []
        self.more = True
        self.acks = 0
        self.goal = asyncio.Event()
        self.goal_at = 0

    async def join(self, port: int) -> None:
        """Connect; send again what was not acknowledged, in its order, then go on."""
        tokens = [self.world.people[a].token for a, _b, _chat in self.world.pairs]
        clients = await connect_all(port, tokens, self.on_frame)
        self.of = dict(zip(clients, self.senders, strict=True))
        for client, sender in self.of.items():
            for client_id in list(sender.outbox):
                self.write(client, sender, client_id)
            while self.more and len(sender.outbox) < WINDOW:
                self.add(client, sender)

    def add(self, client: LoadClient, sender: Sender) -> None:
        client_id = uuid7()
        sender.outbox[client_id] = None
        sender.sent.append(client_id)
        self.write(client, sender, client_id)

    def write(self, client: LoadClient, sender: Sender, client_id: str) -> None:
        frame = Send(client_id=client_id, conversation_id=sender.chat, body=BODY)
        assert client.transport is not None
        client.transport.write(client_frame(self.codec.encode(frame)))

    def on_frame(self, client: LoadClient, frame: AnyServerFrame) -> None:
        if isinstance(frame, Nack):
            self.refused.append(frame)
        if not isinstance(frame, Ack):
            return
        sender = self.of[client]
        earlier = sender.acked.setdefault(frame.client_id, frame.seq)
        assert earlier == frame.seq
        sender.outbox.pop(frame.client_id, None)
        self.acks += 1
        if self.acks >= self.goal_at:
            self.goal.set()
        if self.more:
            self.add(client, sender)

    async def until(self, acks: int) -> None:
        self.goal_at = self.acks + acks
        self.goal.clear()
        await self.goal.wait()

    async def emptied(self) -> None:
        """Let everything be acknowledged."""
        self.more = False
        while any(sender.outbox for sender in self.senders):
            await self.until(1)


@pytest.mark.parametrize("kind", ["sqlcipher", "postgresql"])
async def test_a_killed_server_lost_nothing_that_it_acknowledged(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = "" if kind == "sqlcipher" else request.getfixturevalue("fresh_postgres")(driver="")
    world = await build_world(tmp_path / "data", people=2 * PAIRS, pairs=PAIRS, database=url)
    options = ("--database", url) if url else ()
    traffic = Traffic(world)
    for _ in range(KILLS):
        server = await asyncio.to_thread(ServerProcess, tmp_path / "data", *options)
        await traffic.join(server.port)
        await traffic.until(ACKS_BEFORE_A_KILL)
        clients = list(traffic.of)
        server.kill()
        await asyncio.gather(*(client.lost for client in clients))
    server = await asyncio.to_thread(ServerProcess, tmp_path / "data", *options)
    try:
        await traffic.join(server.port)
        await traffic.emptied()
        for client in traffic.of:
            assert client.transport is not None
            client.transport.abort()
        for (a, _b, chat), sender in zip(world.pairs, traffic.senders, strict=True):
            stored = await history(server.url, world.people[a].token, chat)
            assert [seq for seq, _id in stored] == list(range(1, len(stored) + 1))
            # Each once, all that were sent, in the order of sending, under the numbers that were acknowledged.
            assert [client_id for _seq, client_id in stored] == sender.sent
            assert {client_id: seq for seq, client_id in stored} == sender.acked
    finally:
        server.stop()
    assert traffic.refused == []
    assert traffic.acks >= KILLS * ACKS_BEFORE_A_KILL


async def history(url: str, token: str, chat: str) -> list[tuple[int, str]]:
    """Number and client id of every message of a chat, as a client reads them."""
    found: list[tuple[int, str]] = []
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, verify=False) as http:
        while True:
            after = found[-1][0] if found else 0
            answer = await http.get(
                f"/api/v1/conversations/{chat}/messages", params={"after_seq": after, "limit": 100}
            )
            page = [(one["seq"], one["client_id"]) for one in answer.json()["messages"]]
            if not page:
                return found
            found += sorted(page)
