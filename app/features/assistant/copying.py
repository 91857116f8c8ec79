"""Answers on the clipboard: for office programs in black on white with ruled tables, for plain fields with tabs in rows."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import (
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextTable,
    QTextTableCellFormat,
)


def whole_answer(markdown: str, text: str) -> QMimeData:
    """An answer as rich text; as plain text it is `text`."""
    document = QTextDocument()
    features = (
        QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
    )
    document.setMarkdown(markdown, features)
    made = QMimeData()
    made.setText(text)
    made.setHtml(_office_html(document))
    return made


def selected(cursor: QTextCursor) -> QMimeData:
    """What is selected in an answer, without the colours of the theme."""
    document = QTextDocument()
    QTextCursor(document).insertFragment(QTextDocumentFragment(cursor))
    made = QMimeData()
    made.setText(_plain(cursor))
    made.setHtml(_office_html(document))
    return made


def _office_html(document: QTextDocument) -> str:
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        shape.clearBackground()
        cursor.setBlockFormat(shape)
        pieces = block.begin()
        spans: list[tuple[int, int]] = []
        while not pieces.atEnd():
            piece = pieces.fragment()
            spans.append((piece.position(), piece.length()))
            pieces += 1
        for position, length in spans:
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            kind = cursor.charFormat()
            for name in (
                QTextFormat.Property.ForegroundBrush,
                QTextFormat.Property.BackgroundBrush,
                QTextFormat.Property.IsAnchor,
                QTextFormat.Property.AnchorHref,
                QTextFormat.Property.FontFamilies,
                QTextFormat.Property.FontPointSize,
                QTextFormat.Property.FontPixelSize,
            ):
                kind.clearProperty(name.value)
            cursor.setCharFormat(kind)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            for row in range(frame.rows()):
                for column in range(frame.columns()):
                    frame.cellAt(row, column).setFormat(QTextTableCellFormat())
            shape = frame.format().toTableFormat()
            shape.clearProperty(QTextFormat.Property.FrameBorderBrush.value)
            frame.setFormat(shape)
    html = document.toHtml()
    # Qt writes its own names for borders, which office programs pass over.
    ruled = '<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse;"'
    return html.replace("<table", ruled)


def _plain(cursor: QTextCursor) -> str:
    """Rows of a table in one line each, their cells divided by tabs."""
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    pieces: list[str] = []
    before: tuple[QTextTable, int, int] | None = None
    block = cursor.document().findBlock(start)
    while block.isValid() and block.position() < end:
        at = block.position()
        text = block.text()[max(0, start - at) : end - at]
        table = QTextCursor(block).currentTable()
        here = None
        if table is not None:
            cell = table.cellAt(at)
            here = (table, cell.row(), cell.column())
        if pieces:
            same_row = here is not None and before is not None and here[:2] == before[:2]
            same_cell = same_row and here == before
            pieces.append(" " if same_cell else "\t" if same_row else "\n")
        listed = block.textList()
        if listed is not None and start <= at:
            text = f"{listed.itemText(block)} {text}"
        pieces.append(text)
        before = here
        block = block.next()
    return "".join(pieces).replace("\u2028", "\n").replace("\xa0", " ")
