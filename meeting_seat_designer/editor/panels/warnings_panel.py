"""Warnings (座位预警) beside the plan, each with its fix. Source: 3.1.6.4."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from meeting_seat_designer.editor.dialogs.small import FormDialog
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.panels.parts import clear
from meeting_seat_designer.engine.edits.seating import Publish
from meeting_seat_designer.engine.lint.warning import Fix, SeatWarning
from widgets.controls import button, label
from widgets.controls.painted import Painted, focus_frame, round_rect
from widgets.theme import ThemeManager

SHOWN = 40
_LOOKS = {
    "error": ("bad_weak", "bad", "bad_text"),
    "warning": ("warn_weak", "warn_line", "warn_text"),
    "note": ("card", "line", "text_2"),
}


class WarningCard(Painted):
    """One warning and its fixes. Signals: `opened()` to see where it is, `fixed(fix)`."""

    opened = Signal()
    fixed = Signal(object)

    def __init__(self, themes: ThemeManager, warning: SeatWarning) -> None:
        super().__init__(themes)
        self.warning = warning
        self._ground, self._line, ink = _LOOKS[warning.level]
        theme, space = themes.theme, themes.theme.space
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{warning.name}：{warning.text}")
        self.setToolTip(f"{warning.name}（单击在图上查看）")
        self._ink = ink
        tone = {"error": "bad", "warning": "warn"}.get(warning.level, "weak")
        text = label(warning.text, "secondary", tone, wrap=True)
        text.setMinimumWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m + theme.sizes.icon_small + space.s, space.s, space.m, space.s)
        column.setSpacing(0)
        self.buttons = []
        fixes = QHBoxLayout()
        fixes.setSpacing(space.m)
        for index, fix in enumerate((warning.fix, *warning.more[:1])):
            act = button(fix.label, "link")
            act.setAccessibleName(f"{fix.label}：{warning.text}")
            act.clicked.connect(lambda _checked=False, index=index: self.fixed.emit(self.fixes[index]))
            fixes.addWidget(act)
            self.buttons.append(act)
        if len(self.buttons) == 1 and len(warning.fix.label) <= 4:
            # A short fix stands beside its text.
            fixes.insertWidget(0, text, 1)
        else:
            column.addWidget(text)
            fixes.insertStretch(0, 1)
        column.addLayout(fixes)

    @property
    def fixes(self) -> list[Fix]:
        """The fixes of the newest check (the card outlives checks that find the same)."""
        return [self.warning.fix, *self.warning.more]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_rect(painter, rect, theme.radius.control, theme.color(self._ground), theme.color(self._line))
        side = theme.sizes.icon_small
        box = QRectF(theme.space.m, theme.space.s + (theme.line("secondary") - side) / 2 + 1, side, side)
        self.themes.icons.paint(painter, "alert" if self.warning.level != "note" else "info", box, self._ink)
        if self.hasFocus():
            focus_frame(painter, rect, theme.radius.control, theme)


class WarningsPanel(QWidget):
    """The list of warnings. Signal: `shown(ids)` asks the plan to show seats or objects."""

    shown = Signal(object)

    def __init__(self, editing: Editing, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editing, self._themes = editing, themes
        self.cards: list[WarningCard] = []
        self.publish: Callable[[], object] | None = None
        """How the host publishes; None where there is nobody to tell."""
        self.dialog: FormDialog | None = None
        """What was asked last for a fix."""
        self._texts: list[tuple[str, str]] | None = None
        space = themes.theme.space
        self.title = label("提醒", "body", "strong")
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(space.l, 0, space.l, space.s)
        self._list.setSpacing(space.s)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.xs, 0, 0)
        column.setSpacing(space.s)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, 0, space.l, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(scroll, 1)
        editing.warnings_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the newest list; cards are made anew only when it differs."""
        warnings = self._editing.warnings
        texts = [(warning.code, warning.text) for warning in warnings]
        same = texts == self._texts
        self._texts = texts
        if same:
            for card, warning in zip(self.cards, warnings, strict=False):
                card.warning = warning
            return
        notes = sum(1 for warning in warnings if warning.level == "note")
        # The same count as in the bar above the plan; what is only good to know is counted by itself.
        counted = [f"提醒 {len(warnings) - notes}"] if len(warnings) > notes else []
        self.title.setText("，".join(counted + ([f"说明 {notes}"] if notes else [])) or "提醒")
        focused = self.focusWidget()
        here = focused is not None and focused.hasFocus()
        at = self._scroll.verticalScrollBar().value()
        if focused is not None and here:
            # Else every card that goes hands the keyboard to the next one, and the list follows it to its end.
            focused.clearFocus()
        clear(self._list)
        self.cards = []
        for warning in warnings[:SHOWN]:
            card = WarningCard(self._themes, warning)
            card.opened.connect(lambda card=card: self._open(card.warning))
            card.fixed.connect(self._fix)
            self.cards.append(card)
            self._list.addWidget(card)
        if len(warnings) > SHOWN:
            more = f"还有 {len(warnings) - SHOWN} 条，处理上面的之后继续显示"
            self._list.addWidget(label(more, "caption", "weak", wrap=True))
        if not warnings:
            self._list.addWidget(label("没有需要处理的问题", "secondary", "weak"))
        spring = QWidget()
        self._list.addWidget(spring, 1)
        if here and self.cards:
            # The card that had the keyboard is gone: it goes on with the first, and not somewhere else in the window.
            self.cards[0].show()
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)
            at = 0
        self._scroll.verticalScrollBar().setValue(at)

    def _open(self, warning: SeatWarning) -> None:
        places = self._editing.places
        ids = [*warning.seats, *warning.objects]
        if not ids:
            ids = [places[person] for person in warning.people if person in places]
        self.shown.emit(ids)

    def _fix(self, fix: Fix) -> None:
        if isinstance(fix.command, Publish) and self.publish is not None:
            # Publishing tells people: only the host can, and it records it in the plan.
            self.publish()
            return
        if not fix.prompt:
            self._editing.fix(fix, "")
            return
        self.dialog = FormDialog(
            self._themes,
            fix.label.partition("（")[0],
            [("value", fix.prompt, fix.suggestion)],
            lambda values: self._editing.fix(fix, values["value"]),
            self.window(),
        )
        self.dialog.open()
