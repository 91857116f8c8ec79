"""Short ways to the style sheet's hooks, so that pages read well."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from widgets.theme import TextRole


def label(
    text: str = "",
    role: TextRole = "body",
    tone: str = "",
    *,
    wrap: bool = False,
    parent: QWidget | None = None,
) -> QLabel:
    """A plain-text label of a type role; `tone`: strong, weak, ok, warn, bad, brand, secret."""
    made = QLabel(text, parent)
    # Texts come from other people: they are never read as markup.
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    if tone:
        made.setProperty("tone", tone)
    made.setWordWrap(wrap)
    return made


def pill(text: str, tone: str = "brand", parent: QWidget | None = None) -> QLabel:
    """A small tag: brand, ok, warn, bad, secret, neutral."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("pill", tone)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


class PushButton(QPushButton):
    """Enter presses the button that has the keyboard: outside dialogs Qt leaves that to the desktop's theme, and in a dialog it
    would press the default button instead of the one that the focus frame is on."""

    def keyPressEvent(self, arg__1: QKeyEvent) -> None:
        enter = arg__1.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter:
            if not arg__1.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(arg__1)


def button(text: str, kind: str = "secondary", size: str = "", parent: QWidget | None = None) -> QPushButton:
    """A button: primary, secondary, ghost, danger, link, secret; `size`: small, large."""
    made = PushButton(text, parent)
    made.setProperty("kind", kind)
    if size:
        made.setProperty("scale", size)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def surface(name: str, line: str = "", parent: QWidget | None = None) -> QFrame:
    """A ground: rail, list, content, canvas, raised, card, tile (a raised card), field, panel; `line`: the side that has a hairline."""
    made = QFrame(parent)
    made.setProperty("surface", name)
    if line:
        made.setProperty("line", line)
    return made


def rule(vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """A hairline."""
    made = QFrame(parent)
    made.setProperty("rule", "v" if vertical else "h")
    return made
