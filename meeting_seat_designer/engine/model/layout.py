"""Rooms and layouts (会议室与布局): fixtures, regions, seats; lengths in mm, angles in degrees clockwise.

Plan frame (see docs/seating.md): the stage (上座) is at the top, x grows to the right as the audience sees it,
y grows away from the stage. An occupant with angle 0 looks at the top, with 180 at the bottom. Positions
are centres. Source: 3.1.6.1.1, 3.1.6.1.2.
"""

from __future__ import annotations

from typing import Any

import msgspec

from meeting_seat_designer.engine.model.node import Node

SEAT_KINDS = {
    "normal": "普通座",
    "wheelchair": "轮椅位",
    "interpreter": "翻译席",
    "recorder": "记录席",
    "buffer": "机动座",
    "disabled": "停用",
}
FIXTURE_KINDS = {
    "screen": "大屏",
    "terminal": "会议终端",
    "rostrum": "主席台",
    "lectern": "发言席",
    "door": "门",
    "window": "窗",
    "column": "柱",
    "aisle": "过道",
    "wall": "墙",
    "camera": "摄像机位",
    "text": "文字",
}
ORDER_MODES = {
    "honour": "居中向两侧（按尊位）",
    "centre_left": "居中向两侧（先左）",
    "centre_right": "居中向两侧（先右）",
    "rows_ltr": "逐排从左到右",
    "rows_rtl": "逐排从右到左",
    "cols_down": "逐列从上到下",
    "cols_up": "逐列从下到上",
    "s_rows_left": "S 形逐排（左起）",
    "s_rows_right": "S 形逐排（右起）",
    "s_cols_top": "S 形逐列（上起）",
    "s_cols_bottom": "S 形逐列（下起）",
    "numbered": "按座位上的顺序号",
}
AISLE_POLICIES = {
    "across": "跨过道连续编排",
    "centre_first": "先中间区块，再两侧",
    "centre_rows": "每排先中间、后两侧",
    "separate": "各区块独立编排",
}
HONOUR_SIDES = {"left": "左为尊", "right": "右为尊"}
EVEN_RULES = {"B": "双数时 2 号仍在 1 号左手", "A": "双数时 1 号居左、2 号居右"}
UNIT_MODES = {"none": "不按单位", "rows": "按单位横排", "cols": "按单位竖排"}
PRESIDER_PLACES = {"rank": "按职级", "front_centre": "前排正中", "front_side": "前排侧边"}


class Seat(Node):
    """One seat: its own position, code and kind; `row`, `col`, `block`, `side`, `ring`, `table` are logical."""

    id: str
    code: str = ""
    x: float = 0
    y: float = 0
    w: float = 560
    h: float = 520
    angle: float = 0
    row: int = 1
    col: int = 1
    block: int = 1
    side: str = ""
    ring: int = 1
    table: int = 0
    order: int = 0
    kind: str = "normal"
    locked: bool = False
    group: str = ""
    hand: bool = False


class Table(Node):
    """A table or platform drawn under the seats; shape rect, round or ring."""

    id: str
    shape: str = "rect"
    x: float = 0
    y: float = 0
    w: float = 1200
    h: float = 600
    angle: float = 0
    label: str = ""
    locked: bool = False
    group: str = ""


class Fixture(Node):
    """A facility of the room (设施): screen, terminal, door, window, column …; `main` marks the main door."""

    id: str
    kind: str
    x: float = 0
    y: float = 0
    w: float = 1000
    h: float = 200
    angle: float = 0
    label: str = ""
    main: bool = False
    locked: bool = False
    group: str = ""


class Recipe(Node):
    """How a region makes its seats: a kind and its parameters (mm, counts, switches)."""

    kind: str = "free"
    params: dict[str, Any] = {}


class CodeScheme(Node):
    """Seat codes (座位编码): a pattern with {region} {row} {letter} {col} {n} {table}, skips and direction."""

    pattern: str = "{row}排{col}座"
    first_row: int = 1
    first_col: int = 1
    direction: str = "ltr"
    numbering: str = "plain"
    skip: list[int] = []
    skip_letters: str = "IO"
    prefix: str = ""


class Accept(Node):
    """Whom a region takes; empty lists take anyone. `needs_match` is implied by any non-empty list."""

    roles: list[str] = []
    units: list[str] = []
    levels: list[str] = []
    parties: list[str] = []
    people: list[str] = []


class RegionRules(Node):
    """The order settings of a region (排座方式); empty `honour` or `even` inherit the rule set."""

    mode: str = "honour"
    honour: str = ""
    even: str = ""
    aisles: str = "across"
    columns: str = "ltr"
    units: str = "none"
    unit_gap: int = 0
    whole_rows: bool = False
    accept: Accept = msgspec.field(default_factory=Accept)
    priority: int = 50
    limit: int = 0
    buffer: int = 0
    presider: str = "rank"


class Region(Node):
    """A part of a layout: a recipe and the seats it made, each kept on its own; `x`, `y` its centre top."""

    id: str
    name: str = ""
    role: str = "audience"
    recipe: Recipe = msgspec.field(default_factory=Recipe)
    x: float = 0
    y: float = 0
    angle: float = 0
    seats: list[Seat] = []
    tables: list[Table] = []
    rules: RegionRules = msgspec.field(default_factory=RegionRules)
    codes: CodeScheme = msgspec.field(default_factory=CodeScheme)
    locked: bool = False


class Background(Node):
    """A picture to trace: base64 PNG or JPEG, its place in the room and opacity 0 to 1."""

    image: str = ""
    x: float = 0
    y: float = 0
    w: float = 0
    h: float = 0
    opacity: float = 0.4


class Layout(Node):
    """One layout (布局) of a room: fixtures, regions, background."""

    id: str
    name: str = ""
    fixtures: list[Fixture] = []
    regions: list[Region] = []
    background: Background | None = None


class Room(Node):
    """A meeting room under a unit (单位): inner size in mm, orientation = compass degrees the stage lies at."""

    id: str = "room"
    name: str = "会议室"
    building: str = ""
    floor: str = ""
    unit: str = ""
    width: float = 12000
    depth: float = 9000
    height: float = 3200
    orientation: float = 0
    terminals: list[str] = []
    note: str = ""
