"""The red number on what waits for the user."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme, ThemeManager

from .painted import Painted, round_rect


def badge_text(count: int) -> str:
    """ "" for none, "99+" for more than 99."""
    return "" if count <= 0 else "99+" if count > 99 else str(count)


def badge_width(count: int, theme: Theme) -> float:
    """How wide the badge of `count` is drawn; 0 for none."""
    text = badge_text(count)
    if not text:
        return 0
    height = theme.grow(theme.sizes.badge)
    advance = QFontMetricsF(theme.font("micro")).horizontalAdvance(text)
    return max(height - 2, advance + theme.space.s + 2)


def paint_badge(
    painter: QPainter, right: float, middle: float, count: int, theme: Theme, tone: str = "bad"
) -> QRectF:
    """Draw a badge that ends at `right` around the height `middle`; `tone`: bad, muted, secret, brand. Returns its place."""
    width = badge_width(count, theme)
    height = theme.grow(theme.sizes.badge)
    rect = QRectF(right - width, middle - height / 2, width, height)
    if width:
        ground, text = ("muted_badge", "on_muted_badge") if tone == "muted" else (tone, f"on_{tone}")
        painter.save()
        round_rect(painter, rect, height / 2, theme.color(ground))
        painter.setFont(theme.font("micro"))
        painter.setPen(theme.color(text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, badge_text(count))
        painter.restore()
    return rect


class Badge(Painted):
    """A badge as a widget; invisible at 0."""

    def __init__(
        self, themes: ThemeManager, count: int = 0, tone: str = "bad", parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, parent)
        self._tone = tone
        self._count = -1
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_count(count)

    @property
    def count(self) -> int:
        """The number."""
        return self._count

    def set_count(self, count: int) -> None:
        """Show another number."""
        if count == self._count:
            return
        self._count = count
        self.setVisible(count > 0)
        self.setAccessibleName(f"{count} 条未读" if count > 0 else "")
        self.theme_changed()
        self.update()

    def theme_changed(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(round(badge_width(self._count, self.theme)) + 1, self.theme.grow(self.theme.sizes.badge))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_badge(QPainter(self), self.width(), self.height() / 2, self._count, self.theme, self._tone)
