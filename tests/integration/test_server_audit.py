"""The audit trail as administrators look it up, on both databases: filters, paging, export, and that looking is in it."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import Office, running_office
from openpyxl import load_workbook
from sqlalchemy import insert

import server_stub
from server_stub.contract.audit_words import ACTIONS, result_in_words, target_in_words
from server_stub.contract.ids import uuid7
from server_stub.features.audit import reading
from server_stub.features.audit.trail import audit

DAY = 86_400_000
FIRST = 1_790_000_000_000


@pytest.fixture(params=["embedded", "postgres"])
async def office(request, tmp_path: Path):
    url = ""
    if request.param == "postgres":
        url = request.getfixturevalue("fresh_postgres")(driver="")
    async with running_office(tmp_path / "server", database=url) as running:
        yield running


async def wrote(office: Office, *lines: tuple[int, str, str, str, str]) -> None:
    """Lines (time, kind, person, object, result) as the trail keeps them, in this order."""
    rows = [
        {"at": at, "kind": kind, "person_id": person, "object": target, "result": result}
        for at, kind, person, target, result in lines
    ]
    await office.server.database.write(lambda connection: connection.execute(insert(audit), rows) and None)


async def admin_of(office: Office) -> httpx.AsyncClient:
    return (await office.sign_in("admin")).http


async def page(http: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await http.get("/admin/audit", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def seen(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["action"], line.get("target", "")) for line in found["lines"]]


async def test_each_filter_leaves_what_fits_the_newest_first(office: Office) -> None:
    admin = await admin_of(office)
    wang, feng = office.staff["wangjianguo"].id, office.staff["fengxue"].id
    unit, device = office.unit_ids["中原区"], uuid7()
    await wrote(
        office,
        (FIRST, "sign_in", feng, device, "done"),
        (FIRST + DAY, "directory_export", wang, "", "5120 bytes"),
        (FIRST + DAY, "directory_person_change", wang, feng, "phone,name"),
        (FIRST + 2 * DAY, "feature_grant", wang, f"secret_chat unit {unit}", "allow"),
        (FIRST + 3 * DAY, "refused_file", feng, "100%_FILE", "read"),
        (FIRST + 4 * DAY, "a_newer_one", "", "100 FILE", "done"),
    )
    until = {"to_ms": FIRST + 10 * DAY}
    assert seen(await page(admin, **until)) == [
        ("a_newer_one", "100 FILE"),
        ("refused_file", "100%_FILE"),
        ("feature_grant", f"secret_chat unit {unit}"),
        ("directory_person_change", feng),
        ("directory_export", ""),
        ("sign_in", device),
    ]
    # The first moment is within, the last is not.
    days = {"from_ms": FIRST + DAY, "to_ms": FIRST + 3 * DAY}
    assert [kind for kind, _ in seen(await page(admin, **days))] == [
        "feature_grant",
        "directory_person_change",
        "directory_export",
    ]
    assert [kind for kind, _ in seen(await page(admin, **until, actor=feng))] == ["refused_file", "sign_in"]
    assert seen(await page(admin, **until, action="directory_export")) == [("directory_export", "")]
    # Part of the target or of the result, in any case; what is a wildcard elsewhere is a letter here.
    assert [kind for kind, _ in seen(await page(admin, **until, text="%_file"))] == ["refused_file"]
    assert [kind for kind, _ in seen(await page(admin, **until, text="PHONE"))] == ["directory_person_change"]
    assert seen(await page(admin, **until, actor=feng, text="nothing like it")) == []
    # What stands in the place of ids and of results is found as it is seen.
    for text, kinds in (
        ("冯雪", ["directory_person_change"]),
        ("中原区", ["feature_grant"]),
        ("允许", ["feature_grant"]),
    ):
        assert [kind for kind, _ in seen(await page(admin, **until, text=text))] == kinds

    lines = {line["action"]: line for line in (await page(admin, **until))["lines"]}
    assert lines["directory_person_change"]["actor_name"] == "王建国"
    assert lines["directory_person_change"]["target_name"] == "冯雪"
    assert lines["feature_grant"]["target_name"] == "secret_chat unit 中原区"
    assert "target_name" not in lines["sign_in"]
    assert lines["a_newer_one"]["actor"] == ""


async def test_pages_follow_one_another_without_loss_while_lines_are_written(office: Office) -> None:
    admin = await admin_of(office)
    # Several at one moment, and one that was written late: its id is higher than its time.
    times = [FIRST, FIRST + 1, FIRST + 1, FIRST + 1, FIRST + 5, FIRST + 2, FIRST + 5]
    await wrote(office, *((at, "sign_in", "", str(n), "done") for n, at in enumerate(times)))
    until = {"to_ms": FIRST + DAY, "limit": 2}
    got: list[str] = []
    before: dict[str, int] = {}
    for number in range(4):
        found = await page(admin, **until, **before)
        got += [line["target"] for line in found["lines"]]
        assert found.get("more", False) is (number < 3)
        before = {"before": found["lines"][-1]["id"]}
        await wrote(office, (FIRST + 6 + number, "sign_in", "", "new", "done"))
    assert got == ["6", "4", "5", "3", "2", "1", "0"]


async def test_nobody_but_administrators_gets_a_line_and_nothing_is_written_for_them(office: Office) -> None:
    for http in (office.client(), (await office.sign_in("wangjianguo")).http):
        for path in ("/admin/audit", "/admin/audit/export"):
            answer = await http.get(path)
            assert answer.status_code in (401, 403)
            assert "sign_in" not in answer.text
    assert await office.audited("audit_read") == []
    assert await office.audited("audit_exported") == []
    # But that one tried is: nobody knocks at the console unseen. Strangers have no name to write down.
    await office.server.audit.settled()
    wang = office.staff["wangjianguo"].id
    tried = await office.audited("refused_console")
    assert tried[0][0] == wang
    assert len(tried) == 2
    assert all(target.endswith(("/admin/audit", "/admin/audit/export")) for _, target, _ in tried)
    assert {wanted for _, _, wanted in tried} == {"GET"}


async def test_looking_and_exporting_are_in_the_trail_before_anything_is_seen(office: Office) -> None:
    admin = await admin_of(office)
    me, feng = office.staff["admin"].id, office.staff["fengxue"].id
    first = (await page(admin, actor=me, action="audit_read"))["lines"]
    assert [(line["actor"], line["target_name"], line["result"]) for line in first] == [
        (me, "系统管理员", "查阅操作审计")
    ]
    # Whoever begins in the middle is written down as well.
    await page(admin, actor=feng, text="x", before=2**53, from_ms=FIRST, to_ms=FIRST + 1000)
    said = "从 2026-09-21 22:13:20，到 2026-09-21 22:13:21，查找“x”"
    assert (await office.audited("audit_read"))[1:] == [(me, feng, said)]
    for kind in ("csv", "xlsx"):
        assert (await admin.get("/admin/audit/export", params={"format": kind})).status_code == 200
    assert await office.audited("audit_exported") == [(me, "audit", "")] * 2
    wrong = await admin.get("/admin/audit/export", params={"format": "pdf"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_request")
    assert len(await office.audited("audit_exported")) == 2


async def test_files_hold_what_fits_in_words_and_are_harmless(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await admin_of(office)
    wang, feng = office.staff["wangjianguo"].id, office.staff["fengxue"].id
    await wrote(
        office,
        (FIRST, "directory_person_change", wang, feng, "name"),
        (FIRST + 1, "link_opened", feng, "=HYPERLINK(1)", "a\x01b"),
        (FIRST + 2, "sign_in", feng, "10.0.0.1", "refused"),
    )
    query = {"to_ms": FIRST + DAY}
    text = (await admin.get("/admin/audit/export", params={**query, "format": "csv"})).content
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[0] == list(reading.HEADINGS)
    assert [row[2:6] for row in rows[1:]] == [
        ["王建国", "修改人员", "冯雪", "姓名"],
        ["冯雪", "提醒后打开链接", "'=HYPERLINK(1)", "a\ufffdb"],
        ["冯雪", "登录", "10.0.0.1", "被拒绝"],
    ]
    assert rows[1][1] == "2026-09-21 22:13:20"  # Beijing
    assert rows[1][6:] == [wang, "directory_person_change", feng]
    book = load_workbook(io.BytesIO((await admin.get("/admin/audit/export", params=query)).content))
    sheet = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert sheet == rows
    # Of too many, the newest; the file says so.
    monkeypatch.setattr(reading, "MOST_EXPORTED", 2)
    text = (await admin.get("/admin/audit/export", params={**query, "format": "csv"})).text
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1] == ["", "更早的未导出：一次最多 2 条，请缩小范围分次导出。"]
    assert [row[3] for row in rows[2:]] == ["提醒后打开链接", "登录"]


@pytest.mark.parametrize(
    ("action", "target", "result", "said"),
    [
        (
            "feature_grant",
            "leaders_phone unit 市应急管理局",
            "deny",
            ("查看领导电话：单位 市应急管理局", "禁止"),
        ),
        ("feature_grant", "secret_chat everyone", "removed", ("密聊：所有人", "已删除")),
        ("feature_grant", "of_tomorrow crowd", "x", ("of_tomorrow：crowd", "x")),
        ("directory_person_change", "冯雪", "name,posts,shoe", ("冯雪", "姓名、职务、shoe")),
        ("directory_export", "", "5120 bytes", ("", "5120 字节")),
        ("secret_policy", "", "on=0 burn=30 keep=0", ("", "关闭，阅后 30 秒焚毁，留存 0 秒")),
        ("group_limit", "值班群", "0", ("值班群", "不单独限制")),
        ("meeting_publish", "调度会", "2: 120", ("调度会", "第 2 次发布，通知 120 人")),
        ("login_policy", "admins", "changed", ("短信验证：仅管理员", "已修改")),
        ("lock_forced", "冯雪", "on=1 bytes", ("冯雪", "on=1 bytes")),
    ],
)
def test_lines_are_said_in_words(action: str, target: str, result: str, said: tuple[str, str]) -> None:
    assert (target_in_words(action, target), result_in_words(action, result)) == said


def test_every_action_that_the_server_writes_has_words() -> None:
    """A call that records with an action spelt out in the code; refusals are named by what was refused."""
    unknown: list[str] = []
    found = 0
    for file in Path(server_stub.__file__).parent.rglob("*.py"):
        if "security" in file.parts or "hsm" in file.parts:
            continue  # the keys have a log of their own
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            name, place = node.func.attr.strip("_"), 0
            if name in ("refused", "refuse"):
                place = 1
            elif name not in ("record", "audit"):
                continue
            if len(node.args) != 4 + (name == "refuse"):
                continue
            for one in ast.walk(node.args[place]):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and place == 0:
                    found += 1
                    # The beginning of a name that is put together must begin some action.
                    whole = one is node.args[place]
                    known = one.value in ACTIONS if whole else any(one.value in key for key in ACTIONS)
                    if not known:
                        unknown.append(f"{file.name}:{node.lineno} {one.value}")
                elif isinstance(one, ast.Constant) and place == 1 and f"refused_{one.value}" not in ACTIONS:
                    unknown.append(f"{file.name}:{node.lineno} refused_{one.value}")
    assert unknown == []
    assert found > 60
