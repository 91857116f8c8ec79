"""Directory import and export over REST: preview, row-by-row errors, one transaction, on SQLCipher and PostgreSQL."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Office, running_office
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select, update

from server_stub.contract.events import PersonEvent
from server_stub.contract.frames import EventFrame, Hello, Welcome
from server_stub.features.accounts.tables import accounts
from server_stub.features.audit.trail import audit
from server_stub.features.directory.importing_service import ImportService
from server_stub.features.directory.tables import imports, persons, posts, units

HEADINGS = ["姓名", "手机号", "账号", "单位", "职务", "职级", "排序", "主职"]
OFFICE = "绿城市/市应急管理局"


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


@pytest.fixture
async def embedded(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


def xlsx(*rows: list[Any], headings: list[str] = HEADINGS, before: int = 0) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(before):
        sheet.append(["二〇二六年人员名册"])
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(*rows: list[str], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


async def upload(
    http: httpx.AsyncClient, data: bytes, *, name: str = "人员.xlsx", create_units: bool = False
) -> dict[str, Any]:
    answer = await http.post(
        "/admin/directory/import",
        params={"filename": name, "create_units": str(create_units).lower()},
        content=data,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def apply(http: httpx.AsyncClient, import_id: str, *, partial: bool = False) -> httpx.Response:
    return await http.post(
        f"/admin/directory/import/{import_id}/apply", json={"accept_partial": partial} if partial else {}
    )


async def contents(office: Office) -> dict[str, list[Any]]:
    """The directory as it stands, for comparing before and after."""
    return {
        table.name: sorted(map(tuple, await office.rows(table)))
        for table in (units, persons, posts, accounts)
    }


async def cards(office: Office, name: str) -> list[dict[str, Any]]:
    http = (await office.sign_in("admin")).http
    return (await http.get("/directory/search", params={"q": name})).json()["people"]


async def test_a_preview_counts_and_writes_nothing_until_it_is_applied(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    before = await contents(office)
    data = xlsx(
        ["新来的", 13800000001, "", f"{OFFICE}/防汛抗旱处", "科员", "一级科员", 5, "是"],
        ["王建国", "12000000001", "", OFFICE, "局长", "", "", ""],
        ["冯雪", "12000000002", "", f"{OFFICE}/防汛抗旱处", "科员", "", 2, "是"],
    )
    seen = await upload(http, data)
    assert (seen["rows"], seen["good"]) == (3, 3)
    assert (seen["new_units"], seen["new_people"], seen["changed_people"], seen["unchanged_people"]) == (
        0,
        1,
        1,
        1,
    )
    assert "errors" not in seen
    assert seen["columns"] == {
        "name": "姓名", "phone": "手机号", "login": "账号", "unit": "单位",
        "title": "职务", "rank": "职级", "order": "排序", "main": "主职",
    }  # fmt: skip
    assert seen["sample"][0][:2] == ["新来的", "13800000001"]
    assert await contents(office) == before
    done = await apply(http, seen["id"])
    assert done.json() == {"units": 0, "people": 1, "changed": 1, "skipped": 0}
    (new,) = await cards(office, "新来的")
    assert new["posts"][0] | {"unit_id": ""} == {
        "unit_id": "",
        "unit_name": "防汛抗旱处",
        "unit_path": "绿城市 / 市应急管理局 / 防汛抗旱处",
        "title": "科员",
        "main": True,
        "order": 5,
    }
    assert (new["pinyin"], new["rank"], new["phone"]) == ("xinlaide", "一级科员", "13800000001")
    (changed,) = await cards(office, "王建国")
    assert (changed["posts"][0]["title"], changed["version"]) == ("局长", 2)
    tree = (await http.get("/directory/roots")).json()
    assert tree["unit"]["people_count"] == 5
    # The file is gone, and the same import cannot be applied twice.
    assert (await apply(http, seen["id"])).status_code == 404
    assert await office.rows(imports) == []
    (line,) = await office.rows(audit, audit.c.kind == "directory_import")
    assert (line.object, line.result) == ("人员.xlsx", "people 1 changed 1")


async def test_who_was_imported_can_activate_the_account_and_sign_in(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(
        http,
        xlsx(
            ["李强", "13800000002", "", OFFICE, "科员"],
            ["李强", "13800000003", "liqiang.yj", OFFICE, "科员"],
        ),
    )
    assert (await apply(http, seen["id"])).status_code == 200
    rows = await office.rows(accounts, accounts.c.phone.in_(["13800000002", "13800000003"]))
    # "liqiang" is taken: the next free one is made, the wanted one is kept.
    assert sorted(row.login for row in rows) == ["liqiang.yj", "liqiang2"]
    assert all(row.password_hash == "" and not row.is_admin for row in rows)
    public = office.client()
    await public.post("/auth/code", json={"login": "13800000002", "purpose": "activate"})
    code = await office.code_sent_to("13800000002")
    body = {"login": "liqiang2", "purpose": "activate", "code": code, "password": "Neuland-42"}
    assert (await public.post("/auth/set-password", json=body)).status_code == 204
    assert (await office.sign_in("13800000002", "Neuland-42")).answer["person"]["name"] == "李强"


BAD_ROWS: list[tuple[list[Any], str, str]] = [
    (["", "13800000010", "", OFFICE], "姓名", "姓名为空"),
    (["张三", "1380000", "", OFFICE], "手机号", "11 位"),
    (["张三", "", "", OFFICE], "手机号", "至少填写一项"),
    (["张三", "", "张三", OFFICE], "账号", "小写字母"),
    (["张三", "", "13800000010", OFFICE], "账号", "不能是手机号"),
    (["张三", "13800000010", "", ""], "单位", "单位为空"),
    (["张三", "13800000010", "", "绿城市/不存在的局"], "单位", "“不存在的局”不存在"),
    (["张三", "13800000010", "", "别的市/某局"], "单位", "不存在"),
    (["张三", "13800000010", "", "绿城市/a/b/c/d/e"], "单位", "最多 5 级"),
    (["张三", "13800000010", "", OFFICE, "科员", "", "第一"], "排序", "整数"),
    (["张三", "13800000010", "", OFFICE, "科员", "", "", "也许"], "主职", "“是”或“否”"),
    (["张三", "13800000010", "", OFFICE, "长" * 101], "职务", "超过 100"),
    (["张三", "12000000001", "", OFFICE], "手机号", "另一姓名"),
    (["王建国", "12000000002", "wangjianguo", OFFICE], "手机号", "其他人员"),
    (["王建国", "12000000001", "wang.neu", OFFICE], "账号", "不能由导入更改"),
]


@pytest.mark.parametrize(("row", "column", "words"), BAD_ROWS, ids=[words for _r, _c, words in BAD_ROWS])
async def test_each_error_says_where_it_is_and_what_to_do(
    embedded: Office, row: list[Any], column: str, words: str
) -> None:
    http = (await embedded.sign_in("admin")).http
    before = await contents(embedded)
    seen = await upload(http, xlsx(["好人", "13800000099", "", OFFICE], row, before=2))
    assert seen["error_count"] == 1, seen
    (error,) = seen["errors"]
    assert (error["row"], error["column"]) == (5, column)
    assert words in error["message"]
    assert error["message"].endswith("。")
    assert (seen["rows"], seen["good"]) == (2, 1)
    # All or nothing, unless the good part is accepted.
    refused = await apply(http, seen["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "只导入无误的行" in refused.json()["message"]
    assert await contents(embedded) == before
    done = await apply(http, seen["id"], partial=True)
    assert done.json() == {"units": 0, "people": 1, "changed": 0, "skipped": 1}
    assert [one["name"] for one in await cards(embedded, "好人")] == ["好人"]
    assert await cards(embedded, "张三") == []


async def test_several_posts_of_a_person_are_several_rows(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(
        http,
        xlsx(
            ["双职", "13800000004", "", OFFICE, "督察", "", "", "否"],
            ["双职", "13800000004", "", "绿城市/中原区", "副区长", "四级调研员", "", "是"],
        ),
    )
    assert (seen["good"], seen["new_people"]) == (2, 1)
    await apply(http, seen["id"])
    (card,) = await cards(office, "双职")
    assert [(post["unit_name"], post.get("main", False)) for post in card["posts"]] == [
        ("中原区", True),
        ("市应急管理局", False),
    ]
    assert card["rank"] == "四级调研员"


async def test_duplicates_within_the_file_are_told_apart_from_second_posts(embedded: Office) -> None:
    http = (await embedded.sign_in("admin")).http
    seen = await upload(
        http,
        xlsx(
            ["甲", "13800000005", "", OFFICE, "科员"],
            ["乙", "13800000005", "", OFFICE, "科员"],
            ["丙", "13800000006", "", OFFICE, "科员"],
            ["丙", "13800000006", "", OFFICE, "科长"],
            ["丁", "13800000007", "ding", OFFICE, "科员"],
            ["戊", "13800000008", "ding", "绿城市/中原区", "科员"],
            ["己", "13800000009", "", OFFICE, "科员", "", "", "是"],
            ["己", "13800000009", "", "绿城市/中原区", "科员", "", "", "是"],
            ["好人", "13800000010", "", OFFICE, "科员"],
        ),
    )
    found = [(error["row"], error["column"]) for error in seen["errors"]]
    assert found == [(3, "姓名"), (5, "单位"), (7, "姓名"), (7, "手机号"), (9, "主职")]
    assert "手机号与第 2 行相同" in seen["errors"][0]["message"]
    assert "与第 4 行重复" in seen["errors"][1]["message"]
    # A person with one bad row is left out whole: half a person would be a wrong one.
    assert (seen["good"], seen["new_people"]) == (1, 1)


async def test_units_down_to_the_grid_are_made_when_that_is_asked_for(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    path = "绿城市/中原区/桐柏路街道/颖河社区/第三网格"
    data = xlsx(
        ["网格员", "13800000011", "", path, "网格员"],
        ["社区书记", "13800000012", "", "绿城市 > 中原区 > 桐柏路街道 > 颖河社区", "书记"],
        ["局员", "13800000013", "", "中原区/新办公室", "科员"],
    )
    without = await upload(http, data)
    assert without["error_count"] == 3
    assert "自动新建单位" in without["errors"][0]["message"]
    seen = await upload(http, data, create_units=True)
    assert (seen.get("error_count", 0), seen["new_units"]) == (0, 4)
    done = await apply(http, seen["id"])
    assert done.json()["units"] == 4
    rows = {row.name: row for row in await office.rows(units)}
    assert [rows[name].level for name in ("桐柏路街道", "颖河社区", "第三网格", "新办公室")] == [3, 4, 5, 0]
    assert rows["第三网格"].path == f"{rows['颖河社区'].path}{rows['第三网格'].id}/"
    assert [rows[name].people_count for name in ("中原区", "桐柏路街道", "颖河社区", "第三网格")] == [
        4,
        2,
        2,
        1,
    ]
    # Again: everything is there.
    again = await upload(http, data, create_units=True)
    assert (again["new_units"], again["unchanged_people"], again["new_people"]) == (0, 3, 0)


async def test_a_city_grows_from_its_first_unit_by_an_import(tmp_path: Path, database: str) -> None:
    async with running_office(tmp_path, database=database, empty=True) as office:
        await office.add_units(("临时", "", 1))
        await office.add_staff("管理员", "admin", "12000000000", [("临时", "管理员")], is_admin=True)
        http = (await office.sign_in("admin")).http
        data = xlsx(
            ["张三", "13800000001", "", "临时/甲局", "局长"], ["李四", "13800000002", "", "临时/乙局", "局长"]
        )
        seen = await upload(http, data, create_units=True)
        assert (seen["new_units"], seen["new_people"]) == (2, 2)
        assert (await apply(http, seen["id"])).status_code == 200


async def test_posts_that_the_file_does_not_name_are_announced_and_removed(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    await office.add_staff(
        "双职", "shuangzhi", "12000000011", [("市应急管理局", "督察"), ("中原区", "副区长")]
    )
    seen = await upload(http, xlsx(["双职", "12000000011", "", OFFICE, "督察", "", "", "是"]))
    assert seen["changed_people"] == 1
    (warning,) = seen["warnings"]
    assert (warning["row"], warning["value"]) == (2, "副区长")
    assert "将被移除" in warning["message"]
    await apply(http, seen["id"])
    (card,) = await cards(office, "双职")
    assert [post["unit_name"] for post in card["posts"]] == ["市应急管理局"]


async def test_a_changed_phone_number_is_the_one_to_sign_in_with(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(http, xlsx(["冯霜雪", "13900000001", "fengxue", f"{OFFICE}/防汛抗旱处", "科员"]))
    assert (seen["changed_people"], seen["new_people"]) == (1, 0)
    await apply(http, seen["id"])
    assert (await office.sign_in("13900000001", PASSWORD)).answer["person"]["name"] == "冯霜雪"


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter"),
    [
        ("a.csv", "utf-8", ","),
        ("a.csv", "utf-8-sig", ";"),
        ("a.csv", "gb18030", ","),
        ("a.txt", "utf-8", "\t"),
    ],
)
async def test_csv_is_read_as_offices_write_it(
    embedded: Office, name: str, encoding: str, delimiter: str
) -> None:
    http = (await embedded.sign_in("admin")).http
    data = csv_of(
        ["欧阳锋", "138 0000 0001", "", OFFICE, "一级，二级", "", "", ""],
        encoding=encoding,
        delimiter=delimiter,
    )
    seen = await upload(http, data, name=name)
    assert (seen.get("errors", []), seen["new_people"]) == ([], 1)
    await apply(http, seen["id"])
    (card,) = await cards(embedded, "欧阳锋")
    assert (card["pinyin"], card["phone"]) == ("ouyangfeng", "13800000001")
    assert card["posts"][0]["title"] == "一级，二级"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空"),
        (b"PK\x03\x04nonsense", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 .xls"),
        (b"\xff\xfe\xff\x81", "编码"),
        ("甲,乙\n1,2\n".encode(), "没有找到表头"),
        ("姓名,单位\n".encode(), "没有任何人员"),
        (xlsx(), "没有任何人员"),
        (xlsx(headings=["甲", "乙"]), "没有找到表头"),
    ],
    ids=["empty", "broken", "xls", "encoding", "headings", "no rows", "no rows xlsx", "headings xlsx"],
)
async def test_files_that_are_no_list_of_people_are_refused_in_words(
    embedded: Office, data: bytes, words: str
) -> None:
    http = (await embedded.sign_in("admin")).http
    answer = await http.post(
        "/admin/directory/import", params={"filename": "a.dat" if data else "a.xlsx"}, content=data
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert words in answer.json()["message"]


async def test_what_changed_between_preview_and_apply_counts(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(http, xlsx(["张三", "13800000001", "", OFFICE, "科员"]))
    await office.add_staff("李四", "lisi", "13800000001", [("中原区", "科员")])
    refused = await apply(http, seen["id"])
    assert refused.status_code == 409
    assert await cards(office, "张三") == []
    done = await apply(http, seen["id"], partial=True)
    assert done.json() == {"units": 0, "people": 0, "changed": 0, "skipped": 1}


async def test_an_import_belongs_to_who_uploaded_it_and_outlives_the_server(
    tmp_path: Path, database: str
) -> None:
    async with running_office(tmp_path, database=database) as office:
        await office.add_staff("第二管理员", "admin2", "12000000008", [("绿城市", "管理员")], is_admin=True)
        mine, other = await office.sign_in("admin"), await office.sign_in("admin2")
        seen = await upload(mine.http, xlsx(["张三", "13800000001", "", OFFICE, "科员"]))
        path = f"/admin/directory/import/{seen['id']}"
        assert (await apply(other.http, seen["id"])).status_code == 404
        assert (await other.http.get(f"{path}/progress")).status_code == 404
        assert (await other.http.delete(path)).status_code == 404
        assert (await mine.http.get(f"{path}/progress")).json()["done"] == 0
    async with running_office(tmp_path, database=database, empty=True) as office:
        http = (await office.sign_in("admin")).http
        assert (await apply(http, seen["id"])).json()["people"] == 1
        progress = (await http.get(f"{path}/progress")).json()
        assert (progress["done"], progress["finished"]) == (5, True)
        again = await upload(http, xlsx(["李四", "13800000002", "", OFFICE, "科员"]))
        assert (await http.delete(f"/admin/directory/import/{again['id']}")).status_code == 204
        assert (await apply(http, again["id"])).status_code == 404


async def test_the_same_import_sent_twice_at_once_is_written_once(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(http, xlsx(*[[f"人{n}", f"1380000{n:04}", "", OFFICE, "科员"] for n in range(50)]))
    answers = await asyncio.gather(*(apply(http, seen["id"]) for _ in range(3)))
    written = [answer.json()["people"] for answer in answers if answer.status_code == 200]
    assert sum(written) == 50
    count = await office.server.database.read(
        lambda connection: connection.execute(
            select(func.count()).select_from(persons).where(persons.c.name.startswith("人"))
        ).scalar_one()
    )
    assert count == 50


async def test_people_who_left_are_not_brought_back_by_an_import(embedded: Office) -> None:
    http = (await embedded.sign_in("admin")).http
    await embedded.server.database.write(
        lambda connection: (
            connection.execute(update(persons).where(persons.c.name == "李强").values(active=False)) and None
        )
    )
    seen = await upload(http, xlsx(["李强", "12000000003", "", OFFICE, "科员"]))
    assert "已停用" in seen["errors"][0]["message"]


async def test_the_export_is_what_the_import_reads_and_changes_nothing(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    await office.add_staff(
        "双职", "shuangzhi", "12000000011", [("市应急管理局", "=1+1"), ("中原区", "副区长")], order=4
    )
    answer = await http.get("/admin/directory/export")
    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    sheet = load_workbook(io.BytesIO(answer.content))["人员"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == HEADINGS
    assert ["双职", "12000000011", "shuangzhi", OFFICE, "=1+1", None, 4, "是"] in rows
    # A name that looks like a formula stays text.
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert len(rows) == 1 + 6
    before = await contents(office)
    seen = await upload(http, answer.content)
    assert (seen["rows"], seen["unchanged_people"], seen["changed_people"]) == (6, 5, 0)
    assert "errors" not in seen
    await apply(http, seen["id"])
    assert await contents(office) == before


async def test_the_template_has_the_headings_and_no_rows(embedded: Office) -> None:
    http = (await embedded.sign_in("admin")).http
    answer = await http.get("/admin/directory/template")
    book = load_workbook(io.BytesIO(answer.content))
    assert [[cell.value for cell in row] for row in book["人员"].iter_rows()] == [HEADINGS]
    assert [row[0].value for row in book["填写说明"].iter_rows(min_row=2)] == HEADINGS


async def test_a_table_that_unpacks_without_end_is_refused(
    embedded: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server_stub.features.directory import importing

    monkeypatch.setattr(importing, "_MOST_UNPACKED", 1000)
    http = (await embedded.sign_in("admin")).http
    answer = await http.post(
        "/admin/directory/import",
        params={"filename": "a.xlsx"},
        content=xlsx(["张三", "13800000001", "", OFFICE]),
    )
    assert "过大" in answer.json()["message"]
    monkeypatch.setattr(importing, "MOST_ROWS", 2)
    many = csv_of(*[["张三", "13800000001", "", OFFICE] for _ in range(4)])
    answer = await http.post("/admin/directory/import", params={"filename": "a.csv"}, content=many)
    assert "请拆分" in answer.json()["message"]


async def test_who_is_connected_hears_of_changed_cards_as_he_may_see_them(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    near, far = await office.wire(), await office.wire()
    for wire, login in ((near, "wangjianguo"), (far, "liqiang")):
        wire.send(Hello(access_token=(await office.sign_in(login)).access_token))
        await wire.take(Welcome)
    seen = await upload(http, xlsx(["冯雪", "12000000002", "", f"{OFFICE}/防汛抗旱处", "处长"]))
    assert (await apply(http, seen["id"])).json()["changed"] == 1
    for wire, phone in ((near, "12000000002"), (far, "")):
        event = (await wire.take(EventFrame)).event
        assert isinstance(event, PersonEvent)
        assert (event.person.name, event.person.posts[0].title, event.person.phone) == ("冯雪", "处长", phone)
        assert event.event_id > 0


async def test_rows_are_paged_with_their_state_and_the_bad_ones_come_back_as_a_file(office: Office) -> None:
    http = (await office.sign_in("admin")).http
    seen = await upload(
        http,
        xlsx(
            ["新来的", "13800000001", "", OFFICE, "科员", "", "", ""],
            ["王建国", "12000000001", "", OFFICE, "局长", "", "", ""],
            ["冯雪", "12000000002", "", f"{OFFICE}/防汛抗旱处", "科员", "", 2, "是"],
            ["号码错", "123", "", OFFICE, "", "", "", ""],
            ["兼职的", "13800000002", "", OFFICE, "", "", "", ""],
            ["兼职的", "13800000002", "", "没有的局", "", "", "", ""],
        ),
    )
    path = f"/admin/directory/import/{seen['id']}"
    rows = (await http.get(f"{path}/rows")).json()
    assert rows["total"] == 6
    assert [(row["row"], row["state"]) for row in rows["rows"]] == [
        (2, "new"), (3, "changed"), (4, "same"), (5, "bad"), (6, "left"), (7, "bad"),
    ]  # fmt: skip
    assert rows["rows"][0]["cells"] == ["新来的", "13800000001", "", OFFICE, "科员", "", "", ""]
    assert rows["rows"][3]["problems"][0]["column"] == "手机号"
    bad = (await http.get(f"{path}/rows", params={"only": "problems", "offset": 1, "limit": 1})).json()
    assert (bad["total"], [row["row"] for row in bad["rows"]]) == (3, [6])
    assert (await http.get(f"{path}/rows", params={"only": "secrets"})).status_code == 400
    # The file of what is left out reads like any other once it has been corrected.
    book = load_workbook(io.BytesIO((await http.get(f"{path}/problems")).content))
    lines = [list(line) for line in book["人员"].iter_rows(values_only=True)]
    assert [line[0] for line in lines[1:]] == ["号码错", "兼职的", "兼职的"]
    assert "第 5 行" in lines[1][8]
    assert "手机号" in lines[1][8]
    lines[1][1] = "13800000003"
    lines[3][3] = f"{OFFICE}/防汛抗旱处"
    again = await upload(http, xlsx(*lines[1:], headings=lines[0]))
    assert (again["good"], again.get("error_count", 0)) == (3, 0)


async def test_a_cancelled_import_writes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    http = (await office.sign_in("admin")).http
    before = await contents(office)
    seen = await upload(http, xlsx(["新来的", "13800000001", "", OFFICE, "科员", "", "", ""]))
    path = f"/admin/directory/import/{seen['id']}"
    writing = asyncio.Event()
    loop = asyncio.get_running_loop()
    step = ImportService._step

    def slow(service: ImportService, import_id: str, done: int, stage: str) -> None:
        # Between people and posts the administrator changes his mind: the writer's thread waits for it.
        if done == 3:
            loop.call_soon_threadsafe(writing.set)
            while import_id not in service._cancelled:
                time.sleep(0.001)
        step(service, import_id, done, stage)

    monkeypatch.setattr(ImportService, "_step", slow)
    running = asyncio.create_task(apply(http, seen["id"]))
    await asyncio.wait_for(writing.wait(), 20)
    gone = await http.delete(path)
    answer = await running
    assert gone.status_code < 300
    assert answer.status_code == 410
    assert "没有写入" in answer.json()["message"]
    assert await contents(office) == before
    assert await office.rows(imports) == []
