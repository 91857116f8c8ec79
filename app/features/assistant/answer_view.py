"""An answer as rich text: markdown with tables and code, source marks that can be pressed, nothing loaded from anywhere."""

from __future__ import annotations

import re

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QFontDatabase,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextTable,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from widgets.theme import ThemeManager

from .copying import selected

SOURCE = "source"
_MARK = re.compile(r"\[(\d{1,2})\](?!\()")
_SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")
_STEP_MS = 50
"""Between two paintings while an answer grows."""


def escaped(text: str) -> str:
    """Other people's words as markdown that shows them as they are; marks [n] stay marks."""
    pieces = re.split(r"(\[\d{1,2}\])", text)
    made = [piece if at % 2 else _SIGNS.sub(r"\\\1", piece) for at, piece in enumerate(pieces)]
    return "".join(made).replace("\n", "\n\n")


class AnswerView(QTextBrowser):
    """As high as its text. Signals: `source_wanted(number)` from 1, `link_wanted(address)`."""

    source_wanted = Signal(int)
    link_wanted = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._markdown, self._sources, self._pending = "", 0, False
        self.setProperty("plain", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setAccessibleName("回答")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.anchorClicked.connect(self._clicked)
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._paint_now)
        themes.changed.connect(self._themed)

    @property
    def markdown(self) -> str:
        """What is shown, as it was given."""
        return self._markdown

    def grow(self, markdown: str) -> None:
        """The answer so far; painted at most every 50 ms."""
        self._markdown = markdown
        if not self._timer.isActive():
            self._timer.start()

    def show_answer(self, markdown: str, sources: int) -> None:
        """The whole answer at once; marks [1] to [`sources`] can be pressed."""
        self._timer.stop()
        self._markdown, self._sources = markdown, sources
        self._paint_now()

    def loadResource(self, type: int, name: QUrl | str) -> None:
        """Pictures that an answer names are not fetched, neither from the disk nor from the network."""
        return

    def _paint_now(self) -> None:
        def mark(found: re.Match[str]) -> str:
            number = int(found[1])
            return f"[\\[{number}\\]]({SOURCE}:{number})" if 1 <= number <= self._sources else found[0]

        document = self.document()
        document.setDefaultFont(self._themes.theme.font("body"))
        features = (
            QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        )
        document.setMarkdown(_MARK.sub(mark, self._markdown), features)
        self._dress()
        self._fit()

    def _dress(self) -> None:
        theme = self._themes.theme
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        block = self.document().begin()
        while block.isValid():
            room = QTextBlockFormat()
            if QTextCursor(block).currentTable() is None:
                room.setBottomMargin(theme.space.xs if block.textList() else theme.space.s)
                room.setTopMargin(theme.space.none)
                room.setLineHeight(140, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
                if block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
                    room.setBackground(theme.color("card"))
                    room.setBottomMargin(theme.space.none)
            QTextCursor(block).mergeBlockFormat(room)
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                cursor = QTextCursor(self.document())
                cursor.setPosition(piece.position())
                cursor.setPosition(piece.position() + piece.length(), QTextCursor.MoveMode.KeepAnchor)
                shape = QTextCharFormat()
                if piece.charFormat().isAnchor():
                    shape.setForeground(theme.color("brand_text"))
                    shape.setFontUnderline(False)
                else:
                    shape.setForeground(theme.color("text"))
                if piece.charFormat().fontFixedPitch():
                    shape.setFontFamilies([mono.family(), *theme.families])
                    shape.setBackground(theme.color("card"))
                cursor.mergeCharFormat(shape)
                pieces += 1
            block = block.next()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                shape = frame.format().toTableFormat()
                shape.setBorder(theme.space.hair)
                shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                shape.setBorderCollapse(True)
                shape.setCellSpacing(theme.space.none)
                shape.setBottomMargin(theme.space.s)
                shape.setBorderBrush(theme.color("line_strong"))
                shape.setCellPadding(theme.space.xs)
                frame.setFormat(shape)
                self._rule(frame)

    def _rule(self, table: QTextTable) -> None:
        """Lines round every cell (with collapsed borders Qt paints those of the cells only), a ground for the head."""
        theme = self._themes.theme
        for row in range(table.rows()):
            for column in range(table.columns()):
                cell = table.cellAt(row, column)
                shape = cell.format().toTableCellFormat()
                shape.setBorder(theme.space.hair)
                shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                shape.setBorderBrush(theme.color("line_strong"))
                shape.setLeftPadding(theme.space.s)
                shape.setRightPadding(theme.space.s)
                shape.setTopPadding(theme.space.xs)
                shape.setBottomPadding(theme.space.xs)
                if row == 0:
                    shape.setBackground(theme.color("card"))
                cell.setFormat(shape)

    def createMimeDataFromSelection(self) -> QMimeData:
        return selected(self.textCursor())

    def _themed(self, _theme: object = None) -> None:
        self._paint_now()

    def _fit(self) -> None:
        self.document().setTextWidth(max(self.viewport().width(), 1))
        self.setFixedHeight(max(round(self.document().size().height()) + 2, 1))

    def resizeEvent(self, e: QResizeEvent) -> None:
        super().resizeEvent(e)
        if e.oldSize().width() != e.size().width():
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())

    def _clicked(self, url: QUrl) -> None:
        if url.scheme() == SOURCE:
            self.source_wanted.emit(int(url.path() or 0))
        elif url.scheme() in ("http", "https"):
            self.link_wanted.emit(url.toString())
