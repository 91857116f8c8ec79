"""Opens the editor's dialogs; each is modal to the editor's window and never blocks the event loop."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from meeting_seat_designer.editor.dialogs.arrange_dialog import ArrangeDialog, CompareDialog
from meeting_seat_designer.editor.dialogs.cards_dialog import CardsDialog
from meeting_seat_designer.editor.dialogs.output_dialog import OutputDialog
from meeting_seat_designer.editor.dialogs.people_dialogs import ImportDialog, PersonDialog
from meeting_seat_designer.editor.dialogs.rules_dialog import RulesDialog
from meeting_seat_designer.editor.dialogs.small import (
    TemplatesDialog,
    copy_dialog,
    meeting_dialog,
    room_dialog,
    shift_dialog,
)
from meeting_seat_designer.editor.directory import Directory
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.layouts import SetBackground
from meeting_seat_designer.engine.edits.people import AddPeople
from meeting_seat_designer.engine.model.layout import Background
from meeting_seat_designer.engine.model.people import Person
from widgets.theme import ThemeManager

_TABLES = "名单 (*.xlsx *.xlsm *.csv *.json)"
_PICTURES = "图片 (*.png *.jpg *.jpeg)"


class DialogDesk(QObject):
    """`choose_file(title, kinds)` and `choose_target(title, suggested, kinds)` ask for a file and return its name or ""; a
    host or test puts its own in."""

    def __init__(
        self,
        editing: Editing,
        themes: ThemeManager,
        window: QWidget,
        directory: Directory | None = None,
    ) -> None:
        super().__init__(window)
        self._editing, self._themes, self._window = editing, themes, window
        self.directory = directory
        self.choose_file: Callable[[str, str], str] = self._choose
        self.choose_target: Callable[[str, str, str], str] = self._target
        self.opened: QDialog | None = None

    def _choose(self, title: str, kinds: str) -> str:
        return QFileDialog.getOpenFileName(self._window, title, "", kinds)[0]

    def _target(self, title: str, suggested: str, kinds: str) -> str:
        return QFileDialog.getSaveFileName(self._window, title, suggested, kinds)[0]

    def _open(self, dialog: QDialog) -> None:
        self.opened = dialog
        dialog.finished.connect(lambda _result: self._gone(dialog))
        dialog.open()

    def _gone(self, dialog: QDialog) -> None:
        if self.opened is dialog:
            self.opened = None

    def arrange(self, way: str = "all") -> None:
        """Preview an arrangement."""
        document = self._editing.document
        if not document.people:
            self._editing.said.emit("还没有参会人员，请先导入名单", "info")
            return
        if not any(True for _ in document.seats()):
            self._editing.said.emit("图上还没有座位，请先布置会场或套用模板", "info")
            return
        self._open(ArrangeDialog(self._editing, self._themes, way, self._window))

    def compare(self) -> None:
        """Keep results and compare two of them."""
        self._open(CompareDialog(self._editing, self._themes, self._window))

    def shift(self, seat: str) -> None:
        """Shift everyone along the path from a seat on."""
        if not seat:
            self._editing.said.emit("请先在图上选中从哪个座位开始后移", "info")
            return
        self._open(shift_dialog(self._editing, self._themes, seat, self._window))

    def import_people(self) -> None:
        """Import a list of people."""
        name = self.choose_file("导入参会名单", _TABLES)
        if name:
            self._open(ImportDialog(self._editing, self._themes, Path(name), self._window))

    def add_person(self) -> None:
        """Add one person."""
        self._open(PersonDialog(self._editing, self._themes, None, self._window))

    def pick_people(self) -> None:
        """Add people from the organisation; those already in the meeting stay as they are."""
        if self.directory is not None:
            self.directory.pick_people(self._window, self._picked)

    def _picked(self, people: list[Person]) -> None:
        known = {person.user_id for person in self._editing.document.people if person.user_id}
        fresh = [
            person
            for person in people
            if person.id not in self._editing.people and (not person.user_id or person.user_id not in known)
        ]
        if fresh:
            self._editing.close_merge()
            self._editing.run(AddPeople(fresh), f"已添加 {len(fresh)} 人")
        else:
            self._editing.said.emit("所选人员都已在名单中", "info")

    def edit_person(self, person: str) -> None:
        """Change one person."""
        found = self._editing.people.get(person)
        if found is not None:
            self._open(PersonDialog(self._editing, self._themes, found, self._window))

    def rules(self) -> None:
        """Ranks, departments, sort rules."""
        self._open(RulesDialog(self._editing, self._themes, self._window, self.directory))

    def templates(self) -> None:
        """Usual rooms."""
        self._open(TemplatesDialog(self._editing, self._themes, self._window))

    def copy_layout(self) -> None:
        """A new layout."""
        self._open(copy_dialog(self._editing, self._themes, self._window))

    def room(self) -> None:
        """The room's name and size."""
        self._open(room_dialog(self._editing, self._themes, self._window))

    def meeting(self) -> None:
        """The meeting's title and times."""
        self._open(meeting_dialog(self._editing, self._themes, self._window))

    def output(self) -> None:
        """Print and export."""
        if not any(True for _ in self._editing.document.seats()):
            self._editing.said.emit("图上还没有座位，请先布置会场或套用模板", "info")
            return
        self._open(OutputDialog(self._editing, self._themes, self.choose_target, self._window))

    def cards(self) -> None:
        """Name cards."""
        if not self._editing.document.plan.seats:
            self._editing.said.emit("还没有人排座，请先排座再制作座牌", "info")
            return
        self._open(
            CardsDialog(self._editing, self._themes, self.choose_file, self.choose_target, self._window)
        )

    def drop_background(self) -> None:
        """Take the picture under the plan away."""
        self._editing.close_merge()
        self._editing.run(SetBackground(None), "底图已移除（可撤销）")

    def background(self) -> None:
        """Put a picture under the plan to trace, as wide as the room; choosing none changes nothing."""
        name = self.choose_file("选择要描摹的底图", _PICTURES)
        if not name:
            return
        path = Path(name)

        def read() -> tuple[str, float]:
            reader = QImageReader(name)
            size = reader.size()
            if not reader.canRead() or size.width() <= 0:
                raise ValueError("not a picture")
            return base64.b64encode(path.read_bytes()).decode(), size.height() / size.width()

        def put(result: tuple[str, float]) -> None:
            image, ratio = result
            room = self._editing.document.room
            back = Background(image=image, w=room.width, h=round(room.width * ratio))
            self._editing.close_merge()
            self._editing.run(SetBackground(back), "底图已放在图下，可照着布置")

        self._editing.work.run(
            read, put, lambda _error: self._editing.said.emit("图片无法读取，请换一张 png 或 jpg", "warn")
        )
