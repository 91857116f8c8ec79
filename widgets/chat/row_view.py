"""A scroll view of rows: only those in view are measured and painted, and what is in view stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from widgets.theme import Theme, ThemeManager

from .laid import Laid
from .row_paint import Look, RowPainter
from .row_store import RowStore
from .rows import BubbleRow

NEAR_PAGES = 1.5
"""More rows are asked for when less than this many pages remain above or below."""
AT_BOTTOM = 4


class Hold(Enum):
    """What stays in place when the rows change."""

    FOLLOW = "follow"
    """The bottom when it is in view, else what is in view."""
    VIEW = "view"
    """What is in view, even at the bottom (rows were fetched below)."""
    BOTTOM = "bottom"
    """Go to the bottom."""


class RowScrollView(QAbstractScrollArea):
    """Signals: `need_older()`, `need_newer()` near an end that has more; `at_bottom_changed(bool)`;
    `visible_rows_changed(key)` with the last row whose end is in view."""

    need_older = Signal()
    need_newer = Signal()
    at_bottom_changed = Signal(bool)
    visible_rows_changed = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.themes = themes
        self.store = RowStore(themes.theme)
        self.has_older = False
        """Older rows exist beyond those given."""
        self.has_newer = False
        self._painter = RowPainter(themes)
        self._settling = False
        self._stick = True
        self._told: tuple[bool, str] = (True, "")
        self._first = 0
        self._flash_key = ""
        self._flash = QVariantAnimation(self)
        self._flash.setStartValue(1.0)
        self._flash.setEndValue(0.0)
        self._flash.valueChanged.connect(lambda _value: self.viewport().update())
        self._flash.finished.connect(self._flash_over)
        self._announcer = QTimer(self)
        self._announcer.setSingleShot(True)
        self._announcer.setInterval(0)
        self._announcer.timeout.connect(self._announce)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(self.horizontalScrollBarPolicy().ScrollBarAlwaysOff)
        # The bar's place is kept free: the text must not wrap anew when it comes.
        self.setVerticalScrollBarPolicy(self.verticalScrollBarPolicy().ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.setSingleStep(themes.theme.line("body"))
        # Its place is always kept, but with nothing to scroll no handle stands in it.
        bar.rangeChanged.connect(lambda low, high: bar.setEnabled(high > low))
        bar.setEnabled(False)
        self.viewport().setMouseTracking(True)
        # Every pixel is painted below: Qt need not fill the ground first.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        themes.changed.connect(self._theme_changed)
        themes.faces_changed.connect(self.viewport().update)

    # What is shown.

    @property
    def rows(self) -> list[BubbleRow]:
        """What is shown, top to bottom."""
        return self.store.rows

    def set_rows(self, rows: Sequence[BubbleRow], hold: Hold = Hold.FOLLOW) -> None:
        """Show these rows. Rows are the same when their keys are; nothing moves that is still there."""
        bottom = hold is Hold.BOTTOM or (hold is Hold.FOLLOW and self._stick)
        anchors = [] if bottom else self._anchors()
        self.store.set_rows(rows)
        if bottom:
            self._settle_bottom()
        else:
            self._restore(anchors)

    def scroll_to_bottom(self) -> None:
        """Show the last row and stay with it."""
        self._settle_bottom()

    def show_row(self, key: str, *, flash: bool = True, share: float = 0.3) -> bool:
        """Bring a row into view, its top at `share` of the height, and point it out. False when it is not there."""
        place = self.store.place(key)
        if place < 0:
            return False
        self._settle(place, round(self.viewport().height() * share))
        if flash:
            self._point_out(key)
        return True

    def ensure_visible(self, place: int) -> None:
        """Scroll as little as needed to show all of a row."""
        laid = self.store.laid(place)
        top = self._y(place)
        room, margin = self.viewport().height(), self.themes.theme.space.s
        if top < margin or laid.height > room:
            self._settle(place, margin)
        elif top + laid.height > room - margin:
            self._settle(place, room - margin - laid.height)

    @property
    def at_bottom(self) -> bool:
        """Whether the last row's end is in view and new rows are followed."""
        return self._stick

    def visible_places(self) -> range:
        """The rows in view."""
        if not self.store.rows:
            return range(0)
        first = max(0, self.store.heights.at(self._value - self._above))
        last = self.store.heights.at(self._value - self._above + self.viewport().height() - 1)
        return range(first, last + 1)

    def row_rect(self, key: str) -> QRect:
        """Where a row is in the viewport; empty when it is not in view."""
        place = self.store.place(key)
        if place not in self.visible_places():
            return QRect()
        return QRect(0, self._y(place), self.store.width, self.store.laid(place).height)

    def at(self, point: QPoint) -> tuple[Laid, QPoint] | None:
        """The measured row under a point of the viewport, and the point relative to it."""
        for place in self.visible_places():
            top = self._y(place)
            if top <= point.y() < top + self.store.heights[place]:
                return self.store.laid(place), QPoint(point.x(), point.y() - top)
        return None

    # Scrolling.

    @property
    def _above(self) -> int:
        return self.themes.theme.space.s

    @property
    def _below(self) -> int:
        return self.themes.theme.space.l

    @property
    def _value(self) -> int:
        return self.verticalScrollBar().value()

    def _y(self, place: int) -> int:
        return self.store.heights.top(place) + self._above - self._value

    def _anchors(self) -> list[tuple[str, int]]:
        """Rows in view with where they end: a row's head may come or go when others come above it."""
        return [(self.store.rows[p].key, self._y(p) + self.store.heights[p]) for p in self.visible_places()]

    def _restore(self, anchors: list[tuple[str, int]]) -> None:
        rows = self.store.rows
        found = [(place, end) for key, end in anchors if (place := self.store.place(key)) >= 0]
        spoken = [one for one in found if rows[one[0]].is_bubble] or found
        if spoken:
            place, end = spoken[0]
            self._settle(place, end - self.store.laid(place).height)
        else:
            self._settle_bottom()

    def _settle(self, place: int, y: int) -> None:
        """Measure what is in view when the top of row `place` stands at `y`, and scroll there."""
        if not self._ready():
            return
        height = self.viewport().height()
        for _ in range(4):
            top = y
            above = place
            while top > 0 and above > 0:
                above -= 1
                top -= self.store.laid(above).height
            end, below = y, place
            while end < height and below < len(self.store):
                end += self.store.laid(below).height
                below += 1
            wanted = self.store.heights.top(place) + self._above - y
            value = max(0, min(wanted, self._most))
            if value == wanted:
                break
            # At an end of the list: the view stops there, and other rows are in view.
            y += wanted - value
            self._measure_from(value)
        self._scroll(max(0, min(self.store.heights.top(place) + self._above - y, self._most)))

    def _measure_from(self, value: int) -> None:
        place = max(0, self.store.heights.at(value - self._above))
        end = self.store.heights.top(place) + self._above - value
        while end < self.viewport().height() and place < len(self.store):
            end += self.store.laid(place).height
            place += 1

    def _settle_bottom(self) -> None:
        if not self._ready():
            self._stick = True
            return
        room, place = self.viewport().height(), len(self.store)
        while room > 0 and place > 0:
            place -= 1
            room -= self.store.laid(place).height
        self._scroll(self._most)

    @property
    def _most(self) -> int:
        whole = self.store.heights.total + self._above + self._below
        return max(0, whole - self.viewport().height())

    def _ready(self) -> bool:
        width = self.viewport().width()
        if width <= 0 or not self.store.rows:
            self._scroll(0)
            return False
        if self.store.width != width:
            self.store.reset(width, self.themes.theme)
        return True

    def _scroll(self, value: int) -> None:
        bar = self.verticalScrollBar()
        self._settling = True
        bar.setPageStep(max(1, self.viewport().height() - self.themes.theme.line("body") * 2))
        bar.setRange(0, self._most)
        bar.setValue(value)
        self._settling = False
        self._stick = value >= self._most - AT_BOTTOM
        view = self.visible_places()
        self._first = view.start
        self.store.trim(view.start, view.stop)
        self.viewport().update()
        self._announcer.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if self._settling or not self.store.rows:
            return
        height = self.viewport().height()
        if abs(dy) <= height and self._first < len(self.store):
            # The row that was at the top goes on from where it was, however the heights above it turn out.
            place = self._first
            self._settle(place, self._y(place))
        else:
            place = max(0, self.store.heights.at(self._value - self._above))
            self._settle(place, self._y(place))

    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        self._again(anew=self.viewport().width() != self.store.width)

    def _again(self, *, anew: bool) -> None:
        """The size or the theme is another one: keep the bottom, or what is in view; `anew`: nothing measured holds."""
        stick, anchors = self._stick, self._anchors()
        if anew and self.viewport().width() > 0:
            self.store.reset(self.viewport().width(), self.themes.theme)
        if stick:
            self._settle_bottom()
        else:
            self._restore(anchors)

    def _theme_changed(self, theme: Theme) -> None:
        self.verticalScrollBar().setSingleStep(theme.line("body"))
        self._again(anew=True)

    # Telling.

    def _announce(self) -> None:
        if not self.store.rows:
            return
        page = self.viewport().height() * NEAR_PAGES
        if self.has_older and self._value < page:
            self.need_older.emit()
        if self.has_newer and self._most - self._value < page:
            self.need_newer.emit()
        before = self._told
        self._told = (self._stick, self.last_seen())
        if self._told[0] != before[0]:
            self.at_bottom_changed.emit(self._told[0])
        if self._told[1] != before[1] and self._told[1]:
            self.visible_rows_changed.emit(self._told[1])

    def last_seen(self) -> str:
        """The last row that somebody said whose end is in view (a row taller than the view counts from its middle)."""
        height = self.viewport().height()
        for place in reversed(self.visible_places()):
            if not self.store.rows[place].is_bubble:
                continue
            end = self._y(place) + self.store.heights[place]
            if end <= height or (self.store.heights[place] > height and self._y(place) < height / 2):
                return self.store.rows[place].key
        return ""

    # Painting.

    def look(self, row: BubbleRow) -> Look:
        """How the mouse and the keyboard change a row's drawing."""
        return Look(flash=self._flash_of(row.key))

    def _flash_of(self, key: str) -> float:
        if key != self._flash_key:
            return 0.0
        value = self._flash.currentValue()
        return float(value) if self.themes.theme.animations and value is not None else 1.0

    def _point_out(self, key: str) -> None:
        self._flash.stop()
        self._flash_key = key
        self._flash.setDuration(self.themes.theme.motion.flash)
        self._flash.start()

    def _flash_over(self) -> None:
        self._flash_key = ""
        self.viewport().update()

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        painter, area = QPainter(self.viewport()), arg__1.rect()
        painter.fillRect(area, self.themes.theme.color("content"))
        for place in self.visible_places():
            top = self._y(place)
            laid = self.store.laid(place)
            if top > area.bottom() or top + laid.height + self.themes.theme.space.l < area.top():
                continue
            painter.save()
            painter.translate(0, top)
            look = self.look(laid.row)
            look.clip = QRectF(area).translated(0, -top)
            self._painter.paint(painter, laid, look)
            painter.restore()

    def viewportEvent(self, arg__1: QEvent) -> bool:
        if arg__1.type() == QEvent.Type.DevicePixelRatioChange:
            self._painter.forget_pictures()
        return super().viewportEvent(arg__1)
