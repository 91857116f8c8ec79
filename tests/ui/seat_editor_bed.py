"""A seating editor in a real window, with the mouse and keys that tests use on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.engine.files import dumps
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.templates import template
from widgets.theme import ThemeManager

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def meeting(name: str = "classroom", count: int = 12) -> Document:
    """A room with people numbered in order, already arranged."""
    document = template(name)
    for number in range(1, count + 1):
        person = Person(id=f"p{number:02}", name=f"人{number}", unit=f"单位{number % 3}", number=number)
        person.rank = "一级主任科员"
        document.people.append(person)
    History(document).run(Arrange("all"))
    return document


class Bed:
    """One editor in a shown window."""

    def __init__(self, qtbot, document: Document, path: Path | None = None, **more) -> None:
        self.qtbot = qtbot
        self.themes = ThemeManager(animations=False)
        self.editor = SeatEditor(document, self.themes, path, **more)
        qtbot.addWidget(self.editor, before_close_func=lambda editor: editor.close_down())
        self.editor.resize(1280, 740)
        with qtbot.waitActive(self.editor):
            self.editor.show()
            self.editor.activateWindow()
        self.editor.view.setFocus()
        self.settle()

    @property
    def editing(self):
        return self.editor.editing

    @property
    def document(self) -> Document:
        return self.editing.document

    @property
    def bytes(self) -> bytes:
        return dumps(self.document)

    def settle(self) -> None:
        """Until the background work has told its results."""
        QApplication.sendPostedEvents()
        if self.editing.work.busy:
            self.qtbot.waitSignal(self.editing.work.idle).wait()
        QApplication.processEvents()

    def seat(self, person: str) -> str:
        """The seat of a person."""
        return self.editing.places[person]

    def spot(self, x: float, y: float) -> QPoint:
        """Where a point of the plan is in the viewport."""
        return self.editor.view.mapFromScene(QPointF(x, y))

    def spot_of(self, seat: str) -> QPoint:
        """Where a seat is in the viewport."""
        look = self.editor.scene.looks[seat]
        return self.spot(look.x, look.y)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.editor.view.viewport(), LEFT, modifiers, at)

    def drag(self, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press, move in steps, release."""
        port = self.editor.view.viewport()
        QTest.mousePress(port, LEFT, modifiers, start)
        for step in range(1, 6):
            self.move(start + (end - start) * step / 5, modifiers)
        QTest.mouseRelease(port, LEFT, modifiers, end)

    def move(self, at: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
        port = self.editor.view.viewport()
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(port.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            LEFT,
            modifiers,
        )
        QApplication.sendEvent(port, event)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.editor.view, key, modifiers)
