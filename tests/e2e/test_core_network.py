"""Bad networks: connections torn in the middle of a frame, and connections that look alive and are not."""

from __future__ import annotations

import asyncio

from bed.duo import Duo, everything, history, texts, until_count, until_online
from bed.waits import until

from app.session import outbox


async def test_a_network_that_tears_every_connection_delivers_all_the_same(duo: Duo):
    ways = [await duo.way("liqiang"), await duo.way("fengxue")]
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    for way in ways:
        way.latency, way.cut_after = 0.01, 20_000
    for number in range(100):
        await li.send.text(chat, f"李 {number}")
        await feng.send.text(chat, f"冯 {number}")

    async def hint() -> None:
        # The system's hints of a changed network: without them the pauses between attempts grow.
        while True:
            await asyncio.sleep(0.3)
            li.network_hint()
            feng.network_hint()

    hints = asyncio.create_task(hint())
    try:
        await until_count(li, chat, 200, 90)
        await until_count(feng, chat, 200, 90)
    finally:
        hints.cancel()
    assert sum(way.cuts for way in ways) >= 5
    for way in ways:
        way.latency, way.cut_after = 0.0, 0
    rows = await everything(duo, "liqiang", chat, 200)
    for session, name in ((li, "李"), (feng, "冯")):
        own = texts([row for row in rows if row.sender_id == session.me.id])
        assert own == [f"{name} {number}" for number in range(100)]


async def test_a_connection_that_looks_alive_and_is_not_is_given_up(duo: Duo):
    way = await duo.way("liqiang")
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    way.stall()
    await li.send.text(chat, "在假死的连接上")
    way.knocked.clear()
    async with asyncio.timeout(20):
        # The heartbeat finds out by itself and knocks again.
        await way.knocked.wait()
    way.flow()
    await until_count(feng, chat, 1)
    await until_online(li)
    assert texts(await history(feng, chat)) == ["在假死的连接上"]


async def test_a_new_connection_ends_the_pause_between_two_attempts(duo: Duo, monkeypatch):
    monkeypatch.setattr(outbox, "_FIRST_PAUSE", 600.0)
    way = await duo.way("liqiang")
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.text(chat, "先有钥匙")
    await until_count(feng, chat, 1)
    way.stall()
    await li.send.text(chat, "断线时发出的")
    # It waits for the answer to its first attempt.
    await until(lambda: li._exchange.outbox._answers)
    way.cut()
    way.flow()
    await until_count(feng, chat, 2)
    assert texts(await history(feng, chat)) == ["先有钥匙", "断线时发出的"]
