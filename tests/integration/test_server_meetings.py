"""Meetings on the server: rooms under units, plans in versions, publication, check-in by phone, and who may do what."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.meetings import arranged, person, plain, room
from bed.office import Office, running_office
from bed.phone import chromium, phone_browser

from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.model.document import Document
from server_stub.contract.content import AnyContent, NoticeContent, decode_content
from server_stub.contract.sm.sealed import open_message
from server_stub.demo_world import DemoWorld
from server_stub.features.accounts.tables import sms_outbox
from server_stub.features.conversations.tables import conversations, messages

HOUR = 3_600_000
BEGIN = 1_796_000_000_000
needs_chromium = pytest.mark.skipif(not chromium(), reason="chromium is not installed")


@pytest.fixture
async def office(tmp_path: Path, request: pytest.FixtureRequest):
    database = ""
    if getattr(request, "param", "") == "postgresql":
        database = request.getfixturevalue("fresh_postgres")()
    async with running_office(tmp_path, database=database) as running:
        yield running


both_databases = pytest.mark.parametrize("office", ["sqlcipher", "postgresql"], indirect=True)


class Desk:
    """An administrator's calls, and documents of this office's people."""

    def __init__(self, office: Office, http: httpx.AsyncClient) -> None:
        self.office, self.http = office, http

    @classmethod
    async def of(cls, office: Office) -> Desk:
        return cls(office, (await office.sign_in("admin")).http)

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def room(self, unit: str = "绿城市", document: Document | None = None) -> dict[str, Any]:
        body = {"unit_id": self.office.unit_ids[unit], "document": plain(document or room())}
        return await self.ask("POST", "/meeting-rooms", body)

    async def meeting(
        self, room_id: str = "", title: str = "安全生产会议", shift: int = 0, **more: Any
    ) -> Any:
        body = {
            "title": title,
            "unit_id": self.office.unit_ids["绿城市"],
            "room_id": room_id,
            "starts_at": BEGIN + shift * HOUR,
            "ends_at": BEGIN + (shift + 2) * HOUR,
            **more,
        }
        return await self.ask("POST", "/meetings", body)

    async def document(self, meeting_id: str) -> Document:
        got = await self.ask("GET", f"/meetings/{meeting_id}/plan")
        return from_plain(Document, got["document"])

    async def save(self, meeting_id: str, document: Document, base: int, status: int = 200) -> Any:
        body = {"base_version": base, "document": plain(document)}
        return await self.ask("PUT", f"/meetings/{meeting_id}/plan", body, status)

    def staff(self, login: str, **fields: Any) -> Any:
        one = self.office.staff[login]
        return person(one.id, one.name, user_id=one.id, **fields)

    async def sent(self, meeting_id: str) -> dict[str, Any]:
        """Wait until every message of the last publication is out."""
        async with asyncio.timeout(60):
            while True:
                got = await self.ask("GET", f"/meetings/{meeting_id}/publication")
                if not got.get("waiting"):
                    return got
                await asyncio.sleep(0.05)

    async def notices(self, login: str) -> list[NoticeContent]:
        """What the service 会务 wrote to somebody, opened with the conversation's real key."""
        server = self.office.server
        world = DemoWorld(server.database, server.chat, server.keys, server.algorithms)
        rows = await self.office.rows(
            conversations, conversations.c.unique_key == f"service:meeting:{self.office.staff[login].id}"
        )
        if not rows:
            return []
        _epoch, key = await world.conversation_key(rows[0].id)
        found: list[NoticeContent] = []
        for row in await self.office.rows(messages, messages.c.conversation_no == rows[0].number):
            body = open_message(
                server.algorithms,
                lambda _epoch: key,
                conversation_id=rows[0].id,
                sender_id=row.sender_id,
                client_id=row.client_id,
                sealed=row.body,
            )
            content: AnyContent | Any = decode_content(body)
            assert isinstance(content, NoticeContent)
            found.append(content)
        return found

    async def texts(self) -> list[tuple[str, str]]:
        rows = await self.office.rows(sms_outbox, sms_outbox.c.text.contains("同志"))
        return [(row.phone, row.text) for row in sorted(rows, key=lambda row: row.id)]


