"""An on-off switch."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from widgets.theme import ThemeManager

from .painted import focus_frame, round_rect


class Switch(QAbstractButton):
    """A checkable button drawn as a switch; `toggled(bool)` as every button. Give it an accessible name."""

    def __init__(
        self, themes: ThemeManager, name: str = "", checked: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setCheckable(True)
        self.setChecked(checked)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._at = 1.0 if checked else 0.0
        # No QtCore.Property to animate: the collector can never free one, and says so when the program ends.
        self._move = QVariantAnimation(self)
        self._move.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._move.valueChanged.connect(self._set_at)
        self.toggled.connect(self._slide)
        themes.changed.connect(self._repaint)

    def _repaint(self, _theme: object) -> None:
        self.update()

    def _set_at(self, value: float) -> None:
        self._at = value
        self.update()

    def _slide(self, checked: bool) -> None:
        self._move.stop()
        target = 1.0 if checked else 0.0
        duration = self._themes.theme.motion.quick
        if not duration or not self.isVisible():
            self._set_at(target)
            return
        self._move.setDuration(duration)
        self._move.setStartValue(self._at)
        self._move.setEndValue(target)
        self._move.start()

    def sizeHint(self) -> QSize:
        sizes = self._themes.theme.sizes
        return QSize(sizes.switch_width, sizes.switch_height)

    def paintEvent(self, e: QPaintEvent) -> None:
        theme = self._themes.theme
        sizes = theme.sizes
        painter = QPainter(self)
        rect = QRectF(0, (self.height() - sizes.switch_height) / 2, sizes.switch_width, sizes.switch_height)
        off, on = theme.color("text_3"), theme.color("brand")
        if not self.isEnabled():
            off = on = theme.color("line_strong")
        mix = QColor.fromRgbF(
            off.redF() + (on.redF() - off.redF()) * self._at,
            off.greenF() + (on.greenF() - off.greenF()) * self._at,
            off.blueF() + (on.blueF() - off.blueF()) * self._at,
        )
        round_rect(painter, rect, rect.height() / 2, mix)
        gap = (sizes.switch_height - sizes.switch_knob) / 2
        travel = rect.width() - 2 * gap - sizes.switch_knob
        knob = QRectF(
            rect.left() + gap + travel * self._at, rect.top() + gap, sizes.switch_knob, sizes.switch_knob
        )
        round_rect(painter, knob, knob.height() / 2, theme.color("on_brand"))
        if self.hasFocus():
            focus_frame(painter, rect, rect.height() / 2, theme)
