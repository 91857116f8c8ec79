"""Files: identical round trips, newer fields kept, clear errors; imports and exports of people, ranks and rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meeting_seat_designer.engine.checkin import arrivals, by_phone, counts
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange, CheckIn, Publish, SwapSeats
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.files import dumps, load, loads, save
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department, RuleSet, SortKey
from meeting_seat_designer.engine.order.ranks import standard_ranks
from meeting_seat_designer.engine.publish import invitation, may_view, recipients, to_notify
from meeting_seat_designer.engine.schema import SCHEMA_FILE, document_schema
from meeting_seat_designer.engine.sync import sync_changes, sync_full
from meeting_seat_designer.engine.tables.people_io import match_columns, read_people, write_people
from meeting_seat_designer.engine.tables.rules_io import read_ranks, read_rules, write_ranks, write_rules
from meeting_seat_designer.engine.tables.sheets import write_sheet
from meeting_seat_designer.engine.templates import TEMPLATES, template


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_templates_round_trip_byte_for_byte(name: str) -> None:
    data = dumps(template(name))
    assert dumps(loads(data)) == data


def test_fields_of_a_newer_version_survive_everywhere() -> None:
    plain: dict[str, Any] = json.loads(dumps(template("u")))
    plain["version"] = 7
    plain["hologram"] = {"a": [1, None]}
    plain["layouts"][0]["regions"][0]["seats"][2]["massage"] = True
    plain["layouts"][0]["regions"][0]["rules"] = {"mode": "honour", "mood": "gut"}
    data = (json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    document = loads(data)
    assert json.loads(dumps(document))["hologram"] == {"a": [1, None]}
    history = History(document)
    document.people.append(Person(id="p", name="甲", number=1))
    history.run(Arrange())
    saved = json.loads(dumps(document))
    assert saved["version"] == 7
    assert saved["layouts"][0]["regions"][0]["seats"][2]["massage"] is True
    assert saved["layouts"][0]["regions"][0]["rules"]["mood"] == "gut"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format="x"), "不是排座文件"),
        (lambda d: d.update(version=0), "version"),
        (
            lambda d: d["layouts"][0]["regions"][0]["seats"][1].update(x="far"),
            r"seats\[1\].x：应为有限的数字",
        ),
        (lambda d: d["layouts"][0]["regions"][0]["seats"][1].pop("id"), "缺少必填项 id"),
        (lambda d: d["layouts"][0]["regions"][0]["seats"][1].update(id="r1-1"), "座位 id 重复：r1-1"),
        (lambda d: d.update(plan={"seats": {"zz": "p"}}), "不存在的座位 zz"),
        (lambda d: d.update(plan={"seats": {"r1-1": "p"}}), "不存在的人员 p"),
        (lambda d: d.update(people=[{"id": "a"}]), "缺少必填项 name"),
        (lambda d: d.update(layouts={}), "应为列表"),
        (lambda d: d.update(room=[]), "应为对象"),
        (lambda d: d["layouts"][0].update(background=3), "应为对象"),
    ],
)
def test_damaged_files_are_named_precisely(change: Any, message: str) -> None:
    plain = json.loads(dumps(template("u")))
    change(plain)
    with pytest.raises(FormatError, match=message):
        loads(json.dumps(plain).encode())


def test_text_that_is_not_json_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="第 2 行"):
        loads(b'{\n"a": }')
    with pytest.raises(FormatError, match="UTF-8"):
        loads(b"\xff\xfe")
    with pytest.raises(FormatError, match=r"nothing\.json"):
        load(tmp_path / "nothing.json")


def test_saving_replaces_the_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    save(template("u"), target)
    save(template("talks"), target)
    assert load(target).current().name == "会谈"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    with pytest.raises(FormatError, match="无法写入"):
        save(template("u"), tmp_path / "no" / "a.json")


def test_the_published_schema_is_the_one_of_the_model() -> None:
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == document_schema()


HEADER = ["序号", "单位名称", "姓 名", "职务", "职级", "手机号码", "是否外部", "特殊需要", "角色"]
ROWS = [
    [1, "市水利局", "赵 敏", "副局长", "三级调研员", "138-0000-0001", "", "", "主席台"],
    [2, "市教育局", "欧阳修文", "", "二级调研员", 13800000002, "否", "轮椅、前排", ""],
    [3, "市教育局", "", "", "", "", "", "", ""],
    [4, "市水利局", "张伟", "", "一级科员", "12", "", "", ""],
    [5, "市水利局", "张伟", "", "一级科员", "", "", "", ""],
    [6, "市水利局", "张伟", "", "一级科员", "", "", "", ""],
    [7, "大学", "王五", "", "", "+8613800000003", "是", "飞行", ""],
    [],
    [8, "大学", "=HYPERLINK()", "教授", "", "13800000009", "是", "", ""],
]


@pytest.mark.clause("3.1.6.3.1")
@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_people_are_read_by_column_titles_with_errors_by_row(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"people.{suffix}"
    if suffix == "xlsx":
        write_sheet(path, "名单", HEADER, ROWS)
    else:
        text = "\n".join(",".join(str(cell) for cell in row) for row in [HEADER, *ROWS])
        path.write_bytes(text.encode("gb18030"))
    table = read_people(path)
    # Only who has no name is left out; of the others what was wrong is.
    assert [p.name for p in table.people] == [
        "赵敏",
        "欧阳修文",
        "张伟",
        "张伟",
        "张伟",
        "王五",
        "=HYPERLINK()",
    ]
    assert table.people[0].phone == "13800000001"
    assert table.people[1].needs == ["wheelchair", "front"]
    assert table.people[6].external
    assert (table.people[2].phone, table.people[5].needs) == ("", [])
    assert [(e.row, e.text.split("“")[0], e.kept) for e in table.errors if e.row] == [
        (4, "缺少姓名", False),
        (5, "张伟：手机号", True),
        (8, "王五：特殊需要", True),
    ]
    assert any("张伟（市水利局）出现多次" in e.text for e in table.errors)
    assert len({p.id for p in table.people}) == 7
    assert table.preview[0][2].replace(" ", "") == "赵敏"


def test_ids_do_not_depend_on_row_order(tmp_path: Path) -> None:
    ids = []
    for number, rows in enumerate((ROWS[:2], list(reversed(ROWS[:2])))):
        path = tmp_path / f"{number}.xlsx"
        write_sheet(path, "名单", HEADER, rows)
        ids.append(sorted(p.id for p in read_people(path).people))
    assert ids[0] == ids[1]


def test_people_written_are_read_back(tmp_path: Path) -> None:
    people = [
        Person(id="1", name="甲", unit="局", number=3, years=2.5, phone="+8613800000000", external=True),
        Person(id="2", name="乙", party="guest", roles=["翻译"], needs=["near_door"], status="leave"),
    ]
    write_people(tmp_path / "p.xlsx", people)
    assert read_people(tmp_path / "p.xlsx").people == people


def test_json_people_and_bad_files(tmp_path: Path) -> None:
    good = tmp_path / "p.json"
    good.write_text('{"people": [{"name": "甲"}, {"name": 3}, {"name": " "}]}', "utf-8")
    table = read_people(good)
    assert [p.name for p in table.people] == ["甲"]
    assert [e.row for e in table.errors] == [2, 3]
    for name, data, message in (
        ("a.xlsx", b"PK nonsense", "xlsx"),
        ("b.csv", "单位,职务\n局,长\n".encode(), "姓名"),
        ("c.txt", b"", "只支持"),
        ("d.json", b"3", "人员列表"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FormatError, match=message):
            read_people(tmp_path / name)


def test_columns_are_matched_once_each() -> None:
    assert match_columns(["姓名", "工作单位", "职务", "职级", "行政级别", "联系电话"]) == {
        "name": 0,
        "unit": 1,
        "post": 2,
        "rank": 3,
        "level": 4,
        "phone": 5,
    }


@pytest.mark.clause("3.1.6.2.1", "3.1.6.2.2")
@pytest.mark.parametrize("suffix", ["xlsx", "json"])
def test_ranks_and_rules_are_exported_and_imported(tmp_path: Path, suffix: str) -> None:
    table = standard_ranks()
    write_ranks(tmp_path / f"ranks.{suffix}", table)
    again = read_ranks(tmp_path / f"ranks.{suffix}")
    assert again.ranks == table.ranks
    assert again.levels == table.levels
    rules = RuleSet(
        name="市委规则",
        keys=[
            SortKey(key="leadership"),
            SortKey(key="level", descending=True),
            SortKey(key="rank", on=False),
        ],
        departments=[Department(name="市水利局", id="d1", aliases=["水利局"]), Department(name="市教育局")],
        honour="right",
        even="A",
        front_rows=3,
    )
    write_rules(tmp_path / f"rules.{suffix}", rules)
    loaded = read_rules(tmp_path / f"rules.{suffix}")
    loaded.id = rules.id
    assert loaded == rules


@pytest.mark.clause("3.1.6.3.1", "3.1.6.3.2")
def test_people_are_synchronised_from_the_oa_system() -> None:
    document = template("u")
    history = History(document)
    full = {
        "people": [
            {"id": "1", "name": "甲", "rank": "一级科员"},
            {"id": "2", "name": "乙", "rank": "二级科员"},
        ]
    }
    first = sync_full(document, full)
    assert first.edit is not None
    history.run(first.edit)
    history.run(Arrange())
    changed = {
        "changes": [
            {"type": "added", "person": {"id": "3", "name": "丙", "rank": "二级科员", "unit": "教育局"}},
            {"type": "cancelled", "person": {"id": "2"}},
            {"type": "changed", "person": {"id": "1", "name": "甲", "rank": "四级主任科员", "post": "科长"}},
        ]
    }
    second = sync_changes(document, changed)
    assert (second.added, second.cancelled, second.changed) == (["3"], ["2"], ["1"])
    assert second.edit is not None
    history.run(second.edit)
    assert document.people_map()["1"].post == "科长"
    assert "2" not in document.plan.seats.values(), "who is cancelled leaves the seat"
    assert sync_changes(document, changed).edit is None, "the same changes twice are harmless"
    with pytest.raises(FormatError, match="第 1 条"):
        sync_changes(document, {"changes": [{"type": "promoted", "person": {"id": "1", "name": "甲"}}]})


def _published() -> History:
    document = template("u")
    document.people = [
        Person(id="in", name="甲", number=1, user_id="u1", phone="13800000001"),
        Person(id="in2", name="乙", number=2, user_id="u2"),
        Person(id="out", name="丙", number=3, external=True, phone="13800000003"),
        Person(id="away", name="丁", number=4, user_id="u4", status="leave"),
    ]
    history = History(document)
    history.run(Arrange())
    history.run(Publish("2026-03-01T09:00", recipients(document).chat))
    return history


@pytest.mark.clause("3.1.6.4.4", "3.1.6.4.5")
def test_the_plan_goes_to_attendees_in_the_system_only() -> None:
    document = _published().document
    assert recipients(document) == (["in", "in2"], ["out"], [])
    assert recipients(document, frozenset({"in2"})).chat == ["in"]
    assert [may_view(document, user) for user in ("u1", "u2", "u4", "", "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    document.meeting.title = "全市安全生产工作会议"
    text = invitation(document, "out")
    assert "丙同志" in text
    assert "您的座位：上" in text


def test_later_versions_notify_only_those_who_changed() -> None:
    history = _published()
    assert to_notify(history.document) == []
    seats = {person: seat for seat, person in history.document.plan.seats.items()}
    history.run(SwapSeats(seats["in"], seats["out"]))
    assert to_notify(history.document) == ["in", "out"]


@pytest.mark.clause("3.1.6.4.8")
def test_check_in_counts_and_the_rolling_list() -> None:
    history = _published()
    document = history.document
    assert [p.id for p in by_phone(document, "+86 138-0000-0001")] == ["in"]
    assert by_phone(document, "1") == []
    history.run(CheckIn("in2", "2026-03-02T08:55"))
    history.run(CheckIn("out", "2026-03-02T08:56", "manual"))
    assert counts(document) == (3, 2, 1, 3)
    assert [(a.name, a.way) for a in arrivals(document)] == [("丙", "manual"), ("乙", "qr")]
