"""Administration of the directory over REST: units, people, lines, visibility; on SQLCipher and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Office, running_office

from server_stub.contract.ids import uuid7
from server_stub.features.directory.tables import units
from server_stub.features.directory.writing import recount


@pytest.fixture(params=["sqlcipher", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL for the server's settings; empty for the embedded database."""
    if request.param == "sqlcipher":
        return ""
    return request.getfixturevalue("fresh_postgres")(driver="")


@pytest.fixture
async def office(tmp_path: Path, database: str):
    async with running_office(tmp_path, database=database) as running:
        yield running


ADMIN = "/admin/directory"


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


async def good(answer: Any) -> Any:
    response: httpx.Response = await answer
    assert response.status_code in (200, 204), response.text
    return response.json() if response.content else None


async def refused(answer: Any, status: int) -> str:
    response: httpx.Response = await answer
    assert response.status_code == status, response.text
    return response.json()["message"]


async def counts(office: Office) -> dict[str, tuple[int, int]]:
    return {row.name: (row.unit_count, row.people_count) for row in await office.rows(units)}


async def test_units_are_made_renamed_moved_ordered_and_removed_with_true_counts(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    city, district = office.unit_ids["绿城市"], office.unit_ids["中原区"]
    street = await good(
        http.post(f"{ADMIN}/units", json={"parent_id": district, "name": " 桐柏路  街道 ", "level": 3})
    )
    assert street["name"] == "桐柏路 街道"
    clash = http.post(f"{ADMIN}/units", json={"parent_id": district, "name": "桐柏路 街道"})
    assert "同一上级下已有" in await refused(clash, 409)
    changed = await good(http.patch(f"{ADMIN}/units/{street['id']}", json={"name": "桐柏路街道"}))
    assert changed["name"] == "桐柏路街道"
    # With what is below it: 防汛抗旱处 moves under the district, and everybody is still counted once.
    office_id = office.unit_ids["防汛抗旱处"]
    await good(http.patch(f"{ADMIN}/units/{office_id}", json={"parent_id": street["id"]}))
    found = await counts(office)
    assert found["市应急管理局"] == (0, 1)
    assert found["中原区"] == (2, 2)
    assert found["桐柏路街道"] == (1, 1)
    assert found["绿城市"] == (2, 4)
    kept = found
    await office.server.database.write(recount)
    assert await counts(office) == kept
    cycle = http.patch(f"{ADMIN}/units/{district}", json={"parent_id": street["id"]})
    assert "自己的下级" in await refused(cycle, 409)
    assert "不能移动" in await refused(
        http.patch(f"{ADMIN}/units/{city}", json={"parent_id": street["id"]}), 409
    )
    await good(http.put(f"{ADMIN}/units/{city}/order", json={"unit_ids": [district]}))
    assert names((await good(http.get("/directory/roots")))["units"]) == ["中原区", "市应急管理局"]
    assert "先移走" in await refused(http.delete(f"{ADMIN}/units/{street['id']}"), 409)
    assert "该单位的人员" in await refused(http.delete(f"{ADMIN}/units/{office_id}"), 409)
    empty = await good(http.post(f"{ADMIN}/units", json={"parent_id": district, "name": "临时机构"}))
    await good(http.delete(f"{ADMIN}/units/{empty['id']}"))
    assert (await counts(office))["中原区"] == (2, 2)
    kinds = [
        kind
        for kind in (
            "directory_unit_add",
            "directory_unit_change",
            "directory_unit_remove",
            "directory_order",
        )
    ]
    assert [len(await office.audited(kind)) for kind in kinds] == [2, 2, 1, 1]


async def test_people_are_made_changed_disabled_and_reset(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    bureau, division = office.unit_ids["市应急管理局"], office.unit_ids["防汛抗旱处"]
    made = await good(
        http.post(
            f"{ADMIN}/people",
            json={
                "name": "单小雨",
                "phone": "120 0000 0077",
                "rank": "四级主任科员",
                "posts": [
                    {"unit_id": division, "title": "科员", "main": True},
                    {"unit_id": bureau, "title": "值班员"},
                ],
            },
        )
    )
    person = made["person"]
    assert (person["pinyin"], person["initials"], person["phone"]) == ("shanxiaoyu", "sxy", "12000000077")
    assert made["login"] == "shanxiaoyu"
    assert not made.get("activated", False)
    assert (await counts(office))["市应急管理局"] == (1, 3)
    stale = {"version": person["version"] + 7, "name": "单小雪"}
    await refused(http.patch(f"{ADMIN}/people/{person['id']}", json=stale), 409)
    moved = await good(
        http.patch(
            f"{ADMIN}/people/{person['id']}",
            json={
                "version": person["version"],
                "vip": True,
                "posts": [{"unit_id": office.unit_ids["中原区政府办"], "title": "副主任", "main": True}],
            },
        )
    )
    assert [post["unit_path"] for post in moved["person"]["posts"]] == ["绿城市 / 中原区 / 中原区政府办"]
    assert moved["person"]["vip"]
    assert (await counts(office))["市应急管理局"] == (1, 2)
    assert (await counts(office))["中原区"] == (1, 2)
    for wrong, words in (
        ({"name": "", "posts": [{"unit_id": bureau, "main": True}]}, "请填写姓名"),
        ({"name": "名" * 101, "posts": [{"unit_id": bureau, "main": True}]}, "姓名不能超过 100 个字"),
        (
            {"name": "甲", "posts": [{"unit_id": bureau, "title": "长" * 101, "main": True}]},
            "职务不能超过 100 个字",
        ),
        (
            {"name": "甲", "rank": "级" * 101, "posts": [{"unit_id": bureau, "main": True}]},
            "职级不能超过 100 个字",
        ),
        ({"name": "甲", "phone": "电话", "posts": [{"unit_id": bureau, "main": True}]}, "电话号码"),
        ({"name": "甲", "posts": []}, "至少一个单位"),
        ({"name": "甲", "posts": [{"unit_id": bureau}]}, "主职"),
        ({"name": "甲", "login": "FengXue", "posts": [{"unit_id": bureau, "main": True}]}, "已被使用"),
    ):
        answer = await http.post(f"{ADMIN}/people", json=wrong)
        assert answer.status_code in (400, 409)
        assert words in answer.json()["message"]

    feng = office.staff["fengxue"]
    # A second administrator, without whom nothing can be confirmed by two.
    was = await office.sign_in("fengxue")
    assert (await was.http.put(f"{ADMIN}/people/{feng.id}/administrator")).status_code == 403
    assert (await good(http.put(f"{ADMIN}/people/{feng.id}/administrator")))["is_admin"]
    assert (await was.http.get(f"{ADMIN}/people/{feng.id}")).status_code == 401, (
        "signed in anew for the new rights"
    )
    second = await office.sign_in("fengxue")
    assert (await good(second.http.get(f"{ADMIN}/people/{feng.id}")))["is_admin"]
    me = second.http
    answer = await me.delete(f"{ADMIN}/people/{feng.id}/administrator")
    assert (answer.status_code, answer.json()["detail"]) == (409, "self")
    dismissed = await good(http.delete(f"{ADMIN}/people/{feng.id}/administrator"))
    assert not dismissed.get("is_admin", False)
    assert (await me.get(f"{ADMIN}/people/{feng.id}")).status_code == 401
    again = await office.sign_in("fengxue")
    assert (await again.http.get(f"{ADMIN}/people/{feng.id}")).status_code == 403
    assert (await http.put(f"{ADMIN}/people/{uuid7()}/administrator")).status_code == 404
    hers = await office.sign_in("fengxue")
    disabled = await good(http.post(f"{ADMIN}/people/{feng.id}/disable"))
    assert disabled["disabled"]
    assert (await hers.http.get("/me")).status_code == 401
    wang = (await office.sign_in("wangjianguo")).http
    assert (await wang.get(f"/directory/people/{feng.id}")).status_code == 404
    again = {"login": "fengxue", "password": PASSWORD, "device": hers.device.info()}
    assert (await office.client().post("/auth/sign-in", json=again)).json()["code"] == "account_disabled"
    await good(http.post(f"{ADMIN}/people/{feng.id}/enable"))
    back = await office.sign_in("fengxue")
    reset = await good(http.post(f"{ADMIN}/people/{feng.id}/reset"))
    assert not reset.get("activated", False)
    assert (await back.http.get("/me")).status_code == 401
    assert (await office.client().post("/auth/sign-in", json=again)).json()["code"] == "bad_credentials"
    await good(office.client().post("/auth/code", json={"login": "fengxue", "purpose": "activate"}))
    code = await office.code_sent_to(feng.phone)
    assert code
    admin_id = office.staff["admin"].id
    assert "自己" in await refused(http.post(f"{ADMIN}/people/{admin_id}/disable"), 409)
    assert [row[2] for row in await office.audited("directory_person_change")] == ["vip,posts"]


@pytest.mark.clause("E133")
async def test_everybody_sees_the_lines_that_he_belongs_to(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    flood = await good(http.post(f"{ADMIN}/lines", json={"name": "应急条线"}))
    below = await good(http.post(f"{ADMIN}/lines", json={"name": "防汛专线", "parent_id": flood["id"]}))
    other = await good(http.post(f"{ADMIN}/lines", json={"name": "财政条线"}))
    members = [
        {"kind": "unit", "id": office.unit_ids["市应急管理局"]},
        {"kind": "person", "id": office.staff["liqiang"].id},
    ]
    kept = await good(http.put(f"{ADMIN}/lines/{flood['id']}/members", json={"members": members}))
    assert names(kept["members"]) == ["市应急管理局", "李强"]
    feng, li = (await office.sign_in("fengxue")).http, (await office.sign_in("liqiang")).http
    # She is in it by her division's bureau, he in person; neither is in the third.
    for one in (feng, li):
        assert names((await good(one.get("/directory/lines")))["lines"]) == ["应急条线", "防汛专线"]
        content = await good(one.get(f"/directory/lines/{flood['id']}"))
        assert (names(content["lines"]), names(content["units"]), names(content["people"])) == (
            ["防汛专线"],
            ["市应急管理局"],
            ["李强"],
        )
        assert (await one.get(f"/directory/lines/{other['id']}")).status_code == 404
    found = await good(feng.get("/directory/search", params={"q": "应急条线 副局长"}))
    assert names(found["people"]) == ["王建国"]
    assert "先删除下级" in await refused(http.delete(f"{ADMIN}/lines/{flood['id']}"), 409)
    cycle = http.patch(f"{ADMIN}/lines/{flood['id']}", json={"name": "应急条线", "parent_id": below["id"]})
    assert "自己的下级" in await refused(cycle, 409)
    await good(http.delete(f"{ADMIN}/lines/{below['id']}"))


async def seen_of(http: httpx.AsyncClient, person_id: str) -> dict[str, Any]:
    """Every way by which a person could come to light."""
    tree: list[str] = []
    todo = [(await good(http.get("/directory/roots")))["unit"]["id"]]
    totals = {}
    while todo:
        page = await http.get(f"/directory/units/{todo.pop()}")
        if page.status_code == 404:
            continue
        content = page.json()
        totals[content["unit"]["name"]] = content["unit"].get("people_count", 0)
        tree += [person["id"] for person in content["people"]]
        assert content["people_total"] == len(content["people"])
        todo += [unit["id"] for unit in content["units"]]
    batch = await good(http.post("/directory/people/batch", json={"ids": [person_id]}))
    found = [
        person["id"]
        for word in ("王建国", "wangjianguo", "wjg", "副局长", "应急", "12000000001", "王 副局长")
        for person in (await good(http.get("/directory/search", params={"q": word})))["people"]
    ]
    single = await http.post("/conversations/single", json={"person_id": person_id})
    return {
        "tree": person_id in tree,
        "card": (await http.get(f"/directory/people/{person_id}")).status_code == 200,
        "batch": bool(batch["people"]),
        "search": person_id in found,
        "chat": single.status_code == 200,
        "units": set(totals),
        "total": totals["绿城市"],
    }


@pytest.mark.clause("E142")
async def test_what_a_rule_hides_never_leaves_the_server(office: Office) -> None:
    admin = (await office.sign_in("admin")).http
    wang, li = office.staff["wangjianguo"].id, (await office.sign_in("liqiang")).http
    feng = (await office.sign_in("fengxue")).http
    bureau = {"kind": "unit", "id": office.unit_ids["市应急管理局"]}

    hidden = {"tree": False, "card": False, "batch": False, "search": False, "chat": False}
    rule = await good(admin.post(f"{ADMIN}/visibility", json={"target": bureau, "note": "专案期间"}))
    seen = await seen_of(li, wang)
    assert seen | hidden == seen
    assert seen["units"] == {"绿城市", "中原区", "中原区政府办"}
    assert seen["total"] == 2
    # Those inside see it, and administrators.
    assert (await seen_of(feng, wang))["search"]
    assert (await seen_of(admin, wang))["tree"]
    told = await good(
        admin.get(
            f"{ADMIN}/visibility/check",
            params={"viewer": office.staff["liqiang"].id, "kind": "person", "id": wang},
        )
    )
    assert told == {"visible": False, "reason": "“市应急管理局”只对 （无） 可见"}
    # A viewer named by level: 李强 works at level 2.
    allowed = {"target": bureau, "viewers": [{"kind": "level", "id": "2"}]}
    await good(admin.put(f"{ADMIN}/visibility/{rule['id']}", json=allowed))
    assert (await seen_of(li, wang))["card"]
    await good(admin.delete(f"{ADMIN}/visibility/{rule['id']}"))

    # One person alone; whoever shares a conversation with him keeps his name, and nothing else.
    person = await good(admin.post(f"{ADMIN}/visibility", json={"target": {"kind": "person", "id": wang}}))
    card = await good(li.get(f"/directory/people/{wang}"))
    assert card["name"] == "王建国"
    assert {key for key, value in card.items() if value} == {"id", "name", "version"}
    seen = await seen_of(feng, wang)
    assert not seen["search"]
    assert not seen["tree"]
    await good(admin.delete(f"{ADMIN}/visibility/{person['id']}"))

    # Somebody who sees no further than his own authority.
    scope = {"viewers": [{"kind": "person", "id": office.staff["liqiang"].id}], "scope": "authority"}
    await good(admin.post(f"{ADMIN}/visibility", json=scope))
    seen = await seen_of(li, office.staff["fengxue"].id)
    assert seen["units"] == {"绿城市", "中原区", "中原区政府办"}
    assert not seen["tree"]
    assert seen["total"] == 1
    assert len(await office.audited("visibility_add")) == 3
    for wrong in (
        {"target": {"kind": "unit", "id": office.unit_ids["绿城市"]}},
        {"viewers": []},
        {"viewers": [{"kind": "level", "id": "9"}]},
    ):
        assert (await admin.post(f"{ADMIN}/visibility", json=wrong)).status_code == 400


@pytest.mark.clause("3.1.3.11")
async def test_administrators_set_how_the_directory_is_shown_and_searched(office: Office) -> None:
    admin, feng = (await office.sign_in("admin")).http, (await office.sign_in("fengxue")).http
    assert (await good(feng.get("/directory/settings"))).get("people_first", True)
    wanted = {
        "people_first": False,
        "searchable": ["name", "unit"],
        "card": ["rank", "posts"],
        "own_phone_change": True,
    }
    await good(admin.put(f"{ADMIN}/settings", json=wanted))
    assert await good(feng.get("/directory/settings")) == wanted | {"fields": []}
    for word, count in (("王建国", 1), ("wangjianguo", 0), ("副局长", 0), ("12000000001", 0)):
        found = await good(feng.get("/directory/search", params={"q": word}))
        assert len(found["people"]) == count, word
    assert (await admin.put(f"{ADMIN}/settings", json=wanted | {"searchable": ["unit"]})).status_code == 400
    assert (await feng.put(f"{ADMIN}/settings", json=wanted)).status_code == 403
