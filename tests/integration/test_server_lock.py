"""The app lock on the server: commands and signed reports, phone unlock, forced locks, policy and page, central log."""

from __future__ import annotations

import base64
import csv
import io
import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bed.locks import TestDesktop, now_ms, phone_of, sm3
from bed.office import Office, running_office
from openpyxl import load_workbook

from lock.audit import export as local_export
from lock.page import appearance
from lock.policy import model
from server_stub.contract import lock as wire
from server_stub.contract.frames import Hello, LockFrame, Welcome
from server_stub.contract.ids import uuid7
from server_stub.features.lock import log as central

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path / "server") as running:
        yield running


@pytest.fixture
async def desktop(office: Office, tmp_path: Path) -> TestDesktop:
    return await TestDesktop.sign_in(office, "fengxue", tmp_path)


async def listed(phone: Any, desktop: TestDesktop) -> dict[str, Any]:
    found = (await phone.get("/phone/desktops")).json()["desktops"]
    return next(one for one in found if one["device_id"] == desktop.device_id)


def test_both_sides_say_the_same() -> None:
    for name in ("HEADING_LONGEST", "LINE_LONGEST", "MOST_LINES", "PICTURE_BYTES"):
        assert getattr(wire, name) == getattr(appearance, name)
    assert {key.value: text for key, text in model.TRIGGER_TEXT.items()} == wire.TRIGGERS
    assert {key.value: text for key, text in model.UNLOCK_TEXT.items()} == wire.METHODS
    assert wire.IDLE_NOTICE == model.IDLE_LOCK_NOTICE
    assert central.ACTIONS == local_export.ACTION_TEXT
    assert central.RESULTS == local_export.RESULT_TEXT


@pytest.mark.clause("3.2.3.1.4")
async def test_a_phone_locks_a_desktop_and_hears_it_signed(office: Office, desktop: TestDesktop) -> None:
    phone = await phone_of(office, "fengxue")
    wire_ = await office.wire()
    wire_.send(Hello(access_token=desktop.session.access_token))
    await wire_.take(Welcome)
    before = await listed(phone, desktop)
    assert (before["online"], before.get("locked", False)) == (True, False)
    assert (await phone.post(f"/phone/desktops/{desktop.device_id}/lock")).status_code == 204
    frame = await wire_.take(LockFrame)
    assert frame.device_id == desktop.device_id
    command = (await desktop.state())["command"]
    assert command["kind"] == "remote"
    assert (await listed(phone, desktop))["pending"] == "remote"
    # A report that the device's key did not sign, or that was changed on the way, is refused.
    for changes in ({"signature": base64.b64encode(b"x" * 64).decode()}, {"at_ms": now_ms() + 5000}):
        answer = await desktop.report(locked=True, trigger="remote", command_id=command["id"], **changes)
        assert (answer.status_code, answer.json()["code"]) == (422, "integrity")
    assert (await listed(phone, desktop)).get("locked", False) is False
    assert (await desktop.report(locked=True, trigger="remote", command_id=command["id"])).status_code == 204
    after = await listed(phone, desktop)
    assert (after["locked"], after["signed"], after.get("pending", "")) == (True, True, "")
    assert abs(after["since_ms"] - now_ms()) < 20_000
    assert (await desktop.state()).get("command") is None
    await desktop.report(locked=False, trigger="remote")
    assert (await listed(phone, desktop)).get("locked", False) is False