@pytest.mark.clause("3.1.6.1.1", "3.1.6.1.2")
async def test_rooms_lie_under_units_keep_their_versions_and_are_seen_by_unit(office: Office) -> None:
    desk = await Desk.of(office)
    unit = office.unit_ids["中原区"]
    house = await desk.ask("POST", "/meeting-buildings", {"unit_id": unit, "name": "政务中心"})
    document = room("三楼会议室")
    second = room(kind="hollow").layouts[0]
    second.id, second.name = "layout2", "回形"
    document.layouts.append(second)
    body = {"unit_id": unit, "building_id": house["id"], "document": plain(document)}
    made = await desk.ask("POST", "/meeting-rooms", body)
    assert [one["name"] for one in made["layouts"]] == [document.layouts[0].name, "回形"]
    assert made["building_name"] == "政务中心"
    assert made["layouts"][1]["seats"] == sum(len(region.seats) for region in second.regions)

    document.layouts[0].fixtures[0].x += 500
    path = f"/meeting-rooms/{made['id']}"
    saved = await desk.ask("PUT", path, {**body, "document": plain(document), "base_version": 1})
    assert saved["version"] == 2
    late = await desk.http.put(path, json={**body, "base_version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    old = await desk.ask("GET", path + "?version=1")
    new = await desk.ask("GET", path)
    moved = [from_plain(Document, one["document"]).layouts[0].fixtures[0].x for one in (old, new)]
    assert moved[1] == moved[0] + 500
    history = await desk.ask("GET", path + "/versions")
    assert [(one["version"], one["by"]) for one in history["versions"]] == [
        (2, "系统管理员"),
        (1, "系统管理员"),
    ]

    # Whoever works in 中原区 sees the room, 市应急管理局 does not, and neither may change it.
    liqiang, fengxue = (await office.sign_in("liqiang")).http, (await office.sign_in("fengxue")).http
    listed = (await liqiang.get("/meeting-rooms")).json()
    assert [one["name"] for one in listed["rooms"]] == ["三楼会议室"]
    assert not listed.get("clerk")
    assert (await fengxue.get("/meeting-rooms")).json()["rooms"] == []
    assert (await liqiang.get(path)).status_code == 200
    assert (await fengxue.get(path)).status_code == 404
    assert (await liqiang.put(path, json={**body, "base_version": 2})).status_code == 403
    assert (office.staff["fengxue"].id, made["id"], "read") in await office.audited("refused_meeting_room")
    await desk.ask("DELETE", path, status=204)
    assert (await liqiang.get("/meeting-rooms")).json()["rooms"] == []


@pytest.mark.clause("3.1.6.1.1")
async def test_a_clerk_keeps_the_rooms_and_meetings_of_the_own_authority_and_no_other(office: Office) -> None:
    desk = await Desk.of(office)
    liqiang = (await office.sign_in("liqiang")).http
    own = {"title": "区长办公会", "unit_id": office.unit_ids["中原区"]}
    city = await desk.meeting()
    assert (await liqiang.post("/meetings", json=own)).status_code == 403
    grant = {"subject": "person", "subject_id": office.staff["liqiang"].id, "allow": True}
    await desk.ask("POST", "/admin/features/meeting_clerk", {"changes": [grant]})
    body = {"unit_id": office.unit_ids["中原区政府办"], "document": plain(room("区政府会议室"))}
    made = await liqiang.post("/meeting-rooms", json=body)
    assert made.status_code == 200, made.text
    meeting = await liqiang.post("/meetings", json={**own, "room_id": made.json()["id"]})
    assert meeting.status_code == 200
    assert [one["title"] for one in (await liqiang.get("/meetings")).json()["meetings"]] == ["区长办公会"]
    assert (await liqiang.get("/meeting-rooms")).json()["clerk"]
    for unit in ("绿城市", "市应急管理局"):
        answer = await liqiang.post("/meetings", json={**own, "unit_id": office.unit_ids[unit]})
        assert answer.status_code == 403
    assert (await liqiang.get(f"/meetings/{city['id']}/plan")).status_code == 403
    # The permission ends at once when it is taken back.
    await desk.ask("POST", "/admin/features/meeting_clerk", {"changes": [{**grant, "allow": False}]})
    assert (await liqiang.get(f"/meetings/{meeting.json()['id']}")).status_code == 403


@pytest.mark.clause("3.1.6.4.1", "3.1.6.4.2")
async def test_plans_keep_versions_and_double_bookings_are_found(office: Office) -> None:
    desk = await Desk.of(office)
    hall = await desk.room()
    first = await desk.meeting(hall["id"])
    assert first["plan_version"] == 1
    document = await desk.document(first["id"])
    assert document.meeting.title == "安全生产会议"
    assert document.room.id == hall["id"]
    arranged(
        document, [desk.staff("fengxue"), desk.staff("liqiang"), person("x1", "外请专家", external=True)]
    )
    saved = await desk.save(first["id"], document, 1)
    assert (saved["plan_version"], saved["expected"], saved["seated"]) == (2, 3, 3)
    await desk.save(first["id"], document, 1, status=409)
    versions = (await desk.ask("GET", f"/meetings/{first['id']}/plan/versions"))["versions"]
    assert [one["version"] for one in versions] == [2, 1]
    again = await desk.ask("GET", f"/meetings/{first['id']}/plan?version=2")
    assert from_plain(Document, again["document"]) == document

    # The room is taken: only with a reason, which is in the trail.
    body = {"title": "防汛会商", "unit_id": office.unit_ids["绿城市"], "room_id": hall["id"]}
    body |= {"starts_at": BEGIN + HOUR, "ends_at": BEGIN + 3 * HOUR}
    refused = await desk.http.post("/meetings", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (409, "room")
    assert "已安排“安全生产会议”" in refused.json()["message"]
    assert (await desk.http.post("/meetings", json={**body, "override": "  "})).status_code == 409
    same_time = await desk.ask("POST", "/meetings", {**body, "override": "两会合并召开"})
    trail = {one[1]: one[2] for one in await office.audited("meeting_room_shared")}
    assert trail == {same_time["id"]: "两会合并召开"}
    # A change that touches neither room nor time asks nothing; another time does.
    kept = await desk.ask(
        "PUT", f"/meetings/{same_time['id']}", {**body, "title": "防汛会商", "base_version": 1}
    )
    assert kept["title"] == "防汛会商"
    moved = {**body, "ends_at": BEGIN + 4 * HOUR, "base_version": 2}
    assert (await desk.http.put(f"/meetings/{same_time['id']}", json=moved)).status_code == 409
    other = await desk.document(same_time["id"])
    await desk.save(same_time["id"], arranged(other, [desk.staff("fengxue"), desk.staff("wangjianguo")]), 1)
    later = await desk.meeting(hall["id"], "总结会", shift=2, override="顺延")
    await desk.save(later["id"], arranged(await desk.document(later["id"]), [desk.staff("fengxue")]), 1)
    found = (await desk.ask("GET", f"/meetings/{first['id']}/overlaps"))["overlaps"]
    assert [(one["title"], one["same_room"], one["people"]) for one in found] == [
        ("防汛会商", True, [office.staff["fengxue"].id])
    ]
    # A document that is none, and one with somebody twice, are refused and nothing is lost.
    broken = await desk.http.put(
        f"/meetings/{first['id']}/plan", json={"base_version": 2, "document": {"format": "x"}}
    )
    assert broken.status_code == 400
    twice = plain(document)
    twice["people"].append(twice["people"][0])
    answer = await desk.http.put(f"/meetings/{first['id']}/plan", json={"base_version": 2, "document": twice})
    assert answer.status_code == 400
    assert (await desk.ask("GET", f"/meetings/{first['id']}"))["plan_version"] == 2


@both_databases
@pytest.mark.clause("3.1.6.4.4", "3.1.6.4.5")
async def test_a_published_plan_reaches_its_people_once_and_nobody_else(office: Office) -> None:
    desk = await Desk.of(office)
    made = await desk.meeting((await desk.room())["id"], place="会议中心")
    path = f"/meetings/{made['id']}"
    people = [
        desk.staff("wangjianguo", number=1),
        desk.staff("fengxue", number=2),
        desk.staff("liqiang", number=3),
        person("x1", "孙教授", external=True, phone="139 0000 1111", number=4),
        person("x2", "无号人员", external=True, number=5),
    ]
    document = arranged(await desk.document(made["id"]), people)
    await desk.save(made["id"], document, 1)
    asked = (await desk.ask("GET", path + "/recipients"))["recipients"]
    assert {one["name"]: (one["channel"], one["change"]) for one in asked} == {
        "王建国": ("chat", "new"),
        "冯雪": ("chat", "new"),
        "李强": ("chat", "new"),
        "孙教授": ("sms", "new"),
        "无号人员": ("paper", "new"),
    }
    fengxue = (await office.sign_in("fengxue")).http
    assert (await fengxue.get(path + "/seat-plan")).status_code == 403

    liqiang_id = office.staff["liqiang"].id
    stale = await desk.http.post(path + "/publish", json={"plan_version": 1})
    assert stale.status_code == 409
    done = await desk.ask("POST", path + "/publish", {"plan_version": 2, "removed": [liqiang_id]})
    assert (done["number"], done["chat"], done["sms"], done["paper"]) == (1, 2, 1, 1)
    await desk.sent(made["id"])
    codes = {who: document.seat_map()[seat][1].code for seat, who in document.plan.seats.items()}
    mine = codes[office.staff["fengxue"].id]
    (notice,) = await desk.notices("fengxue")
    assert notice.title == f"您的座位：{mine}"
    assert "安全生产会议" in notice.text
    assert notice.link == f"zhengding://meeting/{made['id']}"
    assert await desk.notices("liqiang") == []
    ((phone, text),) = await desk.texts()
    assert phone == "13900001111"
    assert codes["x1"] in text

    # Attendees open it, and learn of others the name and seat only.
    got = (await fengxue.get(path + "/seat-plan")).json()
    assert got["attendee_id"] == office.staff["fengxue"].id
    assert got["mine"]["seat"] == mine
    shown = from_plain(Document, got["document"])
    assert shown.plan.seats == document.plan.seats
    assert all(not one.phone and not one.rank and not one.user_id for one in shown.people)
    listed = (await fengxue.get("/meetings/mine")).json()["seats"]
    assert [(one["title"], one["seat"]) for one in listed] == [("安全生产会议", mine)]
    # Removed, outside, and administrator without a seat: refused, and in the trail.
    for login in ("liqiang", "admin"):
        http = (await office.sign_in(login)).http
        assert (await http.get(path + "/seat-plan")).status_code == 403
        assert (await http.get("/meetings/mine")).json()["seats"] == []
    assert {one[0] for one in await office.audited("refused_meeting")} >= {
        liqiang_id,
        office.staff["admin"].id,
    }

    # Later versions: only those who changed hear of it.
    seats = {who: seat for seat, who in document.plan.seats.items()}
    a, b = office.staff["wangjianguo"].id, "x1"
    document.plan.seats[seats[a]], document.plan.seats[seats[b]] = b, a
    document.people[4].status = "cancelled"
    document.plan.seats.pop(seats["x2"])
    await desk.save(made["id"], document, 2)
    # What is not published yet is not shown either.
    assert (await fengxue.get("/meetings/mine")).json()["seats"][0]["published"] == 1
    done = await desk.ask("POST", path + "/publish", {"plan_version": 3, "removed": [liqiang_id]})
    assert (done["chat"], done["sms"], done["paper"], done["unchanged"]) == (1, 1, 1, 1)
    await desk.sent(made["id"])
    assert len(await desk.notices("fengxue")) == 1
    assert [one.title for one in await desk.notices("wangjianguo")] == [
        f"您的座位：{codes[a]}",
        f"您的座位已调整：{codes[b]}",
    ]
    assert "座位有调整" in (await desk.texts())[-1][1]
    # The same version again tells nobody.
    done = await desk.ask("POST", path + "/publish", {"plan_version": 3, "removed": [liqiang_id]})
    assert not done.get("waiting")
    # A meeting that is off is told to those who knew of it, once.
    meeting = await desk.ask("GET", path)
    body = {"title": meeting["title"], "unit_id": meeting["unit_id"], "cancelled": True}
    await desk.ask("PUT", path, {**body, "base_version": meeting.get("version", 1)})
    await desk.sent(made["id"])
    assert (await desk.notices("fengxue"))[-1].title == "会议已取消"
    assert await desk.notices("liqiang") == []
    assert "已取消" in (await desk.texts())[-1][1]
    assert (await fengxue.get("/meetings/mine")).json()["seats"][0]["cancelled"]


@pytest.mark.clause("3.1.6.4.4")
async def test_another_time_or_place_is_told_to_those_who_know_their_seat(office: Office) -> None:
    desk = await Desk.of(office)
    made = await desk.meeting((await desk.room())["id"], place="会议中心")
    path = f"/meetings/{made['id']}"
    people = [
        desk.staff("fengxue"),
        desk.staff("liqiang"),
        desk.staff("wangjianguo"),
        person("x1", "外请专家", external=True, phone="13900001111"),
    ]
    document = arranged(await desk.document(made["id"]), people)
    await desk.save(made["id"], document, 1)
    facts = {"title": made["title"], "unit_id": made["unit_id"], "room_id": made["room_id"]}
    facts |= {"starts_at": made["starts_at"], "ends_at": made["ends_at"], "place": "会议中心"}

    async def change(**more: Any) -> Any:
        now = await desk.ask("GET", path)
        return await desk.ask("PUT", path, {**facts, **more, "base_version": now.get("version", 1)})

    # Before anybody was told there is nothing to take back.
    assert not (await change(place="礼堂")).get("untold")
    assert not (await desk.ask("POST", path + "/announce", {})).get("waiting")
    await change()
    gone = office.staff["wangjianguo"].id
    await desk.ask("POST", path + "/publish", {"plan_version": 2, "removed": [gone]})
    await desk.sent(made["id"])
    assert await desk.notices("wangjianguo") == []

    later = {"starts_at": BEGIN + 24 * HOUR, "ends_at": BEGIN + 26 * HOUR}
    changed = await change(**later, place="大礼堂")
    assert changed["untold"] == "both"
    assert (changed["told_place"], changed["told_starts_at"]) == ("会议中心", BEGIN)
    asked = {one["name"]: one for one in (await desk.ask("GET", path + "/recipients"))["recipients"]}
    told = {name: (one.get("change", ""), one.get("told", False)) for name, one in asked.items()}
    assert told == {
        "冯雪": ("both", True),
        "李强": ("both", True),
        "王建国": ("", False),
        "外请专家": ("both", True),
    }
    done = await desk.ask("POST", path + "/announce", {"sms": True})
    assert (done["waiting"], done["chat"], done["sms"]) == (3, 2, 1)
    await desk.sent(made["id"])
    notice = (await desk.notices("fengxue"))[-1]
    seat = (await desk.notices("fengxue"))[0].title.removeprefix("您的座位：")
    assert notice.title == "会议时间和地点有变更，请留意"
    assert notice.text.splitlines()[1:] == [
        f"时间：{datetime.fromtimestamp((BEGIN + 24 * HOUR) / 1000):%Y-%m-%d %H:%M}",
        "地点：大礼堂",
        f"您的座位：{seat}",
    ]
    assert notice.link == f"zhengding://meeting/{made['id']}"
    assert "会议时间和地点有变更" in (await desk.texts())[-1][1]
    # Told once: asking again tells nobody.
    assert not (await desk.ask("GET", path)).get("untold")
    assert not (await desk.ask("POST", path + "/announce", {})).get("waiting")

    # Not announced, the next publication says it to those whose seat is the same, and the seat to those whose is not.
    assert (await change(**later, place="一号楼"))["untold"] == "place"
    seats = {who: at for at, who in document.plan.seats.items()}
    a, b = office.staff["liqiang"].id, "x1"
    document.plan.seats[seats[a]], document.plan.seats[seats[b]] = b, a
    await desk.save(made["id"], document, 2)
    await desk.ask("POST", path + "/publish", {"plan_version": 3, "removed": [gone]})
    await desk.sent(made["id"])
    assert (await desk.notices("fengxue"))[-1].title == "会议地点有变更，请留意"
    moved = (await desk.notices("liqiang"))[-1]
    assert moved.title.startswith("您的座位已调整")
    assert "地点：一号楼" in moved.text
    assert not (await desk.ask("GET", path)).get("untold")

    # Cancelled and after all not: the next publication tells everybody anew.
    await change(**later, place="一号楼", cancelled=True)
    await desk.sent(made["id"])
    await change(**later, place="一号楼")
    fengxue = (await office.sign_in("fengxue")).http
    assert (await fengxue.get("/meetings/mine")).json()["seats"] == []
    done = await desk.ask("POST", path + "/publish", {"plan_version": 3, "removed": [gone]})
    assert done["waiting"] == 3
    await desk.sent(made["id"])
    assert [one.title for one in await desk.notices("fengxue")][-2:] == ["会议已取消", f"您的座位：{seat}"]


async def test_messages_left_by_a_stop_are_sent_after_the_start(tmp_path: Path) -> None:
    async with running_office(tmp_path) as office:
        desk = await Desk.of(office)
        made = await desk.meeting((await desk.room())["id"])
        await desk.save(made["id"], arranged(await desk.document(made["id"]), [desk.staff("fengxue")]), 1)
        await office.server.meetings.publishing.close()
        await desk.ask("POST", f"/meetings/{made['id']}/publish", {"plan_version": 2})
        assert await desk.notices("fengxue") == []
        staff = office.staff
    async with running_office(tmp_path, empty=True) as office:
        office.staff = staff
        desk = await Desk.of(office)
        assert (await desk.sent(made["id"]))["sent"] == 1
        assert len(await desk.notices("fengxue")) == 1


@both_databases
@pytest.mark.clause("3.1.6.4.7", "3.1.6.4.8")
async def test_check_in_counts_each_person_once_and_watchers_hear_of_it(office: Office) -> None:
    desk = await Desk.of(office)
    made = await desk.meeting((await desk.room())["id"])
    path = f"/meetings/{made['id']}"
    people = [
        desk.staff("fengxue"),
        person("x1", "孙教授", external=True, phone="13900001111"),
        person("x2", "孙助理", external=True, phone="13900001111"),
    ]
    document = arranged(await desk.document(made["id"]), people)
    await desk.save(made["id"], document, 1)
    link = await desk.ask("GET", path + "/check-in")
    token = link["path"].rsplit("/", 1)[1]
    phone = office.client()

    async def come(number: str, **more: str) -> httpx.Response:
        return await phone.post(f"/check-in/{token}", json={"phone": number, **more})

    assert (await phone.get(f"/check-in/{token}")).json()["title"] == "安全生产会议"
    assert (await phone.get(f"/check-in/{token[:-2]}xx")).status_code == 404
    watch = asyncio.create_task(desk.ask("GET", path + "/check-ins?after=0&wait=20"))
    await asyncio.sleep(0.1)
    # Registered in the directory, so the clerk need not know the number.
    first = (await come("+86 120 0000 0002")).json()
    seat = document.seat_map()[next(s for s, who in document.plan.seats.items() if who == people[0].id)][1]
    assert (first["name"], first["seat"], first.get("again", False)) == ("冯雪", seat.code, False)
    news = await asyncio.wait_for(watch, 10)
    assert [(one["name"], one["way"]) for one in news["arrivals"]] == [("冯雪", "qr")]
    assert (news["expected"], news["present"]) == (3, 1)
    second = (await come("12000000002")).json()
    assert second["again"]
    assert second["at"] == first["at"]

    shared = (await come("13900001111")).json()
    assert {one["name"] for one in shared["choices"]} == {"孙教授", "孙助理"}
    assert (await come("13900001111", attendee_id="x2")).json()["name"] == "孙助理"
    assert (await come("13900001111", attendee_id=people[0].id)).status_code == 404

    marked = await desk.ask("POST", path + "/check-ins", {"attendee_id": "x1"})
    assert (marked["present"], marked["revision"]) == (3, 3)
    undone = await desk.ask("POST", path + "/check-ins", {"attendee_id": "x1", "present": False})
    assert undone["present"] == 2
    latest = (await desk.ask("GET", path + f"/check-ins?after={marked['revision']}"))["arrivals"]
    assert [(one["name"], one.get("present", True)) for one in latest] == [("孙教授", False)]
    # Plans saved afterwards keep the marks.
    await desk.save(made["id"], document, 2)
    assert (await desk.ask("GET", path))["present"] == 2

    # A closed check-in and a renewed link open nothing.
    await desk.ask("PUT", path + "/check-in", {"open": False})
    assert (await come("12000000002")).status_code == 403
    await desk.ask("PUT", path + "/check-in", {"open": True, "renew": True})
    assert (await come("12000000002")).status_code == 404


async def test_guessing_numbers_is_slowed_down_without_stopping_the_hall(office: Office) -> None:
    desk = await Desk.of(office)
    made = await desk.meeting((await desk.room())["id"])
    await desk.save(made["id"], arranged(await desk.document(made["id"]), [desk.staff("fengxue")]), 1)
    token = (await desk.ask("GET", f"/meetings/{made['id']}/check-in"))["path"].rsplit("/", 1)[1]
    phone = office.client()
    codes = []
    for number in range(7):
        body = {"phone": f"1380000{number:04}", "browser": "guesser"}
        codes.append((await phone.post(f"/check-in/{token}", json=body)).status_code)
    assert codes == [404] * 6 + [429]
    right = {"phone": "12000000002", "browser": "guesser"}
    refused = await phone.post(f"/check-in/{token}", json=right)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 60
    # Another phone behind the same address is not held up.
    good = await phone.post(f"/check-in/{token}", json={**right, "browser": "neighbour"})
    assert good.status_code == 200
    # Without a name of its own a browser is held by its address.
    for number in range(200):
        answer = await phone.post(f"/check-in/{token}", json={"phone": f"1370000{number:04}"})
        if answer.status_code == 429:
            break
    else:
        pytest.fail("never slowed down")


@needs_chromium
@pytest.mark.clause("3.1.6.4.7")
async def test_a_phone_checks_in_sees_its_seat_and_scans_again_without_harm(
    office: Office, tmp_path: Path
) -> None:
    desk = await Desk.of(office)
    made = await desk.meeting(
        (await desk.room(document=room("大礼堂", "theatre")))["id"], title="安全生产会议"
    )
    people = [desk.staff("fengxue"), person("x1", "孙教授", external=True, phone="13900001111")]
    people += [person(f"y{n}", f"人员{n:03}", phone=f"1370000{n:04}") for n in range(60)]
    document = arranged(await desk.document(made["id"]), people)
    await desk.save(made["id"], document, 1)
    await desk.ask("POST", f"/meetings/{made['id']}/publish", {"plan_version": 2})
    link = (await desk.ask("GET", f"/meetings/{made['id']}/check-in"))["path"]
    seats = {who: document.seat_map()[seat][1] for seat, who in document.plan.seats.items()}
    for dark in (False, True):
        async with phone_browser(office.url, dark=dark) as phone:
            page = phone.page
            await phone.open(link)
            field = page.get_by_label("手机号")
            await field.fill("139")
            await page.get_by_role("button", name="签到").click()
            await page.get_by_text("请填写会议登记的手机号").wait_for()
            await field.fill("13800009999")
            await page.get_by_role("button", name="签到").click()
            await page.get_by_text("没有找到这个手机号").wait_for()
            await page.screenshot(path=str(tmp_path / f"wrong-{dark}.png"))
            await field.fill("139 0000 1111")
            await page.get_by_role("button", name="签到").click()
            await page.get_by_text("您已于" if dark else "签到成功").wait_for()
            assert await page.locator(".code").inner_text() == seats["x1"].code
            await page.locator(".hall svg .mine").wait_for()
            assert await page.locator(".hall .chair").count() == sum(1 for _ in document.seats()) - 1
            # Nobody else's name is on the page.
            assert "人员0" not in await page.content()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390
            await page.screenshot(path=str(tmp_path / f"seat-{dark}.png"), full_page=True)
            await page.get_by_role("button", name="放大我的座位").click()
            await page.locator(".hall text.on").wait_for()
            await page.screenshot(path=str(tmp_path / f"near-{dark}.png"), full_page=True)
            await phone.open("/m/check-in/AAAA")
            await page.get_by_text("签到码无效").wait_for()
    assert (await desk.ask("GET", f"/meetings/{made['id']}/check-ins"))["present"] == 1
