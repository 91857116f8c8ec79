"""The input of secret messages: an edit of our own, because a text field of the toolkit gives its text to the clipboard, to the
primary selection, to dragging, to assistive tools and to the input method's context."""

from __future__ import annotations

import unicodedata
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.controls.painted import Painted
from widgets.theme import ThemeManager

MOST = 2000
"""Characters in one message."""
_LINES = 5
_NO_TEXT = ("Cc", "Cs", "Co", "Cn")
"""Control characters and what is no character; joiners of emoji stay."""


class SecretEdit(Painted):
    """Types, deletes, moves, pastes in; nothing can be selected, copied, cut, dragged or undone.

    Signals: `submitted()` on Enter (Shift+Enter breaks the line), `changed()`.
    """

    submitted = Signal()
    changed = Signal()

    def __init__(self, themes: ThemeManager, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._text = ""
        self._at = 0
        self._preedit = ""
        self._hint = hint
        self._blink = True
        self._timer = QTimer(self)
        self._timer.setInterval(max(250, QGuiApplication.styleHints().cursorFlashTime() // 2))
        self._timer.timeout.connect(self._flash)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        # No prediction, no learning, no upload of what is typed, as far as the input method heeds it.
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhMultiLine
        )
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName("密聊输入框")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # What others ask.

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not self._text.strip()

    def take(self) -> str:
        """The text, which is forgotten here."""
        taken = self._text.strip()
        self.clear()
        return taken

    def put(self, text: str) -> None:
        """Give back what could not be sent."""
        self._text, self._at = text[:MOST], min(len(text), MOST)
        self._after()

    def clear(self) -> None:
        """Forget everything."""
        self._text, self._at, self._preedit = "", 0, ""
        self._after()

    def set_hint(self, hint: str) -> None:
        """What stands there while it is empty."""
        self._hint = hint
        self.update()

    # Writing.

    def _insert(self, text: str) -> None:
        room = MOST - len(self._text)
        text = "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in _NO_TEXT)[
            :room
        ]
        self._text = self._text[: self._at] + text + self._text[self._at :]
        self._at += len(text)
        self._after()

    def _after(self) -> None:
        self._blink = True
        self.updateGeometry()
        self.update()
        self.updateMicroFocus()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.matches(QKeySequence.StandardKey.Paste):
            self._insert(QGuiApplication.clipboard().text().replace("\r\n", "\n"))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if shift:
                self._insert("\n")
            else:
                self.submitted.emit()
        elif key == Qt.Key.Key_Backspace:
            step = self._step(-1)
            self._text = self._text[:step] + self._text[self._at :]
            self._at = step
            self._after()
        elif key == Qt.Key.Key_Delete:
            self._text = self._text[: self._at] + self._text[self._step(1) :]
            self._after()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._move(self._step(-1 if key == Qt.Key.Key_Left else 1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move(0 if key == Qt.Key.Key_Home else len(self._text))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move_line(-1 if key == Qt.Key.Key_Up else 1)
        elif event.text() and event.text().isprintable():
            self._insert(event.text())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _step(self, direction: int) -> int:
        """The next place for the cursor: a character of the user's, which may be several code points."""
        layout, place = QTextLayout(self._text), units(self._text[: self._at])
        if direction < 0:
            found = layout.previousCursorPosition(place) if self._at else 0
        else:
            found = layout.nextCursorPosition(place) if self._at < len(self._text) else place
        return points(self._text, found)

    def _move(self, place: int) -> None:
        self._at = max(0, min(len(self._text), place))
        self._after()

    def _move_line(self, direction: int) -> None:
        layout = self._layout(self.width())
        place = units(self._text[: self._at])
        line = layout.lineForTextPosition(place)
        wanted = line.lineNumber() + direction
        if 0 <= wanted < layout.lineCount():
            found = layout.lineAt(wanted).xToCursor(_x(line.cursorToX(place)))
            self._move(points(self._text, found))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        place = event.position() - self._origin()
        layout = self._layout(self.width())
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            if place.y() < line.y() + line.height() or number == layout.lineCount() - 1:
                self._move(points(self._text, line.xToCursor(place.x())))
                return

    # The input method: what is being composed is shown; of the rest it is told nothing.

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._preedit = event.preeditString()
        if event.commitString():
            self._insert(event.commitString())
        self._after()
        event.accept()

    def inputMethodQuery(self, arg__1: Qt.InputMethodQuery) -> Any:
        if arg__1 == Qt.InputMethodQuery.ImEnabled:
            return True
        if arg__1 == Qt.InputMethodQuery.ImCursorRectangle:
            return self._cursor_rect().toRect()
        if arg__1 == Qt.InputMethodQuery.ImHints:
            return self.inputMethodHints().value
        if arg__1 == Qt.InputMethodQuery.ImFont:
            return self.theme.font("body")
        if arg__1 in (Qt.InputMethodQuery.ImCursorPosition, Qt.InputMethodQuery.ImAnchorPosition):
            return 0
        return None

    # Painting.

    def _shown(self) -> str:
        return self._text[: self._at] + self._preedit + self._text[self._at :]

    def _layout(self, width: int) -> QTextLayout:
        layout = QTextLayout(self._shown().replace("\n", "\u2028"), self.theme.font("body"))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, top))
            top += self.theme.line("body")
        layout.endLayout()
        return layout

    def _cursor_line(self, layout: QTextLayout) -> Any:
        return layout.lineForTextPosition(units(self._text[: self._at] + self._preedit))

    def _origin(self) -> QPointF:
        """Where the text begins: it scrolls so that the cursor's line is seen, and stands in the middle while short."""
        layout = self._layout(self.width())
        height = layout.lineCount() * self.theme.line("body")
        if height <= self.height():
            return QPointF(0, (self.height() - height) / 2)
        line = self._cursor_line(layout)
        bottom = (line.lineNumber() + 1) * self.theme.line("body") if line.isValid() else height
        return QPointF(0, min(0.0, self.height() - bottom))

    def _cursor_rect(self) -> QRectF:
        layout = self._layout(self.width())
        line, origin = self._cursor_line(layout), self._origin()
        height = self.theme.line("body")
        if not line.isValid():
            return QRectF(0, origin.y(), 1, height)
        left = _x(line.cursorToX(units(self._text[: self._at] + self._preedit)))
        return QRectF(left, origin.y() + line.y(), 1, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setFont(theme.font("body"))
        if not self._shown():
            painter.setPen(theme.color("text_2"))
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter, self._hint)
        else:
            painter.setPen(theme.color("text"))
            self._layout(self.width()).draw(painter, self._origin())
        if self.hasFocus() and self._blink:
            painter.fillRect(self._cursor_rect(), theme.color("text"))

    def sizeHint(self) -> QSize:
        lines = min(_LINES, max(1, self._layout(max(1, self.width())).lineCount()))
        return QSize(self.theme.sizes.list, lines * self.theme.line("body") + 2 * self.theme.space.s)

    def _flash(self) -> None:
        self._blink = not self._blink
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self._blink = True
            self._timer.start()
        elif event.type() == QEvent.Type.FocusOut:
            self._timer.stop()
            self.update()
        elif event.type() == QEvent.Type.Resize:
            self.updateGeometry()
        return super().event(event)


def units(text: str) -> int:
    """Length as the toolkit counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def points(text: str, place: int) -> int:
    """The toolkit's place in `text` as a Python index."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "ignore"))


def _x(found: Any) -> float:
    """The binding gives the place alone or with the position that it stands for."""
    return float(found[0] if isinstance(found, tuple) else found)
