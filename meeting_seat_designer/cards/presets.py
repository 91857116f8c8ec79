"""Editable presets of name cards: paper, piece, faces, folds in millimetres. Source: 3.1.6.4.6."""

from __future__ import annotations

from pathlib import Path

from meeting_seat_designer.engine.codec import from_plain, to_plain
from meeting_seat_designer.engine.errors import EditError, FormatError
from meeting_seat_designer.engine.files import dump_plain, parse_json, write_bytes
from meeting_seat_designer.engine.model.node import Node
from meeting_seat_designer.exports.papers import paper_named

PRESET_FORMAT = "zhengding.seating.card"
CONTENTS = {"name": "姓名", "unit": "单位", "both": "单位+姓名"}


class CardFace(Node):
    """One face on the piece: its rectangle from the piece's top left; `turned` prints it upside down."""

    x: float
    y: float
    w: float
    h: float
    turned: bool = False


class CardPreset(Node):
    """One style of card (座牌样式), lengths in mm.

    `folds` and `cuts` are distances from the piece's top; `trim` how much the piece may be narrowed so that more fit
    a sheet; `least` the smallest em of a name before the clerk is warned; `stamp` where the version stands from the
    piece's top, negative for the sheet's lower margin.
    """

    id: str
    label: str = ""
    paper: str = "A4"
    landscape: bool = False
    width: float = 210
    height: float = 297
    faces: list[CardFace] = []
    folds: list[float] = []
    cuts: list[float] = []
    trim: float = 0
    content: str = "name"
    font: str = "楷体"
    unit_font: str = "黑体"
    spread: bool = True
    seat_code: bool = False
    marks: bool = True
    least: float = 8
    stamp: float = -1


def _tent() -> CardPreset:
    faces = [CardFace(x=0, y=0, w=210, h=148.5, turned=True), CardFace(x=0, y=148.5, w=210, h=148.5)]
    return CardPreset(id="tent_a4", label="倒V形（A4 对折）", faces=faces, folds=[148.5], stamp=292.5)


def _band() -> CardPreset:
    faces = [CardFace(x=0, y=40, w=120, h=60, turned=True), CardFace(x=0, y=100, w=120, h=60)]
    return CardPreset(
        id="tent_band",
        label="三角台签 120×200",
        landscape=True,
        width=120,
        height=200,
        faces=faces,
        folds=[40, 100, 160],
        stamp=190,
    )


def _holder() -> CardPreset:
    faces = [CardFace(x=0, y=0, w=150, h=85, turned=True), CardFace(x=0, y=85, w=150, h=85)]
    return CardPreset(
        id="holder",
        label="台签夹 150×85（一张两个）",
        landscape=True,
        width=150,
        height=170,
        faces=faces,
        folds=[85],
        trim=1.5,
    )


def _insert() -> CardPreset:
    faces = [CardFace(x=0, y=0, w=200, h=100), CardFace(x=0, y=100, w=200, h=100)]
    return CardPreset(
        id="t_insert", label="T形插页 200×100（双面同向）", width=200, height=200, faces=faces, cuts=[100]
    )


def _table() -> CardPreset:
    face = CardFace(x=0, y=0, w=200, h=130)
    return CardPreset(id="table", label="桌签 200×130（单面）", width=200, height=130, faces=[face])


def _badge() -> CardPreset:
    face = CardFace(x=0, y=0, w=90, h=54)
    return CardPreset(
        id="badge",
        label="胸卡 90×54",
        width=90,
        height=54,
        faces=[face],
        content="both",
        font="黑体",
        seat_code=True,
        least=4,
    )


PRESETS = {preset.id: preset for preset in (_tent(), _band(), _holder(), _insert(), _table(), _badge())}
"""The shipped presets; copy one (`copy_of`) before changing it."""


def copy_of(name: str) -> CardPreset:
    """A preset of one's own to edit: a shipped one by id, or a file ending in .json."""
    if name.endswith(".json"):
        return read_preset(Path(name))
    if name not in PRESETS:
        known = "、".join(f"{preset.id}（{preset.label}）" for preset in PRESETS.values())
        raise EditError(f"没有座牌样式“{name}”，可用：{known}，或样式文件 .json")
    return from_plain(CardPreset, to_plain(PRESETS[name]))


def read_preset(path: Path) -> CardPreset:
    """A preset file; FormatError when it is none or its measures cannot be."""
    try:
        plain = parse_json(path.read_bytes())
    except OSError as error:
        raise FormatError(f"无法读取文件：{error.strerror or error}", where=str(path)) from error
    if not isinstance(plain, dict) or plain.get("format") != PRESET_FORMAT:
        raise FormatError(f"文件应含 format: {PRESET_FORMAT}", where=str(path))
    preset = from_plain(CardPreset, plain.get("card"), f"{path.name}.card")
    check(preset)
    return preset


def write_preset(path: Path, preset: CardPreset) -> None:
    """Save a preset for later and for colleagues."""
    write_bytes(path, dump_plain({"format": PRESET_FORMAT, "version": 1, "card": to_plain(preset)}))


def check(preset: CardPreset) -> None:
    """Refuse a preset that cannot be printed."""
    paper = paper_named(preset.paper, preset.landscape)
    if preset.content not in CONTENTS:
        raise EditError(f"座牌内容“{preset.content}”未知，可用：{'、'.join(CONTENTS)}")
    if not preset.faces:
        raise EditError("座牌样式没有任何牌面")
    if (
        min(preset.width, preset.height) < 20
        or preset.width - preset.trim > paper.width
        or preset.height > paper.height
    ):
        raise EditError(f"座牌 {preset.width:g}×{preset.height:g} mm 放不进 {paper.name}")
    for face in preset.faces:
        inside = (
            face.x >= 0
            and face.y >= 0
            and face.x + face.w <= preset.width
            and face.y + face.h <= preset.height
        )
        if not inside or min(face.w, face.h) < 10:
            raise EditError("座牌的牌面超出纸片，或小于 10 mm")