async def test_nobody_locks_or_opens_the_desktop_of_somebody_else(
    office: Office, desktop: TestDesktop
) -> None:
    await desktop.enrol()
    public = base64.b64encode(office.server.algorithms.sm2_generate().public).decode()
    asked = await office.client().post(
        "/lock/locked/scans", json={"public_key": public}, headers=desktop.ticket
    )
    scan = asked.json()
    for login in ("liqiang", "admin"):
        stranger = await phone_of(office, login)
        assert (await stranger.post(f"/phone/desktops/{desktop.device_id}/lock")).status_code == 404
        assert (await stranger.get(f"/phone/scans/{scan['id']}")).status_code == 404
        assert (await stranger.post(f"/phone/scans/{scan['id']}/confirm")).status_code == 404
        assert (await stranger.post("/phone/scans/find", json={"code": scan["code"]})).status_code == 404
        assert (await stranger.get("/phone/scans")).json()["scans"] == []
    refused = await office.audited("refused_lock_device") + await office.audited("refused_lock_scan")
    assert len(refused) == 6
    for ticket in ("", "x.y", f"{desktop.device_id}.wrong", f"{uuid7()}.{desktop.secret}"):
        headers = {wire.TICKET_HEADER: ticket}
        for path in ("state", "page", f"scans/{scan['id']}"):
            assert (await office.client().get(f"/lock/locked/{path}", headers=headers)).status_code == 401


@pytest.mark.clause("3.2.3.1.4")
async def test_the_owners_phone_opens_and_the_key_comes_once(office: Office, desktop: TestDesktop) -> None:
    await desktop.enrol()
    assert len(desktop.wrapping) == 16
    locked = office.client()
    locked.headers.update(desktop.ticket)
    pair = office.server.algorithms.sm2_generate()
    body = {"public_key": base64.b64encode(pair.public).decode()}
    phone = await phone_of(office, "fengxue")
    # Refused by the phone, it stays shut.
    first = (await locked.post("/lock/locked/scans", json=body)).json()
    assert (await locked.get(f"/lock/locked/scans/{first['id']}")).json() == {"state": "waiting"}
    assert (await phone.post(f"/phone/scans/{first['id']}/reject")).status_code == 204
    assert (await locked.get(f"/lock/locked/scans/{first['id']}")).json() == {"state": "rejected"}
    # A newer request ends the one before.
    second, third = [(await locked.post("/lock/locked/scans", json=body)).json() for _ in range(2)]
    assert (await phone.post(f"/phone/scans/{second['id']}/confirm")).status_code == 410
    found = (
        await phone.post("/phone/scans/find", json={"code": f"{third['code'][:4]} {third['code'][4:]}"})
    ).json()
    assert (found["id"], found["device_name"], found["address"]) == (third["id"], "办公电脑", "127.0.0.1")
    assert (await phone.post(f"/phone/scans/{third['id']}/confirm")).status_code == 204
    assert (await phone.post(f"/phone/scans/{third['id']}/confirm")).status_code == 410
    state = msgspec.json.decode(
        (await locked.get(f"/lock/locked/scans/{third['id']}")).content, type=wire.ScanState
    )
    assert state.state == "confirmed"
    assert desktop.open(state.envelope, pair.private) == desktop.wrapping
    assert (await locked.get(f"/lock/locked/scans/{third['id']}")).json() == {"state": "expired"}
    # A new key makes the old ticket and the old key worthless.
    old = desktop.wrapping
    desktop.secret += "new"
    await desktop.enrol()
    assert desktop.wrapping != old
    assert (await locked.get("/lock/locked/state")).status_code == 401


