"""Sync under any interleaving: sends, drops, stalls, restarts of both ends, clock skews, shuffled and doubled events.

Each walk is drawn by hypothesis, acts on two real clients and a real server process, and ends with everybody online
again: then all stores say the same as a machine that asks the server afresh, each message once and in order.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bed.duo import Duo, MemoryPort, until, until_count, until_online
from bed.duo_fixtures import OpenDuo
from bed.office import PASSWORD
from bed.proxy import Proxy
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from app.session.session import Session
from app.session.sign_in_result import SignInResult
from app.store.database import Reader
from app.store.queries import messages, ranges
from app.store.records import MessageState
from server_stub.contract.events import SyncPage

WHO = ("liqiang", "fengxue")


class Clock:
    """The time of the clients, which may be wrong; the server's process has its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.skew = 0.0
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.skew)


class Walk:
    """Two clients, each behind a proxy of its own, and what was promised to be sent."""

    def __init__(self, duo: Duo, clock: Clock) -> None:
        self.duo, self.clock = duo, clock
        self.ways: dict[str, Proxy] = {}
        self.sessions: dict[str, Session] = {}
        self.chat = ""
        self.sent: dict[str, list[str]] = {who: [] for who in WHO}
        self.up = True

    async def begin(self) -> None:
        """Sign both in and open their chat."""
        for who in WHO:
            self.ways[who] = await self.duo.way(who)
            self.sessions[who] = await self.duo.sign_in(who)
        self.chat = await self.sessions[WHO[0]].conversations.open_single(self.sessions[WHO[1]].me.id)

    async def step(self, action: str, who: str, number: int) -> None:
        """One of what may happen."""
        session, way = self.sessions[who], self.ways[who]
        if action == "send":
            for _ in range(1 + number % 3):
                self.sent[who].append(await session.send.text(self.chat, f"{who} {len(self.sent[who])}"))
        elif action == "cut":
            way.cut()
        elif action == "tear":
            way.cut_after = 0 if way.cut_after else 2_000 + number * 400
        elif action == "stall":
            way.stall()
        elif action == "flow":
            way.flow()
            session.network_hint()
        elif action == "read":
            await session.conversations.mark_read(self.chat)
        elif action == "pin":
            await session.conversations.change_setting(self.chat, pinned=bool(number % 2))
        elif action == "skew":
            self.clock.skew = (number - 25) * 977.0
        elif action == "restart client":
            await self._restart(who)
        elif action == "kill server":
            if self.up:
                await self.duo.kill_some(number)
                self.up = False
            else:
                await self.duo.start_server()
                self.up = True
        else:
            await self._replay(who, random.Random(number))

    async def _restart(self, who: str) -> None:
        old = self.sessions[who]
        await old.close()
        self.duo.sessions.remove(old)
        accounts = self.duo.accounts(who)
        result: SignInResult = await accounts.resume(accounts.entries()[0].key)
        self.sessions[who] = await self.duo.keep(result, online=False)

    async def _replay(self, who: str, chance: random.Random) -> None:
        """Events that the client may have seen long ago come again: some of them, some twice, in any order."""
        session = self.sessions[who]
        try:
            async with asyncio.timeout(0.5):
                page: SyncPage = await session.api.sync(1, 100)
        except Exception:
            return  # It cannot be reached now.
        events = [one for one in page.events if chance.random() < 0.6]
        events += chance.choices(events, k=len(events) // 2) if events else []
        chance.shuffle(events)
        for event in events:
            session._exchange.sync.live(event)

    async def settle(self) -> None:
        """Everything works again."""
        if not self.up:
            await self.duo.start_server()
            self.up = True
        for who in WHO:
            self.ways[who].cut_after = 0
            self.ways[who].flow()
            # What was held up is of connections that one end has long given up.
            self.ways[who].cut()
            self.sessions[who].network_hint()

        async def hint() -> None:
            while True:
                await asyncio.sleep(0.3)
                for session in self.sessions.values():
                    session.network_hint()

        hints = asyncio.create_task(hint())
        try:
            for session in self.sessions.values():
                await until(session, lambda db: not messages.pending(db, self.chat), 60)
                await until_count(session, self.chat, sum(map(len, self.sent.values())), 60)
                await until_online(session, 60)
        finally:
            hints.cancel()


def facts(chat: str, me: str) -> Callable[[Reader], Any]:
    """What a store says of the chat, without what is of this machine alone. Others' memberships are fetched when shown."""

    def read(db: Reader) -> Any:
        number = db.one("SELECT number FROM conversations WHERE id = ?", (chat,))[0]
        return {
            "messages": db.all(
                "SELECT id & 1099511627775, event_id, client_id, sender_id, sent_at, state, content FROM messages"
                " WHERE id >> 40 = ? ORDER BY id",
                (number,),
            ),
            "conversation": db.all(
                "SELECT kind, peer_id, last_seq, epoch FROM conversations WHERE id = ?", (chat,)
            ),
            "members": db.all(
                "SELECT role, read_seq, left FROM members WHERE conversation = ? AND person_id = ?",
                (number, me),
            ),
            "settings": db.all(
                "SELECT pinned, muted, hidden FROM settings WHERE conversation_id = ?", (chat,)
            ),
            "ranges": ranges.all_of(db, number),
        }

    return read


@asynccontextmanager
async def walking(folder: Path, open_duo: OpenDuo, clock: Clock) -> AsyncIterator[Walk]:
    """A fresh server and fresh clients."""
    async with open_duo(folder) as duo:
        walk = Walk(duo, clock)
        await walk.begin()
        yield walk


ACTIONS = st.sampled_from(
    ["send"] * 6
    + [
        "cut",
        "tear",
        "stall",
        "flow",
        "flow",
        "read",
        "pin",
        "skew",
        "restart client",
        "kill server",
        "replay",
        "replay",
    ]
)
STEPS = st.lists(st.tuples(ACTIONS, st.sampled_from(WHO), st.integers(0, 50)), min_size=15, max_size=40)


async def converges(walk: Walk, steps: list[tuple[str, str, int]]) -> None:
    """Walk, settle, and compare everybody with a machine that never saw any of it."""
    for action, who, number in steps:
        await walk.step(action, who, number)
        await asyncio.sleep(0)
    await walk.settle()
    walk.clock.skew = 0.0
    total = sum(map(len, walk.sent.values()))
    for who in WHO:
        session = walk.sessions[who]
        fresh = await walk.duo.keep(
            await walk.duo.accounts(f"fresh-{who}", MemoryPort()).sign_in(walk.duo.url_of(who), who, PASSWORD)
        )
        await until_count(fresh, walk.chat, min(total, 30), 30)
        if total > 30:
            await fresh.messages.load_older(walk.chat, total - 29)
        expected = await fresh.store.read(facts(walk.chat, session.me.id))
        rows = expected["messages"]
        assert [row[0] for row in rows] == list(range(1, total + 1))
        assert len({row[2] for row in rows}) == total
        for sender in WHO:
            own = [row[2] for row in rows if row[3] == walk.sessions[sender].me.id]
            assert own == walk.sent[sender], sender
        assert all(row[5] == MessageState.OPENED for row in rows)
        await same(session, facts(walk.chat, session.me.id), expected)


async def same(session: Session, read: Callable[[Reader], Any], expected: Any) -> None:
    """Wait until the store says what is expected, and show what differs when it does not."""
    try:
        await until(session, lambda db: read(db) == expected, 30)
    except TimeoutError:
        assert await session.store.read(read) == expected, session.me.name


def walk_at_random(
    tmp_path_factory: pytest.TempPathFactory,
    open_duo: OpenDuo,
    monkeypatch: pytest.MonkeyPatch,
    *,
    walks: int,
) -> None:
    """So many walks, the same in each run."""
    clock = Clock(monkeypatch)
    longest = 0

    @seed(20261126)
    @settings(
        max_examples=walks,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=STEPS)
    def walk(steps: list[tuple[str, str, int]]) -> None:
        nonlocal longest
        clock.skew = 0.0
        longest = max(longest, len(steps))

        async def run() -> None:
            async with walking(tmp_path_factory.mktemp("walk"), open_duo, clock) as walk:
                await converges(walk, steps)

        asyncio.run(run())

    walk()
    assert longest >= 15


@pytest.mark.timeout(600)
def test_any_interleaving_converges(
    tmp_path_factory: pytest.TempPathFactory, open_duo: OpenDuo, monkeypatch: pytest.MonkeyPatch
):
    walk_at_random(tmp_path_factory, open_duo, monkeypatch, walks=4)
