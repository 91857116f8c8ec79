"""Emergency destruction as clients meet it: a real server process, real sessions, "密钥已销毁" in place of the text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from bed.duo import Duo, MemoryPort, history, running_duo, texts, until, until_count
from bed.office import PASSWORD, Device, Office, fill
from sqlalchemy import Connection, select, update

from app.session.files import FileUnavailable
from app.store.queries import keys, messages, search
from app.store.records import MESSAGE_STATE_TEXT, MessageState
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.keys import SealReport
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.features.conversations.tables import messages as table


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
    asked = (await first.post("/security/destruction", json={"reason": "年度演练"} | wanted)).json()
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
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(3):
        await li.send.text(chat, f"涉密内容第{number}条")
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
    await li.send.text(chat, "新内容")
    await until(back, lambda db: texts(messages.newest(db, chat, 10)) == ["新内容"])
    assert texts(await history(li, chat)) == ["新内容"]


async def test_history_fetched_after_a_destruction_shows_no_text(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.text(chat, "从前的话")
    await until_count(li, chat, 1)
    await destroy(duo, scope="all")
    fresh = await duo.keep(await duo.accounts("elsewhere").sign_in(duo.url, "fengxue", PASSWORD))
    await fresh.messages.ensure_window(chat, 1, 1)
    await until(fresh, all_destroyed(chat, 1))


async def log_lines(duo: Duo) -> list[tuple[str, str]]:
    admin = await administrator(duo, "admin")
    lines = (await admin.get("/security/audit", params={"kind": "seal_refused"})).json().get("lines", [])
    await admin.aclose()
    return [(line["target"].split()[-1], line["result"]) for line in lines]


async def until_logged(duo: Duo, wanted: set[tuple[str, str]]) -> None:
    for _ in range(200):
        if wanted <= set(found := await log_lines(duo)):
            assert len(found) == len(set(found)), "each is reported once"
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await log_lines(duo))


@pytest.mark.clause("3.3.4")
async def test_what_was_changed_swapped_cut_or_sent_again_is_refused_and_reported(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(6):
        await li.send.text(chat, f"第 {number} 条")
    await until_count(feng, chat, 6)
    await feng.close()
    await li.close()
    await duo.stop_server()
    # Whoever has the server's database changes it: a bit, two messages' places, the end of one.
    server = await asyncio.to_thread(Server, Settings(data=duo.data))
    await server.start()

    def tamper(connection: Connection) -> None:
        bodies = {row.seq: bytes(row.body) for row in connection.execute(select(table.c.seq, table.c.body))}
        changed = bytearray(bodies[1])
        changed[-1] ^= 1
        wrong = {1: bytes(changed), 2: bodies[3], 3: bodies[2], 4: bodies[4][:-1]}
        for seq, body in wrong.items():
            connection.execute(update(table).where(table.c.seq == seq).values(body=body))

    await server.database.write(tamper)
    await server.close()
    await duo.start_server()
    other = duo.accounts("another-machine", MemoryPort())
    fresh = await duo.keep(await other.sign_in(duo.url, "fengxue", PASSWORD))
    said: list[str] = []
    fresh.command_refused.connect(said.append)
    await until(fresh, lambda db: len(messages.newest(db, chat, 10)) == 6)
    rows = await history(fresh, chat)
    assert [row.state is MessageState.DAMAGED for row in rows] == [True] * 4 + [False] * 2
    assert texts(rows) == ["第 4 条", "第 5 条"]
    await until_logged(duo, {(str(seq), "tampered") for seq in (1, 2, 3, 4)})
    # A message that was sent once and comes a second time, under another number.
    page = await fresh.api.messages(chat)
    copy = msgspec.structs.replace(page.messages[-1], seq=7, event_id=page.messages[-1].event_id + 1)
    await fresh._exchange.applying.apply_messages([copy])
    assert (await history(fresh, chat))[-1].state is MessageState.DAMAGED
    await until_logged(duo, {("7", "replayed")})
    assert any("已拒绝显示并上报" in words for words in said)


@pytest.mark.clause("3.3.4")
async def test_chunks_that_were_changed_cut_or_exchanged_give_no_file_and_are_reported(
    duo: Duo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    data = bytes(range(256)) * 4096 + b"end"
    sm3, real = Algorithms.best().sm3, feng.api.get_chunk

    async def changed(file_id: str, index: int) -> tuple[bytes, bytes]:
        sealed, _ = await real(file_id, index)
        sealed = sealed[:-1] + bytes((sealed[-1] ^ 1,))
        return sealed, sm3(sealed)

    async def cut(file_id: str, index: int) -> tuple[bytes, bytes]:
        sealed = (await real(file_id, index))[0][:-1]
        return sealed, sm3(sealed)

    async def exchanged(file_id: str, index: int) -> tuple[bytes, bytes]:
        return await real(file_id, 1 - index)

    async def rotten(file_id: str, index: int) -> tuple[bytes, bytes]:
        sealed, digest = await real(file_id, index)
        return sealed[:-1] + bytes((sealed[-1] ^ 1,)), digest

    wanted: set[tuple[str, str]] = set()
    for number, wrong in enumerate((changed, cut, exchanged, rotten)):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(data)
        await li.send.files(chat, [path])
        await until_count(feng, chat, number + 1)
        file = (await history(feng, chat))[-1].content.file
        monkeypatch.setattr(feng.api, "get_chunk", wrong)
        with pytest.raises(FileUnavailable):
            await feng.attachments.read(file.file_id)
        wanted.add((file.file_id, "chunk"))
        await until_logged(duo, wanted)
    monkeypatch.setattr(feng.api, "get_chunk", real)
    await feng.attachments.download(file.file_id)
    assert await feng.attachments.read(file.file_id) == data


async def test_reports_are_taken_only_of_what_one_may_see(duo: Duo):
    li, feng, wang = [await duo.sign_in(who) for who in ("liqiang", "fengxue", "wangjianguo")]
    chat = await li.conversations.open_single(feng.me.id)
    with pytest.raises(ApiError) as refused:
        await wang.api.report_seal(SealReport(conversation_id=chat, what="1", reason="tampered"))
    assert refused.value.code in (ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN)
    with pytest.raises(ApiError):
        await li.api.report_seal(SealReport(conversation_id=chat, what="1", reason="gossip"))
    for _ in range(3):
        await li.api.report_seal(SealReport(conversation_id=chat, what="1", reason="tampered"))
    assert await log_lines(duo) == [("1", "tampered")]
