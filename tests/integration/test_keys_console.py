"""Key management over the console's endpoints on both databases: two administrators, destruction, backup, audit."""

from __future__ import annotations

import asyncio
import base64
import shutil
from contextlib import asynccontextmanager

import pytest
from bed.office import Office, SignedInAs, running_office
from sqlalchemy import delete, update

from server_stub.contract.events import ConversationEvent
from server_stub.contract.frames import PROTOCOL, EventFrame, Hello, Welcome
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope, seal_message
from server_stub.features.conversations.tables import epochs
from server_stub.features.security.tables import key_audit, key_requests
from server_stub.hsm import single_key
from server_stub.hsm.backup import MAGIC

ALG = Algorithms.best()


@asynccontextmanager
async def two_admins(folder, **settings):
    async with running_office(folder, **settings) as office:
        await office.add_staff("第二管理员", "admin2", "12000000010", [("绿城市", "管理员")], is_admin=True)
        yield office


@pytest.fixture(params=["embedded", "postgres"])
async def office(request, tmp_path):
    url = ""
    if request.param == "postgres":
        url = request.getfixturevalue("fresh_postgres")(driver="")
    async with two_admins(tmp_path, database=url) as running:
        yield running


class Chat:
    """A group of 王建国 and 冯雪 with three messages, and a single chat of theirs."""

    def __init__(self, office: Office, owner: SignedInAs, member: SignedInAs) -> None:
        self.office, self.owner, self.member = office, owner, member
        self.group = self.single = ""

    @classmethod
    async def make(cls, office: Office) -> Chat:
        chat = cls(office, await office.sign_in("wangjianguo"), await office.sign_in("fengxue"))
        other = office.staff["fengxue"].id
        third = office.staff["liqiang"].id
        made = await chat.owner.http.post(
            "/conversations/group",
            json={"client_id": uuid7(), "name": "值班群", "member_ids": [other, third]},
        )
        chat.group = made.json()["id"]
        made = await chat.owner.http.post("/conversations/single", json={"person_id": other})
        chat.single = made.json()["id"]
        for conversation in (chat.group, chat.single):
            await chat.send(conversation)
        return chat

    async def keys(self, conversation_id: str, who: SignedInAs | None = None) -> dict[int, bytes | None]:
        who = who or self.member
        answer = await who.http.post(
            "/keys/envelopes", json={"items": [{"conversation_id": conversation_id}]}
        )
        found = {}
        for one in answer.json()["envelopes"]:
            found[one["epoch"]] = (
                None
                if one.get("destroyed")
                else open_envelope(
                    ALG,
                    who.device.pair.private,
                    conversation_id=conversation_id,
                    epoch=one["epoch"],
                    envelope=base64.b64decode(one["envelope"]),
                )
            )
        return found

    async def send(self, conversation_id: str) -> int:
        epoch, key = max((await self.keys(conversation_id, self.owner)).items())
        assert key is not None
        client_id = uuid7()
        body = seal_message(
            ALG,
            key,
            epoch=epoch,
            conversation_id=conversation_id,
            sender_id=self.office.staff["wangjianguo"].id,
            client_id=client_id,
            plaintext=b"\x81",
        )
        sent = await self.owner.http.post(
            f"/conversations/{conversation_id}/messages",
            json={"client_id": client_id, "body": base64.b64encode(body).decode()},
        )
        assert sent.status_code == 200, sent.text
        return epoch


