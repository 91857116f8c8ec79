"""The directory over REST: levels, order, search, what a caller may see and not, on SQLCipher and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.office import Office, running_office
from sqlalchemy import insert, update

from server_stub.contract.ids import uuid7
from server_stub.features.directory.tables import persons, units


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


def names(items: list[dict]) -> list[str]:
    return [item["name"] for item in items]


@pytest.mark.clause("E130", "E132")
async def test_the_tree_opens_level_by_level_down_to_the_grid(office: Office) -> None:
    await office.add_units(
        ("桐柏路街道", "中原区", 3), ("颖河社区", "桐柏路街道", 4), ("第三网格", "颖河社区", 5)
    )
    await office.add_staff("网格员甲", "wanggeyuan", "12000000010", [("第三网格", "网格员")])
    http = (await office.sign_in("wangjianguo")).http
    top = (await http.get("/directory/roots")).json()
    assert top["unit"]["name"] == "绿城市"
    assert names(top["units"]) == ["市应急管理局", "中原区"]
    assert names(top["people"]) == ["系统管理员"]
    assert [unit["people_count"] for unit in top["units"]] == [2, 2]
    seen = []
    unit_id = office.unit_ids["中原区"]
    while True:
        page = (await http.get(f"/directory/units/{unit_id}")).json()
        seen.append((page["unit"]["name"], page["unit"].get("level", 0), len(page["path"])))
        below = [unit for unit in page["units"] if unit.get("level", 0) > 0]
        if not below:
            break
        unit_id = below[0]["id"]
    assert seen == [("中原区", 2, 1), ("桐柏路街道", 3, 2), ("颖河社区", 4, 3), ("第三网格", 5, 4)]
    assert names(page["path"]) == ["绿城市", "中原区", "桐柏路街道", "颖河社区"]
    assert page["people"][0]["posts"][0]["unit_path"] == "绿城市 / 中原区 / 桐柏路街道 / 颖河社区 / 第三网格"


@pytest.mark.clause("E131")
async def test_people_come_in_their_order_and_in_pages(office: Office) -> None:
    for order in (7, 5, 9, 6, 8):
        await office.add_staff(
            f"职工{order}", f"zg{order}", f"1210000000{order}", [("防汛抗旱处", "科员")], order=order
        )
    http = (await office.sign_in("fengxue")).http
    path = f"/directory/units/{office.unit_ids['防汛抗旱处']}"
    whole = (await http.get(path)).json()
    assert names(whole["people"]) == ["冯雪", "职工5", "职工6", "职工7", "职工8", "职工9"]
    assert whole["people_total"] == 6
    paged = []
    for offset in (0, 4):
        page = (await http.get(path, params={"offset": offset, "limit": 4})).json()
        assert page["people_total"] == 6
        paged += names(page["people"])
    assert paged == names(whole["people"])


@pytest.mark.clause("E141")
async def test_a_card_names_every_post_the_main_one_first(office: Office) -> None:
    one = await office.add_staff(
        "双职", "shuangzhi", "12000000011", [("中原区政府办", "主任"), ("市应急管理局", "兼职督察")]
    )
    http = (await office.sign_in("liqiang")).http
    card = (await http.get(f"/directory/people/{one.id}")).json()
    assert [(post["unit_name"], post["title"], post.get("main", False)) for post in card["posts"]] == [
        ("中原区政府办", "主任", True),
        ("市应急管理局", "兼职督察", False),
    ]
    assert (card["pinyin"], card["initials"]) == ("shuangzhi", "sz")
    tree = (await http.get("/directory/roots")).json()
    # Counted once in the city, once in each of the two branches.
    assert tree["unit"]["people_count"] == 5
    assert [unit["people_count"] for unit in tree["units"]] == [3, 2]


@pytest.mark.clause("E137")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("王建国", ["王建国"]),
        ("建国", ["王建国"]),
        ("wangjian", ["王建国"]),
        ("WJG", ["王建国"]),
        ("12000000001", ["王建国"]),
        ("冯 科员", ["冯雪"]),
        ("防汛", ["冯雪"]),
        ("王 副局长", ["王建国"]),
        ("王 副主任", []),
        ("副局长 应急", ["王建国"]),
        ("防汛 科员 冯", ["冯雪"]),
        ("feng 科员", ["冯雪"]),
        ("00000001 副局长", ["王建国"]),
        ("王 建国", ["王建国"]),
        ("wangjg", ["王建国"]),
        ("WangJGuo", ["王建国"]),
        ("wjianguo", ["王建国"]),
        ("wang jian g", ["王建国"]),
        ("wang j g", ["王建国"]),
        ("jian w g", []),
        ("wanjg", []),
        ("fengx 科员", ["冯雪"]),
        ("nobody", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE persons; --", []),
        ("   ", []),
    ],
)
async def test_people_are_found_by_what_one_knows_of_them(
    office: Office, query: str, found: list[str]
) -> None:
    http = (await office.sign_in("wangjianguo")).http
    answer = await http.get("/directory/search", params={"q": query})
    assert answer.status_code == 200, answer.text
    assert names(answer.json()["people"]) == found


@pytest.mark.clause("E137")
async def test_units_are_found_by_name_the_shortest_first(office: Office) -> None:
    http = (await office.sign_in("wangjianguo")).http
    answer = (await http.get("/directory/search", params={"q": "中原区"})).json()
    assert names(answer["units"]) == ["中原区", "中原区政府办"]


@pytest.mark.clause("E142", "E143")
async def test_phone_numbers_stay_within_the_own_authority_and_vips_keep_theirs(office: Office) -> None:
    chief = await office.add_staff("局长大人", "juzhang", "12000000012", [("市应急管理局", "局长")], vip=True)
    ids = {login: one.id for login, one in office.staff.items()}

    async def phones(login: str) -> dict[str, str]:
        http = (await office.sign_in(login)).http
        cards = (await http.post("/directory/people/batch", json={"ids": list(ids.values())})).json()
        by_id = {card["id"]: card.get("phone", "") for card in cards["people"]}
        return {name: by_id[person_id] for name, person_id in ids.items()}

    mine = await phones("fengxue")
    assert mine["fengxue"] == "12000000002"
    assert mine["wangjianguo"] == "12000000001"
    assert mine["liqiang"] == ""
    assert mine["juzhang"] == ""
    assert all((await phones("admin")).values())
    assert (await phones("juzhang"))["juzhang"] == "12000000012"
    # A number that may not be seen is not found by searching for it either.
    http = (await office.sign_in("fengxue")).http
    for number in ("12000000012", "12000000003", "0000003"):
        hits = (await http.get("/directory/search", params={"q": number})).json()
        assert hits["people"] == [], number
    assert chief.phone not in (await http.get(f"/directory/units/{office.unit_ids['市应急管理局']}")).text


async def test_a_hidden_number_never_crowds_out_what_may_be_seen(office: Office) -> None:
    # More hidden matches than a search looks at.
    await office.server.database.write(
        lambda connection: (
            connection.execute(
                insert(persons),
                [
                    {"id": f"a{index}", "name": "外单位", "phone": f"139{index:04}7777"}
                    for index in range(300)
                ],
            )
            and None
        )
    )
    await office.add_staff("同局", "tongju", "13799997777", [("防汛抗旱处", "科员")], password="")
    http = (await office.sign_in("fengxue")).http
    hits = (await http.get("/directory/search", params={"q": "7777", "limit": 5})).json()
    assert names(hits["people"]) == ["同局"]


async def test_people_who_left_exist_for_administrators_only(office: Office) -> None:
    person_id = office.staff["liqiang"].id
    await office.server.database.write(
        lambda connection: (
            connection.execute(update(persons).where(persons.c.id == person_id).values(active=False)) and None
        )
    )
    http, admin = (await office.sign_in("fengxue")).http, (await office.sign_in("admin")).http
    assert (await http.get(f"/directory/people/{person_id}")).status_code == 404
    assert names((await http.get("/directory/search", params={"q": "李强"})).json()["people"]) == []
    inside = (await http.get(f"/directory/units/{office.unit_ids['中原区政府办']}")).json()
    assert (inside["people"], inside["people_total"]) == ([], 0)
    card = (await admin.get(f"/directory/people/{person_id}")).json()
    assert (card["name"], card["active"]) == ("李强", False)


async def test_refusals_are_audited_and_tell_nothing(office: Office) -> None:
    me = await office.sign_in("fengxue")
    nowhere = uuid7()
    answers = [
        await me.http.get(f"/directory/people/{nowhere}"),
        await me.http.get(f"/directory/units/{nowhere}"),
        await me.http.get("/directory/people/x"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    caller = office.staff["fengxue"].id
    # Two writers of PostgreSQL take notes in either order.
    noted = sorted(await office.audited("refused_person"))
    assert noted == sorted([(caller, nowhere, "read"), (caller, "x", "read")])
    assert await office.audited("refused_unit") == [(caller, nowhere, "read")]


async def test_batches_leave_out_the_unknown_and_are_bounded(office: Office) -> None:
    http = (await office.sign_in("fengxue")).http
    mine, other = office.staff["fengxue"].id, office.staff["liqiang"].id
    answer = await http.post("/directory/people/batch", json={"ids": [other, uuid7(), mine, other, ""]})
    assert [card["id"] for card in answer.json()["people"]] == [other, mine]
    many = await http.post("/directory/people/batch", json={"ids": [uuid7() for _ in range(501)]})
    assert (many.status_code, many.json()["code"]) == (413, "too_large")
    assert (await http.post("/directory/people/batch", json={"ids": []})).json() == {"people": []}


async def test_bad_queries_are_refused_before_they_reach_the_database(office: Office) -> None:
    http = (await office.sign_in("fengxue")).http
    unit = f"/directory/units/{office.unit_ids['中原区']}"
    for path, params in (
        (unit, {"offset": "-1"}),
        (unit, {"limit": "501"}),
        (unit, {"limit": "ten"}),
        (unit, {"unknown": "1"}),
        ("/directory/search", {}),
        ("/directory/search", {"q": "x" * 101}),
        ("/directory/search", {"q": "a\x00b"}),
        ("/directory/people/a%00b", {}),
    ):
        answer = await http.get(path, params=params)
        assert answer.status_code in {400, 404}, (path, params)


async def test_an_empty_server_has_no_tree_yet(tmp_path: Path) -> None:
    async with running_office(tmp_path, empty=True) as office:
        info = (await office.client().get("/server")).json()
        assert info["needs_setup"] is True
        await office.add_units(("绿城市", "", 1))
        info = (await office.client().get("/server")).json()
        assert (info.get("needs_setup", False), info["organisation"]) == (False, "绿城市")
        assert len(await office.rows(units)) == 1
