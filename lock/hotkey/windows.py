"""Global hotkeys on Windows by RegisterHotKey. Written from its documentation; not run on Windows here."""

import asyncio
import ctypes
import sys
import threading
from typing import Any

from .combination import Combination
from .source import HotkeyTaken, Pressed

_MODIFIERS = {"Alt": 0x0001, "Ctrl": 0x0002, "Shift": 0x0004, "Super": 0x0008}
_NO_REPEAT = 0x4000
_WM_HOTKEY = 0x0312
_WM_QUIT = 0x0012
_NAMED = {"Space": 0x20, "Pause": 0x13, "Insert": 0x2D, "Home": 0x24, "End": 0x23, "Delete": 0x2E}


def virtual_key(key: str) -> int:
    """Return Windows' virtual key code of a `Combination.key`."""
    if len(key) == 1:
        return ord(key)
    if key in _NAMED:
        return _NAMED[key]
    return 0x70 + int(key[1:]) - 1


class WindowsHotkey:
    """Each registration has a thread of its own with a message queue, as RegisterHotKey wants it."""

    name = "Windows"
    tells_conflicts = True

    def __init__(self, user32: Any, kernel32: Any) -> None:
        self._user32 = user32
        self._kernel32 = kernel32
        self._thread: threading.Thread | None = None
        self._thread_id = 0

    @classmethod
    def open(cls) -> "WindowsHotkey | None":
        """Return a source on Windows, None elsewhere."""
        if sys.platform != "win32":
            return None
        return cls(ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32"))

    async def register(self, combination: Combination, pressed: Pressed) -> None:
        """See `HotkeySource.register`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()

        def run() -> None:
            mask = _NO_REPEAT
            for modifier in combination.modifiers:
                mask |= _MODIFIERS[modifier]
            good = bool(self._user32.RegisterHotKey(None, 1, mask, virtual_key(combination.key)))
            loop.call_soon_threadsafe(answer.set_result, self._kernel32.GetCurrentThreadId() if good else 0)
            if not good:
                return
            message = ctypes.create_string_buffer(64)
            while self._user32.GetMessageW(message, None, 0, 0) > 0:
                # MSG: HWND (pointer), then UINT message.
                offset = ctypes.sizeof(ctypes.c_void_p)
                if int.from_bytes(message.raw[offset : offset + 4], sys.byteorder) == _WM_HOTKEY:
                    loop.call_soon_threadsafe(pressed)
            self._user32.UnregisterHotKey(None, 1)

        thread = threading.Thread(target=run, name="hotkey", daemon=True)
        thread.start()
        thread_id = await answer
        if not thread_id:
            raise HotkeyTaken(combination)
        await self.close()
        self._thread, self._thread_id = thread, thread_id

    async def close(self) -> None:
        """End the thread, which lets go of the combination."""
        if self._thread is not None:
            self._user32.PostThreadMessageW(self._thread_id, _WM_QUIT, 0, 0)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
