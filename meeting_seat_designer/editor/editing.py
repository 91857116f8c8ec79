"""What the editor's parts share: the document, its history, the selection, the frame, the warnings. Source: 3.1.6.4."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from meeting_seat_designer.editor.background import Background
from meeting_seat_designer.engine.edits.base import Command, History
from meeting_seat_designer.engine.edits.targets import Thing, things_by_id
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.geometry import Point, frame_turn
from meeting_seat_designer.engine.lint.linter import lint
from meeting_seat_designer.engine.lint.warning import Fix, SeatWarning
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.sorting import Sorter

Mode = Literal["seating", "layout"]
Kind = Literal["info", "ok", "warn", "bad"]


class Editing(QObject):
    """One document being edited (or only looked at: `checks` off).

    Signals: `changed()` after every change of the document, `replaced()` when another document was put in,
    `selection_changed()`, `mode_changed()`, `frame_changed()`, `warnings_changed()` when the check of the newest state is
    done, `said(text, kind)` for a short message.
    """

    changed = Signal()
    replaced = Signal()
    selection_changed = Signal()
    mode_changed = Signal()
    frame_changed = Signal()
    warnings_changed = Signal()
    said = Signal(str, str)

    def __init__(self, document: Document, parent: QObject | None = None, *, checks: bool = True) -> None:
        super().__init__(parent)
        self._checks = checks
        self.work = Background(self)
        self.document = document
        self.history = History(document)
        self.mode: Mode = "seating"
        self.frame = "audience"
        self.selection: list[str] = []
        self.entered = ""
        self.warnings: list[SeatWarning] = []
        self._seats: dict[str, tuple[Region, Seat]] | None = None
        self._people: dict[str, Person] | None = None
        self._places: dict[str, str] | None = None
        self._things: dict[str, tuple[Thing, Region | None]] | None = None
        self._sorter: Sorter | None = None
        self._check = 0

    # what there is

    @property
    def seats(self) -> dict[str, tuple[Region, Seat]]:
        """Seat id → region and seat of the current layout."""
        if self._seats is None:
            self._seats = self.document.seat_map()
        return self._seats

    @property
    def people(self) -> dict[str, Person]:
        """Person id → person."""
        if self._people is None:
            self._people = self.document.people_map()
        return self._people

    @property
    def places(self) -> dict[str, str]:
        """Person id → seat id of those who are seated."""
        if self._places is None:
            self._places = {person: seat for seat, person in self.document.plan.seats.items()}
        return self._places

    @property
    def things(self) -> dict[str, tuple[Thing, Region | None]]:
        """Id → seat, table or fixture with its region."""
        if self._things is None:
            self._things = things_by_id(self.document.current())
        return self._things

    @property
    def sorter(self) -> Sorter:
        """The order of people under the rules in force."""
        if self._sorter is None:
            self._sorter = Sorter(self.document.rules, self.document.ranks)
        return self._sorter

    def region(self, ident: str) -> Region | None:
        """The region of this id in the current layout."""
        return next((region for region in self.document.current().regions if region.id == ident), None)

    def person_at(self, seat: str) -> Person | None:
        """Who sits there."""
        return self.people.get(self.document.plan.seats.get(seat, ""))

    @property
    def turn(self) -> float:
        """Degrees the drawn plan is turned for the chosen frame."""
        doors = [f for f in self.document.current().fixtures if f.kind == "door" and f.main]
        door = Point(doors[0].x, doors[0].y) if doors else None
        return frame_turn(self.frame, door, self.document.room.width, self.document.room.depth)

    # what the user does

    def run(self, command: Command, done: str = "") -> bool:
        """Run a command through the history; a refusal is said, not raised. `done`: what to say afterwards."""
        try:
            changed = self.history.run(command)
        except SeatingError as error:
            self.said.emit(error.text, "warn")
            return False
        if changed:
            self._refresh()
            if done:
                self.said.emit(done, "ok")
        return changed

    def fix(self, fix: Fix, value: str = "") -> bool:
        """Run the fix of a warning as a step of its own."""
        try:
            command = fix.edit(value)
        except SeatingError as error:
            self.said.emit(error.text, "warn")
            return False
        self.history.close_merge()
        changed = self.run(command)
        if not changed:
            self.said.emit("这项处理没有可改动的内容，请手动调整", "info")
        self.history.close_merge()
        return changed

    def close_merge(self) -> None:
        """The next drag or nudge starts a new step."""
        self.history.close_merge()

    def undo(self) -> bool:
        """Take the last step back."""
        text = self.history.undo_text
        if not self.history.undo():
            return False
        self._refresh()
        self.said.emit(f"已撤销：{text}", "info")
        return True

    def redo(self) -> bool:
        """Make the last undone step again."""
        if not self.history.redo():
            return False
        self._refresh()
        return True

    def replace(self, document: Document) -> None:
        """Edit another document from here on; the history starts anew."""
        self.document = document
        self.history = History(document)
        self.selection, self.entered = [], ""
        self._forget()
        self.replaced.emit()
        self.selection_changed.emit()
        self.frame_changed.emit()
        self.check()

    def select(self, ids: Iterable[str], *, entered: str | None = None) -> None:
        """Select things by id; `entered` is the region whose single seats are being picked (布置)."""
        wanted = list(dict.fromkeys(ids))
        inside = self.entered if entered is None else entered
        if wanted != self.selection or inside != self.entered:
            self.selection, self.entered = wanted, inside
            self.selection_changed.emit()

    def set_mode(self, mode: Mode) -> None:
        """Switch between seating people and laying out the room."""
        if mode != self.mode:
            self.mode = mode
            self.close_merge()
            self.select([], entered="")
            self.mode_changed.emit()

    def set_frame(self, frame: str) -> None:
        """Look from the audience, the stage or the entrance."""
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit()

    # warnings

    def check(self) -> None:
        """Check the present state in the background; a newer change makes an older check void."""
        if not self._checks:
            return
        self._check += 1
        number = self._check
        frozen = msgspec.json.encode(self.document)

        def work() -> list[SeatWarning]:
            return lint(msgspec.json.decode(frozen, type=Document))

        self.work.run(work, lambda found: self._checked(number, found))

    def _checked(self, number: int, found: list[SeatWarning]) -> None:
        if number == self._check:
            self.warnings = found
            self.warnings_changed.emit()

    def _refresh(self) -> None:
        self._forget()
        known = self.things
        regions = {region.id for region in self.document.current().regions}
        kept = [ident for ident in self.selection if ident in known or ident in regions]
        gone = kept != self.selection
        self.selection = kept
        if self.entered not in regions:
            self.entered = ""
        self.changed.emit()
        if gone:
            self.selection_changed.emit()
        self.check()

    def _forget(self) -> None:
        self._seats = self._people = self._places = self._things = self._sorter = None
