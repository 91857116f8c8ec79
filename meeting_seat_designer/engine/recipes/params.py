"""Parameters of recipes: names, labels, limits; checked before a region is built."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from meeting_seat_designer.engine.errors import EditError

RECIPES = {
    "grid": "课桌排",
    "blocks": "剧院排（分区带过道）",
    "arc": "弧形排",
    "rostrum": "主席台",
    "u": "U 形",
    "hollow": "回形",
    "conference": "会议桌",
    "talks": "会谈桌",
    "sofas": "会见沙发",
    "signing": "签字台",
    "photo": "合影",
    "rounds": "圆桌",
    "free": "自由座位",
}


class Param(NamedTuple):
    """One parameter: label for the clerk, default, limits (numbers) or choices (texts)."""

    label: str
    default: Any
    low: float = 0
    high: float = 0
    choices: tuple[tuple[str, str], ...] = ()


_PX = Param("座距", 650, 300, 5000)
_PY = Param("排距", 1000, 300, 5000)
_W = Param("座位宽", 520, 200, 3000)
_H = Param("座位深", 480, 200, 3000)
_TABLE = Param("桌深", 500, 0, 5000)

PARAMS: dict[str, dict[str, Param]] = {
    "grid": {
        "rows": Param("排数", 6, 1, 200),
        "cols": Param("每排座位", 8, 1, 200),
        "pitch_x": _PX,
        "pitch_y": Param("排距", 1200, 300, 5000),
        "seat_w": _W,
        "seat_h": _H,
        "desk": Param("课桌", True),
        "stagger": Param("错位", False),
    },
    "blocks": {
        "rows": Param("排数", 12, 1, 200),
        "blocks": Param("各区块座位数", [6, 8, 6], 1, 100),
        "aisle": Param("过道宽", 1100, 0, 10000),
        "cross": Param("横过道在第几排后", [], 1, 200),
        "cross_width": Param("横过道宽", 1200, 0, 10000),
        "pitch_x": _PX,
        "pitch_y": _PY,
        "seat_w": _W,
        "seat_h": _H,
    },
    "arc": {
        "rows": Param("排数", 8, 1, 100),
        "cols": Param("首排座位", 12, 1, 200),
        "grow": Param("每排增加", 2, 0, 20),
        "radius": Param("首排半径", 6000, 500, 100000),
        "blocks": Param("区块数", 1, 1, 7),
        "aisle": Param("过道宽", 1100, 0, 10000),
        "pitch_x": _PX,
        "pitch_y": _PY,
        "seat_w": _W,
        "seat_h": _H,
    },
    "rostrum": {
        "rows": Param("各排座位数（前排在先）", [7], 1, 100),
        "pitch_x": Param("座距", 800, 300, 5000),
        "pitch_y": Param("排距", 1500, 300, 5000),
        "seat_w": _W,
        "seat_h": _H,
        "aisle_after": Param("首排过道在第几座后（0 为无）", 0, 0, 100),
        "aisle": Param("过道宽", 1000, 0, 10000),
    },
    "u": {
        "head": Param("上座座位", 5, 1, 100),
        "side": Param("每侧座位", 6, 0, 100),
        "rings": Param("圈数（外圈列席）", 1, 1, 4),
        "pitch_x": _PX,
        "table": Param("桌深", 600, 0, 5000),
        "seat_w": _W,
        "seat_h": _H,
    },
    "hollow": {
        "head": Param("上座座位", 7, 1, 100),
        "side": Param("每侧座位", 6, 0, 100),
        "bottom": Param("下座座位", 7, 0, 100),
        "rings": Param("圈数（外圈列席）", 1, 1, 4),
        "pitch_x": _PX,
        "table": Param("桌深", 600, 0, 5000),
        "seat_w": _W,
        "seat_h": _H,
    },
    "conference": {
        "head": Param("桌头座位", 1, 0, 20),
        "side": Param("每侧座位", 8, 1, 100),
        "bottom": Param("桌尾座位", 0, 0, 20),
        "table_w": Param("桌宽", 1800, 300, 20000),
        "pitch_x": _PX,
        "seat_w": _W,
        "seat_h": _H,
    },
    "talks": {
        "seats": Param("每侧座位", 5, 1, 60),
        "door": Param("门的位置", "long", choices=(("long", "长边对门"), ("end", "桌端对门"))),
        "observers": Param("每侧后排列席", 0, 0, 60),
        "table_w": Param("桌深", 1600, 300, 20000),
        "pitch_x": Param("座距", 750, 300, 5000),
        "seat_w": _W,
        "seat_h": _H,
    },
    "sofas": {
        "side": Param("每侧座位", 4, 0, 30),
        "interpreters": Param("翻译席", 2, 0, 4),
        "interpreter_side": Param("翻译位置", "behind", choices=(("behind", "身后"), ("outer", "外侧"))),
        "pitch_x": Param("座距", 1200, 300, 5000),
        "spread": Param("两侧间距", 4600, 1000, 20000),
        "seat_w": Param("沙发宽", 900, 200, 3000),
        "seat_h": Param("沙发深", 850, 200, 3000),
    },
    "signing": {
        "rows": Param("后排排数", 1, 0, 6),
        "attendants": Param("每方每排人数", 5, 0, 40),
        "pitch_x": Param("间距", 700, 300, 5000),
        "pitch_y": Param("排距", 900, 300, 5000),
        "seat_w": _W,
        "seat_h": _H,
    },
    "photo": {
        "rows": Param("各排人数（前排在先）", [11, 12, 13], 1, 200),
        "pitch_x": Param("间距", 550, 300, 3000),
        "pitch_y": Param("排距", 700, 300, 3000),
        "seat_w": Param("位宽", 460, 200, 2000),
        "seat_h": Param("位深", 420, 200, 2000),
    },
    "rounds": {
        "tables": Param("桌数", 9, 1, 200),
        "seats": Param("每桌座位", 10, 2, 40),
        "across": Param("每行桌数", 3, 1, 40),
        "diameter": Param("桌直径", 1800, 400, 10000),
        "pitch_x": Param("桌距", 3600, 1000, 20000),
        "pitch_y": Param("行距", 3600, 1000, 20000),
        "protocol": Param("席次", "banquet", choices=(("banquet", "主陪 / 副主陪"), ("rank", "按职级"))),
        "seat_w": Param("座位宽", 480, 200, 3000),
        "seat_h": _H,
    },
    "free": {},
}


class Values:
    """Checked parameters of one recipe; a missing one takes its default."""

    def __init__(self, kind: str, params: dict[str, Any]) -> None:
        if kind not in PARAMS:
            raise EditError(f"未知的区域类型“{kind}”，可用：{'、'.join(PARAMS)}")
        self._values: dict[str, Any] = {}
        for name, param in PARAMS[kind].items():
            self._values[name] = _checked(param, params.get(name, param.default))

    def number(self, name: str) -> float:
        """A length in mm or a number."""
        return float(self._values[name])

    def count(self, name: str) -> int:
        """A whole number."""
        return int(self._values[name])

    def counts(self, name: str) -> list[int]:
        """A list of whole numbers."""
        return cast(list[int], self._values[name])

    def flag(self, name: str) -> bool:
        """A switch."""
        return bool(self._values[name])

    def text(self, name: str) -> str:
        """A choice."""
        return str(self._values[name])


def _checked(param: Param, value: Any) -> Any:
    if isinstance(param.default, bool):
        if not isinstance(value, bool):
            raise EditError(f"“{param.label}”应为是或否")
        return value
    if param.choices:
        if value not in {key for key, _ in param.choices}:
            raise EditError(f"“{param.label}”应为：{'、'.join(text for _, text in param.choices)}")
        return value
    if isinstance(param.default, list):
        items: list[Any] = cast(list[Any], value) if isinstance(value, list) else [value]
        return [_number(param, item) for item in items]
    return _number(param, value)


def _number(param: Param, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EditError(f"“{param.label}”应为数字")
    if not param.low <= value <= param.high:
        raise EditError(f"“{param.label}”应在 {param.low:g} 到 {param.high:g} 之间")
    return value
