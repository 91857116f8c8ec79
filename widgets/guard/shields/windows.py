"""Windows: display affinity of every top-level window. Written from its documentation; not run on Windows here."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from widgets.guard.protection import Level

from .base import Grip

WDA_NONE, WDA_MONITOR, WDA_EXCLUDEFROMCAPTURE = 0x00, 0x01, 0x11
BUILD_2004 = 19041
"""Windows 10 2004, the first that leaves windows out instead of blackening them."""
_GWL_EXSTYLE, _WS_EX_LAYERED = -20, 0x00080000
SWEEP_MS = 500
"""How often the process's windows are gone through for those that Qt does not know (file dialogs, input methods)."""
_LEVELS = {WDA_MONITOR: Level.BLACKED, WDA_EXCLUDEFROMCAPTURE: Level.EXCLUDED}

_Callback: Any = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
EnumProc = _Callback(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


class WindowsShield:
    """Sets the affinity, reads it back, and calls confirmed only what was read. See `Shield`.

    Layered (translucent) windows cannot be protected and are refused. `user32`: the library, or a fake of its shape.
    """

    name = "Windows"
    per_window = True

    def __init__(self, user32: Any, build: int, *, own_pid: int | None = None) -> None:
        self._user32 = user32
        self._wanted = WDA_EXCLUDEFROMCAPTURE if build >= BUILD_2004 else WDA_MONITOR
        self._pid = os.getpid() if own_pid is None else own_pid
        self._grips: dict[int, Grip] = {}
        self._stray = ""
        self._changed: Callable[[], None] = lambda: None
        self._timer = QTimer()
        self._timer.setInterval(SWEEP_MS)
        self._timer.timeout.connect(self.sweep)

    @classmethod
    def open(cls) -> WindowsShield | None:
        """Return a shield on Windows, None elsewhere."""
        if sys.platform != "win32":
            return None
        user32 = ctypes.WinDLL("user32", use_last_error=True)
        handle, number = ctypes.c_void_p, ctypes.c_uint32
        user32.SetWindowDisplayAffinity.argtypes = [handle, number]
        user32.GetWindowDisplayAffinity.argtypes = [handle, ctypes.POINTER(number)]
        user32.GetWindowThreadProcessId.argtypes = [handle, ctypes.POINTER(number)]
        user32.GetWindowLongW.argtypes = [handle, ctypes.c_int]
        user32.IsWindowVisible.argtypes = [handle]
        user32.EnumWindows.argtypes = [EnumProc, ctypes.c_void_p]
        return cls(user32, sys.getwindowsversion().build)

    @property
    def level(self) -> Level:
        """The weakest confirmed level of the windows that were asked for."""
        return min((grip.level for grip in self._grips.values()), default=_LEVELS[self._wanted])

    @property
    def problems(self) -> tuple[str, ...]:
        """A window of the process, unknown to Qt, that could not be protected."""
        return (self._stray,) if self._stray else ()

    def begin(self, changed: Callable[[], None]) -> None:
        """See `Shield`."""
        self._changed = changed
        self._timer.start()
        self.sweep()

    def protect(self, window: QWidget) -> Grip:
        """See `Shield`."""
        hwnd = int(window.winId())
        translucent = window.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        if translucent or window.windowOpacity() < 1:
            grip = Grip(Level.NONE, "半透明窗口不支持防截屏。")
        else:
            grip = self._apply(hwnd)
        self._grips[hwnd] = grip
        return grip

    def release(self, window: QWidget) -> None:
        """See `Shield`."""
        if window.windowHandle() is not None:
            hwnd = int(window.winId())
            self._grips.pop(hwnd, None)
            self._user32.SetWindowDisplayAffinity(hwnd, WDA_NONE)

    def end(self) -> None:
        """See `Shield`."""
        self._timer.stop()
        self._grips.clear()
        for hwnd in self._own_windows():
            self._user32.SetWindowDisplayAffinity(hwnd, WDA_NONE)

    def sweep(self) -> None:
        """Protect every visible top-level window of the process again; what another program took away comes back."""
        stray = ""
        for hwnd in self._own_windows():
            grip = self._apply(hwnd)
            known = self._grips.get(hwnd)
            if known is not None and known.problem.startswith("半透明"):
                continue
            if known is not None:
                self._grips[hwnd] = grip
            elif grip.level is Level.NONE:
                stray = "有一个系统窗口不支持防截屏。"
        if stray != self._stray:
            self._stray = stray
            self._changed()

    def _apply(self, hwnd: int) -> Grip:
        if self._user32.GetWindowLongW(hwnd, _GWL_EXSTYLE) & _WS_EX_LAYERED:
            return Grip(Level.NONE, "半透明窗口不支持防截屏。")
        if self._read(hwnd) == self._wanted:
            return Grip(_LEVELS[self._wanted])
        for affinity in dict.fromkeys((self._wanted, WDA_MONITOR)):
            self._user32.SetWindowDisplayAffinity(hwnd, affinity)
            if self._read(hwnd) == affinity:
                return Grip(_LEVELS[affinity])
        return Grip(Level.NONE, "系统没有确认防截屏。")

    def _read(self, hwnd: int) -> int:
        value = ctypes.c_uint32(WDA_NONE)
        if not self._user32.GetWindowDisplayAffinity(hwnd, ctypes.byref(value)):
            return WDA_NONE
        return value.value

    def _own_windows(self) -> list[int]:
        found: list[int] = []

        def each(hwnd: int, _context: int) -> int:
            pid = ctypes.c_uint32(0)
            self._user32.GetWindowThreadProcessId(hwnd, ctypes.byref(pid))
            if pid.value == self._pid and self._user32.IsWindowVisible(hwnd):
                found.append(int(hwnd))
            return 1

        self._user32.EnumWindows(EnumProc(each), None)
        return found
