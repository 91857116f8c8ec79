"""Feature permissions: who decides, that nothing is the default, that clients hear of it at once, and the trail."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from bed.office import Office, SignedInAs, running_office

from server_stub.contract.events import FeaturesEvent
from server_stub.contract.frames import EventFrame, Hello, Presence, Watch, Welcome
from server_stub.contract.permissions import FEATURES, GrantChange, Subject

SECRET = "secret_chat"


@pytest.fixture(params=["sqlcipher", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL for the server's settings; empty for the embedded database."""
    return "" if request.param == "sqlcipher" else request.getfixturevalue("fresh_postgres")(driver="")


@pytest.fixture
async def office(tmp_path: Path, database: str):
    async with running_office(tmp_path, database=database) as running:
        yield running


async def own(signed_in: SignedInAs) -> list[str]:
    return (await signed_in.http.get("/features")).json()["features"]


async def change(admin: SignedInAs, *changes: tuple[str, str, bool | None]) -> httpx.Response:
    body = {"changes": [{"subject": kind, "subject_id": id_, "allow": allow} for kind, id_, allow in changes]}
    return await admin.http.post(f"/admin/features/{SECRET}", json=body)


async def listen(office: Office, signed_in: SignedInAs):
    wire = await office.wire()
    wire.send(Hello(access_token=signed_in.access_token))
    await wire.take(Welcome)
    return wire


async def heard(wire) -> list[str]:
    frame = await wire.take(EventFrame, where=lambda one: isinstance(one.event, FeaturesEvent))
    return frame.event.features


@pytest.mark.clause("3.1.1.4", "3.1.1.10")
async def test_a_person_beats_the_nearest_unit_which_beats_everyone_and_clients_hear_at_once(
    office: Office,
) -> None:
    admin, feng = await office.sign_in("admin"), await office.sign_in("fengxue")
    wire, other = await listen(office, feng), await listen(office, await office.sign_in("liqiang"))
    feng_id, bureau, desk = (
        office.staff["fengxue"].id,
        office.unit_ids["市应急管理局"],
        office.unit_ids["防汛抗旱处"],
    )
    # Nobody has anything, the administrator neither.
    assert await own(feng) == [] == await own(admin)
    assert not await office.server.permissions.allows(feng_id, SECRET)

    assert (await change(admin, ("everyone", "", True))).status_code == 200
    assert await heard(wire) == [SECRET] == await heard(other) == await own(feng)
    # The bureau is refused: whoever sits below it loses it, others keep it.
    await change(admin, ("unit", bureau, False))
    assert (await heard(wire), await heard(other)) == ([], [SECRET])
    # The desk below the bureau is nearer.
    await change(admin, ("unit", desk, True))
    assert (await heard(wire), await heard(other)) == ([SECRET], [SECRET])
    await change(admin, ("person", feng_id, False))
    assert await heard(wire) == [] == await own(feng)
    everybody = [one.id for one in office.staff.values()]
    assert await office.server.permissions.allowed_among(everybody, SECRET) == {
        office.staff["admin"].id,
        office.staff["liqiang"].id,
    }
    # The others were not told of a change that was not theirs.
    assert not [one for one in other.frames if isinstance(one, EventFrame)]
    # What is taken back leaves the decision to the next wider row.
    await change(admin, ("person", feng_id, None), ("unit", desk, None))
    assert await heard(wire) == []
    await change(admin, ("unit", bureau, None))
    assert await heard(wire) == [SECRET]

    lines = await office.audited("feature_grant")
    assert [(target.split()[1], result) for _who, target, result in lines] == [
        ("everyone", "allow"),
        ("unit", "deny"),
        ("unit", "allow"),
        ("person", "deny"),
        ("person", "removed"),
        ("unit", "removed"),
        ("unit", "removed"),
    ]
    assert {who for who, *_ in lines} == {office.staff["admin"].id}


async def test_who_watches_somebody_hears_that_his_permissions_changed(tmp_path: Path) -> None:
    async with running_office(tmp_path) as office:
        admin, li = await office.sign_in("admin"), await office.sign_in("liqiang")
        wire = await listen(office, li)
        feng = office.staff["fengxue"].id
        wire.send(Watch(person_ids=[feng]))
        await wire.take(Presence)
        await change(admin, ("person", feng, True))
        # His own list: of the other's permissions nothing is told.
        assert await heard(wire) == []


async def test_of_several_posts_the_nearest_row_decides_and_the_refusal_of_two_equally_near(
    office: Office,
) -> None:
    admin = await office.sign_in("admin")
    both = await office.add_staff(
        "兼职", "jianzhi", "12000000031", [("防汛抗旱处", "科员"), ("中原区政府办", "科员")]
    )
    permissions = office.server.permissions
    await change(admin, ("unit", office.unit_ids["市应急管理局"], False))
    await change(admin, ("unit", office.unit_ids["中原区政府办"], True))
    assert await permissions.allows(both.id, SECRET)
    await change(admin, ("unit", office.unit_ids["防汛抗旱处"], False))
    assert not await permissions.allows(both.id, SECRET)


