"""Secret chat on the server: permission, list, keys, burning by absolute time, levels, retention, lawful access."""

from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import pytest
from bed.office import Office, running_office
from bed.pages import plain_pages
from bed.secret import Talker, allow_everyone, talkers

from server_stub.contract.events import SecretEvent
from server_stub.contract.frames import EventFrame, Hello, Welcome
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import SecretFile, SecretText, decode_secret
from server_stub.contract.sm.sealed import open_envelope, open_message
from server_stub.features.secret.ports import KeyGone, Wrapped
from server_stub.features.secret.tables import (
    secret_keys,
    secret_messages,
    secret_parts,
    secret_retained,
)
from server_stub.hsm.master import FileMaster

LONG = 60.0


@pytest.fixture(params=["sqlcipher", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL for the server's settings; empty for the embedded database."""
    return "" if request.param == "sqlcipher" else request.getfixturevalue("fresh_postgres")(driver="")


@pytest.fixture
async def office(tmp_path: Path, database: str):
    async with running_office(tmp_path, database=database) as running:
        yield running


@pytest.fixture
async def embedded(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


@pytest.mark.clause("E145", "E161")
async def test_secret_chat_is_no_way_around_leaders_and_blacklists(office: Office) -> None:
    admin = await allow_everyone(office)
    one, two = await talkers(office)
    await one.send("看得见")
    # 王建国 becomes a leader whom only those with the permission may write to.
    card = (await admin.http.get(f"/admin/directory/people/{one.me}")).json()
    changed = await admin.http.patch(
        f"/admin/directory/people/{one.me}", json={"version": card["person"]["version"], "vip": True}
    )
    assert changed.status_code == 200, changed.text
    words = "对方是 VIP 领导，您没有联系的权限。"
    begun = await two.begin(uuid7())
    assert (begun.status_code, begun.json()["detail"], begun.json()["message"]) == (403, "contact", words)
    other = (await office.sign_in("liqiang")).http
    assert (await other.get(f"/secret/with/{one.me}")).json() == {"allowed": False}
    opened = await other.post("/secret/chats", json={"person_id": one.me})
    assert (opened.status_code, opened.json()["message"]) == (403, words)
    assert not await office.rows(secret_keys, secret_keys.c.sender_id == two.me)
    # The leader writes to whom he will, and what he wrote is read.
    await one.send("收到请阅")
    assert len(await two.rows()) == 1
    given = {"subject": "person", "subject_id": two.me, "allow": True}
    await admin.http.post("/admin/features/contact_leaders", json={"changes": [given]})
    await two.send("可以回复了")
    # Whoever has one on the blacklist is not written to secretly either.
    await one.http.put("/me/relations", json={"person_id": two.me, "kind": "blocked", "on": True})
    refused = await two.begin(uuid7())
    assert (refused.status_code, refused.json()["message"]) == (403, "消息已被对方拒收。")


async def listen(office: Office, talker: Talker):
    wire = await office.wire()
    wire.send(Hello(access_token=talker.session.access_token))
    await wire.take(Welcome)
    return wire


async def told(wire) -> str:
    frame = await wire.take(EventFrame, LONG, where=lambda one: isinstance(one.event, SecretEvent))
    return frame.event.chat_id


async def policy(admin, **changes: Any) -> None:
    now = (await admin.http.get("/admin/secret/policy")).json()
    answer = await admin.http.put("/admin/secret/policy", json={**now, **changes})
    assert answer.status_code == 200, answer.text


@pytest.mark.clause("3.1.1.1", "3.1.1.2", "3.1.1.4", "3.1.1.10")
async def test_both_need_the_permission_and_the_list_tells_nothing_of_the_content(office: Office) -> None:
    wang, feng = await office.sign_in("wangjianguo"), await office.sign_in("fengxue")
    feng_id = office.staff["fengxue"].id
    answer = await wang.http.post("/secret/chats", json={"person_id": feng_id})
    assert (answer.status_code, answer.json()["detail"]) == (403, "self")
    admin = await allow_everyone(office)
    assert (await wang.http.get(f"/secret/with/{feng_id}")).json() == {"allowed": True}
    one, two = await talkers(office)
    await one.send("机密内容甲")
    (row,) = await two.rows()
    assert row["peer_name"] == "王建国"
    assert (row["unread"], row.get("last_own", False)) == (1, False)
    assert row["last_at"] > 0
    assert set(row) <= {
        "id",
        "peer_id",
        "peer_name",
        "level",
        "burn_s",
        "last_at",
        "last_own",
        "last_read",
        "unread",
    }
    (mine,) = await one.rows()
    assert (mine["last_own"], mine.get("last_read", False)) == (True, False)
    await two.open(1)
    assert (await one.rows())[0]["last_read"] is True

    # The other side loses the permission: the page is refused with the words that the dialog shows.
    grant = {"changes": [{"subject": "person", "subject_id": feng_id, "allow": False}]}
    await admin.http.post("/admin/features/secret_chat", json=grant)
    answer = await one.page()
    assert (answer.status_code, answer.json()["detail"]) == (403, "peer")
    assert answer.json()["message"] == "该用户无密聊权限"
    assert (await one.http.get(f"/secret/with/{feng_id}")).json() == {"allowed": False}
    assert (await one.begin(uuid7())).status_code == 403
    assert (await one.http.post(f"/secret/chats/{one.chat_id}/hide")).status_code == 204
    assert await one.rows() == []
    # Switched off for all: nothing is left for anybody, and clients hear of it.
    await admin.http.post(
        "/admin/features/secret_chat",
        json={"changes": [{"subject": "person", "subject_id": feng_id, "allow": None}]},
    )
    assert (await feng.http.get("/features")).json()["features"] == ["secret_chat"]
    await policy(admin, enabled=False)
    assert (await feng.http.get("/features")).json()["features"] == []
    assert (await two.http.get("/secret")).status_code == 403
    await policy(admin, enabled=True)
    assert len(await two.rows()) == 1


@pytest.mark.clause("3.1.1.5", "3.1.1.3")
async def test_a_message_burns_at_an_absolute_time_from_its_first_opening_on_every_device(
    office: Office,
) -> None:
    admin = await allow_everyone(office)
    await policy(admin, burn_s=5)
    one, two = await talkers(office)
    second = Talker(office, await office.sign_in("fengxue"), two.me, two.chat_id)
    at_sender = await listen(office, one)
    sent = await one.send("请阅后销毁")
    assert sent["seq"] == 1
    # The sender reading his own message starts nothing; before it is opened no part or body is handed out.
    message, content, _ = await one.open(1)
    assert content == SecretText(text="请阅后销毁")
    assert message.get("burn_at", 0) == 0
    before = time.time() * 1000
    message, content, _ = await two.open(1)
    assert content == SecretText(text="请阅后销毁")
    assert 5000 <= message["burn_at"] - before <= 5000 + (time.time() * 1000 - before)
    # Another device opens later: the end stays where it was.
    again, *_ = await second.open(1)
    assert again["burn_at"] == message["burn_at"]
    while True:
        assert await told(at_sender) == one.chat_id
        if not await one.seqs():
            break
    assert time.time() * 1000 >= message["burn_at"]
    for talker in (one, two, second):
        answer = await talker.try_open(1)
        assert (answer.status_code, answer.json()["code"]) == (410, "gone")
        assert await talker.seqs() == []
    assert await office.rows(secret_messages) == []
    assert await office.rows(secret_retained) == []


@pytest.mark.clause("3.1.1.3")
async def test_clearing_burns_everything_and_removing_a_row_nothing(office: Office) -> None:
    await allow_everyone(office)
    one, two = await talkers(office)
    await one.send("甲")
    await two.send("乙")
    await two.open(1)
    await one.http.post(f"/secret/chats/{one.chat_id}/hide")
    assert await one.rows() == []
    assert len(await two.rows()) == 1
    assert await one.seqs() == [1, 2]
    # A new message brings the row back.
    await two.send("丙")
    assert len(await one.rows()) == 1
    assert (await one.http.post(f"/secret/chats/{one.chat_id}/clear")).status_code == 204
    assert (await one.seqs(), await two.seqs()) == ([], [])
    assert await office.rows(secret_messages) == [] == await office.rows(secret_parts)


async def test_files_go_in_sealed_parts_and_burn_with_their_message(embedded: Office) -> None:
    office = embedded
    await allow_everyone(office)
    one, two = await talkers(office)
    data = bytes(range(256)) * 4096 + b"tail"
    parts = [data[: 1024 * 1024], data[1024 * 1024 :]]
    sent = await one.send(SecretFile(name="名单.pdf", size=len(data)), parts)
    path = f"/secret/chats/{two.chat_id}/parts/{sent['client_id']}/0"
    assert (await two.http.get(path)).status_code == 403
    _, content, got = await two.open(1)
    assert content == SecretFile(name="名单.pdf", size=len(data))
    assert got == data
    stored = await office.rows(secret_parts)
    assert len(stored) == 2
    assert not any(data[100:400] in bytes(row.data) for row in stored)
    await one.http.post(f"/secret/chats/{one.chat_id}/clear")
    assert (await two.http.get(path)).status_code == 410
    assert await office.rows(secret_parts) == []


@pytest.mark.clause("3.1.1.9")
async def test_levels_ask_for_protection_at_both_ends_and_say_why_not(embedded: Office) -> None:
    office = embedded
    await allow_everyone(office)
    one, two = await talkers(office)
    changed = await one.http.patch(f"/secret/chats/{one.chat_id}", json={"level": "highest", "burn_s": 60})
    assert (changed.json()["level"], changed.json()["burn_s"]) == ("highest", 60)

    async def refused(talker: Talker) -> str:
        answer = await talker.begin(uuid7())
        assert answer.status_code == 403
        return answer.json()["message"]

    assert "对方设备尚未上报" in await refused(one)
    await two.report("detecting")
    assert "对方设备未达到" in await refused(one)
    await two.report("excluded")
    devices = (await one.page()).json()["devices"]
    assert devices[0]["shielding"] == {
        "protection": "excluded",
        "words": "Windows 防截屏",
        "excepted_until": 0,
    }
    one.protection = "detecting"
    assert "本机具备防截屏" in await refused(one)
    one.protection = "requested"
    await one.send("最高")
    # A device that signed out says nothing any more.
    other = Talker(office, await office.sign_in("fengxue"), two.me, two.chat_id)
    await other.report("blacked")
    assert len((await one.page()).json()["devices"]) == 2
    await other.http.post("/auth/sign-out")
    assert len((await one.page()).json()["devices"]) == 1
    # Whoever comes with a weaker device cannot read, and the timer does not start.
    two.protection = "detecting"
    answer = await two.try_open(1)
    assert (answer.status_code, answer.json()["detail"]) == (403, "own protection")
    assert (await office.rows(secret_messages))[0].burn_at == 0
    two.protection = "blacked"
    await two.open(1)
    bad = await one.http.patch(f"/secret/chats/{one.chat_id}", json={"burn_s": 2})
    assert bad.status_code == 400


@pytest.mark.clause("3.1.1.8")
async def test_captures_and_exceptions_are_told_to_the_other_side_and_to_administrators(
    embedded: Office,
) -> None:
    office = embedded
    admin = await allow_everyone(office)
    one, two = await talkers(office)
    wire = await listen(office, one)
    report = {
        "id": uuid7(),
        "chat_id": two.chat_id,
        "words": "录屏软件 ffmpeg",
        "at": int(time.time() * 1000),
    }
    assert (await two.http.post("/secret/captures", json=report)).status_code == 204
    assert await told(wire) == one.chat_id
    (seen,) = (await one.page()).json()["incidents"]
    assert (seen["kind"], seen["words"]) == ("capture", "录屏软件 ffmpeg")
    await two.http.post("/secret/captures", json={**report, "ended_at": report["at"] + 900})
    lease = {"id": uuid7(), "why": "读屏软件", "at": report["at"], "until": report["at"] + 600_000}
    assert (await two.http.post("/secret/leases", json=lease)).status_code == 204
    await two.http.put(
        "/secret/device", json={"protection": "excluded", "words": "", "excepted_until": lease["until"]}
    )
    page = (await one.page()).json()
    assert page["devices"][0]["shielding"]["protection"] == "none"
    assert [one["kind"] for one in page["incidents"]] == ["capture", "lease"]
    listed = (await admin.http.get("/admin/secret/incidents")).json()["incidents"]
    assert {(one["kind"], one["name"]) for one in listed} == {("capture", "冯雪"), ("lease", "冯雪")}
    assert [result for *_, result in await office.audited("secret_capture")] == ["begun", "ended"]
    # Nobody ends what is somebody else's, and no exception lasts longer than an hour.
    assert (await one.http.post("/secret/captures", json=report)).status_code == 409
    long = {**lease, "id": uuid7(), "until": lease["at"] + 7_200_000}
    assert (await two.http.post("/secret/leases", json=long)).status_code == 400


@pytest.mark.clause("3.1.1.11")
async def test_sealed_copies_are_kept_as_long_as_the_policy_says_and_then_deleted(embedded: Office) -> None:
    office = embedded
    admin = await allow_everyone(office)
    one, two = await talkers(office)
    await policy(admin, retention_s=86_400)
    await one.send(SecretFile(name="a.pdf", size=3), [b"abc"])
    await two.open(1)
    await one.http.post(f"/secret/chats/{one.chat_id}/clear")
    # Nobody of the two reaches it any more, but the sealed copy lies there.
    assert await two.seqs() == []
    (kept,) = await office.rows(secret_retained)
    assert kept.keep_until == kept.sent_at + 86_400_000
    assert len(await office.rows(secret_parts)) == 1
    # Shorter: what is past it goes at once, with its key and parts. Longer again does not bring it back.
    await policy(admin, retention_s=0)
    await office.server.secret.reaper.sweep()
    assert await office.rows(secret_retained) == [] == await office.rows(secret_parts)
    bad = await admin.http.put("/admin/secret/policy", json={"retention_s": 60})
    assert bad.status_code == 400
    # What nobody opened is deleted too when its time is over.
    await policy(admin, retention_s=3600)
    await one.send("没有人看")
    reaper = office.server.secret.reaper
    real, reaper._clock = reaper._clock, lambda: time.time() + 3601
    await reaper.sweep()
    reaper._clock = real
    assert await office.rows(secret_messages) == [] == await office.rows(secret_retained)


@pytest.mark.clause("3.1.1.11")
async def test_lawful_access_takes_two_administrators_and_is_in_the_trail(embedded: Office) -> None:
    office = embedded
    admin = await allow_everyone(office)
    await office.add_staff("第二管理员", "admin2", "12000000041", [("绿城市", "管理员")], is_admin=True)
    second = await office.sign_in("admin2")
    one, two = await talkers(office)
    await policy(admin, retention_s=86_400)
    await one.send("留底内容")
    await two.open(1)
    await one.http.post(f"/secret/chats/{one.chat_id}/clear")
    asked = {
        "person_id": one.me,
        "other_id": two.me,
        "from_ms": 0,
        "to_ms": int(time.time() * 1000) + 60_000,
        "reason": "依法调取，公文 2026-11 号",
    }
    case = (await admin.http.post("/admin/secret/cases", json=asked)).json()
    records = f"/admin/secret/cases/{case['id']}/records"
    assert (await admin.http.get(records)).status_code == 403
    assert (await admin.http.post(f"/admin/secret/cases/{case['id']}/confirm")).status_code == 403
    granted = await second.http.post(f"/admin/secret/cases/{case['id']}/confirm")
    assert (granted.json()["state"], granted.json()["confirmed_name"]) == ("granted", "第二管理员")
    assert (await second.http.post(f"/admin/secret/cases/{case['id']}/confirm")).status_code == 409
    assert (await second.http.get(records)).status_code == 403
    (kept,) = (await admin.http.get(records)).json()["messages"]
    alg = office.server.algorithms
    key = open_envelope(
        alg,
        admin.device.pair.private,
        conversation_id=kept["client_id"],
        epoch=1,
        envelope=base64.b64decode(kept["envelope"]),
    )
    plain = open_message(
        alg,
        lambda _epoch: key,
        conversation_id=kept["chat_id"],
        sender_id=kept["sender_id"],
        client_id=kept["client_id"],
        sealed=base64.b64decode(kept["body"]),
    )
    assert decode_secret(plain) == SecretText(text="留底内容")
    trail = [
        (kind, await office.audited(kind))
        for kind in ("secret_access_asked", "secret_access_confirmed", "secret_access_read")
    ]
    assert [(lines[0][0], lines[0][1]) for _, lines in trail] == [
        (office.staff["admin"].id, case["id"]),
        (office.staff["admin2"].id, case["id"]),
        (office.staff["admin"].id, case["id"]),
    ]
    nameless = await admin.http.post("/admin/secret/cases", json={**asked, "reason": " "})
    assert nameless.status_code == 400


async def test_sending_again_is_harmless_and_strangers_get_nothing(embedded: Office) -> None:
    office = embedded
    await allow_everyone(office)
    one, two = await talkers(office)
    sent = await one.send("一次")
    again = await one.http.post(
        f"/secret/chats/{one.chat_id}/messages", json={"client_id": sent["client_id"], "body": "AAAA"}
    )
    assert again.json() == sent
    assert await two.seqs() == [1]
    assert (await one.begin(sent["client_id"])).status_code == 409
    li = Talker(office, await office.sign_in("liqiang"), office.staff["liqiang"].id, one.chat_id)
    for answer in (await li.page(), await li.try_open(1), await li.begin(uuid7())):
        assert answer.status_code == 404
    assert (await one.http.post("/secret/chats", json={"person_id": one.me})).status_code == 400


async def test_after_burning_the_database_holds_neither_body_nor_key_and_old_backups_do_not_open(
    embedded: Office, tmp_path: Path
) -> None:
    """Free pages, the log and an old copy: the facts of peers that leak there (SQLite free pages and WAL)."""
    office = embedded
    await allow_everyone(office)
    one, two = await talkers(office)
    await one.send("库里什么也不该剩下", None)
    (row,) = await office.rows(secret_messages)
    body, wrapped = bytes(row.body), bytes(row.wrapped)
    assert any(body in page for page in _plain_pages(office))
    await two.open(1)
    await one.http.post(f"/secret/chats/{one.chat_id}/clear")
    await office.server.secret.reaper.sweep()
    await office.server.database.overwrite_log()
    for page in _plain_pages(office):
        assert body not in page
        assert wrapped not in page
        assert body[20:52] not in page
    # The key-encryption key goes too, once nothing needs it: a copy of the database from before opens nothing.
    reaper = office.server.secret.reaper
    real, reaper._clock = reaper._clock, lambda: time.time() + 3 * 86_400
    await reaper.retire_keys()
    destroyed = await reaper.retire_keys()
    reaper._clock = real
    assert row.kek_id in destroyed
    with pytest.raises(KeyGone):
        reaper._keys.envelope(
            Wrapped(wrapped, row.kek_id),
            client_id=row.client_id,
            device_public=one.session.device.pair.public,
        )
    # New messages get a key under the new one.
    await one.send("还能发")
    assert (await two.open(2))[1] == SecretText(text="还能发")


def _plain_pages(office: Office) -> list[bytes]:
    """Every page of the database and its log, decrypted as one does who has the key; free pages too."""
    folder = office.server.settings.data
    return plain_pages(
        folder / "server.db", FileMaster(folder / "keys" / "database.key").obtain(salt=b"", create=False)
    )


async def test_a_key_that_was_begun_and_never_used_is_deleted(embedded: Office) -> None:
    office = embedded
    await allow_everyone(office)
    one, _two = await talkers(office)
    assert (await one.begin(uuid7())).status_code == 200
    reaper = office.server.secret.reaper
    await reaper.sweep()
    assert len(await office.rows(secret_keys)) == 1
    real, reaper._clock = reaper._clock, lambda: time.time() + 601
    await reaper.sweep()
    reaper._clock = real
    assert await office.rows(secret_keys) == []


async def test_what_became_due_while_the_server_was_down_burns_before_it_serves(tmp_path: Path) -> None:
    async with running_office(tmp_path) as office:
        admin = await allow_everyone(office)
        await policy(admin, burn_s=5)
        one, two = await talkers(office)
        await one.send("停机期间到期")
        message, *_ = await two.open(1)
        await office.server.secret.close()
    await asyncio.sleep(max(0.0, message["burn_at"] / 1000 - time.time() + 0.05))
    async with running_office(tmp_path, empty=True) as office:
        assert await office.rows(secret_messages) == []
