"""A panel of emoji: the recent ones first, then by group; found by Chinese name; chosen by mouse or arrow keys (E097)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QToolTip, QVBoxLayout, QWidget

from widgets.controls import FilterItem, FilterTabs, Painted, SearchField
from widgets.controls.painted import focus_frame, round_rect
from widgets.theme import ThemeManager

from .table import EMOJI, GROUPS, Emoji, find

RECENT = "最近"
RECENT_LIMIT = 18
VISIBLE_ROWS = 6


class EmojiGrid(Painted):
    """Emoji in columns with a movable current cell. Signals: `chosen(str)`, `current_moved(QRect)`."""

    chosen = Signal(str)
    current_moved = Signal(QRect)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._emoji: list[Emoji] = []
        self._current = 0
        self._drawable: dict[str, bool] = {}
        self.empty_words = ""
        """What is said where there is nothing to choose."""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def emoji(self) -> list[Emoji]:
        """What is shown."""
        return list(self._emoji)

    @property
    def current(self) -> Emoji | None:
        """The one under the keyboard or the pointer."""
        return self._emoji[self._current] if self._current < len(self._emoji) else None

    def show_emoji(self, emoji: Sequence[Emoji]) -> None:
        """Replace the content."""
        self._emoji = list(emoji)
        self._go(0)
        self.setFixedSize(self.sizeHint())
        self.update()

    def step(self, columns: int, rows: int) -> None:
        """Move the current cell."""
        self._go(self._current + columns + rows * self.theme.sizes.emoji_columns)

    def _go(self, place: int) -> None:
        self._current = max(0, min(len(self._emoji) - 1, place))
        one = self.current
        self.setAccessibleName(f"表情：{one.name}" if one else "没有表情")
        self.current_moved.emit(self._cell(self._current))
        self.update()

    def _cell(self, place: int) -> QRect:
        side, columns = self.theme.sizes.emoji_cell, self.theme.sizes.emoji_columns
        return QRect(place % columns * side, place // columns * side, side, side)

    def _at(self, spot: QPoint) -> int:
        side, columns = self.theme.sizes.emoji_cell, self.theme.sizes.emoji_columns
        column, row = spot.x() // side, spot.y() // side
        place = row * columns + column
        return place if 0 <= column < columns and 0 <= place < len(self._emoji) else -1

    def sizeHint(self) -> QSize:
        side, columns = self.theme.sizes.emoji_cell, self.theme.sizes.emoji_columns
        rows = max(1, -(-len(self._emoji) // columns))
        return QSize(columns * side, rows * side)

    def _can_draw(self, text: str, metrics: QFontMetrics) -> bool:
        found = self._drawable.get(text)
        if found is None:
            found = self._drawable[text] = metrics.inFontUcs4(ord(text[0]))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        font = QFont(theme.font("body"))
        font.setPixelSize(theme.sizes.icon_large)
        metrics = QFontMetrics(font)
        if not self._emoji:
            painter.setFont(theme.font("secondary"))
            painter.setPen(theme.color("text_2"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.empty_words)
        for place, one in enumerate(self._emoji):
            cell = self._cell(place)
            if not cell.intersects(event.rect()):
                continue
            rect = QRectF(cell).adjusted(1, 1, -1, -1)
            if place == self._current and (self.hasFocus() or self.underMouse()):
                round_rect(painter, rect, theme.radius.control, theme.color("hover"))
            if self._can_draw(one.text, metrics):
                painter.setFont(font)
                painter.setPen(theme.color("text"))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, one.text)
            else:
                # No font on this machine has the picture: its name says more than an empty box.
                painter.setFont(theme.font("micro"))
                painter.setPen(theme.color("text_2"))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, one.name[:2])
            if place == self._current and self.hasFocus():
                focus_frame(painter, rect, theme.radius.control, theme)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place >= 0 and place != self._current:
            self._current = place
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._emoji[place].text)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self._emoji[place].name if place >= 0 else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is not None:
            self.step(*move)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.current is not None:
                self.chosen.emit(self.current.text)
        else:
            super().keyPressEvent(event)


class EmojiPanel(QWidget):
    """Search, groups and grid. Signals: `chosen(str)` the emoji; `recent_changed(list)` the recent ones, newest first."""

    chosen = Signal(str)
    recent_changed = Signal(list)

    def __init__(
        self, themes: ThemeManager, recent: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._recent = [text for text in recent if text in EMOJI][:RECENT_LIMIT]
        theme = themes.theme
        self.search = SearchField(themes, "搜索表情，如“谢谢”", delay_ms=0)
        self.search.query_changed.connect(self._show)
        self.search.moved.connect(lambda steps: self.grid.step(0, steps))
        self.search.submitted.connect(self._take_current)
        self.search.cancelled.connect(self._leave)
        self.tabs = FilterTabs(themes, [FilterItem(name, name) for name in (RECENT, *GROUPS)])
        self.tabs.set_current(RECENT if self._recent else next(iter(GROUPS)))
        self.tabs.current_changed.connect(lambda _key: self._show(""))
        self.grid = EmojiGrid(themes)
        self.grid.chosen.connect(self._take)
        area = QScrollArea()
        area.setWidget(self.grid)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedSize(
            theme.sizes.emoji_cell * theme.sizes.emoji_columns + theme.sizes.scroll,
            theme.sizes.emoji_cell * VISIBLE_ROWS,
        )
        self.grid.current_moved.connect(lambda cell: area.ensureVisible(cell.center().x(), cell.center().y()))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space.s, theme.space.s, theme.space.s, theme.space.s)
        column.setSpacing(theme.space.s)
        column.addWidget(self.search)
        column.addWidget(self.tabs)
        column.addWidget(area)
        self.setFocusProxy(self.search)
        self._show("")

    @property
    def recent(self) -> list[str]:
        """Emoji chosen lately, newest first."""
        return list(self._recent)

    def _show(self, query: str) -> None:
        self.grid.empty_words = "没有找到，换个词试试" if query.strip() else "用过的表情会出现在这里"
        if query.strip():
            self.grid.show_emoji(find(query))
        elif self.tabs.current == RECENT:
            self.grid.show_emoji([EMOJI[text] for text in self._recent])
        else:
            self.grid.show_emoji(GROUPS[self.tabs.current])

    def _take_current(self, _query: str) -> None:
        if self.grid.current is not None:
            self._take(self.grid.current.text)

    def _take(self, text: str) -> None:
        self._recent = [text, *(one for one in self._recent if one != text)][:RECENT_LIMIT]
        self.recent_changed.emit(list(self._recent))
        self.chosen.emit(text)

    def _leave(self) -> None:
        # Esc in an empty search: the popup that holds this panel goes; in a page it has nothing to close.
        window = self.window()
        if window.windowType() == Qt.WindowType.Popup:
            window.close()