async def test_who_is_disabled_or_unknown_has_nothing(office: Office) -> None:
    from sqlalchemy import update

    from server_stub.features.directory.tables import persons

    admin = await office.sign_in("admin")
    await change(admin, ("everyone", "", True))
    feng = office.staff["fengxue"].id
    await office.server.database.write(
        lambda connection: (
            connection.execute(update(persons).where(persons.c.id == feng).values(active=False)) and None
        )
    )
    assert await office.server.permissions.allowed_among([feng, "nobody"], SECRET) == set()


async def test_the_list_names_people_and_places_and_bad_changes_change_nothing(office: Office) -> None:
    admin = await office.sign_in("admin")
    feng, desk = office.staff["fengxue"].id, office.unit_ids["防汛抗旱处"]
    answer = await change(admin, ("person", feng, False), ("unit", desk, True), ("everyone", "", False))
    rows = answer.json()["grants"]
    assert [(row["subject"], row.get("name", ""), row.get("path", ""), row["allow"]) for row in rows] == [
        ("everyone", "", "", False),
        ("unit", "防汛抗旱处", "绿城市 / 市应急管理局 / 防汛抗旱处", True),
        ("person", "冯雪", "绿城市 / 市应急管理局 / 防汛抗旱处", False),
    ]
    assert {row["set_by"] for row in rows} == {"系统管理员"}
    summary = (await admin.http.get("/admin/features")).json()["features"]
    assert [one["feature"]["key"] for one in summary] == [one.key for one in FEATURES]
    assert (summary[0]["everyone"], summary[0]["units"], summary[0]["people"]) == (False, 1, 1)

    before = (await admin.http.get(f"/admin/features/{SECRET}")).json()
    gone = "00000000-0000-7000-8000-000000000000"
    for changes, status in (
        ([("person", feng, True), ("unit", gone, True)], 404),
        ([("everyone", feng, True)], 400),
        ([("unit", "", True)], 400),
        ([], 400),
    ):
        assert (await change(admin, *changes)).status_code == status
    assert (await admin.http.get(f"/admin/features/{SECRET}")).json() == before
    assert (await admin.http.get("/admin/features/nonsense")).status_code == 404
    # A row for somebody who is gone can still be removed.
    assert (await change(admin, ("person", gone, None))).status_code == 200


async def test_a_change_reaches_every_server_process(tmp_path: Path) -> None:
    """The news carries no grant, only whom it is about: each process decides for its own connections."""
    async with running_office(tmp_path) as office:
        feng = await office.sign_in("fengxue")
        wire = await listen(office, feng)
        changes = [GrantChange(subject=Subject.PERSON, subject_id=office.staff["fengxue"].id, allow=True)]
        await office.server.feature_news.announce(SECRET, changes)
        assert await heard(wire) == []


@pytest.mark.clause("3.2.6.14.1", "3.2.6.14.2")
async def test_the_assistant_is_opened_to_a_unit_with_all_below_it_and_to_single_people(
    office: Office,
) -> None:
    admin = await office.sign_in("admin")
    people = {login: await office.sign_in(login) for login in ("fengxue", "wangjianguo", "liqiang")}

    async def may(login: str) -> bool:
        """Whether all that the assistant needs of the server is open, or all of it closed."""
        http = people[login].http
        answers = {
            (await http.get("/assistant")).status_code,
            (await http.post("/assistant/uses", json={"kind": "local_answer"})).status_code,
            (await http.post("/assistant/knowledge/search", json={"groups": [["防汛"]]})).status_code,
            (await http.get(f"{office.url}/v1/models")).status_code,
        }
        assert answers <= {200, 204} or answers == {403}, (login, answers)
        return answers != {403}

    async def give(subject: str, subject_id: str, allow: bool | None) -> None:
        changes = {"changes": [{"subject": subject, "subject_id": subject_id, "allow": allow}]}
        assert (await admin.http.post("/admin/features/assistant", json=changes)).status_code == 200

    assert [await may(login) for login in people] == [False, False, False]
    # By organisation: everybody of the bureau and of the desk below it, nobody else.
    bureau = office.unit_ids["市应急管理局"]
    await give("unit", bureau, True)
    assert [await may(login) for login in people] == [True, True, False]
    # By person: one more, and one less.
    await give("person", office.staff["liqiang"].id, True)
    await give("person", office.staff["wangjianguo"].id, False)
    assert [await may(login) for login in people] == [True, False, True]
    # Taken back at once.
    await give("unit", bureau, None)
    await give("person", office.staff["liqiang"].id, None)
    assert [await may(login) for login in people] == [False, False, False]
