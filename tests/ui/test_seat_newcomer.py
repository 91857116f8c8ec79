"""A newcomer's first hour in minutes: a real office's spreadsheet, with its habits and mistakes, to plan, cards, sign-in."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import Workbook, load_workbook
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from seat_editor_bed import Bed

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.templates import template

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = (
    "建国",
    "伟",
    "芳",
    "志强",
    "秀英",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "桂英",
    "文博",
    "丽华",
    "海燕",
    "国庆",
    "晓东",
    "红梅",
    "立军",
    "玉兰",
    "春生",
    "思远",
    "雪",
    "鹏飞",
    "嘉怡",
    "浩然",
    "梓涵",
    "子墨",
    "欣",
    "旭东",
)
UNITS = [f"市{name}" for name in (
    "发展改革委", "教育局", "科技局", "工业和信息化局", "公安局", "民政局", "司法局", "财政局", "人社局", "自然资源局",
    "生态环境局", "住房城乡建设局", "交通运输局", "水利局", "农业农村局", "商务局", "文化广电和旅游局", "卫生健康委", "应急管理局", "审计局",
)]  # fmt: skip
POSTS = (
    "局长",
    "副局长",
    "副局长",
    "办公室主任",
    "科长",
    "科长",
    "副科长",
    "科员",
    "科员",
    "科员",
    "科员",
    "科员",
)
RANKS = {
    "局长": "正处级",
    "副局长": "副处级",
    "办公室主任": "正科级",
    "科长": "正科级",
    "副科长": "副科级",
    "科员": "一级科员",
}


def office_list(path: Path) -> None:
    """240 people as an office writes them: a title over the table, a number column, units in merged cells, spaces in
    names, remarks behind them, phones as numbers and with words, a line twice, and a sum at the foot."""
    book = Workbook()
    sheet = book.active
    sheet.append(["全市安全生产工作会议参会人员名单"])
    sheet.merge_cells("A1:F1")
    sheet.append(["序号", "单　位", "姓 名", "职务", "职级", "联系电话"])
    row = 3
    for unit_number, unit in enumerate(UNITS):
        first = row
        for number in range(12):
            n = unit_number * 12 + number
            name = name_of(n)
            phone: object = 13700000000 + n
            if n == 17:
                phone = "137 0000 0017（办）"
            if n == 40:
                phone = "1370000004"  # One digit is missing.
            if len(name) == 2:
                name = f"{name[0]}　{name[1]}"
            if n == 3:
                name += "（带队）"
            rank = RANKS[POSTS[number]]
            if n == 55:
                rank = "科级"  # No such rank.
            sheet.append([n + 1, unit if number == 0 else None, name, POSTS[number], rank, phone])
            row += 1
        sheet.merge_cells(start_row=first, end_row=row - 1, start_column=2, end_column=2)
    # Somebody pasted the last line twice.
    sheet.append([241, UNITS[-1], name, POSTS[11], RANKS[POSTS[11]], phone])
    sheet.append([None, None, "合计", "240人", None, None])
    book.save(path)


def name_of(n: int) -> str:
    """The n-th person of the list."""
    return SURNAMES[n % len(SURNAMES)] + GIVEN[n * 5 % len(GIVEN)]


def seated(document: Document) -> list[tuple[str, str]]:
    """Seat codes and names."""
    people, seats = document.people_map(), document.seat_map()
    return [(seats[seat][1].code, people[who].name) for seat, who in document.plan.seats.items()]


def pdf_text(path: Path) -> str:
    """All words of a PDF without spaces."""
    pdf = pypdfium2.PdfDocument(path)
    words = "".join(pdf[page].get_textpage().get_text_range() for page in range(len(pdf)))
    pdf.close()
    return "".join(words.split())


class Camera:
    """Writes a picture of each step where somebody wants to look (`ZD_WALK`)."""

    def __init__(self) -> None:
        self._folder = os.environ.get("ZD_WALK", "")
        self._count = 0

    def take(self, widget: QWidget, name: str) -> None:
        if self._folder:
            self._count += 1
            QApplication.processEvents()
            QTest.qWait(120)
            widget.grab().save(str(Path(self._folder) / f"{self._count:02}-{name}.png"))

    def keep(self, *files: Path) -> None:
        """The first page of what was written."""
        for file in files if self._folder else ():
            pdf = pypdfium2.PdfDocument(file)
            pdf[0].render(scale=1.2).to_pil().save(Path(self._folder) / f"out-{file.stem}.png")
            pdf.close()


@pytest.mark.clause("3.1.6.3", "3.1.6.4.1", "3.1.6.4.3", "3.1.6.4.6")
def test_from_an_offices_spreadsheet_to_plan_cards_and_sign_in(qtbot, tmp_path: Path, record_property):
    source = tmp_path / "参会名单.xlsx"
    office_list(source)
    camera, took = Camera(), {}
    document = template("theatre")
    document.meeting.title = "全市安全生产工作会议"
    document.meeting.start = "2026-12-03T09:00"
    document.meeting.end = "2026-12-03T11:00"
    bed = Bed(qtbot, document)
    bed.themes.apply(QApplication.instance())
    editor = bed.editor
    editor.resize(1302, 768)
    camera.take(editor, "empty")
    began = time.perf_counter()

    editor.dialogs.choose_file = lambda _title, _kinds: str(source)
    editor.people.import_asked.emit()
    dialog = editor.dialogs.opened
    qtbot.waitUntil(lambda: dialog.table is not None, timeout=10_000)
    camera.take(dialog, "import")
    assert dialog.told.text().startswith("共 240 人：新增 240 人，3 处请核对")
    said = dialog.problems.toPlainText().splitlines()
    assert [one.split("：", 1)[1] for one in said[:2]] == [
        f"{name_of(3)}：“带队”记入备注",
        f"{name_of(40)}：手机号“1370000004”应为 11 位，没有导入",
    ]
    assert said[2] == f"{name_of(239)}（市审计局）有完全相同的一行，只导入一次"
    assert dialog.columns["phone"].currentText() == "联系电话"
    dialog.go.click()
    bed.settle()
    camera.take(editor, "imported")
    took["import"] = time.perf_counter() - began

    people = editor.editing.document.people
    assert [one.name for one in people] == [name_of(n) for n in range(240)]
    assert [one.unit for one in people] == [UNITS[n // 12] for n in range(240)]
    assert people[17].phone == "13700000017"
    assert [one.name for one in editor.editing.document.rules.departments] == UNITS
    step = time.perf_counter()
    editor.bar.arrange.click()
    preview = editor.dialogs.opened
    qtbot.waitUntil(preview.apply.isEnabled, timeout=10_000)
    camera.take(preview, "arrange")
    preview.apply.click()
    bed.settle()
    camera.take(editor, "arranged")
    took["arrange"] = time.perf_counter() - step
    # One click from seated: who has a rank that does not exist, with the fix beside it.
    unknown = next(one for one in editor.editing.warnings if one.code == "unknown_rank")
    assert name_of(55) in unknown.text
    editor.editing.fix(unknown.fix)
    editor.dialogs.arrange("gaps")
    preview = editor.dialogs.opened
    qtbot.waitUntil(preview.apply.isEnabled, timeout=10_000)
    preview.apply.click()
    bed.settle()
    assert len(editor.editing.document.plan.seats) == 240
    codes = [code for code, _name in seated(editor.editing.document)]
    assert len(set(codes)) == 240

    step = time.perf_counter()
    editor.dialogs.output()
    output = editor.dialogs.opened
    qtbot.waitUntil(lambda: not output.preview.picture.isNull(), timeout=10_000)
    camera.take(output, "output")
    output.write(tmp_path / "座位图.pdf")
    qtbot.waitUntil(lambda: editor.dialogs.opened is None, timeout=30_000)
    editor.dialogs.output()
    output = editor.dialogs.opened
    output.formats.setCurrentIndex(output.formats.findData("xlsx"))
    bed.settle()
    camera.take(output, "output-sign-in")
    output.write(tmp_path / "签到.xlsx")
    qtbot.waitUntil(lambda: editor.dialogs.opened is None, timeout=30_000)
    took["plan and sign-in"] = time.perf_counter() - step

    step = time.perf_counter()
    editor.dialogs.cards()
    cards = editor.dialogs.opened
    qtbot.waitUntil(lambda: not cards.preview.picture.isNull(), timeout=30_000)
    camera.take(cards, "cards")
    cards.write(tmp_path / "座牌.pdf")
    qtbot.waitUntil(lambda: editor.dialogs.opened is None, timeout=60_000)
    took["cards"] = time.perf_counter() - step
    took["all"] = time.perf_counter() - began
    for name, seconds in took.items():
        record_property(name, f"{seconds:.1f} s")
    # The program's part of ten minutes; the rest is the clerk's reading.
    assert took["all"] < 60
    camera.keep(tmp_path / "座位图.pdf", tmp_path / "座牌.pdf")

    text = pdf_text(tmp_path / "座位图.pdf")
    assert all(name_of(n) in text for n in range(240))
    cards_of = pypdfium2.PdfDocument(tmp_path / "座牌.pdf")
    assert len(cards_of) == 240
    cards_of.close()
    book = load_workbook(tmp_path / "签到.xlsx")
    rows = [row for row in book["签到表"].iter_rows(min_row=4, values_only=True) if row[1]]
    assert sorted(row[1] for row in rows) == sorted(name_of(n) for n in range(240))
    assert list(dict.fromkeys(row[2] for row in rows)) == UNITS
