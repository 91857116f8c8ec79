"""Name cards: millimetre-exact pieces, both faces upright when folded, one size for a batch, long names, warnings."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase
from test_seat_print_outputs import millimetres, opened, words
from test_seat_print_plan import hard_names, seated

from meeting_seat_designer.cards.compose import CardSheets, compose
from meeting_seat_designer.cards.export import card_sheets, export_cards
from meeting_seat_designer.cards.items import CardItem
from meeting_seat_designer.cards.presets import PRESETS, copy_of
from meeting_seat_designer.cli import main
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.files import save
from meeting_seat_designer.engine.geometry import Rect, bounds
from meeting_seat_designer.engine.model.plan import Published
from meeting_seat_designer.engine.templates import template
from meeting_seat_designer.exports.drawing import Text
from meeting_seat_designer.exports.fonts import choose


def items(*names: str, unit: str = "市水利局") -> list[CardItem]:
    return [CardItem(f"p{i}", name, unit, f"1排{i + 1}座") for i, name in enumerate(names)]


def names_of(sheets: CardSheets, person: str = "p0", part: str = "name") -> list[Text]:
    return [t for page in sheets.pages for t in page.texts if t.owner == person and t.part == part]


@pytest.mark.clause("3.1.6.4.6")
def test_both_halves_of_a_tent_read_upright_when_folded() -> None:
    sheets = compose(items("张建国"), copy_of("tent_a4"))
    page = sheets.pages[0]
    assert (page.width, page.height) == (21000, 29700)
    back, front = names_of(sheets)
    assert (back.angle, front.angle) == (180, 0)
    fold = 14850
    assert fold - back.y == pytest.approx(front.y - fold), "mirrored about the fold"
    assert back.size == front.size
    assert back.x == front.x == 10500
    folds = [s for s in page.shapes if s.kind == "line" and s.dashed]
    assert {s.box.y for s in folds} == {fold}


@pytest.mark.clause("3.1.6.4.6")
def test_the_banded_tent_is_120_by_200_with_names_in_the_two_middle_bands() -> None:
    sheets = compose(items("张建国", "李四"), copy_of("tent_band"))
    page = sheets.pages[0]
    assert len(sheets.pages) == 1, "two to an A4"
    top = (21000 - 20000) / 2
    folds = sorted({round(s.box.y - top) for s in page.shapes if s.kind == "line" and s.dashed})
    assert folds == [4000, 10000, 16000]
    back, front = names_of(sheets)
    assert (round(back.y - top), round(front.y - top)) == (7000, 13000)
    assert (back.angle, front.angle) == (180, 0)


@pytest.mark.clause("3.1.6.4.6")
def test_the_holder_prints_two_to_an_a4_and_the_t_insert_both_sides_the_same_way_up() -> None:
    holder = compose(items("张建国", "李四光", "王五六"), copy_of("holder"))
    assert len(holder.pages) == 2
    first, second = names_of(holder)[1], names_of(holder, "p1")[1]
    assert second.x - first.x == pytest.approx(14850)
    assert names_of(holder)[1].y - names_of(holder)[0].y == pytest.approx(8500)
    insert = names_of(compose(items("张建国"), copy_of("t_insert")))
    assert [t.angle for t in insert] == [0, 0]
    assert insert[1].y - insert[0].y == pytest.approx(10000)


@pytest.mark.clause("3.1.6.4.6")
def test_one_size_for_a_batch_and_two_characters_as_wide_as_three() -> None:
    preset = copy_of("tent_a4")
    sheets = compose(items("李四", "张建国", "欧阳修文"), preset)
    two, three, four = (names_of(sheets, f"p{i}")[1] for i in range(3))
    assert two.size == three.size == four.size
    assert two.width == pytest.approx(three.width, rel=0.01)
    preset.spread = False
    plain = names_of(compose(items("李四", "张建国"), preset))[1]
    assert plain.width == pytest.approx(plain.size * 2, rel=0.01)


@pytest.mark.clause("3.1.6.4.6")
def test_long_names_shrink_then_break_then_warn() -> None:
    usual = items("张建国")
    preset = copy_of("tent_band")
    base = names_of(compose(usual, preset))[0].size
    shrunk = names_of(compose([*usual, *items("古丽巴哈尔")], preset), "p0")
    assert {t.text for t in shrunk} == {"张建国", "古丽巴哈尔"}
    long = [CardItem("x", "买买提·吐尔逊江·阿卜杜热合曼", "", "")]
    sheets = compose([*usual, *long], preset)
    lines = names_of(sheets, "x")
    assert len(lines) == 4, "two lines on each of two faces"
    assert "".join(t.text for t in lines[2:]) == "买买提·吐尔逊江·阿卜杜热合曼"
    assert lines[0].size < base
    assert not [w for w in sheets.warnings if "过长" in w]
    endless = compose([*usual, CardItem("y", "Featherstonehaugh" * 4, "", "")], preset)
    assert [w for w in endless.warnings if "过长" in w]


@pytest.mark.clause("3.1.6.4.6")
@pytest.mark.parametrize("content", ["name", "unit", "both"])
@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_text_stays_on_its_face(name: str, content: str) -> None:
    preset = copy_of(name)
    preset.content = content
    people = [
        CardItem(
            f"p{i}",
            text,
            "市住房和城乡建设局村镇建设与农村危房改造办公室" if i % 2 else "市水利局",
            "听众席-1排2座",
        )
        for i, text in enumerate(hard_names(60))
    ]
    sheets = compose(people, preset)
    for page in sheets.pages:
        boxes: dict[tuple[str, float], list[Rect]] = {}
        for text in page.texts:
            box = bounds([text.box])
            assert box.left >= 0, text
            assert box.right <= page.width, text
            assert box.top >= 0, text
            assert box.bottom <= page.height, text
            if text.owner:
                assert text.width <= preset.faces[0].w * 100, text
                boxes.setdefault((text.owner, text.angle), []).append(box)
        for found in boxes.values():
            if len(preset.faces) > 1 and name == "t_insert":
                continue
            for i, a in enumerate(found):
                for b in found[i + 1 :]:
                    touching = (
                        a.left < b.right
                        and b.left < a.right
                        and a.top < b.bottom - 1
                        and b.top < a.bottom - 1
                    )
                    assert not touching, (page.texts, a, b)


def test_units_and_both_are_printed_and_a_missing_unit_is_told() -> None:
    preset = copy_of("tent_a4")
    preset.content = "unit"
    sheets = compose([*items("张建国"), CardItem("n", "李四", "", "")], preset)
    assert {t.text for t in names_of(sheets, "p0", "unit")} == {"市水利局"}
    assert not names_of(sheets)
    assert "李四 未填单位，座牌上单位空缺" in sheets.warnings
    preset.content = "both"
    sheets = compose(items("张建国"), preset)
    unit, name = names_of(sheets, "p0", "unit")[1], names_of(sheets)[1]
    assert unit.y < name.y
    assert unit.size < name.size


def test_a_missing_font_is_replaced_and_told() -> None:
    preset = copy_of("tent_a4")
    preset.font = "并不存在的字体"
    sheets = compose(items("张建国"), preset)
    assert any("本机没有“并不存在的字体”字体，已用" in w for w in sheets.warnings)
    assert choose("并不存在的字体").face.families[0] in QFontDatabase.families()
    there = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)[0]
    assert choose(there).substitute == ""


@pytest.mark.clause("3.1.6.4.6")
def test_a_batch_is_one_pdf_in_walking_order_with_version_stamps(tmp_path: Path) -> None:
    document = seated("u")
    document.plan.published = Published(version=7, seats=dict(document.plan.seats))
    for index, person in enumerate(document.people):
        person.name = f"员{index:02}"
    result = export_cards(document, tmp_path / "cards.pdf", "tent_a4")
    assert (result.count, result.pages) == (21, 21)
    reader = opened(tmp_path / "cards.pdf")
    assert reader.pageCount() == 21
    assert millimetres(reader) == (210, 297)
    sheets = card_sheets(document, copy_of("tent_a4"))
    walked = [next(t.text for t in page.texts if t.part == "name") for page in sheets.pages]
    assert len(set(walked)) == 21
    for number, name in enumerate(walked):
        text = words(reader, number)
        assert name in text
        assert "第7版" in text
        assert f"{number + 1}/21" in text


def test_the_cards_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = seated("u", ["张伟", "买买提·吐尔逊江"], over=1)
    source, target = tmp_path / "plan.json", tmp_path / "cards.pdf"
    save(document, source)
    arguments = ["cards", str(source), "--preset", "badge", "--content", "name", "--order", "unit"]
    assert main([*arguments, "-o", str(target)]) == 0
    out = capsys.readouterr()
    assert "已制作座牌 21 张，3 页" in out.out
    assert "1 人待排，未制作座牌" in out.err
    assert opened(target).pageCount() == 3
    assert main(["cards", str(source), "--preset", "origami", "-o", str(target)]) == 2
    assert "没有座牌样式“origami”" in capsys.readouterr().err
    save(template("u"), source)
    assert main(["cards", str(source), "-o", str(target)]) == 2
    assert "请先排座" in capsys.readouterr().err


def test_preview_and_print_are_the_same_drawing() -> None:
    document = seated("u")
    with pytest.raises(EditError, match="还没有人排座"):
        card_sheets(template("u"), copy_of("table"))
    a, b = (card_sheets(document, copy_of("table")) for _ in range(2))
    assert [page.texts for page in a.pages] == [page.texts for page in b.pages]
