"""Synchronising with an OA simulator over real HTTP: whole lists in pages, changes, refusals, the token kept secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bed.oa import MEETING, TOKEN, OaSimulator

from meeting_seat_designer.cli import OA_TOKEN, main
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.files import load, save
from meeting_seat_designer.engine.templates import template
from meeting_seat_designer.oa.client import OaClient, OaError, TooOld
from meeting_seat_designer.oa.synchronise import fetch


@pytest.fixture
def oa() -> Iterator[OaSimulator]:
    made = OaSimulator()
    for number in range(5):
        made.change("added", id=f"{number}", name=f"员{number}", unit="水利局", rank="一级科员")
    yield made
    made.close()


@pytest.mark.clause("3.1.6.3", "3.1.6.3.1", "3.1.6.3.2")
def test_whole_list_then_changes_then_whole_again_when_too_old(oa: OaSimulator) -> None:
    document = template("u")
    history = History(document)
    with OaClient(oa.url, TOKEN) as client:
        first = fetch(document, client, MEETING)
        assert first.whole
        assert first.meeting == {"title": "工作会议", "place": "第一会议室"}
        assert first.synced.added == ["0", "1", "2", "3", "4"], "all three pages"
        assert first.synced.edit is not None
        history.run(first.synced.edit)
        history.run(Arrange())
        oa.change("added", id="9", name="新人", unit="教育局", rank="二级科员")
        oa.change("cancelled", id="1")
        oa.change("changed", id="0", name="员0", unit="水利局", rank="四级主任科员", post="科长")
        second = fetch(document, client, MEETING, first.version)
        assert not second.whole
        assert tuple(second.synced[1:]) == (["9"], ["1"], ["0"])
        assert second.synced.edit is not None
        history.run(second.synced.edit)
        assert document.people_map()["0"].post == "科长"
        assert "1" not in document.plan.seats.values()
        assert fetch(document, client, MEETING, second.version).synced.edit is None
        oa.forgotten = 100
        third = fetch(document, client, MEETING, second.version)
        assert third.whole
        assert third.synced.edit is None, "the whole list says nothing new"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (403, b"{}", "无权读取"),
        (404, b"{}", "没有这个会议"),
        (429, b"{}", "过于频繁"),
        (500, b"boom", "OA 系统出错（500）"),
        (302, b"", "意外的状态 302"),
        (200, b"<html>", "不是 JSON"),
        (200, b"[]", "不合接口约定"),
        (200, b'{"version": 3}', "不合接口约定"),
        (200, b'{"version": "3"}', "列表 people"),
        (200, b'{"version": "3", "people": []}', "空名单"),
        (200, b'{"version": "3", "people": [{"id": "1"}]}', "缺少必填项 name"),
        (200, b" " * (20 * 1024 * 1024 + 1), "过大"),
    ],
)
def test_refusals_and_nonsense_change_nothing_and_never_show_the_token(
    oa: OaSimulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    body: bytes,
    message: str,
) -> None:
    plan = tmp_path / "plan.json"
    document = template("u")
    with OaClient(oa.url, TOKEN) as client:
        edit = fetch(document, client, MEETING).synced.edit
    assert edit is not None
    History(document).run(edit)
    save(document, plan)
    before = plan.read_bytes()
    oa.break_with = (status, body)
    monkeypatch.setenv(OA_TOKEN, TOKEN)
    assert main(["sync", str(plan), "--url", oa.url, "--meeting", MEETING]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert TOKEN not in said
    assert plan.read_bytes() == before


def test_the_sync_command_keeps_the_version_in_the_file(
    oa: OaSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.json"
    save(template("u"), plan)
    assert main(["sync", str(plan), "--url", oa.url, "--meeting", MEETING]) == 2
    assert OA_TOKEN in capsys.readouterr().err
    monkeypatch.setenv(OA_TOKEN, TOKEN)
    assert main(["sync", str(plan), "--url", oa.url]) == 2
    assert "--meeting" in capsys.readouterr().err
    assert main(["sync", str(plan), "--url", oa.url, "--meeting", MEETING]) == 0
    assert "已同步全部名单：新增 5 人" in capsys.readouterr().out
    oa.change("cancelled", id="2")
    assert main(["sync", str(plan), "--url", oa.url]) == 0
    out = capsys.readouterr().out
    assert "取消：员2（水利局）" in out
    assert "已同步变更：新增 0 人，取消 1 人，变更 0 人" in out
    assert load(plan).meeting.oa_version == "6"
    assert load(plan).meeting.title == "工作会议"
    assert main(["sync", str(plan), "--url", oa.url, "--whole"]) == 0
    assert "已同步全部名单：新增 0 人" in capsys.readouterr().out


def test_bad_pages_wrong_tokens_and_plain_http_are_refused(oa: OaSimulator) -> None:
    oa.loop_pages = True
    with OaClient(oa.url, TOKEN) as client, pytest.raises(OaError, match="分页有误"):
        client.attendees(MEETING)
    with OaClient(oa.url, "wrong") as client, pytest.raises(OaError, match="令牌无效"):
        client.attendees(MEETING)
    with pytest.raises(OaError, match="https"):
        OaClient("http://oa.example.gov.cn/v1", TOKEN)
    with pytest.raises(OaError, match="https"):
        OaClient("ftp://oa", TOKEN)
    oa.forgotten = 3
    with OaClient(oa.url, TOKEN) as client, pytest.raises(TooOld):
        client.changes(MEETING, "1")
    oa.close()
    with OaClient(oa.url, TOKEN, timeout=2) as client, pytest.raises(OaError, match="无法连接"):
        client.attendees(MEETING)
