"""The text input of the composer: grows with its text, knows Enter from an input method's Enter, takes pictures and files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QFocusEvent,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from widgets.theme import Theme, ThemeManager

ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def files_of(data: QMimeData) -> list[Path]:
    """Local files and folders that were copied or dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def image_of(data: QMimeData) -> QImage | None:
    """A picture that was copied (not a file of one)."""
    if not data.hasImage():
        return None
    image = data.imageData()
    return image if isinstance(image, QImage) and not image.isNull() else None


class ComposerEdit(QTextEdit):
    """Signals: `entered()` the user wants to send; `escaped()`; `files_given(list[Path])`, `picture_given(QImage)` pasted or
    dropped; `navigated(int)` Up/Down and `picked()` Enter/Tab while `choosing`; `height_wanted(int)`; `left()` focus lost."""

    entered = Signal()
    escaped = Signal()
    files_given = Signal(list)
    picture_given = Signal(QImage)
    navigated = Signal(int)
    picked = Signal()
    height_wanted = Signal(int)
    left = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.enter_sends = True
        self.choosing = False
        """A list of people is open: arrows and Enter go to it."""
        self.composing = False
        """An input method is at work: its text is not the user's yet."""
        self.setAcceptRichText(False)
        self.setProperty("plain", True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._measure())
        themes.changed.connect(self._redress)
        self._redress(themes.theme)

    def _redress(self, theme: Theme) -> None:
        self.setFont(theme.font("body"))
        self._measure()

    def _measure(self) -> None:
        self.height_wanted.emit(self.text_height())

    def text_height(self) -> int:
        """What the text takes, at least two lines."""
        theme = self._themes.theme
        return max(2 * theme.line("body"), int(self.document().size().height() + 0.999))

    def sizeHint(self) -> QSize:
        return QSize(self._themes.theme.sizes.list, self.text_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._themes.theme.sizes.avatar_large, self._themes.theme.line("body"))

    def resizeEvent(self, e: QResizeEvent) -> None:
        super().resizeEvent(e)
        self._measure()

    def insert(self, text: str) -> None:
        """Put text at the cursor, as typing does (undo takes it away)."""
        self.textCursor().insertText(text)
        self.ensureCursorVisible()

    def replace_before(self, count: int, text: str) -> None:
        """Replace the `count` characters before the cursor."""
        cursor = self.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, count)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    def cursor_place(self) -> QRect:
        """The text cursor's rectangle on the screen."""
        rect = self.cursorRect()
        return QRect(self.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def inputMethodEvent(self, arg__1: QInputMethodEvent) -> None:
        self.composing = bool(arg__1.preeditString())
        super().inputMethodEvent(arg__1)

    def focusOutEvent(self, e: QFocusEvent) -> None:
        super().focusOutEvent(e)
        self.composing = False
        self.left.emit()

    def keyPressEvent(self, e: QKeyEvent) -> None:
        key = Qt.Key(e.key())
        if self.composing and key in (
            *ENTERS,
            Qt.Key.Key_Escape,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Tab,
        ):
            # Some platforms pass the input method's own keys on; they must neither send nor break the line.
            e.ignore()
            return
        if self.choosing and self._choose(key):
            return
        if key in ENTERS:
            self._enter(e)
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(e)

    def _choose(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.navigated.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (*ENTERS, Qt.Key.Key_Tab):
            self.picked.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            return False
        return True

    def _enter(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
        plain = held == Qt.KeyboardModifier.NoModifier
        if (plain and self.enter_sends) or (ctrl and not self.enter_sends):
            self.entered.emit()
        else:
            self.insert("\n")

    # Pasting and dropping.

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return bool(files_of(source)) or source.hasImage() or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = files_of(source)
        if paths:
            self.files_given.emit(paths)
            return
        # An office program puts a picture of the copied words beside them: the words are meant.
        image = None if source.hasText() and source.text().strip() else image_of(source)
        if image is not None:
            self.picture_given.emit(image)
        elif source.hasText():
            self.insert(source.text().replace("\r\n", "\n").replace("\r", "\n"))

    def dragEnterEvent(self, e: QDragEnterEvent) -> None:
        if files_of(e.mimeData()):
            e.acceptProposedAction()
        else:
            super().dragEnterEvent(e)

    def dragMoveEvent(self, e: QDragMoveEvent) -> None:
        if files_of(e.mimeData()):
            e.acceptProposedAction()
        else:
            super().dragMoveEvent(e)
