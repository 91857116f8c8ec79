"""Repair and network probe over a real server: the search works again, and the probe says where the way ends."""

from __future__ import annotations

import pytest
from bed.duo import Duo, history, until_count

from app.features.settings.service import SessionSettings
from app.store.queries import search


@pytest.mark.clause("E158", "E159")
async def test_a_lost_index_is_made_again_and_the_probe_finds_a_dead_server(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(3):
        await li.send.text(chat, f"防汛值班表第{number}版")
    await until_count(feng, chat, 3)
    await feng.store.write(lambda db: db.run("INSERT INTO search(search) VALUES('delete-all')"))
    assert await feng.messages.search("值班") == []

    async def leave() -> None: ...

    def about():
        raise NotImplementedError

    settings = SessionSettings(feng, about, leave)
    done = await settings.repair()
    assert (done.sound, done.indexed, done.online) == (True, 3, True)
    assert len(await feng.messages.search("值班")) == 3
    assert await feng.store.read(lambda db: len(search.hits(db, "值班"))) == 3
    await li.send.text(chat, "修复之后")
    await until_count(feng, chat, 4)
    assert len(await history(feng, chat)) == 4

    good = [step async for step in settings.probe()]
    assert [step.step for step in good] == ["解析地址", "建立连接", "服务接口", "消息通道"]
    assert all(step.milliseconds is not None for step in good)
    await duo.kill_server()
    bad = [step async for step in settings.probe()]
    assert [(step.step, step.milliseconds is None) for step in bad] == [
        ("解析地址", False),
        ("建立连接", True),
    ]
    assert "没有回应" in bad[-1].text
