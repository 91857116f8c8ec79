"""What lies in a group's file space (E079)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.store.queries.groups import SpaceRow
from server_stub.contract.group_rules import Who

from .sizes import size_text
from .times import short_time


@dataclass(frozen=True, slots=True)
class SpaceItem:
    """A file or folder as it is drawn."""

    row: SpaceRow
    name: str
    note: str

    @property
    def folder(self) -> bool:
        """Whether one goes into it."""
        return self.row.entry.folder


def space_items(
    rows: Sequence[SpaceRow], parent_id: str, text: str, names: dict[str, str], now_ms: int
) -> list[SpaceItem]:
    """What lies in a folder, folders first, by name; with `text` everything of that name, wherever it lies."""
    wanted = text.strip().lower()
    shown = [
        one for one in rows if (wanted in one.name.lower() if wanted else one.entry.parent_id == parent_id)
    ]
    counts: dict[str, int] = {}
    for one in rows:
        counts[one.entry.parent_id] = counts.get(one.entry.parent_id, 0) + 1
    items = [SpaceItem(one, one.name or "正在获取密钥…", _note(one, counts, names, now_ms)) for one in shown]
    return sorted(items, key=lambda item: (not item.folder, item.name.lower(), item.row.entry.id))


def _note(row: SpaceRow, counts: dict[str, int], names: dict[str, str], now_ms: int) -> str:
    entry = row.entry
    parts = [f"{counts.get(entry.id, 0)} 项"] if entry.folder else [size_text(entry.size)]
    if entry.folder and entry.write is Who.MANAGERS:
        parts.append("仅管理员可修改")
    parts.append(names.get(entry.author_id, ""))
    parts.append("正在上传" if row.pending and not entry.folder else short_time(entry.changed_at, now_ms))
    return " · ".join(part for part in parts if part)
