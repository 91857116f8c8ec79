"""A forwarded record in a window of its own; records inside it open in windows of theirs (E104)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from server_stub.contract.content import (
    UNKNOWN_TEXT,
    AnyContent,
    FileContent,
    ImageContent,
    MergedContent,
    SystemContent,
    TextContent,
    Unknown,
    decode_content,
    summary,
)
from widgets.chat.message_list import MessageListView
from widgets.chat.row_view import Hold
from widgets.chat.rows import BubbleRow, FileBox, PictureBox, RowKind, grouped, link_spans
from widgets.controls import ElidedLabel
from widgets.theme import ThemeManager

from .conversation_kinds import kind_row, link_box
from .sizes import size_text
from .times import local

SIZE = (560, 640)
LATEST_MS = 4_102_444_800_000


def record_rows(record: MergedContent) -> list[BubbleRow]:
    """The messages of a record as rows; their keys are their places."""
    made: list[BubbleRow] = []
    day = ""
    for place, item in enumerate(record.items):
        # A sender can write anything here.
        at = local(max(0, min(item.sent_at, LATEST_MS)))
        if f"{at:%Y-%m-%d}" != day:
            day = f"{at:%Y-%m-%d}"
            made.append(BubbleRow(f"day-{place}", RowKind.DATE, f"{at.year}年{at.month}月{at.day}日"))
        base = BubbleRow(
            key=str(place),
            kind=RowKind.TEXT,
            author=item.sender_name,
            author_note=f"{at:%H:%M}",
            author_id=item.sender_id,
            name=item.sender_name,
            time=f"{at:%H:%M}",
        )
        made.append(_row(base, decode_content(item.content)))
    return grouped(made)


def _row(base: BubbleRow, content: AnyContent | Unknown) -> BubbleRow:
    from dataclasses import replace

    match content:
        case TextContent():
            return replace(
                base,
                text=content.text,
                spans=tuple(link_spans(content.text)),
                link=link_box(content.preview),
            )
        case ImageContent():
            picture = PictureBox(content.width, content.height, content.thumbnail)
            return replace(base, kind=RowKind.PICTURE, picture=picture)
        case FileContent():
            file = FileBox(content.file.name, size_text(content.file.size))
            return replace(base, kind=RowKind.FILE, file=file)
        case SystemContent():
            return replace(base, text=content.text, muted=True)
        case Unknown():
            return replace(base, text=UNKNOWN_TEXT, muted=True)
        case _:
            return kind_row(base, content) or replace(base, text=summary(content), muted=True)


class RecordWindow(QWidget):
    """Signals: `content_wanted(content)` (a film, a file, a place … was clicked; records it opens itself);
    `menu_wanted(content, global position)`; `link_wanted(address)`.
    """

    content_wanted = Signal(object)
    menu_wanted = Signal(object, object)
    link_wanted = Signal(str)

    def __init__(
        self,
        themes: ThemeManager,
        record: MergedContent,
        opened: Callable[[RecordWindow], None],
        parent: QWidget | None = None,
    ) -> None:
        """`opened` is told of every further window that opens out of this one, to connect it too."""
        super().__init__(parent, Qt.WindowType.Window)
        self._themes, self.record, self._tell = themes, record, opened
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(record.title or "聊天记录")
        self.setProperty("surface", "content")
        space = themes.theme.space
        self.heading = ElidedLabel(themes, record.title or "聊天记录", "title", "text")
        self.list = MessageListView(themes)
        head = QVBoxLayout()
        head.setContentsMargins(space.xxl, space.l, space.xxl, space.m)
        head.addWidget(self.heading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        self.resize(*SIZE)
        self.list.set_rows(record_rows(record), Hold.VIEW)
        for signal in (self.list.picture_clicked, self.list.card_clicked, self.list.voice_clicked):
            signal.connect(self._open)
        self.list.file_action.connect(lambda key, _action: self._open(key))
        self.list.link_clicked.connect(self.link_wanted)
        self.list.context_menu.connect(self._menu)
        self.list.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Measured only now: a record is read from its beginning.
        if self.list.rows and not event.spontaneous():
            self.list.show_row(self.list.rows[0].key, flash=False, share=0.0)

    def _content(self, key: str) -> AnyContent | Unknown | None:
        return decode_content(self.record.items[int(key)].content) if key.isdigit() else None

    def _open(self, key: str) -> None:
        content = self._content(key)
        if isinstance(content, MergedContent):
            inner = RecordWindow(self._themes, content, self._tell, self.parentWidget())
            inner.move(
                self.pos().x() + self._themes.theme.space.xxl, self.pos().y() + self._themes.theme.space.xxl
            )
            self._tell(inner)
            inner.show()
        elif content is not None and not isinstance(content, Unknown):
            self.content_wanted.emit(content)

    def _menu(self, key: str, at: object) -> None:
        content = self._content(key)
        if content is not None and not isinstance(content, Unknown):
            self.menu_wanted.emit(content, at)
