"""Tables, slides, PDF, web pages and old formats become text with structure and places."""

from __future__ import annotations

import io
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from offline_ai.documents.extract import extract
from offline_ai.documents.legacy import convert, find_program
from offline_ai.documents.pictures import tidy
from offline_ai.errors import ConversionFailed, EmptyDocument, MissingComponent, UnknownFormat
from offline_ai.proofread.engine import proofread

needs_office = pytest.mark.skipif(find_program() is None, reason="LibreOffice is not installed")


def xlsx() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "储备清单"
    sheet.append(["物资", "数量", "日期"])
    sheet.append(["编织袋", 200.0, datetime(2026, 5, 8)])
    sheet.append([None, None, None])
    hidden = book.create_sheet("隐藏")
    hidden.append(["不应读到"])
    hidden.sheet_state = "hidden"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def pptx() -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    first: Any = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "防汛动员"
    second: Any = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "三项任务"
    second.placeholders[1].text = "排查隐患\n储备物资"
    table = second.shapes.add_table(1, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "单位", "人数"
    second.notes_slide.notes_text_frame.text = "讲五分钟"
    held = io.BytesIO()
    deck.save(held)
    return held.getvalue()


def docx(*paragraphs: str) -> bytes:
    import docx as library

    document = library.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def test_a_workbook_is_read_sheet_by_sheet_without_what_is_hidden() -> None:
    document = extract(xlsx(), "清单.xlsx")
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "储备清单"),
        ("row", "物资\t数量\t日期"),
        ("row", "编织袋\t200\t2026-05-08"),
    ]


def test_slides_give_titles_points_tables_and_notes() -> None:
    document = extract(pptx(), "动员.pptx")
    assert document.title == "防汛动员"
    assert [(block.kind, block.text, block.page) for block in document.blocks[1:]] == [
        ("heading", "三项任务", 2),
        ("paragraph", "排查隐患", 2),
        ("paragraph", "储备物资", 2),
        ("row", "单位\t人数", 2),
        ("paragraph", "讲五分钟", 2),
    ]


def test_a_web_page_gives_what_is_read_and_nothing_else() -> None:
    page = """<!DOCTYPE html><html><head><title>窗口标题</title><style>p{}</style></head><body><script>var a=1;</script>
    <h1>关于放假的通知</h1><p>各单位：<br>放假三天。</p><div hidden>看不见</div><table><tr><th>日</th><td>一</td></tr></table>
    <ul><li>值班</li></ul></body></html>"""
    document = extract(page.encode(), "a.html")
    assert document.title == "关于放假的通知"
    assert [block.text for block in document.blocks] == [
        "关于放假的通知",
        "各单位：",
        "放假三天。",
        "日\t一",
        "值班",
    ]


def test_a_pdf_gives_paragraphs_with_pages_boxes_and_fonts(qapp) -> None:
    data = pdf(
        "关于切实做好防汛工作的通知",
        "各区县人民政府：",
        "　　" + "为切实做好全市防汛工作，确保人民群众生命财产安全，现将有关事项通知如下。" * 4,
        "　　一、提高认识",
    )
    document = extract(data, "a.pdf")
    assert [block.text for block in document.blocks][:2] == ["关于切实做好防汛工作的通知", "各区县人民政府："]
    assert len(document.blocks) == 4, [block.text for block in document.blocks]
    assert document.blocks[2].text.count("现将有关事项") == 4
    assert document.blocks[3].level == 1
    box = document.blocks[2].box
    assert box is not None
    assert box.page == 1
    assert 0.1 < box.left < box.right < 0.95
    assert document.layout is not None
    assert (round(document.layout.width), round(document.layout.height)) == (210, 297)
    assert document.blocks[0].style is not None
    assert document.blocks[0].style.size > document.blocks[2].style.size  # type: ignore[union-attr]


def pdf(title: str, *paragraphs: str, letter: bool = False) -> bytes:
    from PySide6.QtCore import QBuffer, QMarginsF
    from PySide6.QtGui import QPageSize, QPdfWriter, QTextDocument

    held = QBuffer()
    held.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(held)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(28, 37, 26, 35))
    writer.setResolution(300)
    text = QTextDocument()
    text.documentLayout().setPaintDevice(writer)
    text.setPageSize(writer.pageLayout().paintRectPixels(300).size().toSizeF())
    body = "".join(f"<p style='font-size:16pt'>{one}</p>" for one in paragraphs)
    text.setHtml(f"<p align='center' style='font-size:22pt'>{title}</p>{body}")
    text.print_(writer)
    held.close()
    return bytes(held.data().data())


@pytest.mark.clause("3.2.5.2.6")
def test_the_pages_of_a_pdf_are_proofread(qapp) -> None:
    words = ("各区水利局：", "一、提高认识", "请认真落实。")
    for letter in (False, True):
        report = proofread(extract(pdf("郑州市水利局关于防汛工作的通知", *words, letter=letter), "a.pdf"))
        assert ("P5" in {one.rule.id for one in report.findings}) is letter
        assert "P6" in {one.rule.id for one in report.findings}
        unchecked = {one.rule.id: one.why for one in report.unchecked}
        assert unchecked.keys() == {"P4", "P5", "C6"}
        # One page: the letterhead hides where the type area begins.
        assert unchecked["P5"] == "只核对了纸张和订口；天头无法确定，未检。"


