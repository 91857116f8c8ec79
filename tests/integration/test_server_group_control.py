"""Groups in the hands of the system's administrators: found, renamed, handed over, filled, emptied, dissolved; audited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bed.office import Office, SignedInAs, running_office

from server_stub.contract.ids import uuid7

both_databases = pytest.mark.parametrize("office", ["sqlcipher", "postgresql"], indirect=True)


@pytest.fixture
async def office(tmp_path: Path, request: pytest.FixtureRequest):
    database = ""
    if getattr(request, "param", "") == "postgresql":
        database = request.getfixturevalue("fresh_postgres")()
    async with running_office(tmp_path, database=database) as running:
        yield running


async def ok(who: SignedInAs, method: str, path: str, **more: Any) -> Any:
    answer = await who.http.request(method, path, **more)
    assert answer.status_code in (200, 204), (path, answer.text)
    return answer.json() if answer.content else None


async def group(who: SignedInAs, name: str, people: list[str]) -> str:
    body = {"client_id": uuid7(), "name": name, "member_ids": people}
    return (await ok(who, "POST", "/conversations/group", json=body))["id"]


@both_databases
@pytest.mark.clause("3.2.3.4.2")
async def test_an_administrator_finds_and_changes_groups_that_he_is_not_in(office: Office) -> None:
    admin, feng = await office.sign_in("admin"), await office.sign_in("fengxue")
    ids = {login: one.id for login, one in office.staff.items()}
    wang, li = ids["wangjianguo"], ids["liqiang"]
    first = await group(feng, "防汛值班", [wang, li])
    second = await group(await office.sign_in("liqiang"), "党建学习", [wang])

    async def found(query: str) -> list[str]:
        return [one["name"] for one in (await ok(admin, "GET", f"/admin/groups?{query}"))["groups"]]

    assert await found("q=防汛") == ["防汛值班"]
    assert sorted(await found(f"member={li}")) == ["党建学习", "防汛值班"]
    assert await found(f"manager={li}") == ["党建学习"]
    await ok(feng, "POST", f"/conversations/{first}/role", json={"person_id": li, "role": "admin"})
    assert sorted(await found(f"manager={li}")) == ["党建学习", "防汛值班"]
    assert await found(f"manager={li}&q=党建") == ["党建学习"]
    people = (await ok(admin, "GET", f"/admin/groups/{first}/members"))["members"]
    assert [(one["name"], one["role"]) for one in people] == [
        ("冯雪", "owner"),
        ("李强", "admin"),
        ("王建国", "member"),
    ]

    # Name, owner, members: in one call, each with its line for those in the group.
    path = f"/admin/groups/{first}"
    wanted = {"name": " 防汛指挥 ", "owner_id": li, "remove": [ids["fengxue"]], "add": [ids["admin"]]}
    changed = await ok(admin, "PATCH", path, json=wanted)
    assert (changed["name"], changed["owner_name"], changed["member_count"]) == ("防汛指挥", "李强", 3)
    people = (await ok(admin, "GET", f"{path}/members"))["members"]
    assert next((one["name"], one["role"]) for one in people) == ("李强", "owner")
    assert {one["name"] for one in people} == {"李强", "王建国", "系统管理员"}
    # Who was put out reads nothing any more; the owner's rights are the new one's.
    body = {"client_id": uuid7(), "body": "AA=="}
    gone = await feng.http.post(f"/conversations/{first}/messages", json=body)
    assert gone.status_code in (403, 404)
    refused = await admin.http.patch(path, json={"remove": [li]})
    assert (refused.status_code, refused.json()["message"]) == (400, "请先更换群主，再将原群主移出。")
    assert (await admin.http.patch(path, json={"owner_id": ids["fengxue"]})).status_code == 404
    # A group that is none is said to be none, whatever is asked of it.
    for body in ({}, {"name": "新名称"}, {"member_limit": 5}, {"add": [li]}, {"dissolve": True}):
        answer = await admin.http.patch("/admin/groups/none", json=body)
        assert answer.status_code in (400, 404), body
    assert (await admin.http.patch(path, json={"name": "  "})).status_code == 400
    await ok(admin, "PATCH", path, json={"member_limit": 3})
    full = await admin.http.patch(path, json={"add": [ids["fengxue"]]})
    assert (full.status_code, full.json()["message"]) == (413, "群成员不能超过 3 人。")

    # Dissolved: gone from the list, and nobody writes in it.
    await ok(admin, "DELETE", path)
    assert await found("q=防汛") == []
    assert (await admin.http.delete(path)).status_code == 404
    owner = await office.sign_in("liqiang")
    late = await owner.http.post(f"/conversations/{first}/members", json={"add": [ids["fengxue"]]})
    assert late.status_code == 403
    assert [one["name"] for one in (await ok(admin, "GET", "/admin/groups"))["groups"]] == ["党建学习"]

    # Nobody else, and every change is in the trail.
    for method, tail in (("GET", f"/{second}/members"), ("DELETE", f"/{second}"), ("PATCH", f"/{second}")):
        answer = await feng.http.request(
            method, f"/admin/groups{tail}", json={} if method == "PATCH" else None
        )
        assert answer.status_code == 403
    trail = [
        (kind, *line[1:])
        for kind in ("group_rename", "group_owner", "group_members", "group_dissolve")
        for line in await office.audited(kind)
    ]
    assert trail == [
        ("group_rename", first, "防汛指挥"),
        ("group_owner", first, li),
        ("group_members", first, "+1 -1"),
        ("group_dissolve", first, ""),
    ]
