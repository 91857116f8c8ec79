"""The message list: rows that can be clicked, selected in, copied and walked through by keyboard (E090, E105)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QWidget

from widgets.theme import ThemeManager

from .jump_button import JumpButton
from .laid import Laid, Part, PartKind
from .row_choice import RowChoice
from .row_paint import Look
from .row_view import Hold, RowScrollView
from .rows import BubbleRow, RowKind, SpanKind, spoken

_POINTING = frozenset(PartKind) - {PartKind.TEXT}
_UP, _DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down


class MessageListView(RowScrollView):
    """Signals, besides RowScrollView's, with keys of rows: `link_clicked(address)`, `file_action(key, action)` ("open" for the card
    itself), `action_clicked(key, action)` for other words in a row, `picture_clicked(key)`, `quote_clicked(key)`,
    `context_menu(key, global position)`, `retry(key)`, `author_clicked(author id)`, `receipt_clicked(key)`,
    `newest_wanted()` when the bottom is wanted and `has_newer`, `card_clicked(key)`, `voice_clicked(key)`, `chip_clicked(key, emoji)`,
    `choice_changed()` while several rows are being chosen (`begin_choice`, `chosen`, `end_choice`).
    """

    link_clicked = Signal(str)
    file_action = Signal(str, str)
    action_clicked = Signal(str, str)
    picture_clicked = Signal(str)
    quote_clicked = Signal(str)
    context_menu = Signal(str, QPoint)
    retry = Signal(str)
    author_clicked = Signal(str)
    receipt_clicked = Signal(str)
    newest_wanted = Signal()
    card_clicked = Signal(str)
    voice_clicked = Signal(str)
    chip_clicked = Signal(str, str)
    choice_changed = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.jump = JumpButton(themes, self)
        self.jump.hide()
        self.jump.clicked.connect(self.go_to_newest)
        self._hover: tuple[str, Part | None] = ("", None)
        self._pressed: tuple[str, Part] | None = None
        self._selected: tuple[str, int, int] | None = None
        self._selecting = False
        self._focus_key = ""
        self.choice = RowChoice(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("消息列表")

    # Rows.

    def set_rows(self, rows: Sequence[BubbleRow], hold: Hold = Hold.FOLLOW) -> None:
        super().set_rows(rows, hold)
        if self._selected is not None and not self._still_selected(self._selected):
            self._selected, self._selecting = None, False
        if self._focus_key and self.store.place(self._focus_key) < 0:
            self._focus_key = ""
        self.choice.keep()
        self._show_jump()

    def _still_selected(self, selected: tuple[str, int, int]) -> bool:
        place = self.store.place(selected[0])
        return place >= 0 and max(selected[1:]) <= len(self.store.rows[place].text)

    def set_new_below(self, count: int) -> None:
        """How many messages came while the bottom is not in view; shown on the button."""
        self.jump.set_count(count)
        self._show_jump()

    def go_to_newest(self) -> None:
        """Show the newest message; asks for it where it is not loaded."""
        if self.has_newer:
            self.newest_wanted.emit()
        else:
            self.scroll_to_bottom()

    def _announce(self) -> None:
        super()._announce()
        self._show_jump()

    def _show_jump(self) -> None:
        wanted = bool(self.store.rows) and (self.has_newer or not self.at_bottom)
        if wanted:
            self._place_jump()
        self.jump.setVisible(wanted)

    def _place_jump(self) -> None:
        spot, space = self.viewport().geometry(), self.themes.theme.space
        self.jump.move(
            spot.right() - self.jump.width() - space.m, spot.bottom() - self.jump.height() - space.m
        )
        self.jump.raise_()

    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        self._show_jump()

    def look(self, row: BubbleRow) -> Look:
        look = super().look(row)
        key, part = self._hover
        if key == row.key:
            look.hovered, look.part = True, part
        look.chosen = self.choice.state(row.key)
        look.focused = self._focus_key == row.key and self.hasFocus()
        if self._selected is not None and self._selected[0] == row.key:
            look.selected = self._selected[1:]
        return look

    # Selection.

    @property
    def selected_text(self) -> str:
        """What is selected, or ""."""
        if self._selected is None:
            return ""
        key, start, end = self._selected
        place = self.store.place(key)
        return "" if place < 0 else self.store.rows[place].text[min(start, end) : max(start, end)]

    @property
    def selected_key(self) -> str:
        """The row that the selection is in, or ""."""
        return self._selected[0] if self.selected_text and self._selected else ""

    def clear_selection(self) -> None:
        """Select nothing."""
        if self._selected is not None:
            self._selected = None
            self.viewport().update()

    def copy(self) -> str:
        """Put what is selected, else the row with the focus, on the clipboard; returns it."""
        text = self.selected_text
        if not text and (place := self.store.place(self._focus_key)) >= 0:
            text = self.store.rows[place].copyable
        if text:
            QGuiApplication.clipboard().setText(text)
        return text

    # Mouse.

    def _part(self, point: QPoint) -> tuple[Laid, Part | None, QPointF] | None:
        found = self.at(point)
        if found is None:
            return None
        laid, inner = found
        return laid, laid.part_at(QPointF(inner)), QPointF(inner)

    def mousePressEvent(self, arg__1: QMouseEvent) -> None:
        if arg__1.button() != Qt.MouseButton.LeftButton:
            return
        if self.choice.active:
            found = self.at(arg__1.position().toPoint())
            if found is not None:
                self.choice.toggle(found[0].row.key)
            return
        found = self._part(arg__1.position().toPoint())
        self._selected, self._pressed = None, None
        self._selecting = False
        if found is not None:
            laid, part, inner = found
            if part is not None and part.kind in _POINTING:
                self._pressed = (laid.row.key, part)
            elif laid.block is not None and laid.row.is_bubble and not laid.row.muted:
                place = laid.block.position(inner - laid.block_at)
                self._selected, self._selecting = (laid.row.key, place, place), True
            self._focus_key = laid.row.key if laid.row.is_bubble else self._focus_key
        self.viewport().update()

    def mouseMoveEvent(self, arg__1: QMouseEvent) -> None:
        if self._selecting and self._selected is not None:
            key, start, _ = self._selected
            place = self.store.place(key)
            if place >= 0:
                laid = self.store.laid(place)
                inner = arg__1.position() - QPointF(0, self._y(place))
                if laid.block is not None:
                    self._selected = (key, start, laid.block.position(inner - laid.block_at))
                    self.viewport().update()
            return
        found = self._part(arg__1.position().toPoint())
        hover = (found[0].row.key, found[1]) if found is not None and not self.choice.active else ("", None)
        if hover != self._hover:
            self._hover = hover
            self.viewport().update()
        part = hover[1]
        hint = _hint(found[0].row, part) if found is not None else ""
        if hint != self.viewport().toolTip():
            self.viewport().setToolTip(hint)
        shape = Qt.CursorShape.ArrowCursor
        if part is not None:
            shape = (
                Qt.CursorShape.PointingHandCursor if part.kind in _POINTING else Qt.CursorShape.IBeamCursor
            )
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, arg__1: QMouseEvent) -> None:
        if arg__1.button() != Qt.MouseButton.LeftButton:
            return
        self._selecting = False
        pressed, self._pressed = self._pressed, None
        found = self._part(arg__1.position().toPoint())
        if pressed is None or found is None or found[1] is None:
            return
        key, part = pressed
        if found[0].row.key == key and (found[1].kind, found[1].data) == (part.kind, part.data):
            self._clicked(found[0].row, part)

    def mouseDoubleClickEvent(self, arg__1: QMouseEvent) -> None:
        found = self._part(arg__1.position().toPoint())
        if found is None or found[1] is None or found[1].kind is not PartKind.TEXT:
            self.mousePressEvent(arg__1)
            return
        laid, _, inner = found
        if laid.block is not None and not laid.row.muted:
            first, last = laid.block.word_at(max(0, laid.block.character(inner - laid.block_at)))
            self._selected = (laid.row.key, first, last)
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = ("", None)
        self.viewport().update()
        super().leaveEvent(event)

    def _clicked(self, row: BubbleRow, part: Part) -> None:
        match part.kind:
            case PartKind.LINK:
                self.link_clicked.emit(part.data)
            case PartKind.AVATAR | PartKind.AUTHOR:
                self.author_clicked.emit(part.data)
            case PartKind.QUOTE:
                self.quote_clicked.emit(row.key)
            case PartKind.PICTURE:
                self.picture_clicked.emit(row.key)
            case PartKind.FILE:
                self.file_action.emit(row.key, "open")
            case PartKind.CARD:
                self.card_clicked.emit(row.key)
            case PartKind.VOICE:
                self.voice_clicked.emit(row.key)
            case PartKind.CHIP:
                self.chip_clicked.emit(row.key, part.data)
            case PartKind.LINK_CARD:
                self.link_clicked.emit(part.data)
            case PartKind.ACTION:
                own = row.kind is RowKind.FILE and row.file is not None
                names = {action.name for action in row.file.actions} if own and row.file else set()
                (self.file_action if part.data in names else self.action_clicked).emit(row.key, part.data)
            case PartKind.QUICK if part.data == "more":
                place = self.store.place(row.key)
                spot = part.rect.bottomLeft() + QPointF(0, self._y(place))
                self.context_menu.emit(row.key, self.viewport().mapToGlobal(spot.toPoint()))
            case PartKind.QUICK:
                self.action_clicked.emit(row.key, part.data)
            case PartKind.MARK:
                self.receipt_clicked.emit(row.key)
            case PartKind.RETRY:
                self.retry.emit(row.key)
            case _:
                return

    def contextMenuEvent(self, arg__1: QContextMenuEvent) -> None:
        if arg__1.reason() == QContextMenuEvent.Reason.Mouse:
            found = self.at(arg__1.pos())
            if found is not None and found[0].row.is_bubble and not self.choice.active:
                self._focus_key = found[0].row.key
                if self.selected_key != self._focus_key:
                    self.clear_selection()
                self.context_menu.emit(found[0].row.key, arg__1.globalPos())
            return
        self._menu_of_focus()

    def _menu_of_focus(self) -> None:
        place = self.store.place(self._focus_key)
        if place < 0:
            return
        self.ensure_visible(place)
        spot = self.store.laid(place).focus_rect.center() + QPointF(0, self._y(place))
        self.context_menu.emit(self._focus_key, self.viewport().mapToGlobal(spot.toPoint()))

    # Keyboard.

    @property
    def focus_key(self) -> str:
        """The row that the keyboard acts on, or ""."""
        return self._focus_key

    def set_focus_row(self, key: str) -> None:
        """Move the keyboard's row and show it."""
        place = self.store.place(key)
        if place < 0:
            return
        self._focus_key = key
        self.ensure_visible(place)
        self.setAccessibleDescription(spoken(self.store.rows[place]))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.viewport().update()

    def _walk(self, step: int) -> None:
        rows = self.store.rows
        place = self.store.place(self._focus_key)
        view = self.visible_places()
        if place not in view:
            # Out of sight: begin with what is in view.
            place = view.stop if step < 0 else view.start - 1
            if step > 0 and not self._focus_key:
                place = view.stop
                step = -1
        place += step
        while 0 <= place < len(rows):
            if _reachable(rows[place]):
                self.set_focus_row(rows[place].key)
                return
            place += step
        bar = self.verticalScrollBar()
        bar.setValue(bar.minimum() if step < 0 else bar.maximum())

    def keyPressEvent(self, arg__1: QKeyEvent) -> None:
        key, mods = arg__1.key(), arg__1.modifiers()
        bar = self.verticalScrollBar()
        if key in (_UP, _DOWN):
            self._walk(-1 if key == _UP else 1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            step = QAbstractSlider.SliderAction
            bar.triggerAction(step.SliderPageStepSub if key == Qt.Key.Key_PageUp else step.SliderPageStepAdd)
        elif key == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif key == Qt.Key.Key_End:
            self.go_to_newest()
        elif self.choice.active and key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choice.toggle(self._focus_key)
        elif self.choice.active and key == Qt.Key.Key_Escape:
            self.choice.end()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate()
        elif key == Qt.Key.Key_C and mods & Qt.KeyboardModifier.ControlModifier:
            self.copy()
        elif key == Qt.Key.Key_Escape and (self._selected is not None or self._focus_key):
            self.clear_selection()
            self._focus_key = ""
            self.viewport().update()
        elif key == Qt.Key.Key_F10 and mods & Qt.KeyboardModifier.ShiftModifier and sys.platform != "win32":
            # Windows itself turns this into a context menu event.
            self._menu_of_focus()
        else:
            super().keyPressEvent(arg__1)

    def _activate(self) -> None:
        place = self.store.place(self._focus_key)
        if place < 0:
            return
        row = self.store.rows[place]
        link = next((span.target for span in row.spans if span.kind is SpanKind.LINK), "")
        if row.kind is RowKind.PICTURE:
            self.picture_clicked.emit(row.key)
        elif row.kind is RowKind.FILE:
            self.file_action.emit(row.key, "open")
        elif row.kind is RowKind.CARD:
            self.card_clicked.emit(row.key)
        elif row.kind is RowKind.VOICE:
            self.voice_clicked.emit(row.key)
        elif row.link is not None:
            self.link_clicked.emit(row.link.url)
        elif row.actions:
            self.action_clicked.emit(row.key, row.actions[0].name)
        elif link:
            self.link_clicked.emit(link)
        elif row.quote is not None:
            self.quote_clicked.emit(row.key)
        elif row.mark_opens:
            self.receipt_clicked.emit(row.key)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self.themes.theme.shows_focus and not self._focus_key:
            self._walk(1)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()


def _reachable(row: BubbleRow) -> bool:
    return row.is_bubble or bool(row.actions)


def _hint(row: BubbleRow, part: Part | None) -> str:
    """The tooltip of what is under the mouse."""
    if part is None:
        return ""
    if part.kind is PartKind.QUICK:
        return next((action.label for action in row.quick if action.name == part.data), "")
    if part.kind is PartKind.FILE and row.file is not None:
        return row.file.name
    if part.kind is PartKind.RETRY:
        return "重新发送"
    if part.kind is PartKind.CHIP:
        return next((chip.people for chip in row.chips if chip.emoji == part.data), "")
    if part.kind is PartKind.LINK_CARD:
        return part.data
    return part.data if part.kind is PartKind.LINK else ""
