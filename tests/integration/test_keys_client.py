"""Emergency destruction as clients meet it: a real server process, real sessions, "密钥已销毁" in place of the text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from bed.duo import Duo, history, running_duo, texts, until, until_count
from bed.office import PASSWORD, Device, Office, fill

from app.store.queries import keys, messages, search
from app.store.records import MESSAGE_STATE_TEXT, MessageState
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.sm.algorithms import Algorithms


@pytest.fixture
async def duo(tmp_path: Path) -> AsyncIterator[Duo]:
    template = tmp_path / "template"
    server = await asyncio.to_thread(Server, Settings(data=template))
    await server.start()
    office = Office(server, 0)
    await fill(office)
    await office.add_staff("第二管理员", "admin2", "12000000010", [("绿城市", "管理员")], is_admin=True)
    await server.close()
    async with running_duo(tmp_path / "run", template) as duo:
        yield duo


async def administrator(duo: Duo, login: str) -> httpx.AsyncClient:
    http = httpx.AsyncClient(base_url=f"{duo.url}/api/v1", timeout=30, trust_env=False)
    device = Device(Algorithms.best()).info()
    signed = await http.post("/auth/sign-in", json={"login": login, "password": PASSWORD, "device": device})
    http.headers["authorization"] = f"Bearer {signed.json()['tokens']['access_token']}"
    return http


async def destroy(duo: Duo, **wanted: str) -> None:
    first, second = await administrator(duo, "admin"), await administrator(duo, "admin2")
    asked = (await first.post("/security/destruction", json=wanted)).json()
    done = await second.post(f"/security/requests/{asked['id']}/confirm", json={})
    assert done.json()["state"] == "done", done.text
    await first.aclose()
    await second.aclose()


def all_destroyed(chat: str, count: int):
    def look(db) -> bool:
        rows = messages.newest(db, chat, 10)
        return len(rows) >= count and all(row.state is MessageState.DESTROYED for row in rows[:count])

    return look


@pytest.mark.clause("3.3.4")
async def test_a_destruction_reaches_clients_at_once_and_those_away_as_soon_as_they_connect(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.open_single(feng.me.id)
    for number in range(3):
        await li.send_text(chat, f"涉密内容第{number}条")
    await until_count(li, chat, 3)
    await until_count(feng, chat, 3)
    assert texts(await history(feng, chat)) == [f"涉密内容第{number}条" for number in range(3)]
    assert await feng.store.read(lambda db: search.hits(db, "涉密内容"))
    await feng.close()
    duo.sessions.remove(feng)

    await destroy(duo, scope="conversation", target=chat)
    await until(li, all_destroyed(chat, 3))
    rows = await history(li, chat)
    assert [row.content for row in rows] == [None] * 3
    assert MESSAGE_STATE_TEXT[MessageState.DESTROYED] == "密钥已销毁"

    back = await duo.resume("fengxue")
    await until(back, all_destroyed(chat, 3))
    assert not await back.store.read(lambda db: search.hits(db, "涉密内容"))
    kept = await back.store.read(lambda db: keys.of(db, chat))
    assert kept[1] is None

    # The conversation goes on under the new key.
    await li.send_text(chat, "新内容")
    await until(back, lambda db: texts(messages.newest(db, chat, 10)) == ["新内容"])
    assert texts(await history(li, chat)) == ["新内容"]


async def test_history_fetched_after_a_destruction_shows_no_text(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.open_single(feng.me.id)
    await li.send_text(chat, "从前的话")
    await until_count(li, chat, 1)
    await destroy(duo, scope="all")
    fresh = await duo.keep(await duo.accounts("elsewhere").sign_in(duo.url, "fengxue", PASSWORD))
    await fresh.ensure_window(chat, 1, 1)
    await until(fresh, all_destroyed(chat, 1))
