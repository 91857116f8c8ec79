"""Two signed-in clients and a real server: what one writes, the other has, sealed in between."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo, MemoryPort, history, texts, until, until_count, until_online

from app.session.states import SignInStep
from app.store.queries import conversations, members, messages, outbox, transfers
from app.store.records import MessageState, TransferState
from server_stub.contract.content import FileContent, ImageContent, Quote, TextContent

MIB = 1024 * 1024
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f000500"
    "01ff56c72f0d0000000049454e44ae426082"
)


async def talk(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    return li, feng, chat


async def test_text_reply_and_marks_reach_the_other(duo: Duo):
    li, feng, chat = await talk(duo)
    await li.send.text(chat, "汛情通报已发，请查收 🌧️")
    await until_count(feng, chat, 1)
    (first,) = await history(feng, chat)
    assert texts([first]) == ["汛情通报已发，请查收 🌧️"]
    assert first.sender_id == li.me.id
    await until(li, lambda db: members.receipt(db, chat, first.seq, li.me.id).delivered == (feng.me.id,))
    await feng.conversations.mark_read(chat)
    await until(li, lambda db: members.receipt(db, chat, first.seq, li.me.id).read == (feng.me.id,))
    quote = Quote(seq=first.seq, sender_id=li.me.id, text="汛情通报已发")
    await feng.send.text(chat, "收到", quote=quote)
    await until_count(li, chat, 2)
    answer = (await history(li, chat))[-1].content
    assert isinstance(answer, TextContent)
    assert answer.quote == quote
    row = await li.store.read(lambda db: conversations.get(db, chat))
    assert row is not None
    assert row.unread == 1


async def test_three_hundred_messages_both_ways_stay_in_order(duo: Duo):
    li, feng, chat = await talk(duo)

    async def say(session, name: str) -> None:
        for number in range(150):
            await session.send.text(chat, f"{name} {number}")

    await asyncio.gather(say(li, "李"), say(feng, "冯"))
    await until_count(li, chat, 300, 60)
    await until_count(feng, chat, 300, 60)
    one, other = texts(await history(li, chat)), texts(await history(feng, chat))
    assert one == other
    for name in ("李", "冯"):
        assert [text for text in one if text.startswith(name)] == [f"{name} {n}" for n in range(150)]


async def test_recall_takes_the_text_from_both(duo: Duo):
    li, feng, chat = await talk(duo)
    await li.send.text(chat, "发错了的内容")
    await until_count(feng, chat, 1)
    seq = (await history(feng, chat))[0].seq
    await li.messages.recall(chat, seq)

    def recalled(db) -> bool:
        row = messages.get(db, chat, seq)
        return row is not None and row.state is MessageState.RECALLED

    await until(feng, recalled)
    await until(li, recalled)
    for session in (li, feng):
        row = (await history(session, chat))[0]
        assert row.content is None
        assert await session.messages.search("发错") == []


async def test_a_picture_and_a_20_mb_file_arrive_whole(duo: Duo, tmp_path: Path):
    li, feng, chat = await talk(duo)
    await li.send.image(chat, PNG, name="雨量.png", width=1, height=1, thumbnail=b"")
    big = tmp_path / "防汛预案.bin"
    data = os.urandom(20 * 1024 * 1024)
    big.write_bytes(data)
    await li.send.files(chat, [big])
    await until_count(feng, chat, 2, 60)
    picture, file = [row.content for row in await history(feng, chat)]
    assert isinstance(picture, ImageContent)
    assert isinstance(file, FileContent)
    assert await feng.attachments.read(picture.file.file_id) == PNG
    await feng.attachments.download(file.file.file_id)
    await until(
        feng, lambda db: (row := transfers.get(db, file.file.file_id)) and row.state is TransferState.DONE, 60
    )
    target = tmp_path / "收到.bin"
    await feng.attachments.save(file.file.file_id, target)
    assert target.read_bytes() == data
    assert file.file.name == "防汛预案.bin"


async def test_what_is_written_offline_goes_out_once_after_coming_back(duo: Duo):
    li, feng, chat = await talk(duo)
    await li.send.text(chat, "先到")
    await until_count(feng, chat, 1)
    await duo.kill_server()
    for number in range(20):
        await li.send.text(chat, f"离线 {number}")
    assert len(await li.store.read(lambda db: messages.pending(db, chat))) == 20
    await duo.start_server()
    li.network_hint()
    feng.network_hint()
    await until_count(li, chat, 21)
    await until_count(feng, chat, 21)
    assert texts(await history(feng, chat)) == ["先到", *(f"离线 {number}" for number in range(20))]


async def test_a_client_that_was_away_gets_everything_it_missed(duo: Duo):
    li, feng, chat = await talk(duo)
    await li.send.text(chat, "第 -1 条")
    await until_count(feng, chat, 1)
    await feng.close()
    # A client's position is that of its last catch-up; give it one behind which not everything is news.
    again = await duo.resume("fengxue")
    await until_online(again)
    await again.close()
    for number in range(120):
        await li.send.text(chat, f"第 {number} 条")
    await until_count(li, chat, 121, 60)
    back = await duo.resume("fengxue")
    await until_online(back)
    await until_count(back, chat, 121, 60)
    assert texts(await history(back, chat)) == [f"第 {number} 条" for number in range(-1, 120)]
    row = await back.store.read(lambda db: conversations.get(db, chat))
    assert row is not None
    assert row.unread == 121


async def test_a_wrong_password_is_refused_in_words(duo: Duo):
    result = await duo.result("liqiang", "Wrong-2026")
    assert result.step is SignInStep.REFUSED
    assert result.text.startswith("账号或密码不正确。")
    assert result.session is None


async def test_without_a_keyring_the_passcode_opens_and_nothing_else(duo: Duo, tmp_path: Path):
    from app.store.keyring_port import NoKeyring

    accounts = duo.accounts("liqiang", NoKeyring())
    first = await accounts.sign_in(duo.url, "liqiang", PASSWORD)
    assert first.step is SignInStep.NEEDS_NEW_PASSCODE
    assert (await accounts.give_passcode("123")).step is SignInStep.NEEDS_NEW_PASSCODE
    session = await duo.keep(await accounts.give_passcode("246810"))
    key = accounts.entries()[0].key
    await session.close()
    again = duo.accounts("liqiang", NoKeyring())
    assert (await again.resume(key)).step is SignInStep.NEEDS_PASSCODE
    assert (await again.give_passcode("111111")).step is SignInStep.NEEDS_PASSCODE
    await duo.keep(await again.give_passcode("246810"))


async def test_a_fresh_profile_gets_the_newest_and_fetches_the_rest_when_asked(duo: Duo):
    li, _feng, chat = await talk(duo)
    for number in range(80):
        await li.send.text(chat, f"第 {number} 条")
    await until_count(li, chat, 80, 60)
    other = duo.accounts("another-machine", MemoryPort())
    fresh = await duo.keep(await other.sign_in(duo.url, "fengxue", PASSWORD))
    await until(fresh, lambda db: len(messages.newest(db, chat, 500)) >= 30)
    first = (await history(fresh, chat))[0].seq
    while first > 1:
        await fresh.messages.load_older(chat, first)
        first = (await history(fresh, chat))[0].seq
    assert texts(await history(fresh, chat)) == [f"第 {number} 条" for number in range(80)]


@pytest.mark.clause("3.2.3.1.1")
async def test_a_locked_store_opens_by_password_offline_but_not_by_the_keyring(duo: Duo):
    from app.store.slots import SlotKind

    session = await duo.sign_in("liqiang")
    accounts = duo.accounts("liqiang")
    key = accounts.entries()[0].key
    await session.close()
    assert await accounts.keys.lock(key) == {SlotKind.PASSWORD}
    await duo.stop_server()
    assert (await accounts.resume(key)).step is SignInStep.NEEDS_PASSCODE
    await accounts.close()
    wrong = await accounts.unlock(key, SlotKind.PASSWORD, "Wrong-2026")
    assert wrong.step is SignInStep.NEEDS_PASSCODE
    opened = await accounts.unlock(key, SlotKind.PASSWORD, PASSWORD)
    await duo.keep(opened, online=False)


async def test_signing_out_elsewhere_ends_the_session_here(duo: Duo):
    li = await duo.sign_in("liqiang")
    other = duo.accounts("elsewhere", MemoryPort())
    second = await duo.keep(await other.sign_in(duo.url, "liqiang", PASSWORD))
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    li.signed_out.connect(ended.set_result)
    mine = next(one for one in await second.api.sessions() if not one.current)
    await second.api.end_session(mine.id)
    async with asyncio.timeout(10):
        assert await ended


async def test_a_group_gets_a_new_key_when_somebody_leaves(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    wang = await duo.sign_in("wangjianguo")
    group = await li.conversations.create_group([feng.me.id, wang.me.id], "防汛专班")
    await li.send.text(group, "三人都能看")
    for one in (feng, wang):
        await until(one, lambda db: "三人都能看" in texts(messages.newest(db, group, 50)))
    await wang.conversations.leave(group)
    await until(li, lambda db: any(m.left for m in members.of(db, group)) or len(members.of(db, group)) == 2)
    await li.send.text(group, "离开的人看不到")
    await until(feng, lambda db: "离开的人看不到" in texts(messages.newest(db, group, 50)))
    # What is sent to Wang after that shows that nothing of the group came before it.
    chat = await li.conversations.open_single(wang.me.id)
    await li.send.text(chat, "另行通知")
    await until_count(wang, chat, 1)
    assert "离开的人看不到" not in texts(await history(wang, group))


def told(rows) -> list[str]:
    """Texts, and names of files, in the order in which everybody sees them."""
    return [
        row.content.file.name if isinstance(row.content, FileContent) else row.content.text for row in rows
    ]


async def test_what_one_person_sends_arrives_in_the_order_of_sending_files_included(duo: Duo, tmp_path: Path):
    def file(name: str, size: int) -> Path:
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        return path

    way = await duo.way("liqiang")
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    # A line on which megabytes take seconds, so that whatever could overtake would.
    way.latency = 0.05
    await li.send.files(chat, [file("通报.bin", 6 * MIB), file("附表.bin", 10)])
    await li.send.text(chat, "以上两个文件请先看")
    await until_count(feng, chat, 3, 60)
    in_order = ["通报.bin", "附表.bin", "以上两个文件请先看"]
    assert told(await history(feng, chat)) == in_order
    # Words do not wait for a large file; the file behind it does.
    await li.send.files(chat, [file("航拍.bin", 20 * MIB), file("说明.bin", 10)])
    await li.send.text(chat, "航拍在传，稍候")
    await until_count(feng, chat, 6, 90)
    in_order += ["航拍在传，稍候", "航拍.bin", "说明.bin"]
    assert told(await history(feng, chat)) == in_order
    # Nobody waits for what was paused.
    (paused,) = await li.send.files(chat, [file("暂缓.bin", 5 * MIB)])
    command = await li.store.read(lambda db: outbox.get(db, paused))
    assert command is not None
    (file_id,) = outbox.payload_of(command).file_ids
    await li.files.pause(file_id)
    await li.send.files(chat, [file("不等.bin", 10)])
    await until_count_arrived(feng, chat, 7)
    await li.files.resume(file_id)
    await until_count(feng, chat, 8, 60)
    assert told(await history(feng, chat)) == [*in_order, "不等.bin", "暂缓.bin"]


async def until_count_arrived(session, chat: str, count: int) -> None:
    """Wait for so many messages of whomever."""
    await until(session, lambda db: len(messages.newest(db, chat, 500)) >= count, 60)
