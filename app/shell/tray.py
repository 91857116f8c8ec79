"""The icon in the notification area: unread count, show and quit (E176)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from widgets.theme import ThemeManager

from .appicon import app_icon


class Tray(QObject):
    """Signals: `show_wanted()`, `lock_wanted()`, `quit_wanted()`. Where the desktop has no tray nothing is shown."""

    show_wanted = Signal()
    lock_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, themes: ThemeManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._unread = 0
        self._name = "政钉"
        self.icon = QSystemTrayIcon(app_icon(themes.theme), self)
        self._menu = QMenu()
        self._menu.addAction("打开政钉", self.show_wanted.emit)
        self._menu.addAction("锁定政钉", self.lock_wanted.emit)
        self._menu.addSeparator()
        self._menu.addAction("退出", self.quit_wanted.emit)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        themes.changed.connect(self._draw)

    @property
    def there(self) -> bool:
        """Whether the user can see it: closing the window may then leave the program running."""
        return self.icon.isVisible() and QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def unread(self) -> int:
        """The count shown."""
        return self._unread

    def start(self, name: str) -> None:
        """Show the icon for the signed-in person, where there is a tray."""
        self._name = name
        self._tip()
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()

    def set_unread(self, count: int) -> None:
        """Show a count on the icon."""
        if count != self._unread:
            self._unread = count
            self._draw()

    def close(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.icon.setContextMenu(None)  # type: ignore[arg-type]
        self._menu.deleteLater()

    def _draw(self) -> None:
        self.icon.setIcon(app_icon(self._themes.theme, self._unread))
        self._tip()

    def _tip(self) -> None:
        count = f"\n{self._unread} 条未读消息" if self._unread else ""
        self.icon.setToolTip(f"政钉 · {self._name}{count}")

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.show_wanted.emit()