async def test_a_forced_lock_waits_for_the_scan_of_every_desktop(
    office: Office, desktop: TestDesktop, tmp_path: Path
) -> None:
    admin = (await office.sign_in("admin")).http
    fengxue = office.staff["fengxue"].id
    phone = await phone_of(office, "fengxue")
    empty = await admin.post("/admin/lock/holds", json={"person_id": fengxue, "reason": " "})
    assert empty.status_code == 400
    unknown = await admin.post("/admin/lock/holds", json={"person_id": uuid7(), "reason": "失联"})
    assert unknown.status_code == 404
    await desktop.report(locked=True, trigger="idle")
    made = await admin.post("/admin/lock/holds", json={"person_id": fengxue, "reason": "账号异常"})
    assert made.status_code == 200, made.text
    hold = made.json()["holds"][0]
    assert (hold["person_name"], hold["by_name"]) == ("冯雪", "系统管理员")
    # An idle lock from before does not answer it; a forced one does.
    assert (await desktop.state())["command"] == {
        "id": hold["id"],
        "kind": "forced",
        "at_ms": hold["at_ms"],
        "reason": "账号异常",
    }
    await desktop.report(locked=True, trigger="desktop")
    assert (await desktop.state())["command"]["kind"] == "forced"
    await desktop.report(locked=True, trigger="forced", command_id=hold["id"])
    assert (await desktop.state()).get("command") is None
    seen = (await admin.get("/admin/lock/desktops", params={"person_id": fengxue})).json()["desktops"]
    assert [(one["forced"], one["locked"]) for one in seen] == [(True, True)]
    # A desktop that comes later is locked as well.
    later = await TestDesktop.sign_in(office, "fengxue", tmp_path)
    assert (await later.state())["command"]["kind"] == "forced"
    # The scan opens one of them, not the other.
    await desktop.enrol()
    locked = office.client()
    locked.headers.update(desktop.ticket)
    body = {"public_key": base64.b64encode(office.server.algorithms.sm2_generate().public).decode()}
    scan = (await locked.post("/lock/locked/scans", json=body)).json()
    await phone.post(f"/phone/scans/{scan['id']}/confirm")
    assert (await locked.get(f"/lock/locked/scans/{scan['id']}")).json()["state"] == "confirmed"
    assert (await listed(phone, desktop)).get("forced", False) is False
    assert (await listed(phone, later))["forced"] is True
    # Taken back, it holds for nobody else.
    assert (await admin.delete(f"/admin/lock/holds/{hold['id']}")).status_code == 204
    assert (await admin.delete(f"/admin/lock/holds/{hold['id']}")).status_code == 404
    assert (await later.state()).get("command") is None
    titles = [one["title"] for one in (await phone.get("/phone/notices")).json()["notices"]]
    assert "电脑端已被强制锁定" in titles
    assert {line[2] for line in await office.audited("lock_forced")} == {"账号异常"}


