"""Idle time from Windows: GetLastInputInfo. Written from its documentation; not run on Windows here."""

import ctypes
import sys
from typing import Any


class _LastInputInfo(ctypes.Structure):
    _fields_ = [("cbSize", ctypes.c_uint32), ("dwTime", ctypes.c_uint32)]


class WindowsIdle:
    """Compares the tick of the last input with the tick now; both are 32 bits wide and wrap after 49 days."""

    name = "Windows 输入时间"

    def __init__(self, user32: Any, kernel32: Any) -> None:
        self._user32 = user32
        self._kernel32 = kernel32

    @classmethod
    def open(cls) -> "WindowsIdle | None":
        """Return a source on Windows, None elsewhere."""
        if sys.platform != "win32":
            return None
        return cls(ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32"))

    async def idle_s(self) -> float | None:
        """Seconds since the last input; None when the call fails (service sessions)."""
        info = _LastInputInfo(cbSize=ctypes.sizeof(_LastInputInfo))
        if not self._user32.GetLastInputInfo(ctypes.byref(info)):
            return None
        return ((self._kernel32.GetTickCount() - info.dwTime) & 0xFFFFFFFF) / 1000

    async def close(self) -> None:
        """Nothing to let go of."""
