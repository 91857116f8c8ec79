"""The written files read back: PDF through Qt's reader, SVG as XML, pictures as pixels, tiles put together."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtPdf import QPdfDocument
from test_seat_print_plan import hard_names, seated

from meeting_seat_designer.cli import main
from meeting_seat_designer.engine.errors import EditError, FormatError
from meeting_seat_designer.engine.files import save
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Published
from meeting_seat_designer.engine.templates import template
from meeting_seat_designer.exports.export import export_plan, plan_bytes
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.papers import PAPERS, paper_named
from meeting_seat_designer.exports.pdf import BORDER, OVERLAP, tile_windows

POINT = 72 / 25.4


def opened(path: Path) -> QPdfDocument:
    reader = QPdfDocument()
    assert reader.load(str(path)) == QPdfDocument.Error.None_
    return reader


def words(reader: QPdfDocument, page: int = 0) -> str:
    return "".join(reader.getAllText(page).text().split())


def millimetres(reader: QPdfDocument, page: int = 0) -> tuple[int, int]:
    size = reader.pagePointSize(page)
    return round(size.width() / POINT), round(size.height() / POINT)


@pytest.fixture
def plan() -> Document:
    document = seated("u", hard_names(30), over=2)
    document.plan.published = Published(version=4, seats=dict(document.plan.seats))
    return document


@pytest.mark.clause("3.1.6.4.3")
@pytest.mark.parametrize(
    ("frame", "shown"), [("audience", "观众视角"), ("stage", "主席台视角"), ("entrance", "入口视角")]
)
def test_a_pdf_holds_every_name_the_frame_and_the_version_as_text(
    plan: Document, tmp_path: Path, frame: str, shown: str
) -> None:
    target = tmp_path / "plan.pdf"
    export_plan(plan, target, "pdf", frame=frame, printed="2026-03-01")
    reader = opened(target)
    assert reader.pageCount() == 1
    assert millimetres(reader) == (210, 297)
    text = words(reader)
    people = plan.people_map()
    for person in plan.plan.seats.values():
        name = "".join(people[person].label.split())
        if not any(ord(letter) > 0xFFFF for letter in name) and "·" not in name and len(name) < 5:
            assert name in text
    for expected in ("全市安全生产工作会议座位图", shown, "第4版", "2026-03-01打印", "待排（2人）", "左为尊"):
        assert expected in text
    assert not any(0x2E80 <= ord(letter) <= 0x2FDF for letter in text), "王 is found, not the radical ⽟"
    data = target.read_bytes()
    assert data.startswith(b"%PDF-")
    assert b"/FontFile" in data, "fonts travel with the file"
    assert not re.search(rb"/Subtype\s*/Image", data), "vector, no picture"


@pytest.mark.clause("3.1.6.4.3")
@pytest.mark.parametrize("paper", list(PAPERS))
def test_every_paper_from_a4_to_a0_has_its_exact_size(plan: Document, tmp_path: Path, paper: str) -> None:
    export_plan(plan, tmp_path / "p.pdf", "pdf", paper=paper)
    assert millimetres(opened(tmp_path / "p.pdf")) == PAPERS[paper]


def test_tiles_overlap_cover_the_sheet_and_show_what_the_sheet_shows(plan: Document, tmp_path: Path) -> None:
    export_plan(plan, tmp_path / "whole.pdf", "pdf", paper="A2")
    export_plan(plan, tmp_path / "tiles.pdf", "pdf", paper="A2", tile="A4")
    whole, tiles = opened(tmp_path / "whole.pdf"), opened(tmp_path / "tiles.pdf")
    width, height = PAPERS["A2"]
    small = paper_named("A4", landscape=millimetres(tiles)[0] > millimetres(tiles)[1])
    windows = tile_windows(width * 100, height * 100, small)
    assert tiles.pageCount() == len(windows) > 4
    assert max(tile.window.right for tile in windows) >= width * 100
    assert max(tile.window.bottom for tile in windows) >= height * 100
    first, second = windows[0], windows[1]
    assert first.window.right - second.window.left == pytest.approx(OVERLAP * 100)
    scale = 3
    sheet = whole.render(0, QSize(width * scale, height * scale))
    assert "第1行第1列" in words(tiles, 0)
    differing = compared = 0
    for number, tile in enumerate(windows):
        assert "裁切" in words(tiles, number)
        picture = tiles.render(number, QSize(int(small.width * scale), int(small.height * scale)))
        for dx in range(15, int(tile.window.width / 100) - 15, 4):
            for dy in range(15, int(tile.window.height / 100) - 15, 4):
                x, y = tile.window.left / 100 + dx, tile.window.top / 100 + dy
                if x >= width or y >= height:
                    continue
                a = QColor(sheet.pixel(int(x * scale), int(y * scale))).lightness()
                b = QColor(picture.pixel(int((BORDER + dx) * scale), int((BORDER + dy) * scale))).lightness()
                compared += 1
                differing += abs(a - b) > 90
    assert compared > 2000
    assert differing < compared * 0.01


@pytest.mark.clause("3.1.6.4.3")
def test_an_svg_is_in_millimetres_and_keeps_names_as_text(plan: Document, tmp_path: Path) -> None:
    export_plan(plan, tmp_path / "plan.svg", "svg")
    root = ElementTree.parse(tmp_path / "plan.svg").getroot()
    assert float(re.sub(r"[^\d.]", "", root.get("width", ""))) == pytest.approx(210, abs=0.1)
    texts = [("".join(node.itertext())).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "全市安全生产工作会议座位图" in texts
    assert "观众视角" in texts
    first = plan.people_map()[plan.plan.seats[plan.find_seat("上3")[1].id]].label
    assert any(text and text in first for text in texts)


@pytest.mark.clause("3.1.6.4.3")
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_pictures_have_the_asked_resolution_and_ink(plan: Document, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"plan.{kind}"
    export_plan(plan, target, kind, dpi=100)
    picture = QImage(str(target))
    assert (picture.width(), picture.height()) == (827, 1169)
    assert round(picture.dotsPerMeterX() * 0.0254) == 100
    assert target.read_bytes()[:3] == (b"\x89PN" if kind == "png" else b"\xff\xd8\xff")
    dark = sum(
        QColor(picture.pixel(x, y)).lightness() < 100 for x in range(0, 827, 2) for y in range(0, 1169, 2)
    )
    assert dark > 500
    assert QColor(picture.pixel(3, 3)).lightness() > 250


def test_refusals_say_what_to_do_and_leave_no_file(plan: Document, tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    for arguments, message in (
        ({"format": "png", "dpi": 5}, "分辨率应在 30 到 1200"),
        ({"format": "png", "dpi": 1200, "paper": "A0"}, "请把分辨率降到"),
        ({"format": "png", "paper": "A9"}, "没有纸张"),
        ({"format": "gif"}, "不支持的格式"),
        ({"format": "png", "tile": "A4"}, "拼接打印只用于 PDF"),
        ({"format": "xlsx", "by": "colour"}, "签到表只能按"),
        ({"format": "pdf", "frame": "moon"}, "未知的视角"),
    ):
        with pytest.raises(EditError, match=message):
            export_plan(plan, target, **arguments)
    with pytest.raises(FormatError, match="无法写入"):
        export_plan(plan, tmp_path / "no" / "x.pdf", "pdf")
    assert not list(tmp_path.iterdir())


def test_the_export_command(plan: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "plan.json"
    save(plan, source)
    assert main(["export", str(source), "--format", "pdf", "--frame", "stage"]) == 0
    assert "主席台视角，第 4 版" in capsys.readouterr().out
    assert "主席台视角" in words(opened(tmp_path / "plan.pdf"))
    assert main(["export", str(source), "--format", "pdf", "--paper", "B5"]) == 2
    assert "错误：没有纸张“B5”" in capsys.readouterr().err
    assert json.loads(source.read_text("utf-8"))["version"] == 1


def test_an_empty_plan_still_prints(tmp_path: Path) -> None:
    export_plan(template("banquet"), tmp_path / "e.pdf", "pdf")
    assert "应到0人" in words(opened(tmp_path / "e.pdf"))


async def test_a_worker_thread_prints_the_same_file(plan: Document) -> None:
    """The window hands printing of a large hall to a thread and stays alive meanwhile."""
    options = PlanOptions(printed="2026-03-01")
    here = plan_bytes(plan, "svg", options)
    there = await asyncio.to_thread(plan_bytes, plan, "svg", options)
    assert there == here
    pdf = await asyncio.to_thread(plan_bytes, plan, "pdf", options)
    assert pdf.startswith(b"%PDF")
