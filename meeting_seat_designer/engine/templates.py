"""Templates of usual rooms (课桌式, 剧院式, U 形, 回形, 会谈, 圆桌, 主席台 + 听众席 …) as ready documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meeting_seat_designer.engine.codes import encode, free_prefix
from meeting_seat_designer.engine.edits.objects import SIZES
from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import (
    Accept,
    Fixture,
    Layout,
    Recipe,
    Region,
    RegionRules,
    Room,
)
from meeting_seat_designer.engine.recipes.build import build


class _Maker:
    def __init__(self, width: float, depth: float, name: str) -> None:
        self.room = Room(width=width, depth=depth, name="会议室")
        self.layout = Layout(id="layout1", name=name)

    def fixture(self, kind: str, x: float, y: float, **fields: Any) -> _Maker:
        w, h = SIZES[kind]
        number = sum(1 for fixture in self.layout.fixtures if fixture.kind == kind) + 1
        fixture = Fixture(id=f"{kind}-{number}", kind=kind, x=x, y=y, w=w, h=h)
        for name, value in fields.items():
            setattr(fixture, name, value)
        self.layout.fixtures.append(fixture)
        return self

    def region(
        self, recipe: str, name: str, y: float, params: dict[str, Any], rules: RegionRules | None = None
    ) -> _Maker:
        region = Region(
            id=f"r{len(self.layout.regions) + 1}",
            name=name,
            role="rostrum" if recipe == "rostrum" else "audience",
            recipe=Recipe(kind=recipe, params=params),
            x=self.room.width / 2,
            y=y,
            rules=rules or RegionRules(),
        )
        build(region)
        region.codes.prefix = free_prefix(self.layout, region)
        codes = encode(region)
        for seat in region.seats:
            seat.code = codes[seat.id]
        self.layout.regions.append(region)
        return self

    def doors(self) -> _Maker:
        """Main door at the bottom left, a second one at the bottom right."""
        depth = self.room.depth - 80
        self.fixture("door", 1400, depth, main=True, label="正门")
        return self.fixture("door", self.room.width - 1400, depth, label="后门")

    def document(self) -> Document:
        return Document(room=self.room, layouts=[self.layout], layout="layout1")


def _rostrum_rules(**fields: Any) -> RegionRules:
    return RegionRules(mode="honour", priority=10, accept=Accept(roles=["主席台"]), **fields)


def _classroom() -> Document:
    maker = _Maker(11000, 12500, "课桌式").fixture("screen", 5500, 160).fixture("lectern", 2600, 1500)
    rules = RegionRules(mode="honour", aisles="across")
    maker.region("grid", "课桌区", 2600, {"rows": 7, "cols": 10, "pitch_x": 800}, rules)
    return maker.doors().document()


def _theatre() -> Document:
    maker = _Maker(17500, 19000, "剧院式")
    maker.fixture("screen", 8750, 160).fixture("lectern", 13600, 2900)
    maker.fixture("rostrum", 8750, 2150, w=9600, h=3000, label="主席台")
    maker.region("rostrum", "主席台", 1300, {"rows": [7], "pitch_x": 1050}, _rostrum_rules())
    rules = RegionRules(mode="rows_ltr", aisles="across", accept=Accept())
    blocks = {"rows": 12, "blocks": [6, 8, 6], "pitch_x": 680, "aisle": 1100}
    maker.region("blocks", "听众席", 5200, blocks, rules)
    return maker.doors().document()


def _hall() -> Document:
    maker = _Maker(24000, 27800, "主席台 + 听众席")
    maker.fixture("screen", 12000, 160, w=6000).fixture("lectern", 18600, 4300)
    maker.fixture("rostrum", 12000, 2900, w=14500, h=4600, label="主席台")
    maker.region("rostrum", "主席台", 1300, {"rows": [11, 12], "pitch_x": 1050}, _rostrum_rules())
    rules = RegionRules(mode="honour", aisles="centre_rows")
    blocks = {"rows": 18, "blocks": [8, 14, 8], "pitch_x": 640, "aisle": 1200, "cross": [9]}
    maker.region("blocks", "听众席", 6600, blocks, rules)
    return maker.doors().document()


def _u() -> Document:
    maker = _Maker(9000, 9800, "U 形").fixture("screen", 4500, 160)
    maker.region("u", "U 形桌", 1600, {"head": 5, "side": 8, "pitch_x": 750})
    return maker.doors().document()


def _hollow() -> Document:
    maker = _Maker(12500, 13000, "回形").fixture("screen", 6250, 160)
    params = {"head": 9, "side": 8, "bottom": 9, "rings": 2, "pitch_x": 750}
    maker.region("hollow", "回形桌", 2900, params)
    return maker.doors().document()


def _talks() -> Document:
    maker = _Maker(9000, 7600, "会谈")
    maker.region("talks", "会谈桌", 2900, {"seats": 7, "observers": 5})
    return maker.doors().document()


def _banquet() -> Document:
    maker = _Maker(14000, 15500, "圆桌").fixture("screen", 7000, 160)
    maker.region("rounds", "宴会区", 1500, {"tables": 9, "seats": 10, "across": 3})
    return maker.doors().document()


def _sofas() -> Document:
    maker = _Maker(9000, 9500, "会见")
    maker.region("sofas", "会见", 2400, {"side": 4})
    return maker.doors().document()


def _signing() -> Document:
    maker = _Maker(11000, 8000, "签字")
    maker.region("signing", "签字", 1500, {"attendants": 6, "rows": 2})
    return maker.doors().document()


def _photo() -> Document:
    maker = _Maker(12000, 7000, "合影")
    maker.region("photo", "合影", 1600, {"rows": [15, 16, 17]})
    return maker.fixture("camera", 6000, 6300).document()


def _conference() -> Document:
    maker = _Maker(7500, 10500, "会议桌").fixture("screen", 3750, 160)
    maker.region("conference", "会议桌", 2000, {"head": 1, "side": 8, "bottom": 0})
    return maker.doors().document()


def _arc() -> Document:
    maker = _Maker(20000, 17000, "弧形").fixture("screen", 10000, 160)
    params = {"rows": 9, "cols": 18, "grow": 1, "radius": 9000, "blocks": 3}
    maker.region("arc", "弧形席", 4600, params, RegionRules(mode="honour"))
    return maker.doors().document()


TEMPLATES: dict[str, tuple[str, Callable[[], Document]]] = {
    "classroom": ("课桌式", _classroom),
    "theatre": ("剧院式", _theatre),
    "hall": ("主席台 + 听众席", _hall),
    "arc": ("弧形", _arc),
    "u": ("U 形", _u),
    "hollow": ("回形", _hollow),
    "conference": ("会议桌", _conference),
    "talks": ("会谈", _talks),
    "sofas": ("会见", _sofas),
    "signing": ("签字", _signing),
    "photo": ("合影", _photo),
    "banquet": ("圆桌宴会", _banquet),
}


def template(name: str) -> Document:
    """A fresh document of a template; EditError for an unknown name."""
    if name not in TEMPLATES:
        raise EditError(f"没有模板“{name}”，可用：{'、'.join(TEMPLATES)}")
    return TEMPLATES[name][1]()
