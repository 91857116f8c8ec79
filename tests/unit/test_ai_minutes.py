"""Minutes: transcripts of every kind become statements; decisions, open points and tasks are told with their sources."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from offline_ai.documents.extract import extract
from offline_ai.errors import EmptyDocument
from offline_ai.minutes.digest import agenda_of, digest, meeting_day
from offline_ai.minutes.export import as_docx, as_text
from offline_ai.minutes.transcript import UNKNOWN, parse_captions, parse_text, read_transcript
from offline_ai.models.origin import Origin
from offline_ai.text.words import Words

MEETING = Path(__file__).parents[1] / "data" / "ai" / "meeting.txt"
DAY = date(2026, 11, 26)
PEOPLE = {"王强": ("p-wang", "王强"), "财政局": ("u-cz", "郑州市财政局")}


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


def test_speakers_and_times_are_read_from_each_kind_of_transcript(tmp_path: Path) -> None:
    spoken = read_transcript(MEETING)
    assert spoken.heading[0] == "防汛工作调度会"
    assert [one.speaker for one in spoken.utterances][:4] == ["主持人", "张建国", "主持人", "李敏"]
    assert spoken.utterances[1].start == 30
    inline = parse_text(
        "[00:01:02] 张三：先说第一点。\n补充一句。\n李四（00:02:03）：好的。\n王五:没有意见。"
    )
    assert [(one.speaker, one.text, one.start) for one in inline.utterances] == [
        ("张三", "先说第一点。补充一句。", 62),
        ("李四", "好的。", 123),
        ("王五", "没有意见。", None),
    ]
    srt = "1\n00:00:01,000 --> 00:00:03,000\n张三：先说第一点\n\n2\n00:00:03,500 --> 00:00:05,000\n再说第二点。\n"
    assert [(one.speaker, one.text) for one in parse_captions(srt).utterances] == [
        ("张三", "先说第一点，再说第二点。")
    ]
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v 李四>同意。</v>\n\n00:03.000 --> 00:04.000\n<v 张三>好。\n"
    path = tmp_path / "a.vtt"
    path.write_text(vtt, encoding="utf-8")
    assert [(one.speaker, one.text, one.start) for one in read_transcript(path).utterances] == [
        ("李四", "同意。", 1),
        ("张三", "好。", 3),
    ]
    bare = parse_text("这是一段没有标明是谁说的会议记录文字。\n还有第二段没有标明是谁说的文字。")
    assert {one.speaker for one in bare.utterances} == {UNKNOWN}
    with pytest.raises(EmptyDocument):
        parse_text("\n\n")


@pytest.mark.clause("3.2.4.4")
def test_a_meeting_becomes_decisions_open_points_and_tasks_with_owner_and_date(words: Words) -> None:
    minutes = digest(read_transcript(MEETING), words, day=DAY, resolve=PEOPLE.get)
    assert minutes.title == "防汛工作调度会"
    assert minutes.origin is Origin.RULES
    assert [one.text for one in minutes.decisions] == [
        "好，同意先行抢修。",
        "会议决定，汛期实行24小时值班和领导带班制度。",
    ]
    assert len(minutes.open_points) == 2
    assert "维修资金还没定" in minutes.open_points[0].text
    tasks = {(one.owner, one.due) for one in minutes.actions}
    assert ("郑州市财政局", date(2026, 11, 30)) in tasks
    assert ("张建国", date(2026, 12, 2)) in tasks
    assert ("王强", date(2026, 11, 27)) in tasks
    by_owner = {one.owner: one for one in minutes.actions}
    assert by_owner["王强"].owner_id == "p-wang"
    assert by_owner["张建国"].owner_id == ""
    said = read_transcript(MEETING).utterances
    for one in minutes.actions:
        assert one.source.text in said[one.source.utterance].text
    assert [(one.first, one.last) for one in minutes.chapters] == [(0, 3), (4, 6)] or len(
        minutes.chapters
    ) >= 2
    assert {one.name for one in minutes.speakers} == {"主持人", "张建国", "李敏", "王强"}


def test_the_day_of_the_meeting_is_read_from_its_head() -> None:
    assert meeting_day(read_transcript(MEETING), date(2020, 1, 1)) == DAY
    assert meeting_day(parse_text("例会\n时间：上午9点\n张三：好。"), date(2020, 1, 1)) == date(2020, 1, 1)


def test_questions_and_done_work_are_no_tasks(words: Words) -> None:
    spoken = parse_text(
        "张三：方案是否由水利局负责报送？\n李四：上个月已经完成整改报送。\n王五：大家辛苦了。"
    )
    assert digest(spoken, words, day=DAY).actions == []


def test_minutes_go_out_as_docx_and_text(words: Words) -> None:
    minutes = digest(read_transcript(MEETING), words, day=DAY)
    text = extract(as_docx(minutes), "a.docx").text
    for part in ("防汛工作调度会", "决定事项", "待议问题", "待办事项", "2026-12-02", "规则与摘录生成"):
        assert part in text
    sent = as_text(minutes)
    assert "王强：" in sent
    assert "2026-11-27 前" in sent
    assert io.StringIO(sent).readline().strip() == minutes.title


RECORD = """城区防汛调度会
时间：2026年6月20日
主持人：王建国
主持人 王建国 09:00:05
同志们，现在开会。今天的议题是研究部署城区防汛工作，一是排查易涝点位，二是落实值班值守。
赵敏 09:02:10
易涝点位已经汇总，一共37处。
王建国 09:09:00
会议决定：由市应急局牵头，6月25日前完成37处易涝点位整改；由赵敏负责，明天下班前把点位清单发到各区；李强负责落实两台移动泵车，周五前到位。好，散会。
"""


@pytest.mark.clause("3.2.4.4")
def test_the_first_speech_of_a_named_chair_is_not_lost(words: Words) -> None:
    spoken = parse_text(RECORD)
    assert [(one.speaker, one.start) for one in spoken.utterances] == [
        ("王建国", 32405),
        ("赵敏", 32530),
        ("王建国", 32940),
    ]
    assert spoken.utterances[0].text.startswith("同志们，现在开会。")
    assert spoken.heading == ("城区防汛调度会", "时间：2026年6月20日", "主持人：王建国")


def test_words_before_the_first_name_are_kept_as_said_by_nobody_known() -> None:
    spoken = parse_text("例会\n同志们，现在开会，先传达文件。\n张三：好的。")
    assert [(one.speaker, one.text) for one in spoken.utterances] == [
        (UNKNOWN, "同志们，现在开会，先传达文件。"),
        ("张三", "好的。"),
    ]
    assert spoken.heading == ("例会",)


@pytest.mark.clause("3.2.4.4")
def test_all_of_a_list_of_decisions_is_told_and_the_chapter_bears_its_subject(words: Words) -> None:
    minutes = digest(parse_text(RECORD), words, day=date(2026, 6, 20))
    assert [one.title for one in minutes.chapters] == ["研究部署城区防汛工作"]
    assert [one.text for one in minutes.decisions] == [
        "会议决定：由市应急局牵头，6月25日前完成37处易涝点位整改。",
        "由赵敏负责，明天下班前把点位清单发到各区。",
        "李强负责落实两台移动泵车，周五前到位。",
    ]
    assert [(one.text, one.owner) for one in minutes.actions] == [
        ("由市应急局牵头，6月25日前完成37处易涝点位整改", "市应急局"),
        ("由赵敏负责，明天下班前把点位清单发到各区", "赵敏"),
        ("李强负责落实两台移动泵车，周五前到位", "李强"),
    ]


def test_a_term_of_an_older_transcript_is_kept_and_giving_the_floor_is_no_task(words: Words) -> None:
    spoken = parse_text(
        "王建国：请水利局先汇报防汛准备情况。\n李强：水库已全部检查。\n"
        "王建国：会议决定：剩余2处隐患由水利局于6月15日前完成整改；财政局安排专项资金200万元。"
        "请住建局7月底前提交改造方案。"
    )
    late = digest(spoken, words, day=date(2026, 11, 27)).actions
    assert [(one.owner, one.due, one.due_text) for one in late] == [
        ("水利局", None, "6月15日前"),
        ("财政局", None, ""),
        ("住建局", None, "7月底前"),
    ]
    then = digest(spoken, words, day=date(2026, 5, 27)).actions
    assert [(one.owner, one.due) for one in then] == [
        ("水利局", date(2026, 6, 15)),
        ("财政局", None),
        ("住建局", date(2026, 7, 31)),
    ]


AGENDA = """时间：2026年11月26日
王建国：今天会议有三个议题，先通报雨情水情，再研究物资储备，最后明确值守安排。
李强：城东片区隧道有积水隐患，建议尽快排查。
王建国：同意。决定由市应急管理局牵头，11月30日前完成隐患排查。
赵敏：经费来源还没有落实，需要下次会议再研究。
李强：值班表请各区县在本周五前报市水利局防汛抗旱处。
"""


@pytest.mark.clause("3.2.4.4")
def test_an_agenda_names_the_subjects_and_is_neither_an_open_point_nor_a_task(words: Words) -> None:
    minutes = digest(parse_text(AGENDA), words, day=date(2026, 11, 26))
    assert [one.title for one in minutes.chapters] == ["通报雨情水情；研究物资储备；明确值守安排"]
    assert [one.text for one in minutes.open_points] == ["经费来源还没有落实，需要下次会议再研究。"]
    assert [(one.owner, one.due) for one in minutes.actions] == [
        ("市应急管理局", date(2026, 11, 30)),
        ("各区县", date(2026, 11, 27)),
    ]
    assert agenda_of("会议决定一是完成排查，二是落实值守。") == []
