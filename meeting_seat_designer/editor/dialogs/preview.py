"""A plan shown only to be looked at: the same items as in the editor, fitted, nothing to drag."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from meeting_seat_designer.editor.canvas.scene import PlanScene
from meeting_seat_designer.editor.canvas.view import PlanView
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Plan
from widgets.theme import ThemeManager


def with_plan(document: Document, plan: Plan) -> Document:
    """A copy of the document with another plan in force."""
    copy = msgspec.json.decode(msgspec.json.encode(document), type=Document)
    copy.plan = msgspec.json.decode(msgspec.json.encode(plan), type=Plan)
    return copy


class PlanPreview(PlanView):
    """Shows a document; `mark` outlines seats."""

    def __init__(self, document: Document, themes: ThemeManager, name: str) -> None:
        editing = Editing(document, checks=False)
        super().__init__(editing, PlanScene(editing, themes), themes)
        editing.setParent(self)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(themes.theme.sizes.picker_side)

    def put(self, document: Document, marked: list[str]) -> None:
        """Show another document."""
        self.editing.replace(document)
        self.mark(marked)

    def mark(self, seats: list[str]) -> None:
        """Outline these seats."""
        self.editing.select([seat for seat in seats if seat in self.editing.seats])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def open_well(self) -> None:
        self.fit()