async def good(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


async def both(office: Office):
    return (await office.sign_in("admin")).http, (await office.sign_in("admin2")).http


async def confirmed(first, second, path: str, body: dict, share: str = "") -> dict:
    asked = await good(await first.post(f"/security/{path}", json={"reason": "年度演练"} | body))
    assert asked["state"] == "waiting"
    return await good(await second.post(f"/security/requests/{asked['id']}/confirm", json={"share": share}))


@pytest.mark.clause("3.3.4")
async def test_a_conversations_keys_are_destroyed_by_two_and_nobody_gets_them_again(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    wanted = {"scope": "conversation", "target": chat.group, "reason": "涉密泄露"}
    before = await chat.keys(chat.group)
    preview = await good(await first.post("/security/destruction/preview", json=wanted))
    assert (preview["name"], preview["keys"], preview["people"]) == ("值班群", 1, 3)
    assert preview["messages"] == 2, "the line of the invitation, and the message"
    assert await chat.keys(chat.group) == before, "a dry run changes nothing"

    asked = await good(await first.post("/security/destruction", json=wanted))
    alone = await first.post(f"/security/requests/{asked['id']}/confirm", json={"share": ""})
    assert (alone.status_code, alone.json()["code"]) == (403, "forbidden")
    assert await chat.keys(chat.group) == before, "one administrator alone destroys nothing"

    done = await good(await second.post(f"/security/requests/{asked['id']}/confirm", json={}))
    assert done["state"] == "done", done
    assert (done["created_by_name"], done["confirmed_by_name"]) == ("系统管理员", "第二管理员")
    after = await chat.keys(chat.group)
    assert after[1] is None
    assert after[2] not in (None, before[1])
    rows = await office.rows(epochs, epochs.c.wrapped_key.is_(None))
    assert len(rows) == 1
    assert rows[0].destroyed_at
    again = await second.post(f"/security/requests/{asked['id']}/confirm", json={})
    assert again.status_code == 409
    seen = await good(await chat.member.http.get(f"/conversations/{chat.group}"))
    assert (seen["destroyed_epoch"], seen["destroyed_seq"], seen["epoch"]) == (1, 2, 2)
    assert await chat.send(chat.group) == 2, "the conversation goes on under a new key"
    assert await chat.keys(chat.single), "other conversations keep theirs"


@pytest.mark.parametrize("reason", ["", " \u3000\n", None])
async def test_no_operation_on_keys_begins_without_a_reason(office, reason):
    chat = await Chat.make(office)
    first, _second = await both(office)
    given = {} if reason is None else {"reason": reason}
    for path, body in (
        ("backup", {}),
        ("restore", {"backup": "AAAA", "share": "ZDS1"}),
        ("keys/export", {"conversation_id": chat.group, "epoch": 1}),
        ("keys/import", {"file": "AAAA", "share": "ZDS1"}),
        ("destruction", {"scope": "conversation", "target": chat.group}),
    ):
        answer = await first.post(f"/security/{path}", json=body | given)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), path
        assert answer.json()["message"].endswith("。"), path
        if reason is not None:
            assert answer.json()["message"] == "请写明原因。", path
    assert await office.rows(key_requests) == []
    # A reason is kept without the blanks around it; looking at what would be destroyed needs none.
    asked = await good(await first.post("/security/backup", json={"reason": " 月度 \n"}))
    assert asked["reason"] == "月度"
    preview = {"scope": "conversation", "target": chat.group}
    assert (await first.post("/security/destruction/preview", json=preview)).status_code == 200


async def test_members_hear_of_a_destruction_live_and_in_the_next_sync(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    position = (await good(await chat.member.http.get("/sync?after=0")))["next"]
    wire = await office.wire()
    wire.send(Hello(access_token=chat.member.access_token, protocol=PROTOCOL))
    await wire.take(Welcome)
    await confirmed(first, second, "destruction", {"scope": "conversation", "target": chat.group})
    live = await wire.take(EventFrame, where=lambda frame: isinstance(frame.event, ConversationEvent))
    assert live.event.conversation.destroyed_epoch == 1
    page = await good(await chat.member.http.get(f"/sync?after={position}"))
    told = [e["conversation"] for e in page["events"] if e["type"] == "conversation"]
    assert [(one["id"], one["destroyed_epoch"]) for one in told] == [(chat.group, 1)]


async def test_a_persons_keys_are_those_of_his_single_chats_and_his_groups_get_new_ones(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    target = office.staff["fengxue"].id
    wanted = {"scope": "person", "target": target}
    preview = await good(await first.post("/security/destruction/preview", json=wanted))
    assert (preview["name"], preview["conversations"], preview["groups_rotated"]) == ("冯雪", 1, 1)
    done = await confirmed(first, second, "destruction", wanted)
    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2)
    assert (await chat.keys(chat.single))[1] is None
    group = await chat.keys(chat.group)
    assert set(group) == {1, 2}
    assert None not in group.values()


async def test_all_keys_go_with_the_keys_above_them(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    backup_of_rows = {
        (row.conversation_no, row.epoch): bytes(row.wrapped_key) for row in await office.rows(epochs)
    }
    done = await confirmed(first, second, "destruction", {"scope": "all"})
    assert done["state"] == "done"
    for conversation in (chat.group, chat.single):
        assert (await chat.keys(conversation))[1] is None
        await chat.send(conversation)
    overview = await good(await first.get("/security/keys"))
    assert [kek["state"] for kek in overview["keks"]] == ["destroyed", "active"]
    # A copy of the database from before brings nothing back.
    for (number, epoch), blob in backup_of_rows.items():
        await office.server.database.write(
            lambda connection, number=number, epoch=epoch, blob=blob: (
                connection.execute(
                    update(epochs)
                    .where(epochs.c.conversation_no == number, epochs.c.epoch == epoch)
                    .values(wrapped_key=blob)
                )
                and None
            )
        )
    assert (await chat.keys(chat.group))[1] is None


async def test_bad_destructions_are_refused_before_they_begin(office):
    first, _ = await both(office)
    for body, status in (
        ({"scope": "conversation", "target": uuid7()}, 404),
        ({"scope": "person", "target": uuid7()}, 404),
        ({"scope": "everything"}, 400),
        ({"scope": "all", "target": "x"}, 400),
        ({"scope": "person"}, 400),
    ):
        assert (
            await first.post("/security/destruction", json=body | {"reason": "年度演练"})
        ).status_code == status, body
    assert (await good(await first.get("/security/requests"))) == {"requests": []}


async def test_only_one_of_two_confirmations_at_once_does_the_work(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    await office.add_staff("第三管理员", "admin3", "12000000011", [("绿城市", "管理员")], is_admin=True)
    third = (await office.sign_in("admin3")).http
    wanted = {"scope": "conversation", "target": chat.group, "reason": "年度演练"}
    asked = await good(await first.post("/security/destruction", json=wanted))
    path = f"/security/requests/{asked['id']}/confirm"
    answers = await asyncio.gather(second.post(path, json={}), third.post(path, json={}))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert set(await chat.keys(chat.group)) == {1, 2}


async def test_a_request_can_be_taken_back_and_grows_stale(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    wanted = {"scope": "conversation", "target": chat.group, "reason": "年度演练"}
    asked = await good(await first.post("/security/destruction", json=wanted))
    gone = await good(await second.post(f"/security/requests/{asked['id']}/cancel"))
    assert gone["state"] == "cancelled"
    assert (await second.post(f"/security/requests/{asked['id']}/confirm", json={})).status_code == 409
    stale = await good(await first.post("/security/destruction", json=wanted))
    await office.server.database.write(
        lambda connection: (
            connection.execute(
                update(key_requests)
                .where(key_requests.c.id == stale["id"])
                .values(created_at=stale["created_at"] - 31 * 60 * 1000)
            )
            and None
        )
    )
    assert (await second.post(f"/security/requests/{stale['id']}/confirm", json={})).status_code == 409
    assert (await good(await first.get(f"/security/requests/{stale['id']}")))["state"] == "expired"
    assert (await chat.keys(chat.group))[1]


@pytest.mark.clause("3.3.4")
async def test_rotation_moves_keys_and_keeps_what_they_open(office):
    chat = await Chat.make(office)
    first, _ = await both(office)
    before = await chat.keys(chat.group)
    overview = await good(await first.post("/security/rotation/now", json={"purpose": "conversation"}))
    old, new = overview["keks"]
    assert (old["state"], old.get("keys", 0), new["state"], new["keys"]) == ("archived", 0, "active", 2)
    assert old["retired_at"]
    assert old["archived_at"]
    assert await chat.keys(chat.group) == before
    assert (await first.post("/security/rotation/now", json={"purpose": "x"})).status_code == 400


async def test_conversations_get_new_keys_by_time_and_by_count(office):
    chat = await Chat.make(office)
    first, _ = await both(office)
    keeping = office.server.key_management.keeping
    policy = {"kek_days": 0, "conversation_days": 0, "conversation_messages": 2}
    assert await good(await first.put("/security/rotation", json=policy)) == policy
    assert await good(await first.get("/security/rotation")) == policy
    assert await keeping.rotate_due() == (0, 1), "the group has two messages, the single chat one"
    assert set(await chat.keys(chat.group)) == {1, 2}
    assert await keeping.rotate_due() == (0, 0)
    await chat.send(chat.group)
    await chat.send(chat.group)
    assert await keeping.rotate_due() == (0, 1)
    policy |= {"conversation_messages": 0, "conversation_days": 30, "kek_days": 30}
    await good(await first.put("/security/rotation", json=policy))
    assert await keeping.rotate_due() == (0, 0)
    keeping._clock = lambda: __import__("time").time() + 31 * 86_400
    assert await keeping.rotate_due() == (1, 2)
    bad = await first.put("/security/rotation", json=policy | {"kek_days": -1})
    assert bad.status_code == 400
    page = await good(await first.get("/security/keys/working?limit=2"))
    rows = page["keys"]
    while page.get("next"):
        page = await good(await first.get(f"/security/keys/working?limit=2&after={page['next']}"))
        rows += page["keys"]
    states = sorted((row["conversation_id"] == chat.group, row["epoch"], row["state"]) for row in rows)
    assert states == [
        (False, 1, "retired"),
        (False, 2, "active"),
        (True, 1, "retired"),
        (True, 2, "retired"),
        (True, 3, "retired"),
        (True, 4, "active"),
    ]


async def test_a_removed_member_starts_a_new_epoch(office):
    chat = await Chat.make(office)
    gone = office.staff["fengxue"].id
    await good(await chat.owner.http.post(f"/conversations/{chat.group}/members", json={"remove": [gone]}))
    assert set(await chat.keys(chat.group, chat.owner)) == {1, 2}
    assert set(await chat.keys(chat.group, chat.member)) == {1}


@pytest.mark.clause("3.3.4")
async def test_a_backup_of_two_shares_restores_the_keys_on_another_machine(tmp_path):
    async with two_admins(tmp_path / "a") as office:
        chat = await Chat.make(office)
        clear = await chat.keys(chat.group)
        first, second = await both(office)
        done = await confirmed(first, second, "backup", {"reason": "月度"})
        # Those of both chats, and of the notices to the second administrator.
        assert (done["state"], done["done"], done["total"]) == ("done", 3, 3)
        path = f"/security/requests/{done['id']}"
        shares = [(await good(await http.post(f"{path}/share")))["share"] for http in (first, second)]
        assert len(set(shares)) == 2
        assert (await first.post(f"{path}/share")).status_code == 404, "a share is given once"
        data = (await second.get(f"{path}/backup")).content
        assert data.startswith(MAGIC)
        kept = await office.rows(key_requests)
        assert all(share.split("-")[4] not in str(kept) for share in shares)
        device = chat.member.device
    # Another machine: the database came over, the HSM did not.
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.rmtree(tmp_path / "b" / "hsm")
    (tmp_path / "b" / "keys" / "hsm-master.key").unlink()
    async with running_office(tmp_path / "b", empty=True) as office:
        member = await office.sign_in("fengxue", device=device)
        chat = Chat(office, member, member)
        mine = (await member.http.get("/conversations")).json()["conversations"]
        chat_id = next(one["id"] for one in mine if one["kind"] == "group")
        assert await chat.keys(chat_id) == {}, "not destroyed: only not readable here"
        first, second = await both(office)
        body = {"backup": base64.b64encode(data).decode(), "share": shares[0]}
        refused = await confirmed(first, second, "restore", body, shares[0])
        assert (refused["state"], refused["error"]) == ("failed", "需要 2 份不同的密钥分量。")
        done = await confirmed(first, second, "restore", body, shares[1])
        assert done["state"] == "done", done
        assert done["done"] == done["total"] == 4
        assert await chat.keys(chat_id) == clear
        verdict = await good(await first.post("/security/audit/verify"))
        assert verdict["good"], verdict


@pytest.mark.clause("3.3.4")
async def test_a_single_key_leaves_and_comes_back_only_by_two_administrators_with_a_share_each(tmp_path):
    async with two_admins(tmp_path / "a") as office:
        chat = await Chat.make(office)
        clear = await chat.keys(chat.group)
        first, second = await both(office)
        wanted = {"conversation_id": chat.group, "epoch": 1, "reason": "司法调取"}
        assert (await first.post("/security/keys/export", json={**wanted, "epoch": 9})).status_code == 404
        asked = await good(await first.post("/security/keys/export", json=wanted))
        assert (asked["preview"]["name"], asked["preview"]["scope"]) == ("值班群", "key")
        path = f"/security/requests/{asked['id']}"
        assert (await first.post(f"{path}/confirm", json={})).status_code == 403, "never by one alone"
        assert (await first.get(f"{path}/backup")).status_code == 404
        done = await good(await second.post(f"{path}/confirm", json={}))
        assert done["state"] == "done", done
        shares = [(await good(await http.post(f"{path}/share")))["share"] for http in (first, second)]
        file = (await first.get(f"{path}/backup")).content
        assert file.startswith(single_key.MAGIC)
        assert clear[1] is not None
        assert clear[1] not in file
        # Here the key is in use: bringing it in again changes nothing.
        body = {"file": base64.b64encode(file).decode(), "share": shares[0]}
        again = await confirmed(first, second, "keys/import", body, shares[1])
        assert again["state"] == "failed"
        assert "已在使用" in again["error"]
        device = chat.member.device
        kinds = [line["kind"] for line in (await good(await first.get("/security/audit")))["lines"]]
        assert {"export_asked", "export_done", "export_downloaded", "share_taken", "import_failed"} <= set(
            kinds
        )
    # Another machine with the database and without the device: only this one key comes back.
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.rmtree(tmp_path / "b" / "hsm")
    (tmp_path / "b" / "keys" / "hsm-master.key").unlink()
    async with running_office(tmp_path / "b", empty=True) as office:
        member = await office.sign_in("fengxue", device=device)
        there = Chat(office, member, member)
        first, second = await both(office)
        assert await there.keys(chat.group) == {}
        for share, words in ((shares[0], "需要 2 份"), ("ZDS1-FALSCH", "填写有误")):
            failed = await confirmed(first, second, "keys/import", body, share)
            assert words in failed["error"]
        changed = bytearray(file)
        changed[-1] ^= 1
        torn = body | {"file": base64.b64encode(bytes(changed)).decode()}
        assert "已损坏" in (await confirmed(first, second, "keys/import", torn, shares[1]))["error"]
        done = await confirmed(first, second, "keys/import", body, shares[1])
        assert done["state"] == "done", done
        assert await there.keys(chat.group) == clear
        # The others are of a device that is not here: not destroyed, only left out until they are brought as well.
        assert await there.keys(chat.single) == {}
        # Once destroyed it does not come back.
        await confirmed(first, second, "destruction", {"scope": "conversation", "target": chat.group})
        assert (await confirmed(first, second, "keys/import", body, shares[1]))["state"] == "failed"
        assert (await there.keys(chat.group))[1] is None


@pytest.mark.clause("3.3.4")
async def test_the_log_names_who_did_what_and_shows_every_change_to_it(office):
    chat = await Chat.make(office)
    first, second = await both(office)
    await confirmed(
        first, second, "destruction", {"scope": "conversation", "target": chat.group, "reason": "=1+1"}
    )
    await first.post("/security/rotation/now", json={})
    page = await good(await first.get("/security/audit?limit=2"))
    assert [line["kind"] for line in page["lines"]] == ["rotate_kek", "destroy_done"]
    assert page["more"]
    line = page["lines"][1]
    assert (line["actor_name"], line["second_name"], line["signed"]) == ("系统管理员", "第二管理员", True)
    assert line["target"] == f"conversation {chat.group}"
    only = await good(await first.get("/security/audit?kind=destroy_asked"))
    assert [one["result"] for one in only["lines"]] == ["=1+1"]
    table = (await first.get("/security/audit/export")).text
    assert "系统管理员" in table
    assert "'=1+1" in table, "a spreadsheet must not compute what an administrator wrote"
    assert await good(await first.post("/security/audit/verify")) == {"good": True, "lines": 4, "signed": 4}

    async def change(statement):
        await office.server.database.write(lambda connection: connection.execute(statement) and None)

    async def verdict():
        found = await good(await first.post("/security/audit/verify"))
        return found["good"], found.get("broken_at"), found.get("why")

    kept = (await office.rows(key_audit, key_audit.c.seq == 2))[0]
    await change(update(key_audit).where(key_audit.c.seq == 2).values(actor=kept.second))
    assert await verdict() == (False, 2, "记录被更改")
    await change(update(key_audit).where(key_audit.c.seq == 2).values(actor=kept.actor))
    assert await verdict() == (True, None, None)
    await change(update(key_audit).where(key_audit.c.seq == 3).values(signature=b"s" * 64))
    assert await verdict() == (False, 3, "签名不是本加密机的")
    await change(delete(key_audit).where(key_audit.c.seq == 2))
    assert await verdict() == (False, 2, "有记录被删除")
    await change(delete(key_audit))
    assert await verdict() == (False, 1, "末尾的记录缺失")


async def test_devices_and_algorithms_are_shown(office):
    first, _ = await both(office)
    found = await good(await first.get("/security/devices"))
    assert found["devices"][0]["up"]
    assert found["devices"][0]["name"] == "SoftHsm"
    assert {"SM2", "SM3", "SM4"} <= set(found["checks"])
    assert found.get("failures", []) == []
    rows = (await good(await first.get("/security/algorithms")))["backends"]
    assert {row["role"] for row in rows} == {"SM2", "SM3", "SM4"}
    for role in ("SM2", "SM3", "SM4"):
        used = [row for row in rows if row["role"] == role and row.get("used")]
        assert len(used) == 1
        assert used[0]["passed"]
        assert used[0]["speed"] > 0


async def test_only_administrators_come_near(office):
    member = (await office.sign_in("fengxue")).http
    paths = [one for one in office.server.endpoints if one.path.startswith("/api/v1/security")]
    assert len(paths) >= 20
    for one in paths:
        path = one.path.removeprefix("/api/v1").replace("{id}", uuid7())
        assert (await member.request(one.method, path, json={})).status_code == 403, path
        assert (await office.client().request(one.method, path, json={})).status_code == 401, path


@pytest.mark.clause("3.3.4")
async def test_a_server_on_two_devices_serves_while_one_is_away(tmp_path):
    async with two_admins(tmp_path, hsm_twins=1) as office:
        chat = await Chat.make(office)
        clear = await chat.keys(chat.group)
        first, _ = await both(office)
        assert [one["up"] for one in (await good(await first.get("/security/devices")))["devices"]] == [
            True
        ] * 2
        (tmp_path / "hsm").rename(tmp_path / "gone")
        for _ in range(3):
            assert await chat.keys(chat.group) == clear
        shown = await good(await first.get("/security/devices"))
        assert [one["up"] for one in shown["devices"]] == [False, True]
        assert shown["devices"][0]["reason"] == "加密运算模块无响应"
        assert shown["failures"] == ["device 1"]
        await chat.send(chat.group)
        (tmp_path / "gone").rename(tmp_path / "hsm")
        assert await asyncio.to_thread(office.server.hsm.wait_for, 2, 20)
        assert await chat.keys(chat.group) == clear
