"""The emoji that are put to a message: the usual ones in a row, all of them behind the last button (E103)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from widgets.controls import IconButton, WindowedPopup
from widgets.emoji import EmojiPanel
from widgets.theme import ThemeManager

USUAL = ("👍", "👌", "🙏", "😄", "🎉", "💪", "❤️")


class ReactionBar(QWidget):
    """Signals: `chosen(emoji)`; `recent_changed(list)`; `grown()` when the panel has opened below."""

    chosen = Signal(str)
    recent_changed = Signal(list)
    grown = Signal()

    def __init__(
        self, themes: ThemeManager, recent: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes, self._recent = themes, list(recent)
        space, side = themes.theme.space, themes.theme.sizes.emoji_cell
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(space.xs, space.xs, space.xs, space.xs)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.buttons: list[QToolButton] = []
        for emoji in USUAL:
            made = QToolButton()
            made.setText(emoji)
            made.setAutoRaise(True)
            made.setFixedSize(side, side)
            font = themes.theme.font("title")
            made.setFont(font)
            made.setAccessibleName(f"回复表情 {emoji}")
            made.clicked.connect(lambda _checked=False, emoji=emoji: self.chosen.emit(emoji))
            self.buttons.append(made)
            row.addWidget(made)
        self.more = IconButton(themes, "plus", "更多表情", size=side)
        self.more.clicked.connect(self._open_panel)
        row.addWidget(self.more)
        row.addStretch(1)
        self._column.addLayout(row)
        self.panel: EmojiPanel | None = None
        self.setFocusProxy(self.buttons[0])

    def _open_panel(self) -> None:
        if self.panel is not None:
            return
        self.panel = EmojiPanel(self._themes, self._recent)
        self.panel.recent_changed.connect(self.recent_changed)
        self.panel.chosen.connect(self.chosen)
        self._column.addWidget(self.panel)
        self.more.hide()
        self.grown.emit()
        self.panel.setFocus()


def open_reactions(
    themes: ThemeManager, recent: Sequence[str], at: QPoint, parent: QWidget
) -> tuple[WindowedPopup, ReactionBar]:
    """The bar in a popup above a global position, inside the screen; it goes when an emoji was chosen."""
    bar = ReactionBar(themes, recent)
    popup = WindowedPopup(themes, bar, parent)
    popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    popup.setAccessibleName("表情回复")

    def place() -> None:
        popup.adjustSize()
        size = popup.sizeHint()
        screen = QGuiApplication.screenAt(at) or parent.screen()
        room: QRect = screen.availableGeometry()
        top = at.y() - size.height() - themes.theme.space.xs
        if top < room.top():
            top = at.y() + themes.theme.space.xs
        left = max(room.left(), min(at.x(), room.right() + 1 - size.width()))
        popup.setGeometry(
            left, max(room.top(), min(top, room.bottom() + 1 - size.height())), size.width(), size.height()
        )

    bar.chosen.connect(lambda _emoji: popup.close())
    bar.grown.connect(place)
    place()
    popup.show()
    bar.setFocus()
    return popup, bar
