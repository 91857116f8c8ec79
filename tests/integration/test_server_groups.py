"""Groups at full depth on the server: rules, offices, mutes, joining, announcement, space, limits; on both databases."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path
from typing import Any

import pytest
from bed.chat import RunningChat, Somebody, running_chat
from sqlalchemy import Engine, update

from server_stub.contract.content import FileContent, FileRef, TextContent, encode_content
from server_stub.contract.events import ConversationEvent, JoinRequestEvent, MemberEvent, SpaceEvent
from server_stub.contract.files import HEADER_CHUNK_DIGEST
from server_stub.contract.frames import EventFrame
from server_stub.contract.group_rules import GroupRules
from server_stub.contract.ids import uuid7
from server_stub.features.conversations.limits import Limits
from server_stub.features.conversations.tables import group_codes
from server_stub.gateway.assembly import Settings
from server_stub.storage.engine import embedded_engine, postgres_engine


@pytest.fixture(params=["sqlcipher", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlcipher":
        return embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    return postgres_engine(request.getfixturevalue("fresh_postgres")())


@pytest.fixture
async def server(engine: Engine, tmp_path: Path):
    settings = Settings(chunk_folder=tmp_path / "chunks", limits=Limits(large_from=4, large_groups=1))
    writers = 2 if engine.dialect.name == "postgresql" else 1
    async with running_chat(engine, tmp_path, writers=writers, settings=settings) as running:
        yield running


class Group:
    """A group of the owner, an administrator and members, and calls in their names."""

    def __init__(self, server: RunningChat, *names: str) -> None:
        self.server = server
        self.people = [server.town.add(name) for name in names]
        self.id = ""

    async def build(self) -> Group:
        owner, *others = self.people
        body = {"client_id": uuid7(), "name": "值班群", "member_ids": [one.id for one in others]}
        self.id = (await self.ok(owner, "POST", "/conversations/group", body))["id"]
        return self

    async def call(self, who: Somebody, method: str, path: str, body: Any = None, **more: Any) -> Any:
        async with self.server.http(who) as http:
            path = path.replace("{}", f"/conversations/{self.id}")
            return await http.request(method, path, **({"json": body} if body is not None else {}), **more)

    async def ok(self, who: Somebody, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.call(who, method, path, body, **more)
        assert answer.status_code in (200, 204), (path, answer.text)
        return answer.json() if answer.content else None

    async def no(self, who: Somebody, method: str, path: str, body: Any = None) -> tuple[int, str]:
        answer = await self.call(who, method, path, body)
        assert answer.status_code >= 400, (path, answer.text)
        return answer.status_code, answer.json()["message"]

    async def say(self, who: Somebody, text: str) -> int:
        client_id = uuid7()
        body = self.server.seal(who, self.id, client_id, TextContent(text=text))
        wanted = {"client_id": client_id, "body": base64.b64encode(body).decode()}
        return (await self.call(who, "POST", "{}/messages", wanted)).status_code

    async def members(self, who: Somebody) -> dict[str, dict[str, Any]]:
        found = await self.ok(who, "GET", "{}/members")
        return {one["person_id"]: one for one in found["members"]}

    async def seen(self, who: Somebody) -> list[int]:
        page = await self.ok(who, "GET", "{}/messages?limit=200")
        return [one["seq"] for one in page["messages"]]


@pytest.mark.clause("E109", "E115", "E116")
async def test_offices_are_given_by_the_owner_and_the_group_is_handed_over_and_dissolved(
    server: RunningChat,
) -> None:
    group = await Group(server, "王建国", "赵敏", "李强").build()
    wang, zhao, li = group.people
    assert (await group.no(zhao, "POST", "{}/role", {"person_id": li.id, "role": "admin"}))[0] == 403
    await group.ok(wang, "POST", "{}/role", {"person_id": zhao.id, "role": "admin"})
    assert (await group.members(li))[zhao.id]["role"] == "admin"
    await group.ok(zhao, "PATCH", "{}", {"name": "防汛值班群"})
    # An administrator of the group neither names others nor ends the group.
    assert (await group.no(zhao, "POST", "{}/role", {"person_id": li.id, "role": "admin"}))[0] == 403
    assert (await group.no(zhao, "POST", "{}/dissolve"))[0] == 403
    assert (await group.no(zhao, "POST", "{}/transfer", {"person_id": li.id}))[0] == 403
    moved = await group.ok(wang, "POST", "{}/transfer", {"person_id": li.id})
    assert moved["owner_id"] == li.id
    roles = {who: one.get("role", "member") for who, one in (await group.members(wang)).items()}
    assert roles == {li.id: "owner", zhao.id: "admin", wang.id: "member"}
    assert (await group.no(wang, "POST", "{}/dissolve"))[0] == 403
    wire = await server.connect(wang)
    ended = await group.ok(li, "POST", "{}/dissolve")
    assert ended["dissolved"]
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, ConversationEvent))
    assert told.event.conversation.dissolved
    assert await group.say(li, "还在吗") == 403
    assert (await group.no(li, "POST", "{}/members", {"add": [server.town.add("周").id]}))[0] == 403
    # What was written stays readable for those who were in it.
    assert (await group.seen(wang))[-1] >= 4


@pytest.mark.clause("E114")
async def test_everybody_or_one_is_silenced_for_a_time(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏", "李强").build()
    wang, zhao, li = group.people
    now = int(time.time() * 1000)
    await group.ok(wang, "POST", "{}/role", {"person_id": zhao.id, "role": "admin"})
    assert (await group.no(li, "PATCH", "{}", {"muted_all": True}))[0] == 403
    await group.ok(zhao, "PATCH", "{}", {"muted_all": True, "muted_until": now + 3_600_000})
    assert [await group.say(one, "喂") for one in (wang, zhao, li)] == [200, 200, 403]
    # A mute whose time is over holds nobody.
    await group.ok(zhao, "PATCH", "{}", {"muted_all": True, "muted_until": now - 1})
    assert await group.say(li, "喂") == 200
    await group.ok(zhao, "PATCH", "{}", {"muted_all": False})
    await group.ok(zhao, "POST", "{}/mute", {"person_id": li.id, "until": now + 3_600_000})
    assert [await group.say(one, "喂") for one in (zhao, li)] == [200, 403]
    assert (await group.members(wang))[li.id]["muted_until"] == now + 3_600_000
    assert (await group.no(zhao, "POST", "{}/mute", {"person_id": wang.id, "until": now + 9}))[0] == 403
    assert (await group.no(li, "POST", "{}/mute", {"person_id": li.id, "until": 0}))[0] == 403
    await group.ok(zhao, "POST", "{}/mute", {"person_id": li.id, "until": 0})
    assert await group.say(li, "可以了") == 200


@pytest.mark.clause("E110", "E112", "E113")
async def test_rules_decide_who_edits_what_newcomers_see_and_whose_reading_is_told(
    server: RunningChat,
) -> None:
    group = await Group(server, "王建国", "赵敏", "李强").build()
    wang, zhao, li = group.people
    late, later = server.town.add("周"), server.town.add("吴")
    await group.say(wang, "之前说的")
    assert (await group.no(zhao, "PATCH", "{}", {"name": "改名"}))[0] == 403
    assert (await group.no(zhao, "PATCH", "{}", {"rules": {"edit": "all"}}))[0] == 403
    ruled = await group.ok(
        wang, "PATCH", "{}", {"rules": {"edit": "all", "invite": "managers", "receipts": False}}
    )
    assert ruled["rules"] == {"edit": "all", "invite": "managers", "receipts": False}
    await group.ok(zhao, "PATCH", "{}", {"name": "大家改的名"})
    assert (await group.no(zhao, "PATCH", "{}", {"announcement": "x"}))[0] == 403
    assert (await group.no(zhao, "POST", "{}/members", {"add": [late.id]}))[0] == 403
    # Without receipts nobody learns how far another has read, neither asked nor told nor in the catch-up.
    wire = await server.connect(wang)
    since = wire.welcome.event_id if wire.welcome else 0
    await group.ok(zhao, "POST", "{}/read?seq=3")
    await group.ok(li, "PATCH", "{}/me", {"nickname": "小李"})
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, MemberEvent))
    assert told.event.member.person_id == li.id
    assert (told.event.member.nickname, told.event.member.read_seq) == ("小李", 0)
    assert (await group.members(wang))[zhao.id].get("read_seq", 0) == 0
    assert (await group.members(zhao))[zhao.id]["read_seq"] == 3
    page = await group.ok(wang, "GET", f"/sync?after={since}")
    marks = [one["member"] for one in page["events"] if one["type"] == "member"]
    assert all(one.get("read_seq", 0) == 0 for one in marks if one["person_id"] != wang.id)
    # History for newcomers: off, then on; the server gives neither texts nor keys of before.
    await group.ok(wang, "POST", "{}/members", {"remove": [li.id]})
    await group.say(wang, "新一轮密钥")
    await group.ok(wang, "POST", "{}/members", {"add": [late.id]})
    first = min(await group.seen(late))
    assert first > 6
    wanted = {"items": [{"conversation_id": group.id}]}
    keys = await group.ok(late, "POST", "/keys/envelopes", wanted)
    assert [one["epoch"] for one in keys["envelopes"]] == [2]
    await group.ok(wang, "PATCH", "{}", {"rules": {"history": True}})
    await group.ok(wang, "POST", "{}/members", {"add": [later.id]})
    assert min(await group.seen(later)) == 1
    keys = await group.ok(later, "POST", "/keys/envelopes", wanted)
    assert [one["epoch"] for one in keys["envelopes"]] == [1, 2]
    # What he may see of before does not count as unread.
    assert (await group.members(later))[later.id]["read_seq"] >= first
    assert min(await group.seen(late)) == first


@pytest.mark.clause("E111", "E119", "E083")
async def test_one_joins_by_code_as_the_rule_says(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏").build()
    wang, zhao = group.people
    free, asks, no = (server.town.add(name) for name in ("自由", "申请", "被拒"))
    code = await group.ok(zhao, "POST", "{}/code", {})
    assert code["expires_at"] > time.time() * 1000 + 6 * 86_400_000
    assert (await group.ok(wang, "POST", "{}/code", {}))["code"] == code["code"]
    peek = await group.ok(free, "GET", "/groups/peek", params={"code": code["code"]})
    assert (peek["name"], peek["member_count"], peek.get("joined", False)) == ("值班群", 2, False)
    joined = await group.ok(free, "POST", "/groups/join", {"code": f"zhengding://group/{code['code']}"})
    assert (joined["state"], joined["conversation"]["id"]) == ("joined", group.id)
    again = await group.ok(free, "POST", "/groups/join", {"code": code["code"].lower()})
    assert again["conversation"]["member_count"] == 3
    # Approval: whoever comes by code waits, and so does whom a plain member invites.
    await group.ok(wang, "PATCH", "{}", {"rules": {"join": "approval"}})
    wire = await server.connect(wang)
    waits = await group.ok(asks, "POST", "/groups/join", {"code": code["code"], "note": "我是水利局的"})
    assert (waits["state"], waits["request"]["note"]) == ("waiting", "我是水利局的")
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, JoinRequestEvent))
    assert told.event.request.person_id == asks.id
    await group.ok(zhao, "POST", "{}/members", {"add": [no.id]})
    assert asks.id not in await group.members(wang)
    assert (await group.no(zhao, "GET", "{}/requests"))[0] == 403
    waiting = {one["person_id"]: one for one in (await group.ok(wang, "GET", "{}/requests"))["requests"]}
    assert set(waiting) == {asks.id, no.id}
    assert waiting[no.id]["inviter_id"] == zhao.id
    path = "{}/requests/"
    assert (await group.no(zhao, "POST", path + waiting[asks.id]["id"], {"accept": True}))[0] == 403
    assert (await group.no(asks, "POST", path + waiting[asks.id]["id"], {"accept": True}))[0] == 404
    page = await group.ok(asks, "GET", "/sync?after=0")
    assert [one["request"]["id"] for one in page["events"]] == [waiting[asks.id]["id"]]
    # Managers find it in their notices too; the asker hears of a refusal.
    notices = (await group.ok(wang, "GET", "/conversations"))["conversations"]
    assert [one["last_seq"] for one in notices if one["kind"] == "service"] == [2]
    mine = await server.connect(no)
    await group.ok(wang, "POST", path + waiting[no.id]["id"], {"accept": False})
    refused = await mine.take(EventFrame, where=lambda f: isinstance(f.event, JoinRequestEvent))
    assert refused.event.request.state == "refused"
    # A request that was decided is not decided again.
    assert (await group.no(wang, "POST", path + waiting[no.id]["id"], {"accept": True}))[0] == 409
    assert no.id not in await group.members(wang)


@pytest.mark.clause("E118", "E119")
async def test_people_who_stand_together_join_by_four_digits_for_five_minutes(server: RunningChat) -> None:
    group = Group(server, "王建国", "赵敏", "李强")
    wang, zhao, li = group.people
    made = await group.ok(wang, "POST", "/groups/face", {"client_id": uuid7(), "name": "现场处置"})
    group.id, code = made["conversation"]["id"], made["code"]
    assert len(code["code"]) == 4
    assert code["code"].isdigit()
    assert 290_000 < code["expires_at"] - time.time() * 1000 <= 300_000
    assert made["conversation"]["member_count"] == 1
    joined = await group.ok(zhao, "POST", "/groups/join", {"code": code["code"]})
    assert joined["conversation"]["name"] == "现场处置"
    assert set(await group.members(wang)) == {wang.id, zhao.id}
    await server.database.write(
        lambda connection: connection.execute(update(group_codes).values(expires_at=1)) and None
    )
    assert (await group.no(li, "POST", "/groups/join", {"code": code["code"]}))[0] == 400
    # Trying the numbers through ends after a few.
    answers = [await group.no(li, "POST", "/groups/join", {"code": f"{n:04}"}) for n in range(12)]
    assert {status for status, _text in answers[-3:]} == {429}
    assert li.id not in await group.members(wang)


@pytest.mark.clause("E120", "E121")
async def test_an_announcement_is_told_with_who_has_read_it(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏", "李强").build()
    wang, zhao, li = group.people
    assert (await group.no(zhao, "PATCH", "{}", {"announcement": "x"}))[0] == 403
    changed = await group.ok(wang, "PATCH", "{}", {"announcement": "今晚八点起全员在岗"})
    assert (changed["announcement_version"], changed["announced_by"]) == (1, wang.id)
    await group.ok(zhao, "PATCH", "{}/me", {"announcement_seen": 1})
    assert (await group.no(li, "PATCH", "{}/me", {"announcement_seen": 2}))[0] == 400
    seen = {who: one.get("announcement_seen", 0) for who, one in (await group.members(li)).items()}
    assert seen == {wang.id: 1, zhao.id: 1, li.id: 0}
    await group.ok(wang, "PATCH", "{}", {"announcement": "值班解除"})
    assert (await group.members(li))[zhao.id]["announcement_seen"] == 1


@pytest.mark.clause("E076", "E087")
async def test_a_cleared_history_is_gone_for_oneself_alone(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏").build()
    wang, zhao = group.people
    for number in range(4):
        await group.say(wang, f"第 {number} 条")
    cleared = await group.ok(zhao, "POST", "{}/clear", {"up_to": 3})
    assert cleared["first_seq"] == 4
    assert await group.seen(zhao) == [4, 5]
    assert await group.seen(wang) == [1, 2, 3, 4, 5]
    # It never goes back, and leaves no room for a number beyond the last.
    assert (await group.ok(zhao, "POST", "{}/clear", {"up_to": 1}))["first_seq"] == 4
    assert (await group.ok(zhao, "POST", "{}/clear", {"up_to": 99}))["first_seq"] == 6
    assert (await group.members(wang)).keys() == {wang.id, zhao.id}


@pytest.mark.clause("E079")
async def test_the_groups_files_are_for_its_members_and_folders_have_their_right(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏").build()
    wang, zhao = group.people
    sm3 = server.town.algorithms.sm3
    chunk, file_id = os.urandom(40), uuid7()
    async with server.http(zhao) as http:
        await http.post("/files", json={"id": file_id, "size": 20, "chunks": 1})
        headers = {HEADER_CHUNK_DIGEST: sm3(chunk).hex()}
        await http.put(f"/files/{file_id}/chunks/0", content=chunk, headers=headers)
        digest = base64.b64encode(sm3(sm3(chunk))).decode()
        assert (await http.post(f"/files/{file_id}/complete", json={"digest": digest})).status_code == 200

    def entry(who: Somebody, id: str, content: Any, **more: Any) -> dict[str, Any]:
        body = server.seal(who, group.id, id, content)
        return {"body": base64.b64encode(body).decode(), **more}

    rules, forms, paper = uuid7(), uuid7(), uuid7()
    await group.ok(
        wang,
        "PUT",
        "{}/space/" + rules,
        entry(wang, rules, TextContent(text="制度"), folder=True, write="managers"),
    )
    await group.ok(
        zhao, "PUT", "{}/space/" + forms, entry(zhao, forms, TextContent(text="表格"), folder=True)
    )
    file = FileContent(file=FileRef(file_id=file_id, key=b"k" * 16, name="名单.docx", size=20))
    assert encode_content(file)
    wanted = entry(zhao, paper, file, file_id=file_id, size=20)
    assert (await group.no(zhao, "PUT", "{}/space/" + paper, wanted | {"parent_id": rules}))[0] == 403
    wire = await server.connect(wang)
    await group.ok(zhao, "PUT", "{}/space/" + paper, wanted | {"parent_id": forms})
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, SpaceEvent))
    assert (told.event.entry.id, told.event.entry.parent_id) == (paper, forms)
    # A newcomer has the files and their keys, whatever epoch they were put in under.
    late, outsider = server.town.add("周"), server.town.add("外人")
    gone = server.town.add("走")
    await group.ok(wang, "POST", "{}/members", {"add": [gone.id]})
    await group.ok(wang, "POST", "{}/members", {"remove": [gone.id]})
    await group.ok(wang, "POST", "{}/members", {"add": [late.id]})
    listed = (await group.ok(late, "GET", "{}/space"))["entries"]
    assert {one["id"] for one in listed} == {rules, forms, paper}
    keys = await group.ok(late, "POST", "/keys/envelopes", {"items": [{"conversation_id": group.id}]})
    assert [one["epoch"] for one in keys["envelopes"]] == [1, 2]
    for who, status in ((late, 200), (outsider, 404), (gone, 404)):
        assert (await group.call(who, "GET", f"/files/{file_id}/chunks/0")).status_code == status
    assert (await group.no(outsider, "GET", "{}/space"))[0] == 404
    assert (await group.ok(gone, "GET", "{}/space"))["entries"] == []
    # Others' files are taken away by managers alone; a folder goes with what is in it.
    assert (await group.no(late, "DELETE", "{}/space/" + paper))[0] == 403
    assert (await group.no(late, "DELETE", "{}/space/" + rules))[0] == 403
    assert (await group.no(wang, "PUT", "{}/space/" + forms, wanted))[0] in (400, 409)
    await group.ok(wang, "DELETE", "{}/space/" + forms)
    assert {one["id"] for one in (await group.ok(late, "GET", "{}/space"))["entries"]} == {rules}
    assert (await group.call(late, "GET", f"/files/{file_id}/chunks/0")).status_code == 404
    # Only managers fill the group where its rules say so.
    await group.ok(wang, "PATCH", "{}", {"rules": {"upload": "managers"}})
    other = uuid7()
    told_off = entry(zhao, other, TextContent(text="自建"), folder=True)
    assert (await group.no(zhao, "PUT", "{}/space/" + other, told_off))[0] == 403


@pytest.mark.clause("E089", "3.1.2.4")
async def test_large_groups_are_counted_in_the_whole_system(server: RunningChat) -> None:
    first = await Group(server, "甲", "乙", "丙", "丁").build()
    second = await Group(server, "子", "丑", "寅").build()
    extra = server.town.add("卯")
    status, text = await second.no(second.people[0], "POST", "{}/members", {"add": [extra.id]})
    assert status == 413
    assert "大群" in text
    body = {"client_id": uuid7(), "member_ids": [one.id for one in first.people[1:]]}
    assert (await first.no(first.people[0], "POST", "/conversations/group", body))[0] == 413
    await first.ok(first.people[0], "POST", f"/conversations/{first.id}/leave")
    await second.ok(second.people[0], "POST", "{}/members", {"add": [extra.id]})
    # From a unit: everybody below it, without those who may not be added.
    leader = server.town.add("书记")
    server.town.units["u-1"] = [first.people[1].id, leader.id]
    server.town.barred[(first.people[0].id, leader.id)] = "对方是 VIP 领导，您没有联系的权限。"
    body = {"client_id": uuid7(), "unit_id": "u-1"}
    made = await first.ok(first.people[0], "POST", "/conversations/group", body)
    assert made["member_count"] == 2


@pytest.mark.clause("E145", "E161")
async def test_whom_one_may_not_reach_one_neither_writes_to_nor_adds(server: RunningChat) -> None:
    group = await Group(server, "王建国", "赵敏").build()
    wang, zhao = group.people
    leader, old = server.town.add("书记"), server.town.add("旧识")
    chat = (await group.ok(wang, "POST", "/conversations/single", {"person_id": old.id}))["id"]
    server.town.barred[(wang.id, leader.id)] = "没有权限"
    server.town.barred[(wang.id, old.id)] = "拒收"
    assert await group.no(wang, "POST", "/conversations/single", {"person_id": leader.id}) == (
        403,
        "没有权限",
    )
    assert await group.no(wang, "POST", "{}/members", {"add": [leader.id]}) == (403, "没有权限")
    body = {"client_id": uuid7(), "member_ids": [leader.id]}
    assert (await group.no(wang, "POST", "/conversations/group", body))[0] == 403
    # The chat that exists opens, and takes nothing more from him; the other may write.
    talk = Group(server, "x")
    talk.id = chat
    assert (await group.ok(wang, "POST", "/conversations/single", {"person_id": old.id}))["id"] == chat
    assert [await talk.say(wang, "喂"), await talk.say(old, "喂")] == [403, 200]
    assert await group.ok(zhao, "POST", "{}/members", {"add": [leader.id]})


def test_the_rules_of_a_new_group_are_the_careful_ones() -> None:
    plain = GroupRules()
    assert (plain.edit, plain.mention_all, plain.history) == ("managers", "managers", False)
