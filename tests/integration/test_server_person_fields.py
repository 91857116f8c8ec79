"""Own fields of people, found and shown as administrators set it, within what a caller may see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bed.office import running_office

ADMIN = "/admin/directory"


async def good(answer: Any) -> Any:
    response = await answer
    assert response.status_code in (200, 204), response.text
    return response.json() if response.content else None


def names(found: dict[str, Any]) -> set[str]:
    return {one["name"] for one in found["people"]}


@pytest.mark.clause("3.1.3.8")
@pytest.mark.parametrize("embedded", [True, False])
async def test_people_are_found_by_own_fields_combinations_and_in_any_case(
    tmp_path: Path, embedded: bool, request: pytest.FixtureRequest
) -> None:
    database = "" if embedded else request.getfixturevalue("fresh_postgres")(driver="")
    async with running_office(tmp_path, database=database) as office:
        admin, feng = (await office.sign_in("admin")).http, (await office.sign_in("fengxue")).http
        kinds = [
            {"name": "工号", "searchable": True, "on_card": True},
            {"name": "专长", "searchable": True, "on_card": False},
            {"name": "备注", "searchable": False, "on_card": True},
        ]
        settings = await good(admin.put(f"{ADMIN}/settings", json={"fields": kinds}))
        number, skill, note = (one["id"] for one in settings["fields"])
        wang = office.staff["wangjianguo"].id
        card = await good(admin.get(f"{ADMIN}/people/{wang}"))
        change = {
            "version": card["person"]["version"],
            "fields": {number: "GH-80271", skill: "应急通信", note: "周三值班"},
        }
        await good(admin.patch(f"{ADMIN}/people/{wang}", json=change))

        async def search(words: str) -> set[str]:
            return names(await good(feng.get("/directory/search", params={"q": words})))

        # Combinations, in any case; what may not be searched is not found.
        for words in ("gh-80271", "80271", "应急通信", "王 80271", "应急通信 GH", "WJG", "WangJianGuo"):
            assert "王建国" in await search(words), words
        assert await search("周三值班") == set()
        assert await search("李强 80271") == set()
        shown = {
            one["name"]: one["value"] for one in (await good(feng.get(f"/directory/people/{wang}")))["fields"]
        }
        assert shown == {"工号": "GH-80271", "备注": "周三值班"}

        async def find(**asked: Any) -> set[str]:
            return names(await good(feng.post("/directory/people/find", json=asked)))

        main = card["person"]["posts"][0]
        assert await find(name="WJG", fields={skill: "通信"}, unit_id=main["unit_id"]) == {"王建国"}
        assert await find(name="王建国", post=main["title"]) == {"王建国"}
        assert await find(name="王建国", post="没有这个职务") == set()
        assert await find() == set()
        refused = await feng.post("/directory/people/find", json={"fields": {note: "值班"}})
        assert refused.status_code == 400

        # A hidden person is found by no field.
        rule = {"target": {"kind": "person", "id": wang}, "viewers": []}
        await good(admin.post(f"{ADMIN}/visibility", json=rule))
        assert await search("80271") == set()
        assert await find(fields={number: "80271"}) == set()

        # Leaving a field out removes its values.
        await good(admin.put(f"{ADMIN}/settings", json={"fields": settings["fields"][1:]}))
        kept = await good(admin.get(f"{ADMIN}/people/{wang}"))
        assert {one["id"] for one in kept["person"]["fields"]} == {skill, note}
