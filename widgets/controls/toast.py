"""Short messages that come at the top of a window and go by themselves."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.theme import ThemeManager

from .icon_button import IconButton
from .labels import button, label
from .painted import Painted, round_rect, soft_shadow

ToastKind = Literal["info", "ok", "warn", "bad"]
KIND_ICONS = {"info": "info", "ok": "check", "warn": "alert", "bad": "alert"}
KIND_COLORS = {"info": "brand_text", "ok": "ok_text", "warn": "warn_text", "bad": "bad_text"}


class Toast(Painted):
    """One message. Signals: `acted()`, `closed()`."""

    acted = Signal()
    closed = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        text: str,
        kind: ToastKind = "info",
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._kind = kind
        theme, space = themes.theme, themes.theme.space
        self._reach = theme.elevation.menu
        self.text = label(text, "secondary", "strong", wrap=True)
        metrics = self.text.fontMetrics()
        whole = metrics.horizontalAdvance(text) + space.l
        # Lines of about one length: no single character is left over for the last one.
        lines = -(-whole // theme.sizes.toast)
        even = whole // lines + 2 * metrics.horizontalAdvance("国") if lines > 1 else whole
        self.text.setFixedWidth(min(theme.sizes.toast, even))
        row = QHBoxLayout(self)
        reach = self._reach
        row.setContentsMargins(
            reach + space.m + theme.sizes.icon + space.s, reach + space.s, reach + space.s, reach + space.s
        )
        row.setSpacing(space.s)
        row.addWidget(self.text)
        if action:
            act = button(action, "link")
            act.clicked.connect(self.acted)
            act.clicked.connect(self.leave)
            row.addWidget(act)
        close = IconButton(themes, "close", "关闭", size=24, icon_size=14)
        close.clicked.connect(self.leave)
        row.addWidget(close)
        self.setAccessibleName(text)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(theme.motion.toast_long if action or kind == "bad" else theme.motion.toast)
        self._timer.timeout.connect(self.leave)
        self._timer.start()

    def leave(self) -> None:
        """Go away now."""
        self._timer.stop()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        # It stays while it is being read.
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, reach = self.theme, self._reach
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(reach, reach, -reach, -reach)
        soft_shadow(painter, rect, theme.radius.card, reach, theme)
        round_rect(painter, rect, theme.radius.card, theme.color("raised"), theme.color("line"))
        side = theme.sizes.icon
        spot = QRectF(rect.left() + theme.space.m, rect.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, KIND_ICONS[self._kind], spot, KIND_COLORS[self._kind])


class ToastHost(QObject):
    """Shows toasts over `window`, at most three at a time, newest below."""

    LIMIT = 3

    def __init__(self, themes: ThemeManager, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._window = window
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        """Those on the screen, oldest first."""
        return tuple(self._shown)

    def show(self, text: str, kind: ToastKind = "info", action: str = "") -> Toast:
        """Show a message; the same text is not shown twice at once. Connect `acted` of what is returned."""
        for toast in self._shown:
            if toast.text.text() == text:
                return toast
        while len(self._shown) >= self.LIMIT:
            self._remove(self._shown[0])
        toast = Toast(self._themes, text, kind, action, self._window)
        toast.closed.connect(lambda: self._remove(toast))
        self._shown.append(toast)
        toast.adjustSize()
        toast.show()
        toast.raise_()
        self._place()
        self._glide(toast)
        return toast

    def clear(self) -> None:
        """Take all away (the lock came)."""
        for toast in list(self._shown):
            self._remove(toast)

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _glide(self, toast: Toast) -> None:
        duration = self._themes.theme.motion.normal
        if not duration:
            return
        move = QPropertyAnimation(toast, b"pos", toast)
        move.setDuration(duration)
        move.setStartValue(toast.pos() - QPoint(0, self._themes.theme.space.m))
        move.setEndValue(toast.pos())
        move.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)

    def _place(self) -> None:
        top = self._themes.theme.space.m
        for toast in self._shown:
            size: QSize = toast.sizeHint()
            toast.resize(size)
            toast.move(max(0, (self._window.width() - size.width()) // 2), top)
            top += size.height() - self._themes.theme.elevation.menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
