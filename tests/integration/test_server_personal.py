"""What belongs to one account: values, relations, status, picture; leaders and blacklists on the whole server."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from bed.office import Office, SignedInAs, running_office

from server_stub.contract.events import PersonalEvent, PersonEvent, RelationEvent, StatusEvent
from server_stub.contract.frames import EventFrame, Hello, Watch, Welcome
from server_stub.contract.ids import uuid7

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


async def ok(who: SignedInAs, method: str, path: str, **more: Any) -> Any:
    answer = await who.http.request(method, path, **more)
    assert answer.status_code in (200, 204), (path, answer.text)
    return answer.json() if answer.content else None


async def wire_of(office: Office, who: SignedInAs):
    wire = await office.wire()
    wire.send(Hello(access_token=who.access_token))
    await wire.take(Welcome)
    return wire


@pytest.mark.clause("E066", "E068", "E070", "E155")
async def test_an_arrangement_is_the_same_on_all_devices_and_nobody_elses(office: Office) -> None:
    feng, li = await office.sign_in("fengxue"), await office.sign_in("liqiang")
    second = await office.sign_in("fengxue")
    wire = await wire_of(office, second)
    folder = json.dumps({"title": "防汛", "order": 1, "members": [uuid7()]}, ensure_ascii=False)
    put = await ok(feng, "PUT", "/me/items", json={"name": "folder/1", "value": folder})
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, PersonalEvent))
    assert told.event.item.value == folder
    await ok(feng, "PUT", "/me/items", json={"name": "focus", "value": "true"})
    assert [one["name"] for one in (await ok(second, "GET", "/me/items"))["items"]] == ["focus", "folder/1"]
    assert (await ok(li, "GET", "/me/items"))["items"] == []
    await ok(feng, "PUT", "/me/items", json={"name": "folder/1", "value": ""})
    page = await ok(second, "GET", f"/sync?after={put['event_id'] - 1}")
    got = {one["item"]["name"]: one["item"].get("value", "") for one in page["events"] if "item" in one}
    assert got == {"folder/1": "", "focus": "true"}
    assert all("item" not in one for one in (await ok(li, "GET", "/sync?after=1"))["events"])
    for wrong in (
        {"name": "Gross", "value": "1"},
        {"name": "x", "value": "{"},
        {"name": "x", "value": json.dumps("x" * 70_000)},
    ):
        assert (await feng.http.put("/me/items", json=wrong)).status_code in (400, 413)


@pytest.mark.clause("E135", "E161")
async def test_the_blacklist_holds_and_is_known_to_its_owner_alone(office: Office) -> None:
    feng, li = await office.sign_in("fengxue"), await office.sign_in("liqiang")
    who = {login: one.id for login, one in office.staff.items()}
    chat = (await ok(li, "POST", "/conversations/single", json={"person_id": who["fengxue"]}))["id"]

    async def write() -> tuple[int, str]:
        body = base64.b64encode(b"\x01\x00\x00\x00\x01" + bytes(60)).decode()
        answer = await li.http.post(
            f"/conversations/{chat}/messages", json={"client_id": uuid7(), "body": body}
        )
        return answer.status_code, answer.json().get("message", "")

    assert (await write())[0] == 200
    wire = await wire_of(office, await office.sign_in("fengxue"))
    block = {"person_id": who["liqiang"], "kind": "blocked", "on": True}
    await ok(feng, "PUT", "/me/relations", json=block)
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, RelationEvent))
    assert told.event.relation.person_id == who["liqiang"]
    assert await write() == (403, "消息已被对方拒收。")
    contact = {"person_id": who["fengxue"], "kind": "contact", "on": True}
    assert (await li.http.put("/me/relations", json=contact)).status_code == 403
    group = {"client_id": uuid7(), "name": "群", "member_ids": [who["fengxue"]]}
    assert (await li.http.post("/conversations/group", json=group)).status_code == 403
    assert (await ok(li, "GET", "/me/relations"))["relations"] == []
    assert [one["kind"] for one in (await ok(feng, "GET", "/me/relations"))["relations"]] == ["blocked"]
    await ok(feng, "PUT", "/me/relations", json=block | {"on": False})
    assert (await write())[0] == 200
    assert (await ok(feng, "GET", "/me/relations"))["relations"] == []


@pytest.mark.clause("E145", "E143", "E144")
async def test_a_leader_marked_vip_is_out_of_reach_without_permission(office: Office) -> None:
    boss = await office.add_staff("陈书记", "chenshuji", "12000000088", [("绿城市", "书记")], vip=True)
    feng, admin = await office.sign_in("fengxue"), await office.sign_in("admin")
    chief = await office.sign_in("chenshuji")
    card = await ok(feng, "GET", f"/directory/people/{boss.id}")
    assert card.get("phone", "") == ""
    refused = await feng.http.post("/conversations/single", json={"person_id": boss.id})
    assert (refused.status_code, refused.json()["message"]) == (403, "对方是 VIP 领导，您没有联系的权限。")
    group = {"client_id": uuid7(), "name": "群", "member_ids": [boss.id]}
    assert (await feng.http.post("/conversations/group", json=group)).status_code == 403
    # Among several it is said who cannot be added.
    several = {**group, "client_id": uuid7(), "member_ids": [office.staff["liqiang"].id, boss.id]}
    refused = await feng.http.post("/conversations/group", json=several)
    said = "陈书记：对方是 VIP 领导，您没有联系的权限。"
    assert (refused.status_code, refused.json()["message"]) == (403, said)
    body = {"client_id": uuid7(), "unit_id": office.unit_ids["绿城市"], "name": "全市"}
    whole = await ok(feng, "POST", "/conversations/group", json=body)
    inside = (await ok(feng, "GET", f"/conversations/{whole['id']}/members"))["members"]
    ids = {one["person_id"] for one in inside}
    assert boss.id not in ids
    assert len(ids) == len(office.staff) - 1
    # Administrators need the permission too; with it one reaches him, adds him and sees his number.
    single = {"person_id": boss.id}
    assert (await admin.http.post("/conversations/single", json=single)).status_code == 403
    given = {"subject": "person", "subject_id": office.staff["wangjianguo"].id, "allow": True}
    for feature in ("contact_leaders", "leaders_phone"):
        await ok(admin, "POST", f"/admin/features/{feature}", json={"changes": [given]})
    aide = await office.sign_in("wangjianguo")
    assert await ok(aide, "POST", "/conversations/single", json=single)
    assert await ok(aide, "POST", "/conversations/group", json=group | {"client_id": uuid7()})
    assert (await ok(aide, "GET", f"/directory/people/{boss.id}"))["phone"] == "12000000088"
    # The leader himself writes to whom he will; the answer of one who may not stays refused.
    chat = await ok(chief, "POST", "/conversations/single", json={"person_id": office.staff["fengxue"].id})
    sealed = base64.b64encode(b"\x01\x00\x00\x00\x01" + bytes(60)).decode()
    path = f"/conversations/{chat['id']}/messages"
    assert (await chief.http.post(path, json={"client_id": uuid7(), "body": sealed})).status_code == 200
    assert (await feng.http.post(path, json={"client_id": uuid7(), "body": sealed})).status_code == 403


@pytest.mark.clause("E059")
async def test_a_status_reaches_those_who_watch_and_the_own_devices(office: Office) -> None:
    feng, li = await office.sign_in("fengxue"), await office.sign_in("liqiang")
    me = office.staff["fengxue"].id
    watcher, own = await wire_of(office, li), await wire_of(office, await office.sign_in("fengxue"))
    watcher.send(Watch(person_ids=[me]))
    until = int(time.time() * 1000) + 3_600_000
    await ok(feng, "PUT", "/me/status", json={"kind": "custom", "text": "出差，周三回", "until": until})
    for wire in (watcher, own):
        told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, StatusEvent))
        assert (told.event.status.person_id, told.event.status.text) == (me, "出差，周三回")
        assert told.event.status.until == until
    # Who begins to watch is told at once.
    late = await wire_of(office, await office.sign_in("wangjianguo"))
    late.send(Watch(person_ids=[me]))
    told = await late.take(EventFrame, where=lambda f: isinstance(f.event, StatusEvent))
    assert told.event.status.kind == "custom"
    assert (await ok(feng, "GET", "/me/status"))["text"] == "出差，周三回"
    assert (await feng.http.put("/me/status", json={"kind": "custom"})).status_code == 400
    assert (await feng.http.put("/me/status", json={"kind": "busy", "text": "长" * 21})).status_code == 400
    page = await ok(feng, "GET", "/sync?after=1")
    assert [one["status"]["kind"] for one in page["events"] if one["type"] == "status"] == ["custom"]
    page = await ok(li, "GET", "/sync?after=1")
    assert not [one for one in page["events"] if one["type"] == "status"]


@pytest.mark.clause("E080", "E148")
async def test_a_picture_is_put_on_the_own_card_and_on_a_group(office: Office) -> None:
    feng, li = await office.sign_in("fengxue"), await office.sign_in("liqiang")
    made = (await ok(feng, "POST", "/avatars", content=PNG))["id"]
    wire = await wire_of(office, li)
    card = await ok(feng, "PUT", "/me/card", json={"avatar_file": made})
    assert card["avatar_file"] == made
    told = await wire.take(EventFrame, where=lambda f: isinstance(f.event, PersonEvent))
    assert told.event.person.avatar_file == made
    picture = await li.http.get(f"/avatars/{made}")
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    group = {"client_id": uuid7(), "name": "群", "member_ids": [office.staff["liqiang"].id]}
    id_ = (await ok(feng, "POST", "/conversations/group", json=group))["id"]
    changed = await ok(feng, "PATCH", f"/conversations/{id_}", json={"avatar_file": made})
    assert changed["avatar_file"] == made
    assert (await feng.http.patch(f"/conversations/{id_}", json={"avatar_file": uuid7()})).status_code == 404
    assert (await li.http.patch(f"/conversations/{id_}", json={"avatar_file": ""})).status_code == 403
    assert (await feng.http.post("/avatars", content=b"<svg/>")).status_code == 415
    assert (await feng.http.post("/avatars", content=PNG + bytes(300_000))).status_code == 413
    assert (await feng.http.put("/me/card", json={"avatar_file": uuid7()})).status_code == 404


@pytest.mark.clause("E160", "E143")
async def test_a_number_is_shared_with_named_people_of_other_units(office: Office) -> None:
    admin, li = await office.sign_in("admin"), await office.sign_in("liqiang")
    who = {login: one.id for login, one in office.staff.items()}
    wang = await office.sign_in("wangjianguo")
    # Of another authority, and marked VIP: neither shows the number.
    path = f"/directory/people/{who['wangjianguo']}"
    number = (await ok(admin, "GET", path))["phone"]
    record = await ok(admin, "GET", f"/admin{path}")
    await ok(admin, "PATCH", f"/admin{path}", json={"version": record["person"]["version"], "vip": True})
    assert number
    assert not (await ok(li, "GET", path)).get("phone")
    wire = await wire_of(office, li)

    async def share(on: bool) -> None:
        body = {"person_id": who["liqiang"], "kind": "phone", "on": on}
        await ok(wang, "PUT", "/me/relations", json=body)

    async def told() -> str:
        frame = await wire.take(EventFrame, where=lambda f: isinstance(f.event, PersonEvent))
        return frame.event.person.phone

    async def found_by_number() -> list[str]:
        got = await ok(li, "GET", "/directory/search", params={"q": number[-4:]})
        return [one["id"] for one in got["people"]]

    assert who["wangjianguo"] not in await found_by_number()
    await share(True)
    assert await told() == number
    assert (await ok(li, "GET", path))["phone"] == number
    assert who["wangjianguo"] in await found_by_number()
    # Others gain nothing, and nobody learns whom he named.
    feng = await office.sign_in("fengxue")
    assert not (await ok(feng, "GET", path)).get("phone")
    assert (await ok(li, "GET", "/me/relations"))["relations"] == []
    await share(False)
    assert await told() == ""
    assert not (await ok(li, "GET", path)).get("phone")
    assert who["wangjianguo"] not in await found_by_number()


@pytest.mark.clause("E089", "3.1.2.4")
async def test_administrators_set_the_limits_of_groups_and_it_is_in_the_trail(office: Office) -> None:
    admin, feng = await office.sign_in("admin"), await office.sign_in("fengxue")
    people = [office.staff[login].id for login in ("liqiang", "wangjianguo")]
    group = {"client_id": uuid7(), "name": "值班群", "member_ids": people}
    made = await ok(feng, "POST", "/conversations/group", json=group)
    listed = await ok(admin, "GET", "/admin/groups?q=值班")
    assert (listed["total"], listed["large"]) == (1, 0)
    assert listed["limits"]["group_members"] == 2000
    assert listed["groups"][0]["owner_name"] == "冯雪"
    await ok(admin, "PATCH", f"/admin/groups/{made['id']}", json={"member_limit": 3})
    extra = {"add": [office.staff["admin"].id]}
    full = await feng.http.post(f"/conversations/{made['id']}/members", json=extra)
    assert (full.status_code, full.json()["message"]) == (413, "群成员不能超过 3 人。")
    limits = await ok(admin, "PATCH", "/admin/groups/limits", json={"large_from": 4, "large_groups": 0})
    assert (limits["large_from"], limits["large_groups"]) == (4, 0)
    await ok(admin, "PATCH", f"/admin/groups/{made['id']}", json={"member_limit": 0})
    full = await feng.http.post(f"/conversations/{made['id']}/members", json=extra)
    assert "大群" in full.json()["message"]
    await ok(admin, "PATCH", "/admin/groups/limits", json={"large_groups": 20})
    await ok(feng, "POST", f"/conversations/{made['id']}/members", json=extra)
    assert (await ok(admin, "GET", "/admin/groups"))["groups"][0]["large"] is True
    assert (await admin.http.patch("/admin/groups/limits", json={"group_members": 1})).status_code == 400
    assert (await feng.http.get("/admin/groups")).status_code == 403
    assert [line[2] for line in await office.audited("group_limits")] == ["2000/4/0", "2000/4/20"]
    assert [line[1:] for line in await office.audited("group_limit")] == [
        (made["id"], "3"),
        (made["id"], "0"),
    ]