@pytest.mark.clause("3.2.3.1.7")
async def test_an_idle_lock_is_pushed_to_the_phone(office: Office, desktop: TestDesktop) -> None:
    phone = await phone_of(office, "fengxue")
    for trigger in ("tray", "hotkey"):
        await desktop.report(locked=True, trigger=trigger)
    assert (await phone.get("/phone/notices")).json() == {"notices": [], "unread": 0}
    # The stream says when to look again.
    async with phone.stream("GET", "/phone/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        await desktop.report(locked=True, trigger="idle")
        async for line in lines:
            if line == "event: changed":
                break
    notices = (await phone.get("/phone/notices")).json()
    assert notices["unread"] == 1
    assert notices["notices"][0]["text"] == model.IDLE_LOCK_NOTICE
    assert notices["notices"][0]["title"] == "办公电脑 已自动锁定"
    await phone.post("/phone/notices/read")
    assert (await phone.get("/phone/notices")).json()["unread"] == 0


@pytest.mark.clause("3.2.3.5.2")
async def test_the_lock_page_is_checked_pushed_and_set_back(office: Office, desktop: TestDesktop) -> None:
    admin = (await office.sign_in("admin")).http
    wire_ = await office.wire()
    wire_.send(Hello(access_token=desktop.session.access_token))
    await wire_.take(Welcome)
    assert (await desktop.http.get("/lock/page")).json() == {}
    text = {"caption": "保密提醒", "heading": " 涉密不上网 ", "lines": ["第一条", "  ", "第二条"]}
    picture = base64.b64encode(PNG).decode()
    for wrong in (
        {"text": text | {"heading": ""}},
        {"text": text | {"heading": "长" * 25}},
        {"text": text | {"lines": ["x"] * 7}},
        {"text": text | {"lines": ["x" * 61]}},
        {"text": text, "picture": base64.b64encode(b"GIF89a" + bytes(9)).decode()},
    ):
        answer = await admin.put("/admin/lock/page", json=wrong)
        assert answer.status_code in (400, 415), answer.text
    assert (await admin.put("/admin/lock/page", json={"text": text, "picture": picture})).status_code == 204
    assert (await wire_.take(LockFrame)).device_id == ""
    page = (await desktop.http.get("/lock/page")).json()
    assert page["text"] == {"caption": "保密提醒", "heading": "涉密不上网", "lines": ["第一条", "第二条"]}
    assert base64.b64decode(page["picture"]) == PNG
    assert (await desktop.state())["page_version"] == 1
    # Texts alone keep the picture; an empty one removes it; the default is one step.
    await admin.put("/admin/lock/page", json={"text": text | {"heading": "新标题"}})
    assert base64.b64decode((await desktop.http.get("/lock/page")).json()["picture"]) == PNG
    await admin.put("/admin/lock/page", json={"text": text, "picture": ""})
    assert "picture" not in (await desktop.http.get("/lock/page")).json()
    assert (await admin.delete("/admin/lock/page")).status_code == 204
    page = (await desktop.http.get("/lock/page")).json()
    assert (page["version"], page.get("text")) == (4, None)
    # A locked desktop reads it with its ticket.
    await desktop.enrol()
    locked = (await office.client().get("/lock/locked/page", headers=desktop.ticket)).json()
    assert locked["version"] == 4


async def test_the_policy_is_checked_and_reaches_desktops(office: Office, desktop: TestDesktop) -> None:
    admin = (await office.sign_in("admin")).http
    policy = (await admin.get("/admin/lock/policy")).json()
    good = policy | {"idle_longest_s": 900, "window_idle_s": {"console": 180, "secret": 60}, "at_start": True}
    assert (await admin.put("/admin/lock/policy", json=good)).status_code == 204
    assert (await desktop.state())["policy"] == good
    for wrong in (
        {"idle_longest_s": 5},
        {"idle_longest_s": -1},
        {"window_idle_s": {"other": 60}},
        {"meeting_longest_s": 0},
        {"attempts_before_scan": 1},
    ):
        answer = await admin.put("/admin/lock/policy", json=good | wrong)
        assert answer.status_code == 400, wrong
        assert answer.json()["message"].endswith("。")
    assert (await desktop.state())["policy"] == good


@pytest.mark.clause("3.2.3.1.8")
async def test_the_log_is_recomputed_filtered_and_exported(
    office: Office, desktop: TestDesktop, tmp_path: Path
) -> None:
    admin = (await office.sign_in("admin")).http
    first = [
        desktop.note(trigger=trigger, at_ms=1_800_000_000_000 + n)
        for n, trigger in enumerate(("idle", "tray"))
    ]
    assert (await desktop.send_log(first)).json() == {"last": first[-1].digest}
    # What was lost on the way back is sent again and counted once.
    more = [desktop.note(trigger="hotkey")]
    assert (await desktop.send_log([*first[1:], *more])).json() == {"last": more[-1].digest}
    assert (await desktop.state())["log_last"] == more[-1].digest
    other = await TestDesktop.sign_in(office, "liqiang", tmp_path)
    await other.send_log([other.note(trigger="tray")])
    own = (await desktop.http.get("/lock/log")).json()
    assert (own["total"], {line["person_name"] for line in own["lines"]}) == (3, {"冯雪"})
    everyone = (await admin.get("/admin/lock/log")).json()
    assert everyone["total"] == 4
    days = {"from_ms": 1_800_000_000_000, "to_ms": 1_800_000_000_001}
    assert (await admin.get("/admin/lock/log", params=days)).json()["total"] == 1
    tray = {"trigger": "tray", "person_id": office.staff["liqiang"].id}
    assert (await admin.get("/admin/lock/log", params=tray)).json()["total"] == 1
    assert (await admin.get("/admin/lock/log", params={"limit": 1, "offset": 1})).json()["total"] == 4
    assert (await other.http.get("/admin/lock/log")).status_code == 403
    # Exports.
    text = (await desktop.http.get("/lock/log/export", params={"format": "csv"})).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("时间,事件,结果,触发方式")
    assert len(text.splitlines()) == 4
    sheet = load_workbook(io.BytesIO((await admin.get("/admin/lock/log/export")).content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 5
    assert {str(row[6]) for row in rows[1:]} == {"冯雪", "李强"}
    assert (await admin.get("/admin/lock/log/export", params={"format": "pdf"})).status_code == 400


async def test_of_a_log_too_long_to_export_the_newest_lines_are_kept_and_the_rest_is_counted(
    office: Office, desktop: TestDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = (await office.sign_in("admin")).http
    start = 1_800_000_000_000
    await desktop.send_log([desktop.note(trigger="tray", at_ms=start + 1000 * n) for n in range(5)])
    monkeypatch.setattr(central, "MOST_EXPORTED", 3)
    built_in: list[threading.Thread] = []
    build = central._file

    def watched(lines: list[Any], kind: str, left_out: int) -> bytes:
        built_in.append(threading.current_thread())
        return build(lines, kind, left_out)

    monkeypatch.setattr(central, "_file", watched)
    for kind in ("xlsx", "csv"):
        content = (await admin.get("/admin/lock/log/export", params={"format": kind})).content
        rows = (
            [[str(cell or "") for cell in row] for row in load_workbook(io.BytesIO(content)).active.values]  # type: ignore[union-attr]
            if kind == "xlsx"
            else list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        )
        assert "更早的 2 条未导出" in rows[1][1]
        assert [row[0] for row in rows[2:]] == [central.beijing(start + 1000 * n) for n in (2, 3, 4)]
    # Building it holds up nobody: not in the thread that serves everybody else.
    assert threading.main_thread() not in built_in
    assert len(built_in) == 2
    monkeypatch.setattr(central, "MOST_EXPORTED", 5)
    content = (await admin.get("/admin/lock/log/export", params={"format": "csv"})).content
    assert "未导出" not in content.decode("utf-8-sig")
    assert len(content.decode("utf-8-sig").splitlines()) == 6


async def test_an_altered_log_is_refused_and_may_lock_the_desktop(
    office: Office, desktop: TestDesktop, tmp_path: Path
) -> None:
    admin = (await office.sign_in("admin")).http
    kept = [desktop.note() for _ in range(3)]
    assert (await desktop.send_log(kept[:2])).status_code == 200
    forged = replace(kept[2], trigger="tray")
    rewritten = replace(forged, digest=sm3(wire.digest_message(wire.LockLogEntry(**asdict(forged)))).hex())
    gap = replace(kept[2], previous="f" * 64)
    gap = replace(gap, digest=sm3(wire.digest_message(wire.LockLogEntry(**asdict(gap)))).hex())
    for entries in ([forged], [gap], [kept[0], kept[2]]):
        answer = await desktop.send_log(entries)
        assert (answer.status_code, answer.json()["code"]) == (422, "integrity"), entries
    somebody = replace(kept[2], person_id=office.staff["liqiang"].id)
    assert (await desktop.send_log([somebody])).status_code == 400
    assert (await desktop.state()).get("command") is None
    # A well-made forgery that continues the chain is the user's own machine speaking: it is taken as what it says.
    assert (await desktop.send_log([rewritten])).status_code == 200
    policy = (await admin.get("/admin/lock/policy")).json()
    await admin.put("/admin/lock/policy", json=policy | {"force_on_tamper": True})
    assert (await desktop.send_log([gap])).status_code == 422
    assert (await desktop.state())["command"]["reason"] == "锁定日志被篡改"
    assert (await admin.get("/admin/lock/holds")).json()["holds"][0]["by_name"] == "系统风控"
    # A log that was lost begins anew, and that shows.
    fresh = TestDesktop(office, desktop.session, tmp_path / "fresh")
    (tmp_path / "fresh").mkdir()
    fresh.chain = type(fresh.chain)(tmp_path / "fresh" / "log", sm3)
    assert (await fresh.send_log([fresh.note()])).status_code == 200
    assert (await desktop.http.get("/lock/log")).json()["lines"][0]["new_chain"] is True
