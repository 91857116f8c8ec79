"""Old messages are deleted as administrators set it: from the server and from clients, files not; audited."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.duo import QUICK, MemoryPort, history, texts, until, until_online
from bed.office import PASSWORD, Office, running_office
from sqlalchemy import func, select, update

from app.session.accounts import Accounts
from app.session.session import Session
from app.store.database import Reader
from app.store.folders import Home
from app.store.queries.conversations import all_ids
from app.store.queries.messages import newest
from server_stub.features.conversations.tables import message_files, messages

DAY_MS = 86_400_000
both_databases = pytest.mark.parametrize("office", ["sqlcipher", "postgresql"], indirect=True)


@pytest.fixture
async def office(tmp_path: Path, request: pytest.FixtureRequest):
    database = ""
    if getattr(request, "param", "") == "postgresql":
        database = request.getfixturevalue("fresh_postgres")()
    async with running_office(tmp_path / "server", database=database) as running:
        yield running


async def client(office: Office, folder: Path, who: str) -> Session:
    """A whole client without windows."""
    accounts = Accounts(Home(folder).profile(who), MemoryPort(), cost=QUICK, heartbeat=1.0)
    session = (await accounts.sign_in(office.url, who, PASSWORD)).session
    assert session is not None
    await until_online(session)
    return session


def held(db: Reader) -> int:
    """How many acknowledged messages this machine has."""
    return sum(len(newest(db, one, 50)) for one in all_ids(db))


async def age(office: Office, days: int) -> None:
    """Let everything written until now be so much older."""
    change = update(messages).values(sent_at=messages.c.sent_at - days * DAY_MS)
    await office.server.database.write(lambda connection: connection.execute(change) and None)


async def count(office: Office, table=messages) -> int:
    return await office.server.database.read(
        lambda connection: connection.execute(select(func.count()).select_from(table)).scalar_one()
    )


@both_databases
@pytest.mark.clause("3.2.3.2.1", "3.2.3.2.2", "3.2.3.2.3", "3.2.3.2.4")
async def test_what_is_too_old_goes_from_server_and_clients_and_files_stay(
    office: Office, tmp_path: Path
) -> None:
    admin = await office.sign_in("admin")
    feng, wang = await client(office, tmp_path, "fengxue"), await client(office, tmp_path, "wangjianguo")
    chat = await feng.conversations.open_single(wang.me.id)
    paper = tmp_path / "名单.txt"
    await asyncio.to_thread(paper.write_text, "名单", "utf-8")
    await feng.send.text(chat, "去年的安排")
    await feng.send.files(chat, [paper])
    for session in (feng, wang):
        await until(session, lambda db: held(db) >= 2)
    await age(office, 400)
    await feng.send.text(chat, "今年的安排")
    await until(wang, lambda db: held(db) >= 3)

    # Off at first: nothing happens, also not on request; how much it would be is said before.
    path = "/admin/retention"
    state = (await admin.http.get(path)).json()
    assert state["policy"] == {} or not state["policy"].get("on")
    assert state["waiting"] == 2
    assert (await admin.http.get(f"{path}/waiting?days=500")).json() == {"waiting": 0}
    assert (await admin.http.post(f"{path}/run")).status_code == 400
    assert not await office.server.chat.conversations.retention._due()

    assert (await admin.http.put(path, json={"on": True, "days": 6})).status_code == 400
    assert (await admin.http.put(path, json={"on": True, "days": 365, "every_hours": 5})).status_code == 400
    answer = await admin.http.put(path, json={"on": True, "days": 365, "every_hours": 168})
    assert answer.json()["waiting"] == 2
    retention = office.server.chat.conversations.retention
    # Due at once, once: another look (or another server) within the week does nothing.
    assert await retention._due()
    assert not await retention._due()
    done = (await admin.http.post(f"{path}/run")).json()
    assert done == {"removed": 2, "conversations": 1}

    assert await count(office) == 1
    assert await count(office, message_files) == 1
    for session in (feng, wang):
        await until(session, lambda db: held(db) == 1)
        assert texts(await history(session, chat)) == ["今年的安排"]
        # Nothing to fetch either.
        await session.messages.load_older(chat, 3)
        assert texts(await history(session, chat)) == ["今年的安排"]
    http = (await office.sign_in("wangjianguo")).http
    page = (await http.get(f"/conversations/{chat}/messages?limit=50")).json()
    assert [one["seq"] for one in page["messages"]] == [3]
    # A machine that never saw the conversation gets what is left, and talk goes on.
    fresh = await client(office, tmp_path / "fresh", "wangjianguo")
    await until(fresh, lambda db: held(db) == 1)
    await wang.send.text(chat, "收到")
    await until(feng, lambda db: held(db) == 2)

    state = (await admin.http.get(path)).json()
    assert state["removed"] == 2
    assert state["ran_at"] > 0
    assert not state.get("waiting")
    assert [line[2] for line in await office.audited("retention_policy")] == ["365 天，每 168 小时"]
    assert [line[2] for line in await office.audited("retention_run")] == ["2 条，1 个会话"]
    # Nobody else.
    for method, tail in (("GET", ""), ("GET", "/waiting"), ("POST", "/run"), ("PUT", "")):
        refused = await http.request(method, path + tail, json={"on": False} if method == "PUT" else None)
        assert refused.status_code == 403
    for session in (feng, wang, fresh):
        await session.close()


@pytest.mark.clause("3.2.3.2.1")
async def test_who_has_left_a_group_keeps_nothing_that_is_too_old(office: Office, tmp_path: Path) -> None:
    admin = await office.sign_in("admin")
    feng, wang = await client(office, tmp_path, "fengxue"), await client(office, tmp_path, "wangjianguo")
    group = await feng.conversations.create_group([wang.me.id, office.staff["liqiang"].id], "值班")
    await feng.send.text(group, "去年的安排")
    await until(wang, lambda db: "去年的安排" in texts(newest(db, group, 50)))
    await wang.conversations.leave(group)
    await until(wang, lambda db: db.one("SELECT left FROM conversations WHERE id = ?", (group,))[0])
    assert texts(await history(wang, group)) == ["去年的安排"]
    await age(office, 400)
    await admin.http.put("/admin/retention", json={"on": True, "days": 365})
    await admin.http.post("/admin/retention/run")
    for session in (feng, wang):
        await until(session, lambda db: not newest(db, group, 50))
        await session.close()
