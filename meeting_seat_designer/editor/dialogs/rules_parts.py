"""Parts of the rules dialog: a list whose rows are dragged, and the form of one rank. Source: 3.1.6.2.1."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QFormLayout, QLineEdit, QListWidget, QWidget

from meeting_seat_designer.engine.model.rules import Rank, RankTable
from widgets.controls import Dialog, label
from widgets.theme import ThemeManager


class OrderList(QListWidget):
    """A list whose rows are dragged, or moved with Alt+Up and Alt+Down; `moved(from, to)` is called afterwards."""

    def __init__(self, name: str, moved: Callable[[int, int], object]) -> None:
        super().__init__()
        self._moved = moved
        self.setAccessibleName(name)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.model().rowsMoved.connect(self._rows)

    def _rows(self, _parent, start: int, _end: int, _dest, row: int) -> None:
        # The view is still at work with its rows: what follows fills them anew.
        end = row if row < start else row - 1
        QTimer.singleShot(0, self, lambda: self._moved(start, end))

    def keyPressEvent(self, event) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            row = self.currentRow()
            if 0 <= row + step < self.count():
                self._moved(row, row + step)
            return
        super().keyPressEvent(event)


class RankForm(Dialog):
    """One rank: name, sequence, administrative level, leading or not."""

    def __init__(
        self,
        themes: ThemeManager,
        table: RankTable,
        rank: Rank | None,
        done: Callable[[dict], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "修改职级" if rank else "添加职级", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        form = QFormLayout()
        self.name = QLineEdit(rank.name if rank else "")
        self.name.setAccessibleName("职级名称")
        self.sequence = QComboBox()
        self.sequence.setEditable(True)
        self.sequence.setAccessibleName("职级序列")
        self.sequence.addItems(list(dict.fromkeys(one.sequence for one in table.ranks if one.sequence)))
        self.sequence.setCurrentText(rank.sequence if rank else "")
        self.level = QComboBox()
        self.level.setAccessibleName("行政级别")
        self.level.addItem("（不对应）", "")
        for level in table.levels:
            self.level.addItem(level, level)
        self.level.setCurrentIndex(max(0, self.level.findData(rank.level if rank else "")))
        for text, field in (("名称", self.name), ("序列", self.sequence), ("行政级别", self.level)):
            form.addRow(label(text, "secondary", "weak"), field)
        self.content.addLayout(form)
        self.add_button("取消", slot=self.reject)
        self.add_button("确定", "primary", default=True, slot=self.store)
        self.name.setFocus()

    def store(self) -> None:
        """Hand the values over."""
        self._done(
            {
                "name": self.name.text().strip(),
                "sequence": self.sequence.currentText().strip(),
                "level": self.level.currentData(),
            }
        )
        self.accept()
