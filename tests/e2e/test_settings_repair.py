"""The settings over a real server: repair, network probe, and a changed password that unlocks this machine too."""

from __future__ import annotations

import pytest
from bed.duo import PASSWORD, Duo, history, until_count

from app.features.settings.service import SessionSettings
from app.session.states import SignInStep
from app.store.queries import search
from app.store.slots import SlotKind


async def leave() -> None: ...


async def nothing(_password: str) -> None: ...


def about():
    raise NotImplementedError


@pytest.mark.clause("E158", "E159")
async def test_a_lost_index_is_made_again_and_the_probe_finds_a_dead_server(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(3):
        await li.send.text(chat, f"防汛值班表第{number}版")
    await until_count(feng, chat, 3)
    await feng.store.write(lambda db: db.run("INSERT INTO search(search) VALUES('delete-all')"))
    assert await feng.messages.search("值班") == []

    settings = SessionSettings(feng, about, leave, nothing)
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
    await duo.vanish()
    bad = [step async for step in settings.probe()]
    assert [(step.step, step.milliseconds is None) for step in bad] == [
        ("解析地址", False),
        ("建立连接", True),
    ]
    assert "没有回应" in bad[-1].text


@pytest.mark.clause("3.2.3.1.1")
async def test_a_changed_password_unlocks_this_machine_offline_and_the_old_one_no_more(duo: Duo):
    session = await duo.sign_in("liqiang")
    accounts = duo.accounts("liqiang")
    key = accounts.entries()[0].key
    settings = SessionSettings(
        session, about, leave, lambda password: accounts.keys.password_changed(session, password)
    )
    await settings.change_password(PASSWORD, "Changed-2026!")
    await session.close()
    assert await accounts.keys.lock(key) == {SlotKind.PASSWORD}
    await duo.stop_server()
    old = await accounts.unlock(key, SlotKind.PASSWORD, PASSWORD)
    assert old.step is SignInStep.NEEDS_PASSCODE
    opened = await accounts.unlock(key, SlotKind.PASSWORD, "Changed-2026!")
    await duo.keep(opened, online=False)
