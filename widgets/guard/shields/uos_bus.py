"""UOS on X11: asks the desktop over D-Bus to forbid screenshots. Not run on UOS here; needs the vendor's whitelist."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall, QDBusPendingCallWatcher
from PySide6.QtWidgets import QWidget

from widgets.guard.protection import Level

from .base import Grip

SERVICE = "com.deepin.prohibitscreenshot"
PATH = "/com/deepin/prohibitscreenshot"
INTERFACE = "deepin.prohibitscreenshot.interface"
WORDS = {
    -1: "系统没有授权本程序禁止截屏。",
    -2: "本程序不在系统的防截屏白名单里，请联系系统厂商。",
    -3: "防截屏正由其他程序占用。",
}
ABSENT = "系统没有防截屏服务。"
ODD = "系统的防截屏服务返回了未知结果。"
AGAIN_MS = 5000
"""How often the prohibition is asked for again: another program may have lifted it, or let go of it."""


class UosBusShield(QObject):
    """`setProhibited(true)` while something is guarded, for the whole screen. See `Shield`.

    EXCLUDED only after the service answered 0; every other answer is a problem in words and the level NONE.
    """

    name = "统信 UOS"
    per_window = False

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._level = Level.NONE
        self._problem = ""
        self._active = False
        self._changed: Callable[[], None] = lambda: None
        self._again = QTimer(self)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._ask)

    @classmethod
    def open(cls) -> UosBusShield | None:
        """None where the session bus lacks the service."""
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected() or not bus.interface().isServiceRegistered(SERVICE).value():
            return None
        return cls(bus)

    @property
    def level(self) -> Level:
        """What the service confirmed."""
        return self._level

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it did not."""
        return (self._problem,) if self._problem else ()

    def begin(self, changed: Callable[[], None]) -> None:
        """See `Shield`."""
        self._changed, self._active = changed, True
        self._again.start()
        self._ask()

    def protect(self, window: QWidget) -> Grip:
        """See `Shield`: the whole screen is protected, or nothing."""
        return Grip(self._level, self._problem)

    def release(self, window: QWidget) -> None:
        """See `Shield`."""

    def end(self) -> None:
        """See `Shield`."""
        self._again.stop()
        self._active = False
        self._level, self._problem = Level.NONE, ""
        self._send(False)

    def _ask(self) -> None:
        watcher = QDBusPendingCallWatcher(self._send(True), self)
        watcher.finished.connect(self._answered)

    def _send(self, prohibited: bool) -> QDBusPendingCall:
        message = QDBusMessage.createMethodCall(SERVICE, PATH, INTERFACE, "setProhibited")
        message.setArguments([prohibited])
        return self._bus.asyncCall(message)

    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        message = watcher.reply()
        watcher.deleteLater()
        if not self._active:
            return
        level, problem = Level.NONE, ABSENT
        if message.type() is QDBusMessage.MessageType.ReplyMessage:
            answer = message.arguments()[0] if message.arguments() else None
            if answer == 0:
                level, problem = Level.EXCLUDED, ""
            else:
                problem = WORDS.get(answer, ODD) if isinstance(answer, int) else ODD
        if (level, problem) != (self._level, self._problem):
            self._level, self._problem = level, problem
            self._changed()
