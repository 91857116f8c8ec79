"""Groups and what belongs to an account, between real clients and a real server: also offline, also after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo, MemoryPort, history, texts, until, until_count

from app.announcer import note_of
from app.session.arrivals import Arrival
from app.store.queries import conversations, groups, members, messages, personal
from server_stub.contract.conversations import MemberRole
from server_stub.contract.errors import ApiError
from server_stub.contract.group_rules import GroupRules, JoinRule, Who
from server_stub.contract.personal import RelationKind, StatusKind


def row(db, conversation_id):
    found = conversations.get(db, conversation_id)
    assert found is not None
    return found


@pytest.mark.clause("E066", "E068", "E155", "E059", "E161")
async def test_an_arrangement_made_offline_is_on_every_device(duo: Duo) -> None:
    li = await duo.sign_in("liqiang")
    who = (await li.directory.search("冯雪")).people[0].id
    await duo.stop_server()
    await li.personal.put_item("folder/1", {"title": "防汛", "order": 1, "members": ["x"]})
    await li.personal.put_item("layout", {"tabs": ["unread", "all"]})
    await li.personal.relate(who, RelationKind.SPECIAL, on=True)
    await li.personal.set_status(StatusKind.CUSTOM, "出差")
    # Seen at once, without a server.
    assert (await li.personal.items("folder/"))["folder/1"]["title"] == "防汛"
    assert await li.personal.related(RelationKind.SPECIAL) == [who]
    await until(li, lambda db: personal.statuses(db).get(li.me.id))
    await duo.start_server()
    await until(li, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0, 40)
    other = await duo.keep(await duo.accounts("li-2", MemoryPort()).sign_in(duo.url, "liqiang", PASSWORD))
    await until(other, lambda db: len(personal.items(db)) == 2 and personal.statuses(db))
    assert await other.personal.related(RelationKind.SPECIAL) == [who]
    assert other.personal.is_special(who)
    status = other.personal.status_of(li.me.id)
    assert status is not None
    assert (status.kind, status.text) == (StatusKind.CUSTOM, "出差")
    # What one changes the other shows, live; removed is removed.
    await other.personal.put_item("folder/1", None)
    await until(li, lambda db: "folder/1" not in personal.items(db))
    # A relation that the server refuses is shown as it is.
    feng = await duo.sign_in("fengxue")
    await feng.personal.relate(li.me.id, RelationKind.BLOCKED, on=True)
    await until(feng, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    refused: list[str] = []
    li.command_refused.connect(refused.append)
    await li.personal.relate(who, RelationKind.CONTACT, on=True)
    await until(li, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    await until(li, lambda db: personal.related(db, RelationKind.CONTACT) == [])
    assert refused == ["对方已将您加入黑名单。"]
    # Whoever is blocked cannot even open a chat.
    with pytest.raises(ApiError, match="contact"):
        await li.conversations.open_single(who)
    # Status reaches those who watch.
    feng.presence.watch([li.me.id])
    await until(feng, lambda db: li.me.id in personal.statuses(db))


async def test_a_conversation_removed_from_the_list_comes_back_with_the_next_message(duo: Duo) -> None:
    wang, feng = await duo.sign_in("wangjianguo"), await duo.sign_in("fengxue")
    group = await wang.conversations.create_group([feng.me.id], "值班群")
    await wang.send.text(group, "第一条")
    await until_count(feng, group, 2)

    def settled(db) -> bool:
        return db.value("SELECT count(*) FROM outbox", (), 1) == 0

    async def remove() -> None:
        await feng.conversations.change_setting(group, hidden=True)
        await until(feng, settled)
        assert group not in [one.id for one in await feng.store.read(conversations.overview)]

    await remove()
    # A line of the server's is nothing that somebody says.
    li = await duo.sign_in("liqiang")
    await wang.conversations.change_members(group, add=[li.me.id])
    await until_count(feng, group, 3)
    assert (await feng.store.read(lambda db: row(db, group))).hidden
    await wang.send.text(group, "紧急通知")
    await until(feng, lambda db: group in [one.id for one in conversations.overview(db)])
    assert (await feng.store.read(lambda db: row(db, group))).unread
    await until(feng, settled)
    # The server knows it: another change of the setting does not hide it again, nor does another device.
    await feng.conversations.change_setting(group, muted=True)
    await until(feng, settled)
    assert not (await feng.store.read(lambda db: row(db, group))).hidden
    # One's own words do the same, and what came while one was away.
    await remove()
    await feng.send.text(group, "收到")
    await until(feng, lambda db: settled(db) and not row(db, group).hidden)
    await remove()
    await feng.close()
    await wang.send.text(group, "离线时的话")
    await until(wang, settled)
    feng = await duo.sign_in("fengxue")
    await until(feng, lambda db: group in [one.id for one in conversations.overview(db)])


async def test_a_single_chat_removed_from_the_list_is_in_it_again_once_it_is_opened(duo: Duo) -> None:
    wang, feng = await duo.sign_in("wangjianguo"), await duo.sign_in("fengxue")
    chat = await wang.conversations.open_single(feng.me.id)
    await wang.conversations.change_setting(chat, hidden=True)
    assert await wang.conversations.open_single(feng.me.id) == chat
    await until(wang, lambda db: chat in [one.id for one in conversations.overview(db)])


@pytest.mark.clause("E079", "E082")
async def test_the_groups_files_are_sealed_and_open_for_newcomers(duo: Duo, tmp_path: Path) -> None:
    wang, feng = await duo.sign_in("wangjianguo"), await duo.sign_in("fengxue")
    group = await wang.conversations.create_group([feng.me.id], "值班群")
    await until(feng, lambda db: conversations.get(db, group))
    paper = tmp_path / "防汛预案.txt"
    await asyncio.to_thread(paper.write_text, "一级响应" * 50_000)
    await wang.space.add_folder(group, "制度", write=Who.MANAGERS)
    await until(wang, lambda db: any(not r.pending for r in groups.space_of(db, group)))
    (folder,) = await wang.space.listing(group)
    size = paper.stat().st_size
    await wang.space.add_file(group, paper, size, "text/plain", folder.entry.id)
    shown = await wang.space.listing(group)
    assert {one.name for one in shown} == {"制度", "防汛预案.txt"}
    await until(wang, lambda db: not any(one.pending for one in groups.space_of(db, group)))
    # The server knows sizes and places, and no name.
    raw = await wang.groups.api.space(group)
    assert all("制度".encode() not in one.body and "防汛".encode() not in one.body for one in raw)
    await until(feng, lambda db: len(groups.space_of(db, group)) == 2)
    listed = {one.name: one for one in await feng.space.listing(group)}
    copy = await feng.attachments.open(listed["防汛预案.txt"].entry.file_id)
    assert await asyncio.to_thread(copy.read_text) == "一级响应" * 50_000
    # A plain member puts nothing into it, and it is not left standing there.
    refused: list[str] = []
    feng.command_refused.connect(refused.append)
    await feng.space.add_file(group, paper, size, "text/plain", folder.entry.id)
    await until(feng, lambda db: len(groups.space_of(db, group)) == 2 and refused)
    assert "管理员" in refused[0]
    # Somebody comes after the key has changed: the files are his too, under their own names.
    li = await duo.sign_in("liqiang")
    await wang.conversations.change_members(group, add=[li.me.id])
    await wang.conversations.change_members(group, remove=[feng.me.id])
    await until(li, lambda db: conversations.get(db, group))
    await li.space.refresh_space(group)
    assert {one.name for one in await li.space.listing(group)} == {"制度", "防汛预案.txt"}
    await wang.space.rename(group, (await wang.space.listing(group))[0], "新名")
    await wang.space.remove_entry(group, folder.entry.id)
    await until(li, lambda db: groups.space_of(db, group) == [])


@pytest.mark.clause("E109", "E111", "E112", "E114", "E116", "E118", "E119", "E120", "E086")
async def test_a_group_is_governed_and_everybody_sees_it(duo: Duo) -> None:
    wang, feng, li = [await duo.sign_in(one) for one in ("wangjianguo", "fengxue", "liqiang")]
    group, code = await wang.groups.begin_face("现场处置")
    answer = await feng.groups.join(code.code)
    assert answer.conversation is not None
    await wang.send.text(group, "早到的话")
    await until_count(feng, group, 2)
    rules = GroupRules(join=JoinRule.APPROVAL, history=True)
    await wang.groups.change(group, rules=rules, announcement="今晚值守")
    link = await wang.groups.code(group)
    assert (await li.groups.join(link.code, "我是中原区的")).conversation is None
    await until(wang, lambda db: groups.waiting(db, group))
    (request,) = await wang.groups.requests(group)
    assert request.note == "我是中原区的"
    await wang.groups.decide(group, request.id, accept=True)
    await until(li, lambda db: conversations.get(db, group))
    assert await wang.groups.waiting(group) == []
    await li.messages.load_older(group, 6)
    assert "早到的话" in texts(await history(li, group))
    # Announcement, nickname, office, mute: rows that everybody has.
    assert (await li.store.read(lambda db: row(db, group))).announcement_version == 1
    await li.conversations.refresh_members(group)
    await li.groups.announcement_read(group, 1)
    await li.groups.set_nickname(group, "中原李")
    await wang.groups.set_role(group, feng.me.id, MemberRole.ADMIN)
    await feng.groups.mute(group, li.me.id, 2**52)

    def settled(db) -> bool:
        found = {one.person_id: one for one in members.of(db, group)}
        mine = found.get(li.me.id)
        return bool(
            mine
            and (mine.nickname, mine.announcement_seen, mine.muted_until) == ("中原李", 1, 2**52)
            and found[feng.me.id].role is MemberRole.ADMIN
        )

    for session in (wang, feng, li):
        await until(session, settled)
    client_id = await li.send.text(group, "说不了")
    await until(li, lambda db: any(one.error for one in messages.pending(db, group)))
    await li.messages.discard(client_id)
    await wang.groups.dissolve(group)
    for session in (wang, feng, li):
        await until(session, lambda db: row(db, group).dissolved)


@pytest.mark.clause("E076", "E087")
async def test_a_cleared_history_goes_from_this_machine_and_the_others(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    other = await duo.keep(await duo.accounts("li-2", MemoryPort()).sign_in(duo.url, "liqiang", PASSWORD))
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(5):
        await feng.send.text(await feng.conversations.open_single(li.me.id), f"汛情第 {number} 报")
    for session in (li, other, feng):
        await until_count(session, chat, 5)
    await duo.stop_server()
    await li.groups.clear(chat)
    assert await history(li, chat) == []
    assert await li.messages.search("汛情") == []
    await duo.start_server()
    await until(other, lambda db: messages.newest(db, chat, 10) == [], 40)
    await feng.send.text(chat, "新的一报")
    for session in (li, other):
        await until(session, lambda db: len(messages.newest(db, chat, 10)) == 1)
    assert await li.messages.load_older(chat, 6) is False
    assert len(await history(feng, chat)) == 6


@pytest.mark.clause("E162", "E155", "E067")
async def test_special_attention_is_told_also_where_the_conversation_is_muted(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await feng.conversations.open_single(li.me.id)
    await feng.send.text(chat, "一")
    await until_count(li, chat, 1)
    await li.conversations.change_setting(chat, muted=True)
    await li.personal.relate(feng.me.id, RelationKind.SPECIAL, on=True)
    await until(li, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    arrived: asyncio.Future[Arrival] = asyncio.get_running_loop().create_future()
    li.arrived.connect(lambda one: None if arrived.done() else arrived.set_result(one))
    await feng.send.text(chat, "急事")
    async with asyncio.timeout(20):
        came = await arrived
    assert (came.muted, came.special, came.mentioned) == (True, True, False)
    assert note_of(came).text.startswith("[特别关注]")
    # While the user wants to be undisturbed, others are quiet though their conversations are not muted.
    wang = await duo.sign_in("wangjianguo")
    talk = await wang.conversations.open_single(li.me.id)
    await li.personal.put_item("focus", True)
    await until(li, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    quiet: asyncio.Future[Arrival] = asyncio.get_running_loop().create_future()
    li.arrived.connect(lambda one: None if quiet.done() else quiet.set_result(one))
    await wang.send.text(talk, "不急")
    async with asyncio.timeout(20):
        assert (await quiet).muted


@pytest.mark.clause("E072")
async def test_a_search_in_a_single_chat_finds_what_was_said_there_alone(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await feng.conversations.open_single(li.me.id)
    group = await feng.conversations.create_group(
        [li.me.id, (await feng.directory.search("王建国")).people[0].id], "群"
    )
    await feng.send.text(chat, "泵站电源已核实")
    await feng.send.text(group, "泵站照明另行安排")
    await until_count(li, chat, 1)
    await until_count(li, group, 2)
    found = await li.messages.search("泵站", conversation_id=chat)
    assert [one.text for one in found] == ["泵站电源已核实"]
    assert len(await li.messages.search("泵站")) == 2
