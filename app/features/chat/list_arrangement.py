"""How the user arranges his conversations: own groupings, order of pins, focus, tabs and tools; kept with the account.

E066 聊天分组, E067 专注模式, E068 顶部菜单栏, E070 会话工具栏.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.store.records import ConversationRow

FOLDER = "folder/"
PINS, FOCUS, LAYOUT = "pins", "focus", "layout"
TITLE_LIMIT = 12
MOST_FOLDERS = 20


@dataclass(frozen=True, slots=True)
class Folder:
    """A grouping that the user made; `name` is its place among the account's values."""

    name: str
    title: str
    order: int = 0
    members: frozenset[str] = frozenset()

    @property
    def value(self) -> dict[str, Any]:
        """As it is kept."""
        return {"title": self.title, "order": self.order, "members": sorted(self.members)}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which of the fixed entries are shown, in what order; entries that it does not name follow in their usual order."""

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    def arrange(self, keys: Sequence[str]) -> list[str]:
        """All `keys` in the user's order."""
        known = [key for key in self.order if key in keys]
        return known + [key for key in keys if key not in known]

    def shown(self, keys: Sequence[str]) -> list[str]:
        """Those that are not hidden; never nothing."""
        found = [key for key in self.arrange(keys) if key not in self.hidden]
        return found or list(keys[:1])

    @property
    def value(self) -> dict[str, Any]:
        """As it is kept."""
        return {"order": list(self.order), "hidden": sorted(self.hidden)}


@dataclass(frozen=True, slots=True)
class ListArrangement:
    """Everything together."""

    folders: tuple[Folder, ...] = ()
    pins: tuple[str, ...] = ()
    """Pinned conversations in the user's order; others pinned follow by activity."""
    focus: bool = False
    tabs: Layout = field(default_factory=Layout)
    tools: Layout = field(default_factory=Layout)
    rail: Layout = field(default_factory=Layout)

    def sort_key(self, row: ConversationRow) -> tuple[bool, int, int, str]:
        """Pinned first in their order, then the newest."""
        if not row.pinned:
            return (True, 0, -row.active_at, row.id)
        place = self.pins.index(row.id) if row.id in self.pins else len(self.pins)
        return (False, place, -row.active_at, row.id)

    def folder(self, name: str) -> Folder | None:
        """A grouping by its name."""
        return next((one for one in self.folders if one.name == name), None)


def read_arrangement(items: Mapping[str, Any]) -> ListArrangement:
    """Make an arrangement of the account's values; what another version wrote and this one cannot read is left out."""
    folders: list[Folder] = []
    for name, value in items.items():
        if name.startswith(FOLDER) and isinstance(value, dict) and isinstance(value.get("title"), str):
            order, members = value.get("order", 0), value.get("members", [])
            folders.append(
                Folder(
                    name,
                    value["title"][:TITLE_LIMIT],
                    order if isinstance(order, int) else 0,
                    frozenset(one for one in members if isinstance(one, str))
                    if isinstance(members, list)
                    else frozenset(),
                )
            )
    folders.sort(key=lambda one: (one.order, one.name))
    pins = items.get(PINS, [])
    layout = items.get(LAYOUT, {})
    layout = layout if isinstance(layout, dict) else {}
    return ListArrangement(
        folders=tuple(folders),
        pins=tuple(one for one in pins if isinstance(one, str)) if isinstance(pins, list) else (),
        focus=items.get(FOCUS) is True,
        tabs=_layout(layout.get("tabs")),
        tools=_layout(layout.get("tools")),
        rail=_layout(layout.get("rail")),
    )


def _layout(value: Any) -> Layout:
    if not isinstance(value, dict):
        return Layout()
    order, hidden = value.get("order", []), value.get("hidden", [])
    return Layout(
        tuple(one for one in order if isinstance(one, str)) if isinstance(order, list) else (),
        frozenset(one for one in hidden if isinstance(one, str)) if isinstance(hidden, list) else frozenset(),
    )


def layout_value(arrangement: ListArrangement, **changed: Layout) -> dict[str, Any]:
    """The value under `LAYOUT` with some layouts changed."""
    now = {"tabs": arrangement.tabs, "tools": arrangement.tools, "rail": arrangement.rail}
    return {name: layout.value for name, layout in (now | changed).items()}


def moved(pins: Sequence[str], shown: Sequence[str], moving: str, before: str) -> list[str]:
    """The order of pins after `moving` was dropped before `before` ("" for the end); `shown` is the order on the screen."""
    order = [one for one in shown if one != moving]
    place = order.index(before) if before in order else len(order)
    order.insert(place, moving)
    return order + [one for one in pins if one not in order]
