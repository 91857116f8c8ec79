"""The text of a document with its structure, and marks over places of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QTextEdit, QWidget

from offline_ai.documents.model import Document
from offline_ai.documents.structure import title_block
from widgets.theme import ThemeManager


@dataclass(frozen=True)
class Mark:
    """A stretch of the text with a ground: bad, warn, ok or brand."""

    start: int
    end: int
    tone: str


class DocumentText(QTextEdit):
    """Read only. Signals: `place_clicked(offset)` in characters of `Document.text`."""

    place_clicked = Signal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._document: Document | None = None
        self._wide: list[int] = []
        self._marks: list[Mark] = []
        self._here: tuple[int, int] | None = None
        self._pressed = QPoint()
        self.setReadOnly(True)
        self.setAcceptDrops(False)
        self.setProperty("plain", True)
        self.setAccessibleName("公文内容")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(themes.theme.space.xl)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        themes.changed.connect(self._dress)

    def show_document(self, document: Document | None) -> None:
        """Show another document from its beginning."""
        self._document, self._marks, self._here = document, [], None
        text = document.text if document is not None else ""
        # Qt counts characters beyond the first plane twice.
        self._wide = [at for at, char in enumerate(text) if ord(char) > 0xFFFF]
        self.setPlainText(text)
        self._dress()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _dress(self, _theme: object = None) -> None:
        if self._document is None:
            return
        theme = self._themes.theme
        title, place = title_block(self._document)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for block in self._document.blocks:
            cursor.setPosition(self._to_qt(block.offset))
            cursor.setPosition(self._to_qt(block.end), QTextCursor.MoveMode.KeepAnchor)
            kind = QTextCharFormat()
            shape = QTextBlockFormat()
            shape.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            shape.setBottomMargin(theme.space.xs)
            kind.setFont(theme.font("body"))
            kind.setForeground(theme.color("text"))
            if block.kind == "title" or (title and place <= block.offset < place + len(title)):
                kind.setFont(theme.font("headline", 600))
                shape.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            elif block.kind == "heading":
                kind.setFont(theme.font("title" if block.level == 1 else "body", 600))
                shape.setTopMargin(theme.space.s)
            elif block.kind == "row":
                kind.setForeground(theme.color("text_2"))
                shape.setLeftMargin(theme.space.m)
                shape.setBackground(theme.color("card"))
            else:
                shape.setTextIndent(theme.px("body") * 2 if len(block.text) > 30 else 0)
            cursor.setCharFormat(kind)
            cursor.setBlockFormat(shape)
        cursor.endEditBlock()
        self._paint_marks()

    def _to_qt(self, offset: int) -> int:
        return offset + sum(1 for at in self._wide if at < offset)

    def _from_qt(self, position: int) -> int:
        return position - sum(1 for number, at in enumerate(self._wide) if at + number < position)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Replace the marks."""
        self._marks = list(marks)
        self._paint_marks()

    def jump(self, start: int, end: int) -> None:
        """Bring a place into view and mark it as the one that is meant."""
        if self._document is None or end <= start:
            return
        self._here = (start, end)
        cursor = self.textCursor()
        cursor.setPosition(self._to_qt(start))
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect().top() - self.viewport().height() // 3)
        self._paint_marks()

    @property
    def here(self) -> tuple[int, int] | None:
        """The place that was jumped to."""
        return self._here

    def _paint_marks(self) -> None:
        theme = self._themes.theme
        made: list[QTextEdit.ExtraSelection] = []
        marks = [*self._marks, *([Mark(*self._here, "here")] if self._here else [])]
        for mark in marks:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._to_qt(mark.start))
            cursor.setPosition(self._to_qt(mark.end), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor  # type: ignore[attr-defined]
            kind = QTextCharFormat()
            if mark.tone == "here":
                kind.setBackground(theme.color("selection"))
                kind.setForeground(theme.color("on_selection"))
            else:
                kind.setBackground(theme.color(f"{mark.tone}_weak"))
                kind.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                kind.setUnderlineColor(theme.color(mark.tone))
            selection.format = kind  # type: ignore[attr-defined]
            made.append(selection)
        self.setExtraSelections(made)

    def mousePressEvent(self, e: QMouseEvent) -> None:
        self._pressed = e.position().toPoint()
        super().mousePressEvent(e)

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        spot = e.position().toPoint()
        if (spot - self._pressed).manhattanLength() < 4 and not self.textCursor().hasSelection():
            self.place_clicked.emit(self._from_qt(self.cursorForPosition(spot).position()))
