"""The commands of the layout mode on the selection: turn, mirror, copy, group, lock, align, spread, delete."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.base import Command
from meeting_seat_designer.engine.edits.layouts import CopyToLayout
from meeting_seat_designer.engine.edits.objects import (
    AlignObjects,
    DeleteObjects,
    DistributeObjects,
    DuplicateObjects,
    GroupObjects,
    LockObjects,
    MirrorObjects,
    RotateObjects,
)


class LayoutActions:
    """Each method runs one command on what is selected; `EDGES` are the names of the alignments."""

    EDGES = (
        ("left", "align-left", "左对齐"),
        ("centre", "align-center", "水平居中"),
        ("right", "align-right", "右对齐"),
        ("top", "align-top", "上对齐"),
        ("middle", "align-middle", "垂直居中"),
        ("bottom", "align-bottom", "下对齐"),
    )

    def __init__(self, editing: Editing) -> None:
        self.editing = editing

    def _run(self, make: Callable[[list[str]], Command], done: str = "") -> None:
        chosen = list(self.editing.selection)
        if not chosen:
            self.editing.said.emit("请先选择要处理的对象", "info")
            return
        self.editing.close_merge()
        self.editing.run(make(chosen), done)

    def on_plan(self, arrow: tuple[float, float]) -> tuple[float, float]:
        """A direction of the screen as a direction of the plan frame."""
        turn = math.radians(-self.editing.turn)
        x = arrow[0] * math.cos(turn) - arrow[1] * math.sin(turn)
        y = arrow[0] * math.sin(turn) + arrow[1] * math.cos(turn)
        return round(x, 6), round(y, 6)

    def rotate(self, degrees: float) -> None:
        """Turn clockwise."""
        self._run(lambda ids: RotateObjects(ids, degrees))

    def mirror(self, axis: str = "x") -> None:
        """Mirror left to right (x) or top to bottom (y)."""
        self._run(lambda ids: MirrorObjects(ids, axis))

    def duplicate(self) -> None:
        """Copy beside and select the copies."""
        chosen = list(self.editing.selection)
        if not chosen:
            self.editing.said.emit("请先选择要复制的对象", "info")
            return
        command = DuplicateObjects(chosen)
        self.editing.close_merge()
        if self.editing.run(command):
            self.editing.select(command.created)

    def group(self, bind: bool = True) -> None:
        """Bind single things together, or take them apart."""
        if bind and len([i for i in self.editing.selection if i in self.editing.things]) < 2:
            self.editing.said.emit("组合至少需要两个设施或座位", "info")
            return
        self._run(lambda ids: GroupObjects(ids, bind), "已组合，点选其中一个即选中全部" if bind else "")

    @property
    def locked(self) -> bool:
        """Whether everything selected is locked in place."""
        regions = {region.id: region.locked for region in self.editing.document.current().regions}
        states = [
            regions[i] if i in regions else self.editing.things[i][0].locked
            for i in self.editing.selection
            if i in regions or i in self.editing.things
        ]
        return bool(states) and all(states)

    def lock(self) -> None:
        """Lock the selection in place, or release it when all of it is locked."""
        held = self.locked
        self._run(lambda ids: LockObjects(ids, not held), "已解锁" if held else "已锁定，不会被拖动")

    def align(self, edge: str) -> None:
        """Align two or more things."""
        if len(self.editing.selection) < 2:
            self.editing.said.emit("对齐至少需要两个对象（按住 Shift 点选）", "info")
            return
        self._run(lambda ids: AlignObjects(ids, edge))

    def distribute(self, axis: str) -> None:
        """Spread three or more things evenly."""
        self._run(lambda ids: DistributeObjects(ids, axis))

    def delete(self) -> None:
        """Delete; people on deleted seats wait."""
        seats = set(self.editing.document.plan.seats)
        self._run(DeleteObjects)
        lost = len(seats - set(self.editing.document.plan.seats))
        if lost:
            self.editing.said.emit(f"已删除，{lost} 人转入待排（可撤销）", "warn")

    def copy_to(self, layout: str, name: str) -> None:
        """Copy regions and fixtures into another layout."""
        self._run(lambda ids: CopyToLayout(ids, layout), f"已复制到“{name}”")

    def select_all(self) -> None:
        """Select every region and fixture, or every seat of the entered region."""
        layout = self.editing.document.current()
        inside = self.editing.region(self.editing.entered)
        if inside is not None:
            self.editing.select([seat.id for seat in inside.seats])
        else:
            self.editing.select([*(r.id for r in layout.regions), *(f.id for f in layout.fixtures)])

    def fill_menu(self, menu: QMenu) -> None:
        """All commands, with their keys."""
        menu.addAction("旋转 90°\tR", lambda: self.rotate(90))
        menu.addAction("左右镜像", lambda: self.mirror("x"))
        menu.addAction("上下镜像", lambda: self.mirror("y"))
        menu.addSeparator()
        menu.addAction("复制一份\tCtrl+D", self.duplicate)
        others = [
            layout
            for layout in self.editing.document.layouts
            if layout is not self.editing.document.current()
        ]
        if others:
            to = menu.addMenu("复制到其他布局")
            for layout in others:
                to.addAction(layout.name, lambda one=layout: self.copy_to(one.id, one.name))
        menu.addSeparator()
        align = menu.addMenu("对齐与分布")
        for edge, _, text in self.EDGES:
            align.addAction(text, lambda edge=edge: self.align(edge))
        align.addSeparator()
        align.addAction("水平等距", lambda: self.distribute("x"))
        align.addAction("垂直等距", lambda: self.distribute("y"))
        menu.addAction("组合\tCtrl+G", lambda: self.group(True))
        menu.addAction("取消组合\tCtrl+Shift+G", lambda: self.group(False))
        menu.addAction("解锁位置" if self.locked else "锁定位置", self.lock)
        menu.addSeparator()
        menu.addAction("删除\tDel", self.delete)
