"""Proofread documents go out as docx: marked with comments, or corrected, with everything else as it was."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bed.letters import letter, photo, picture

from offline_ai.documents.extract import extract, extract_file
from offline_ai.official.elements import elements
from offline_ai.official.receiving import FIELDS, receive
from offline_ai.proofread.engine import proofread
from offline_ai.proofread.export import export_corrected, export_marked

FLOOD = Path(__file__).parents[1] / "data" / "ai" / "flood.txt"


def docx_with_runs() -> bytes:
    import docx as library
    from docx.shared import Pt

    book = library.Document()
    book.add_paragraph("郑州市水利局关于防汛工作的通知")
    paragraph = book.add_paragraph("　　根据郑政办[20")
    bold = paragraph.add_run("25]12号和《条例》")
    bold.bold = True
    bold.font.size = Pt(16)
    paragraph.add_run("、《办法》，截止5月底完成。")
    table = book.add_table(rows=1, cols=1)
    table.cell(0, 0).text = "星期5"
    book.add_paragraph("请遵照执行。")
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_the_corrected_docx_has_the_fixes_and_keeps_its_formats() -> None:
    import docx as library

    original = docx_with_runs()
    document = extract(original, "a.docx")
    report = proofread(document)
    made = export_corrected(document, [one for one in report.findings if one.mechanical], original)
    text = extract(made, "b.docx").text
    assert "根据郑政办〔2025〕12号和《条例》《办法》，截至5月底完成。" in text
    paragraph = library.Document(io.BytesIO(made)).paragraphs[1]
    assert any(run.bold and "12号" in run.text for run in paragraph.runs)


def test_the_marked_docx_has_a_comment_for_every_finding_and_the_same_text() -> None:
    import docx as library

    original = docx_with_runs()
    document = extract(original, "a.docx")
    report = proofread(document)
    made = export_marked(document, report.findings, original)
    assert extract(made, "b.docx").text == document.text
    book: Any = library.Document(io.BytesIO(made))
    comments = [comment.text for comment in book.comments]
    assert len(comments) == len(report.findings)
    assert any("F1 规定" in text and "〔2025〕" in text and "7.2.5" in text for text in comments)
    marked = "".join(run.text for run in book.paragraphs[1].runs if run.font.highlight_color is not None)
    assert "[2025]" in marked
    assert "截止" in marked
    assert "根据" not in marked


def docx_with_table() -> bytes:
    """A table with a cell of two paragraphs, a cell inside a cell, an empty first cell and text of several runs."""
    import docx as library

    book = library.Document()
    book.add_paragraph("关于报送进展的通知")
    table = book.add_table(rows=2, cols=3)
    table.cell(0, 0).text = ""
    cell = table.cell(0, 1)
    cell.text = "巡查3、4"
    cell.paragraphs[0].add_run("天").bold = True
    cell.add_paragraph("  截止5月底")
    table.cell(0, 2).text = "《条例》、《办法》"
    inner = table.cell(1, 0).add_table(1, 1)
    inner.cell(0, 0).text = "星期5"
    table.cell(1, 1).text = "其它"
    table.cell(1, 2).text = "合格"
    book.add_paragraph("其它事项另行通知。")
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.clause("3.2.5.2.6")
def test_findings_in_a_table_are_marked_in_their_cells() -> None:
    import docx as library

    original = docx_with_table()
    document = extract(original, "a.docx")
    report = proofread(document)
    made = export_marked(document, report.findings, original)
    assert extract(made, "b.docx").text == document.text
    book = library.Document(io.BytesIO(made))
    (table,) = book.tables

    def marked(paragraphs: Any) -> list[str]:
        return [
            "".join(run.text for run in one.runs if run.font.highlight_color is not None)
            for one in paragraphs
        ]

    assert marked(table.cell(0, 1).paragraphs) == ["3、4", "截止"]
    assert marked(table.cell(0, 2).paragraphs) == ["、"]
    assert marked(table.cell(1, 0).tables[0].cell(0, 0).paragraphs) == ["星期5"]
    assert marked(table.cell(1, 1).paragraphs) == ["其它"]
    assert marked(table.cell(1, 2).paragraphs) == [""]
    assert marked(book.paragraphs)[-1] == "其它"
    assert len(list(book.comments)) == len(report.findings)
    fixed = library.Document(
        io.BytesIO(export_corrected(document, [one for one in report.findings if one.mechanical], original))
    )
    (table,) = fixed.tables
    assert [one.text for one in table.cell(0, 1).paragraphs] == ["巡查三四天", "  截至5月底"]
    assert any(run.bold and run.text == "天" for run in table.cell(0, 1).paragraphs[0].runs)
    assert table.cell(0, 2).text == "《条例》《办法》"
    assert table.cell(1, 0).tables[0].cell(0, 0).text == "星期五"


def test_a_table_of_another_format_stays_a_table() -> None:
    import docx as library

    document = extract("# 值班安排\n\n| 单位 | 时间 |\n|---|---|\n| 水利局 | 星期5 |\n".encode(), "a.md")
    report = proofread(document)
    book = library.Document(io.BytesIO(export_marked(document, report.findings)))
    (table,) = book.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["单位", "时间"],
        ["水利局", "星期5"],
    ]
    (run,) = [run for run in table.cell(1, 1).paragraphs[0].runs if run.font.highlight_color is not None]
    assert run.text == "星期5"


def test_other_formats_become_a_docx() -> None:
    document = extract("会议要求,认真落实。\n星期5召开。".encode(), "a.txt")
    report = proofread(document)
    assert (
        extract(export_corrected(document, report.findings), "b.docx").text
        == "会议要求，认真落实。\n星期五召开。"
    )
    assert extract(export_marked(document, report.findings), "b.docx").text == document.text


@pytest.mark.clause("3.2.5.2.6")
def test_the_pages_of_a_real_docx_are_checked() -> None:
    import docx as library
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    def made(*, a4: bool, top: float, fonts: tuple[str, str], footer: str) -> set[str]:
        book: Any = library.Document()
        section = book.sections[0]
        section.page_width, section.page_height = (Mm(210), Mm(297)) if a4 else (Mm(216), Mm(279))
        section.top_margin, section.left_margin = Mm(top), Mm(28)
        paragraph = section.footer.paragraphs[0]
        before, _, after = footer.partition("1")
        paragraph.add_run(before)
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), " PAGE ")
        paragraph._p.append(field)
        paragraph.add_run(after)
        book.add_paragraph("郑州市水利局关于防汛工作的通知")
        book.add_paragraph("各区水利局：")
        for text, font in zip(("一、提高认识", "（一）加强巡查"), fonts, strict=True):
            run = book.add_paragraph().add_run(text)
            run.font.size = Pt(16)
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        held = io.BytesIO()
        book.save(held)
        report = proofread(extract(held.getvalue(), "a.docx"))
        assert not any(one.rule.layout for one in report.unchecked)
        return {one.rule.id for one in report.findings if one.rule.layout}

    assert made(a4=True, top=37, fonts=("黑体", "楷体_GB2312"), footer="— 1 —") == set()
    assert made(a4=False, top=25, fonts=("宋体", "黑体"), footer="第1页") == {"P4", "P5", "P6"}
    assert made(a4=True, top=25, fonts=("黑体", "楷体"), footer="-1-") == {"P4", "P5"}


@pytest.mark.clause("3.2.5.2.5")
def test_key_elements_are_told_with_their_place() -> None:
    document = extract_file(FLOOD)
    found = {one.name: one for one in elements(document)}
    assert found["来文单位"].value == "郑州市人民政府办公厅"
    assert found["文号"].value == "郑政办〔2026〕12号"
    assert found["标题"].value == "郑州市人民政府办公厅关于切实做好2026年防汛工作的通知"
    assert found["成文日期"].value == "2026-05-08"
    assert found["主送"].value == "各区县（市）人民政府，市人民政府各部门，各有关单位"
    assert found["附件"].value == "全市防汛物资储备清单"
    assert found["联系人"].value == "李强　67181234"
    assert "密级" not in found
    assert document.text[found["文号"].start : found["文号"].end] == "郑政办〔2026〕12号"


@pytest.mark.clause("3.2.5.2.7")
def test_a_skewed_scan_with_noise_and_seal_fills_the_registration_form(tmp_path: Path) -> None:
    what = letter(5)
    path = tmp_path / "scan.png"
    path.write_bytes(picture(what, 5))
    heard: list[float] = []
    form = receive(path, today=date(2026, 11, 26), tell=heard.append)
    assert [field.name for field in form.fields] == list(FIELDS)
    assert form.recognised
    assert heard[-1] == 1.0
    assert form.value("来文单位") == what.sender
    assert form.value("文号") == what.number
    assert form.value("标题") == what.title
    assert form.value("主送") == what.recipients
    assert form.value("收文日期") == "2026-11-26"
    number = next(field for field in form.fields if field.name == "文号")
    assert number.sure
    assert number.box is not None
    assert 0.3 < number.box.left < number.box.right < 0.7
    assert form.pages[0].startswith(b"\x89PNG")


@pytest.mark.clause("3.2.5.2.7")
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_photo_from_the_side_that_lies_any_way_is_made_square_and_read(tmp_path: Path, turns: int) -> None:
    what = letter(3)
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo(what, 3, turns=turns))
    form = receive(path, today=date(2026, 11, 26))
    for name, wanted in (
        ("来文单位", what.sender),
        ("文号", what.number),
        ("标题", what.title),
        ("主送", what.recipients),
    ):
        assert form.value(name) == wanted, name
    # The page that is shown is the upright one, and places are those in it.
    import cv2
    import numpy

    shown = cv2.imdecode(numpy.frombuffer(form.pages[0], numpy.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert 1.3 < shown.shape[0] / shown.shape[1] < 1.5
    number = next(field for field in form.fields if field.name == "文号")
    assert number.box is not None
    assert 0.3 < number.box.left < number.box.right < 0.7
    assert 0.2 < number.box.top < 0.3
    # Nothing of the desk is left: the corners are paper.
    assert all(int(shown[y, x].min()) > 90 for y in (6, -7) for x in (6, -7))


def test_scans_and_pictures_of_screens_are_left_whole() -> None:
    import numpy

    from offline_ai.documents.photos import squared
    from offline_ai.documents.pictures import decode_picture

    scan = decode_picture(picture(letter(1), 1))
    assert squared(scan) is scan
    screen = numpy.full((1000, 1600, 3), 30, numpy.uint8)
    screen[200:800, 400:1300] = 250
    assert squared(screen) is screen
    assert squared(numpy.zeros((400, 300, 3), numpy.uint8)).shape == (400, 300, 3)