def long_pdf(top: float = 37, left: float = 28, heading: str = "Noto Sans CJK SC") -> bytes:
    """Pages of a letter as an office program sets them."""
    from PySide6.QtCore import QBuffer, QMarginsF, QPointF
    from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter

    held = QBuffer()
    held.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(held)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(300)
    painter = QPainter(writer)
    mm = 300 / 25.4
    for page in (1, 2, 3):
        if page > 1:
            writer.newPage()
        for row in range(22):
            if page == 1 and row < 6:
                continue
            first = row % 5 == 0
            painter.setFont(QFont(heading if first else "Noto Serif CJK SC", 16))
            sign = "一二三"[page - 1] + "甲乙丙丁戊己庚辛壬癸"[row % 10]
            words = (
                f"一、进一步提高思想认识{sign}"
                if first
                else f"为切实做好全市防汛工作确保人民群众生命财产{sign}"
            )
            x = (left if page % 2 else 210 - left - 156) + (11.3 if first else 0)
            painter.drawText(QPointF(x * mm, (top + 7.6 + row * 10.2) * mm), words)
        number = f"— {page} —"
        painter.setFont(QFont("Noto Serif CJK SC", 14))
        painter.drawText(QPointF(170 * mm, 270 * mm), number)
    painter.end()
    held.close()
    return bytes(held.data().data())


@pytest.mark.clause("3.2.5.2.6")
def test_margins_and_numbers_of_a_pdf_are_told_from_the_type(qapp) -> None:
    def found(data: bytes) -> tuple[list[str], set[str]]:
        report = proofread(extract(data, "a.pdf"))
        hits = [f"{one.rule.id} {one.why}" for one in report.findings if one.rule.id in ("P4", "P5")]
        return hits, {one.rule.id for one in report.unchecked}

    # Facing pages have their binding at opposite sides.
    assert found(long_pdf()) == ([], {"C6"})
    assert found(long_pdf(top=25))[0] == ["P5 文字距页顶约 28 mm。"]
    assert found(long_pdf(left=20))[0] == ["P5 文字距左边约 20 mm。"]


def test_a_line_that_two_pages_show_is_read_once(qapp) -> None:
    words = [f"第{n}项措施由市水利局会同有关部门抓好落实并于月底前报送进展情况" * 2 + "。" for n in range(60)]
    document = extract(pdf("郑州市水利局关于防汛工作的通知", *words), "a.pdf")
    assert [block.text for block in document.blocks if block.text.startswith("第")] == words


def test_a_scan_in_a_pdf_says_that_it_holds_no_text() -> None:
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(held, "PDF")
    with pytest.raises(EmptyDocument, match="扫描"):
        extract(held.getvalue(), "a.pdf")


@needs_office
def test_old_formats_go_through_the_office_program() -> None:
    old = convert(docx("一、提高认识", "请认真落实。"), "docx", "doc")
    document = extract(old, "旧.wps")
    assert [(block.text, block.level) for block in document.blocks] == [
        ("一、提高认识", 1),
        ("请认真落实。", 0),
    ]
    sheet = extract(convert(xlsx(), "xlsx", "xls"), "旧.xls")
    assert "编织袋\t200\t2026-05-08" in sheet.text
    assert "不应读到" not in sheet.text


def test_an_office_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("a shell script stands for the program")
    marker = tmp_path / "child"
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 60 & echo $! > {marker}\nwait\n", encoding="utf-8")
    program.chmod(0o755)
    started = time.monotonic()
    with pytest.raises(ConversionFailed, match="停止"):
        convert(b"x", "doc", "docx", seconds=1.0, program=str(program))
    assert time.monotonic() - started < 20
    child = int(marker.read_text())
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.kill(child, 0)
            if _zombie(child):
                raise ProcessLookupError
            time.sleep(0.05)


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_without_the_office_program_the_clerk_is_told_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr("offline_ai.documents.legacy.find_program", lambda: None)
    with pytest.raises(MissingComponent) as caught:
        convert(b"x", "doc", "docx")
    assert "docx" in caught.value.hint


def test_a_package_of_an_unknown_kind_is_refused() -> None:
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("a.txt", "x")
    with pytest.raises(UnknownFormat):
        extract(held.getvalue(), "a.zip")


def test_brackets_round_a_year_are_made_even() -> None:
    assert tidy("郑政办[2025]12号") == tidy("郑政办【2025】12号") == "郑政办〔2025〕12号"
    assert tidy("（2025）年度") == "（2025）年度"
    assert tidy("各区县(市)人民政府,各单位:") == "各区县（市）人民政府，各单位："
    assert tidy("时间8:30，GB/T(2012)") == "时间8:30，GB/T(2012)"
