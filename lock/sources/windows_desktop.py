"""Windows' own lock, sleep and lid: session notifications and power broadcasts. From documentation; not run on Windows."""

from __future__ import annotations

import ctypes
import sys
import uuid
from typing import Any

from .desktop import DesktopEvent, Listener

WM_POWERBROADCAST = 0x0218
WM_WTSSESSION_CHANGE = 0x02B1
WTS_SESSION_LOCK, WTS_SESSION_UNLOCK = 0x7, 0x8
PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC, PBT_POWERSETTINGCHANGE = 0x4, 0x12, 0x8013
_THIS_SESSION = 0
_DEVICE_NOTIFY_WINDOW_HANDLE = 0
LID_SWITCH = uuid.UUID("ba3e0f4d-b817-4094-a2d1-d56379e6a0f3")
"""GUID_LIDSWITCH_STATE_CHANGE."""


def event_of(message: int, wparam: int, setting: bytes = b"") -> DesktopEvent | None:
    """What a window message says. `setting`: POWERBROADCAST_SETTING's bytes (GUID, length, data)."""
    if message == WM_WTSSESSION_CHANGE:
        return {WTS_SESSION_LOCK: DesktopEvent.LOCKED, WTS_SESSION_UNLOCK: DesktopEvent.UNLOCKED}.get(wparam)
    if message != WM_POWERBROADCAST:
        return None
    if wparam == PBT_POWERSETTINGCHANGE:
        closed = setting[:16] == LID_SWITCH.bytes_le and setting[20:24] == b"\0\0\0\0"
        return DesktopEvent.LID_CLOSED if closed else None
    return {
        PBT_APMSUSPEND: DesktopEvent.SUSPENDING,
        PBT_APMRESUMEAUTOMATIC: DesktopEvent.RESUMED,
    }.get(wparam)


class WindowsDesktop:
    """Listens on a hidden top-level window of its own. `window`: its HWND, made at the first `start` when None."""

    def __init__(self, wtsapi32: Any, user32: Any, window: int | None = None) -> None:
        self._wtsapi32 = wtsapi32
        self._user32 = user32
        self._window = window
        self._widget: Any = None
        self._filter: Any = None
        self._lid: Any = None
        self._listener: Listener | None = None

    @classmethod
    def open(cls) -> WindowsDesktop | None:
        """Return a source on Windows, None elsewhere."""
        if sys.platform != "win32":
            return None
        return cls(ctypes.WinDLL("wtsapi32"), ctypes.WinDLL("user32"))

    async def start(self, listener: Listener) -> list[str]:
        """See DesktopSource."""
        self._listener = listener
        if self._window is None:
            self._window = self._make_window()
        found = []
        if self._wtsapi32.WTSRegisterSessionNotification(self._window, _THIS_SESSION):
            found.append("Windows 锁屏")
        guid = (ctypes.c_ubyte * 16)(*LID_SWITCH.bytes_le)
        self._lid = self._user32.RegisterPowerSettingNotification(
            self._window, ctypes.byref(guid), _DEVICE_NOTIFY_WINDOW_HANDLE
        )
        return [*found, "Windows 休眠"]

    def _make_window(self) -> int:
        from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication
        from PySide6.QtWidgets import QWidget

        # Power broadcasts go to top-level windows only, not to message-only ones. It is never shown.
        self._widget = QWidget()
        handle = int(self._widget.winId())
        source = self

        class Filter(QAbstractNativeEventFilter):
            def nativeEventFilter(self, eventType: Any, message: int) -> tuple[bool, int]:
                if bytes(eventType) == b"windows_generic_MSG":
                    source.take(int(message))
                return False, 0

        self._filter = Filter()
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self._filter)
        return handle

    def take(self, address: int) -> None:
        """A MSG at this address: HWND, UINT, WPARAM, LPARAM."""
        size = ctypes.sizeof(ctypes.c_void_p)
        window = ctypes.c_void_p.from_address(address).value or 0
        message = ctypes.c_uint32.from_address(address + size).value
        wparam = ctypes.c_size_t.from_address(address + 2 * size).value
        lparam = ctypes.c_void_p.from_address(address + 3 * size).value
        if window != self._window:
            return
        power = message == WM_POWERBROADCAST and wparam == PBT_POWERSETTINGCHANGE
        setting = ctypes.string_at(lparam, 24) if power and lparam else b""
        event = event_of(message, wparam, setting)
        if event is not None and self._listener is not None:
            self._listener(event, "windows")

    async def close(self) -> None:
        """Unsubscribe."""
        self._listener = None
        if self._window is None:
            return
        self._wtsapi32.WTSUnRegisterSessionNotification(self._window)
        if self._lid:
            self._user32.UnregisterPowerSettingNotification(self._lid)
            self._lid = None
