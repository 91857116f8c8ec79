"""Conversations over REST and the websocket, on SQLCipher and PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bed.chat import RunningChat, Somebody, running_chat
from sqlalchemy import Engine

from server_stub.contract.content import SystemContent, TextContent, decode_content
from server_stub.contract.events import (
    ConversationEvent,
    MemberEvent,
    MessageEvent,
    SettingEvent,
)
from server_stub.contract.frames import Ack, EventFrame, MarkDelivered, MarkRead, Nack, Send
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.sealed import open_envelope, open_message
from server_stub.features.conversations.limits import Limits
from server_stub.gateway.assembly import Settings
from server_stub.storage.engine import embedded_engine, postgres_engine


@pytest.fixture(params=["sqlcipher", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlcipher":
        return embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    return postgres_engine(request.getfixturevalue("fresh_postgres")())


@pytest.fixture
async def server(engine: Engine, tmp_path: Path):
    async with running_chat(
        engine, tmp_path, writers=2 if engine.dialect.name == "postgresql" else 1
    ) as running:
        yield running


def people(server: RunningChat, *names: str) -> list[Somebody]:
    return [server.town.add(name) for name in names]


async def group_of(server: RunningChat, owner: Somebody, *others: Somebody, name: str = "值班群") -> str:
    async with server.http(owner) as http:
        answer = await http.post(
            "/conversations/group",
            json={"client_id": uuid7(), "name": name, "member_ids": [one.id for one in others]},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]


async def say(server: RunningChat, who: Somebody, conversation_id: str, text: str) -> dict:
    client_id = uuid7()
    body = server.seal(who, conversation_id, client_id, TextContent(text=text))
    async with server.http(who) as http:
        answer = await http.post(
            f"/conversations/{conversation_id}/messages",
            json={"client_id": client_id, "body": b64(body)},
        )
    return answer.json() | {"status": answer.status_code}


def b64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


async def keys_of(server: RunningChat, who: Somebody, conversation_id: str) -> dict[int, bytes]:
    """The keys that `who` gets, by epoch."""
    async with server.http(who) as http:
        answer = await http.post("/keys/envelopes", json={"items": [{"conversation_id": conversation_id}]})
    return {
        one["epoch"]: open_envelope(
            server.keys.algorithms,
            who.private,
            conversation_id=conversation_id,
            epoch=one["epoch"],
            envelope=unb64(one["envelope"]),
        )
        for one in answer.json()["envelopes"]
    }


async def read_as(server: RunningChat, who: Somebody, conversation_id: str) -> list[str]:
    """What a client of `who` can really read: fetches messages and keys, and opens them."""
    async with server.http(who) as http:
        page = (await http.get(f"/conversations/{conversation_id}/messages?after_seq=0")).json()
    keys = await keys_of(server, who, conversation_id)
    texts = []
    for one in page["messages"]:
        plain = open_message(
            server.keys.algorithms,
            keys.get,
            conversation_id=conversation_id,
            sender_id=one["sender_id"],
            client_id=one["client_id"],
            sealed=unb64(one["body"]),
        )
        content = decode_content(plain)
        assert isinstance(content, TextContent | SystemContent)
        texts.append(content.text)
    return texts


@pytest.mark.clause("3.1.2.2")
async def test_a_single_chat_is_one_for_the_pair(server: RunningChat) -> None:
    anna, bo = people(server, "王建国", "赵敏")
    async with server.http(anna) as mine, server.http(bo) as theirs:
        first = (await mine.post("/conversations/single", json={"person_id": bo.id})).json()
        again = (await mine.post("/conversations/single", json={"person_id": bo.id})).json()
        back = (await theirs.post("/conversations/single", json={"person_id": anna.id})).json()
        assert first["id"] == again["id"] == back["id"]
        assert (first["peer_id"], back["peer_id"]) == (bo.id, anna.id)
        both = await asyncio.gather(
            *(theirs.post("/conversations/single", json={"person_id": bo.id}) for _ in range(4))
        )
        assert len({one.json()["id"] for one in both}) == 1
        assert both[0].json()["peer_id"] == bo.id
        unknown = await mine.post("/conversations/single", json={"person_id": uuid7()})
        assert unknown.status_code == 404


@pytest.mark.clause("3.1.2.4", "E117", "E090")
async def test_a_group_talks_and_each_member_reads_what_is_his_to_read(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao)
    assert (await say(server, wang, group, "第一条"))["seq"] == 2
    async with server.http(wang) as http:
        answer = await http.post(f"/conversations/{group}/members", json={"add": [li.id]})
        assert answer.json()["member_count"] == 3
    await say(server, zhao, group, "欢迎")
    assert await read_as(server, wang, group) == [
        "王建国 邀请 赵敏 加入群聊",
        "第一条",
        "王建国 邀请 李强 加入群聊",
        "欢迎",
    ]
    # A newcomer sees from his joining on.
    assert await read_as(server, li, group) == ["王建国 邀请 李强 加入群聊", "欢迎"]


async def test_a_removal_starts_a_new_epoch_that_the_removed_cannot_read(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    await say(server, wang, group, "之前")
    stale = uuid7()
    old_body = server.seal(zhao, group, stale, TextContent(text="旧钥匙"))
    async with server.http(wang) as http:
        changed = (await http.post(f"/conversations/{group}/members", json={"remove": [li.id]})).json()
        assert changed["epoch"] == 2
    await say(server, wang, group, "之后")
    assert (await read_as(server, li, group))[-1] == "之前"
    assert (await read_as(server, zhao, group))[-2:] == ["王建国 将 李强 移出群聊", "之后"]
    assert (await say(server, li, group, "还在吗"))["code"] == "forbidden"
    async with server.http(li) as http:
        own = (await http.get(f"/conversations/{group}")).json()
        assert own["left"] is True
        assert own["last_seq"] == 2
        assert own.get("member_count", 0) == 0
        members = (await http.get(f"/conversations/{group}/members?with_left=true")).json()["members"]
        assert [one["person_id"] for one in members] == [li.id]
    async with server.http(zhao) as http:
        refused = await http.post(
            f"/conversations/{group}/messages", json={"client_id": stale, "body": b64(old_body)}
        )
        assert refused.json()["code"] == "conflict"
        again = await http.post(
            f"/conversations/{group}/messages",
            json={"client_id": stale, "body": b64(server.seal(zhao, group, stale, TextContent(text="新")))},
        )
        assert again.status_code == 200


@pytest.mark.clause("E088")
async def test_an_owner_who_leaves_hands_the_group_over(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    async with server.http(wang) as http:
        assert (await http.post(f"/conversations/{group}/leave")).json()["left"] is True
        assert (await http.post(f"/conversations/{group}/leave")).status_code == 403
    async with server.http(zhao) as http:
        members = (await http.get(f"/conversations/{group}/members")).json()["members"]
    owner = [one for one in members if one.get("role") == "owner"]
    assert len(owner) == 1
    assert owner[0]["person_id"] in {zhao.id, li.id}
    assert (await read_as(server, zhao, group))[-1] == "王建国 退出了群聊"


async def test_a_member_may_rejoin_and_sees_from_then_on(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    async with server.http(wang) as http:
        await http.post(f"/conversations/{group}/members", json={"remove": [li.id]})
        await say(server, wang, group, "缺席时")
        await http.post(f"/conversations/{group}/members", json={"add": [li.id]})
    await say(server, li, group, "回来了")
    assert await read_as(server, li, group) == ["王建国 邀请 李强 加入群聊", "回来了"]


async def test_repeats_are_written_once_and_get_the_first_answer(server: RunningChat) -> None:
    wang, zhao = people(server, "王建国", "赵敏")
    group = await group_of(server, wang, zhao)
    client_id = uuid7()
    body = server.seal(wang, group, client_id, TextContent(text="一次"))
    wire = await server.connect(wang)
    for _ in range(3):
        wire.send(Send(client_id=client_id, conversation_id=group, body=body))
    acks = [await wire.take(Ack) for _ in range(3)]
    assert {(ack.seq, ack.event_id, ack.sent_at) for ack in acks} == {
        (acks[0].seq, acks[0].event_id, acks[0].sent_at)
    }
    assert [ack.duplicate for ack in acks] == [False, True, True]
    # The same id of another sender is another message.
    other = server.seal(zhao, group, client_id, TextContent(text="另一条"))
    async with server.http(zhao) as http:
        sent = await http.post(
            f"/conversations/{group}/messages", json={"client_id": client_id, "body": b64(other)}
        )
    assert sent.json()["seq"] == acks[0].seq + 1
    # The same id in another conversation is a mistake of the client's.
    second = await group_of(server, wang, zhao)
    wire.send(
        Send(
            client_id=client_id,
            conversation_id=second,
            body=server.seal(wang, second, client_id, TextContent(text="?")),
        )
    )
    assert (await wire.take(Nack)).error.code == "conflict"
    await wire.close()


async def test_concurrent_senders_leave_no_gap_and_keep_their_own_order(server: RunningChat) -> None:
    crowd = people(server, *[f"人{index}" for index in range(8)])
    group = await group_of(server, crowd[0], *crowd[1:])
    wires = [await server.connect(one) for one in crowd]
    per_person = 40
    sent: dict[str, list[str]] = {}
    for one, wire in zip(crowd, wires, strict=True):
        sent[one.id] = [uuid7() for _ in range(per_person)]
        for client_id in sent[one.id]:
            body = b"\x01\x00\x00\x00\x01" + b"\x00" * 40
            wire.send(Send(client_id=client_id, conversation_id=group, body=body))
    seqs = []
    for one, wire in zip(crowd, wires, strict=True):
        acks = [await wire.take(Ack) for _ in range(per_person)]
        assert [ack.client_id for ack in acks] == sent[one.id]
        mine = [ack.seq for ack in acks]
        assert mine == sorted(mine)
        seqs += mine
    assert sorted(seqs) == list(range(2, 2 + per_person * len(crowd)))
    for one, wire in zip(crowd, wires, strict=True):
        events = [
            (await wire.take(EventFrame, where=lambda frame: isinstance(frame.event, MessageEvent))).event
            for _ in range(per_person * (len(crowd) - 1))
        ]
        order = [event.message.seq for event in events]
        assert order == sorted(order)
        assert one.id not in {event.message.sender_id for event in events}
        await wire.close()


@pytest.mark.clause("E105")
async def test_read_and_delivered_cursors_go_forward_and_reach_the_others(server: RunningChat) -> None:
    wang, zhao, eve = people(server, "王建国", "赵敏", "外人")
    group = await group_of(server, wang, zhao)
    for index in range(3):
        await say(server, wang, group, f"第 {index} 条")
    mine, theirs, phone = (
        await server.connect(wang),
        await server.connect(zhao),
        await server.connect(server.town.second_device(zhao)),
    )

    def is_member(frame: EventFrame) -> bool:
        return isinstance(frame.event, MemberEvent) and frame.event.member.person_id == zhao.id

    theirs.send(MarkDelivered(conversation_id=group, seq=4))
    delivered = (await mine.take(EventFrame, where=is_member)).event.member
    assert (delivered.delivered_seq, delivered.read_seq) == (4, 0)
    theirs.send(MarkRead(conversation_id=group, seq=3))
    assert (await mine.take(EventFrame, where=is_member)).event.member.read_seq == 3
    theirs.send(MarkRead(conversation_id=group, seq=1))
    theirs.send(MarkRead(conversation_id=group, seq=999))
    assert (await mine.take(EventFrame, where=is_member)).event.member.read_seq == 4
    seen = [(await phone.take(EventFrame, where=is_member)).event.member.read_seq for _ in range(3)]
    assert seen == [0, 3, 4]
    async with server.http(eve) as http:
        assert (await http.post(f"/conversations/{group}/read?seq=1")).status_code == 404
    async with server.http(zhao) as http:
        assert (await http.post(f"/conversations/{group}/read?seq=2")).json()["read_seq"] == 4
    for wire in (mine, theirs, phone):
        await wire.close()


async def test_recall_wipes_the_body_for_everyone(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    seq = (await say(server, zhao, group, "发错了"))["seq"]
    wire = await server.connect(li)
    async with server.http(li) as http:
        assert (await http.post(f"/conversations/{group}/messages/{seq}/recall")).status_code == 403
    async with server.http(zhao) as http:
        gone = (await http.post(f"/conversations/{group}/messages/{seq}/recall")).json()
        assert gone["recalled"] is True
        assert gone["recalled_by"] == zhao.id
        assert "body" not in gone
        again = (await http.post(f"/conversations/{group}/messages/{seq}/recall")).json()
        assert again["event_id"] == gone["event_id"]
        assert (await http.post(f"/conversations/{group}/messages/99/recall")).status_code == 404
    event = (await wire.take(EventFrame, where=lambda frame: isinstance(frame.event, MessageEvent))).event
    assert event.message.recalled
    assert event.message.body == b""
    async with server.http(li) as http:
        changes = (await http.get(f"/sync?after={gone['event_id'] - 1}")).json()["events"]
        assert changes[0]["message"]["recalled"] is True
    # The owner may take back what another wrote.
    seq = (await say(server, li, group, "不当言论"))["seq"]
    async with server.http(wang) as http:
        gone = (await http.post(f"/conversations/{group}/messages/{seq}/recall")).json()
    assert gone["recalled_by"] == wang.id
    await wire.close()


async def test_recall_ends_with_the_configured_time(engine: Engine, tmp_path: Path) -> None:
    settings = Settings(chunk_folder=tmp_path / "chunks", limits=Limits(recall_seconds=-1))
    async with running_chat(engine, tmp_path, settings=settings) as server:
        wang, zhao = people(server, "王建国", "赵敏")
        group = await group_of(server, wang, zhao)
        seq = (await say(server, wang, group, "晚了"))["seq"]
        async with server.http(wang) as http:
            late = await http.post(f"/conversations/{group}/messages/{seq}/recall")
        assert late.json()["code"] == "recall_too_late"


@pytest.mark.clause("E074", "E075", "E084", "E085")
async def test_own_settings_reach_the_own_devices_only(server: RunningChat) -> None:
    wang, zhao = people(server, "王建国", "赵敏")
    group = await group_of(server, wang, zhao)
    phone, other = await server.connect(server.town.second_device(wang)), await server.connect(zhao)
    async with server.http(wang) as http:
        await http.patch(f"/conversations/{group}/setting", json={"pinned": True})
        changed = (await http.patch(f"/conversations/{group}/setting", json={"muted": True})).json()
        assert (changed["pinned"], changed["muted"]) == (True, True)
        assert (await http.get("/conversations")).json()["settings"] == [changed]
        wrong = await http.patch(f"/conversations/{group}/setting", json={"pined": True})
        assert wrong.status_code == 400
    for expected in ((True, False), (True, True)):
        event = (await phone.take(EventFrame)).event
        assert isinstance(event, SettingEvent)
        assert (event.setting.pinned, event.setting.muted) == expected
    async with server.http(zhao) as http:
        events = (await http.get("/sync?after=1")).json()["events"]
    assert "setting" not in {event["type"] for event in events}
    assert other.frames == []
    await phone.close()
    await other.close()


@pytest.mark.clause("E078")
async def test_a_group_is_renamed_by_its_managers_only(server: RunningChat) -> None:
    wang, zhao = people(server, "王建国", "赵敏")
    group = await group_of(server, wang, zhao, name="旧名")
    wire = await server.connect(zhao)
    async with server.http(zhao) as http:
        assert (await http.patch(f"/conversations/{group}", json={"name": "我的"})).status_code == 403
    async with server.http(wang) as http:
        changed = await http.patch(
            f"/conversations/{group}", json={"name": "新名", "announcement": "周五值班"}
        )
        assert changed.json()["name"] == "新名"
        assert (await http.patch(f"/conversations/{group}", json={"name": "字" * 61})).status_code == 400
        assert (await http.patch(f"/conversations/{group}", json={})).status_code == 400
    event = (
        await wire.take(EventFrame, where=lambda frame: isinstance(frame.event, ConversationEvent))
    ).event
    assert (event.conversation.name, event.conversation.announcement) == ("新名", "周五值班")
    assert (await read_as(server, zhao, group))[-1] == "王建国 将群名称改为“新名”，更新了群公告"
    await wire.close()


async def test_service_conversations_are_written_by_the_server_only(server: RunningChat) -> None:
    (wang,) = people(server, "王建国")
    wire = await server.connect(wang)
    service = server.chat.conversations
    first = await service.notify("work", "工作通知", wang.id, SystemContent(text="请查收"))
    second = await service.notify("work", "工作通知", wang.id, SystemContent(text="再次提醒"))
    assert first.message.conversation_id == second.message.conversation_id
    assert second.message.seq == 2
    assert await read_as(server, wang, first.message.conversation_id) == ["请查收", "再次提醒"]
    kinds = [(await wire.take(EventFrame)).event for _ in range(4)]
    assert [type(one).__name__ for one in kinds].count("MessageEvent") == 2
    assert (await say(server, wang, first.message.conversation_id, "回复"))["code"] == "forbidden"
    await wire.close()


async def test_pages_of_history(server: RunningChat) -> None:
    wang, zhao = people(server, "王建国", "赵敏")
    group = await group_of(server, wang, zhao)
    wire = await server.connect(wang)
    for _ in range(30):
        client_id = uuid7()
        wire.send(Send(client_id=client_id, conversation_id=group, body=b"\x01\0\0\0\x01" + b"x" * 40))
    for _ in range(30):
        await wire.take(Ack)
    async with server.http(zhao) as http:

        async def seqs(query: str) -> list[int]:
            answer = await http.get(f"/conversations/{group}/messages?{query}")
            assert answer.status_code == 200, answer.text
            return [one["seq"] for one in answer.json()["messages"]]

        assert await seqs("limit=5") == [27, 28, 29, 30, 31]
        assert await seqs("before_seq=10&limit=4") == [6, 7, 8, 9]
        assert await seqs("after_seq=10&limit=4") == [11, 12, 13, 14]
        assert await seqs("after_seq=3&before_seq=7") == [4, 5, 6]
        assert await seqs("after_seq=31") == []
        assert (await http.get(f"/conversations/{group}/messages?limit=0")).status_code == 400
    await wire.close()


async def test_groups_have_a_limit(engine: Engine, tmp_path: Path) -> None:
    settings = Settings(chunk_folder=tmp_path / "chunks", limits=Limits(group_members=3))
    async with running_chat(engine, tmp_path, settings=settings) as server:
        wang, zhao, li, sun = people(server, "王建国", "赵敏", "李强", "孙悦")
        async with server.http(wang) as http:
            ids = [zhao.id, li.id, sun.id]
            many = await http.post("/conversations/group", json={"client_id": uuid7(), "member_ids": ids})
            assert many.json()["code"] == "too_large"
            group = await group_of(server, wang, zhao, li)
            more = await http.post(f"/conversations/{group}/members", json={"add": [sun.id]})
            assert more.json()["code"] == "too_large"
            swap = await http.post(
                f"/conversations/{group}/members", json={"add": [sun.id], "remove": [li.id]}
            )
            assert swap.json()["member_count"] == 3


async def test_sync_pages_bring_everything_once_and_in_order(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao)
    async with server.http(zhao) as http:
        start = (await http.get("/sync?after=0")).json()
        assert start["reset"] is True
        assert {one["type"] for one in start["events"]} == {"conversation", "member"}
        for index in range(12):
            await say(server, wang, group, f"{index}")
        other = await group_of(server, wang, li)
        await say(server, wang, other, "与赵敏无关")
        await http.patch(f"/conversations/{group}/setting", json={"pinned": True})
        await http.post(f"/conversations/{group}/read?seq=5")
        position, events = start["next"], []
        while True:
            page = (await http.get(f"/sync?after={position}&limit=4")).json()
            events += page["events"]
            position = page["next"]
            if not page.get("more"):
                break
        ids = [one["event_id"] for one in events]
        assert ids == sorted(set(ids))
        assert [one["message"]["seq"] for one in events if one["type"] == "message"] == list(range(2, 14))
        assert {one["type"] for one in events} == {"message", "setting", "member"}
        assert other not in str(events)
        assert (await http.get(f"/sync?after={position}")).json() == {"events": [], "next": position}
        assert (await http.get("/sync?after=999999")).json()["reset"] is True


async def test_one_who_leaves_while_away_gets_what_came_before(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    async with server.http(li) as http:
        position = (await http.get("/sync?after=0")).json()["next"]
        await say(server, wang, group, "之前")
        async with server.http(wang) as owner:
            await owner.post(f"/conversations/{group}/members", json={"remove": [li.id]})
            await say(server, wang, group, "之后")
            await owner.patch(f"/conversations/{group}", json={"announcement": "不给外人看"})
        events = (await http.get(f"/sync?after={position}")).json()["events"]
    assert [one["message"]["seq"] for one in events if one["type"] == "message"] == [2]
    left = [one["conversation"] for one in events if one["type"] == "conversation"]
    assert left[0]["left"] is True
    assert "不给外人看" not in str(events)


async def test_outsiders_are_told_nothing_and_are_noted(server: RunningChat) -> None:
    wang, zhao, eve = people(server, "王建国", "赵敏", "外人")
    group = await group_of(server, wang, zhao)
    await say(server, wang, group, "内部")
    body = b64(server.seal(eve, group, "a" * 8, TextContent(text="x")))
    calls = [
        ("GET", f"/conversations/{group}", None),
        ("PATCH", f"/conversations/{group}", {"name": "x"}),
        ("GET", f"/conversations/{group}/members", None),
        ("POST", f"/conversations/{group}/members", {"add": [eve.id]}),
        ("POST", f"/conversations/{group}/members", {"remove": [wang.id]}),
        ("POST", f"/conversations/{group}/leave", None),
        ("PATCH", f"/conversations/{group}/setting", {"pinned": True}),
        ("GET", f"/conversations/{group}/messages", None),
        ("POST", f"/conversations/{group}/messages", {"client_id": "a" * 8, "body": body}),
        ("POST", f"/conversations/{group}/messages/2/recall", None),
        ("POST", f"/conversations/{group}/read?seq=1", None),
    ]
    async with server.http(eve) as http:
        for method, path, json in calls:
            before = len(server.town.refusals)
            real = await http.request(method, path, json=json)
            assert real.status_code == 404, (method, path, real.text)
            assert len(server.town.refusals) > before, path
            # An unknown conversation answers the same.
            unknown = await http.request(method, path.replace(group, uuid7()), json=json)
            assert unknown.json()["code"] == real.json()["code"] == "not_found"
        for strange in ("x", "%00", "' OR 1=1", "0" * 500):
            assert (await http.get(f"/conversations/{strange}")).status_code == 404
        keys = await http.post("/keys/envelopes", json={"items": [{"conversation_id": group}]})
        assert keys.json()["envelopes"] == []
        assert (await http.get("/conversations")).json()["conversations"] == []
        assert (await http.get("/sync?after=0")).json()["events"] == []
    wire = await server.connect(eve)
    wire.send(Send(client_id="b" * 8, conversation_id=group, body=b"\x01\0\0\0\x01" + b"x" * 40))
    assert (await wire.take(Nack)).error.code == "not_found"
    wire.send(MarkRead(conversation_id=group, seq=1))
    await wire.close()


async def test_members_without_the_right_are_refused(server: RunningChat) -> None:
    wang, zhao, li = people(server, "王建国", "赵敏", "李强")
    group = await group_of(server, wang, zhao, li)
    async with server.http(zhao) as http:
        for target in (wang.id, li.id):
            removed = await http.post(f"/conversations/{group}/members", json={"remove": [target]})
            assert removed.json()["code"] == "forbidden"
        single = (await http.post("/conversations/single", json={"person_id": li.id})).json()["id"]
        for path, json in (
            (f"/conversations/{single}/members", {"add": [wang.id]}),
            (f"/conversations/{single}/leave", None),
        ):
            assert (await http.post(path, json=json)).json()["code"] == "forbidden"


@pytest.mark.clause("E103")
async def test_reactions_are_sealed_rows_that_members_alone_may_set_and_see(server: RunningChat) -> None:
    from server_stub.contract.content_kinds import ReactionContent, decode_reaction, encode_reaction
    from server_stub.contract.events import ReactionEvent

    li, wang, zhao, outsider = people(server, "李强", "王建国", "赵敏", "陈伟")
    group = await group_of(server, li, wang)
    seq = (await say(server, li, group, "今晚到岗"))["seq"]

    def sealed(who: Somebody, client_id: str, emoji: list[str]) -> bytes:
        return server.seal_bytes(
            who, group, client_id, encode_reaction(ReactionContent(seq=seq, emoji=emoji))
        )

    async def put(who: Somebody, number: int, client_id: str, body: bytes) -> tuple[int, dict]:
        async with server.http(who) as http:
            answer = await http.put(
                f"/conversations/{group}/messages/{number}/reaction",
                json={"client_id": client_id, "body": b64(body)},
            )
        return answer.status_code, answer.json()

    wire = await server.connect(li)
    first = uuid7()
    status, row = await put(wang, seq, first, sealed(wang, first, ["👍", "🎉"]))
    assert status == 200
    told = (await wire.take(EventFrame, where=lambda frame: isinstance(frame.event, ReactionEvent))).event
    assert told.reaction.person_id == wang.id
    assert "👍".encode() not in told.reaction.body
    keys = await keys_of(server, li, group)
    plain = open_message(
        server.keys.algorithms,
        keys.get,
        conversation_id=group,
        sender_id=wang.id,
        client_id=first,
        sealed=told.reaction.body,
    )
    assert decode_reaction(plain) == ReactionContent(seq=seq, emoji=["👍", "🎉"])
    await wire.close()
    # A repeat is the same change; a later one replaces it whole; an empty one takes it back and stays in sync.
    assert (await put(wang, seq, first, sealed(wang, first, ["👍"])))[1]["event_id"] == row["event_id"]
    async with server.http(li) as http:
        page = (await http.get(f"/conversations/{group}/messages")).json()
        assert [one["person_id"] for one in page["reactions"]] == [wang.id]
        assert (await put(wang, seq, uuid7(), b""))[0] == 200
        assert (await http.get(f"/conversations/{group}/messages")).json().get("reactions", []) == []
        changes = (await http.get(f"/sync?after={row['event_id']}")).json()["events"]
        assert [one["reaction"].get("body", "") for one in changes if one["type"] == "reaction"] == [""]
    # Nobody else, nothing else, and not under an old key.
    again = uuid7()
    assert (await put(outsider, seq, again, sealed(outsider, again, ["👍"])))[0] == 404
    assert (await put(wang, seq + 9, again, sealed(wang, again, ["👍"])))[0] == 404
    assert (await put(wang, seq, again, b"plain"))[0] == 400
    assert (await put(wang, seq, again, bytes(3000)))[0] == 413
    old = sealed(wang, again, ["👍"])
    async with server.http(li) as http:
        await http.post(f"/conversations/{group}/members", json={"add": [zhao.id], "remove": []})
        await http.post(f"/conversations/{group}/members", json={"add": [], "remove": [zhao.id]})
    assert (await put(wang, seq, again, old))[0] == 409
    async with server.http(zhao) as http:
        events = (await http.get("/sync?after=1")).json()["events"]
    assert not [one for one in events if one["type"] == "reaction"]
    # A recall takes them away, and none can be put any more.
    body = server.seal_bytes(li, group, again, encode_reaction(ReactionContent(seq=seq, emoji=["👌"])))
    assert (await put(li, seq, again, body))[0] == 200
    async with server.http(li) as http:
        assert (await http.post(f"/conversations/{group}/messages/{seq}/recall")).status_code == 200
        assert (await http.get(f"/conversations/{group}/messages")).json().get("reactions", []) == []
    assert (await put(li, seq, uuid7(), body))[0] == 404
