"""What server processes tell each other over a real Redis: nothing is published to one that does not listen yet, and a
process that died is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis.asyncio
from bed.proxy import Proxy, running_proxy
from bed.waits import until

from server_stub.app import Server
from server_stub.bus import TOPIC_EVENTS
from server_stub.config import Settings
from server_stub.features.secret.burning import Reaper
from server_stub.gateway import presence, redis_bus
from server_stub.gateway.presence import PresenceBook
from server_stub.gateway.redis_bus import RedisBus
from server_stub.storage.database import Database
from server_stub.storage.engine import embedded_engine
from server_stub.storage.migrate import migrate


@pytest.fixture
async def way(redis_url: str) -> AsyncIterator[Proxy]:
    """A slow network before Redis."""
    port = urlsplit(redis_url).port
    assert port is not None
    async with running_proxy(port) as proxy:
        yield proxy


def through(way: Proxy) -> str:
    return f"redis://127.0.0.1:{way.port}/0"


async def test_a_server_serves_only_when_it_hears_the_others(
    tmp_path: Path, redis_url: str, way: Proxy
) -> None:
    way.latency = 0.4
    server = await asyncio.to_thread(Server, Settings(data=tmp_path / "server", bus=through(way)))
    await server.start()
    try:
        assert isinstance(server.bus, RedisBus)
        channels = list(server.bus._receivers)
        assert f"zhengding:{TOPIC_EVENTS}".encode() in channels
        async with redis.asyncio.Redis.from_url(redis_url) as straight:
            listening = dict(await straight.pubsub_numsub(*channels))
        assert listening == dict.fromkeys(channels, 1)
    finally:
        await server.close()


async def test_a_bus_that_does_not_confirm_is_said_and_not_waited_for_without_end(
    way: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "_READY_SECONDS", 0.3)
    bus = RedisBus(through(way))
    bus.subscribe(TOPIC_EVENTS, lambda _payload: None)
    await bus.start()
    way.stall()
    try:
        with pytest.raises(ConnectionError):
            await bus.ready()
    finally:
        way.flow()
        await bus.close()


@pytest.fixture
async def books(redis_url: str, monkeypatch: pytest.MonkeyPatch):
    """Two processes' books, and the deaths that the second noticed."""
    monkeypatch.setattr(presence, "STATE_SECONDS", 0.2)
    deaths: list[None] = []
    buses = [RedisBus(redis_url) for _ in range(2)]
    made = [
        PresenceBook(bus=bus, encode=lambda *_people: b"", on_death=lambda: deaths.append(None))
        for bus in buses
    ]
    for bus, book in zip(buses, made, strict=True):
        await bus.start()
        book.start()
        await bus.ready()
    yield (*made, deaths)
    for bus, book in zip(buses, made, strict=True):
        await book.close()
        await bus.close()


async def test_a_process_that_fell_silent_is_noticed(books) -> None:
    dies, lives, deaths = books
    dies.came("wang")
    await until(lambda: lives.online("wang"))
    dies._task.cancel()
    # Only the one that lives hears of it.
    await until(lambda: deaths)
    assert not lives.online("wang")


async def test_one_that_said_goodbye_is_no_death(books) -> None:
    ends, lives, deaths = books
    ends.came("wang")
    await until(lambda: lives.online("wang"))
    await ends.close()
    await until(lambda: not lives.online("wang"))
    # Three more rounds, after which silence would count.
    lives.came("li")
    await asyncio.sleep(4 * presence.STATE_SECONDS)
    assert deaths == []


async def ends(closing: Coroutine[None, None, None]) -> bool:
    """Waited for from outside: a cancellation of the wait itself would end what hangs."""
    done, _ = await asyncio.wait([asyncio.ensure_future(closing)], timeout=5)
    return bool(done)


async def test_closing_in_the_moment_of_news_keeps_nobody_waiting(
    books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "STATE_SECONDS", 600.0)
    _, book, _ = books
    book.came("li")
    await until(lambda: not book._news)
    book.came("wang")
    assert await ends(book.close())


async def test_closing_in_the_moment_a_timer_begins_keeps_nobody_waiting(tmp_path: Path) -> None:
    database = Database(embedded_engine(tmp_path / "server.db", bytes(32)))
    await asyncio.to_thread(migrate, database.engine)
    reaper = Reaper(database, Untouched(), Untouched())
    reaper.start()
    await until(lambda: reaper._retired_at)
    await database.read(lambda _connection: None)
    await until(lambda: reaper._wake._waiters)
    reaper.woken()
    assert await ends(reaper.close())
    await asyncio.to_thread(database.close)


class Untouched:
    """Keys and news of an empty database: nothing is burnt, nobody is told."""

    def retire(self, kept: set[int], older: int) -> list[int]:
        assert kept == set()
        return []
