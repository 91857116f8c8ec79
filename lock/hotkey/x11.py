"""Global hotkeys on X11 by XGrabKey: works whatever has the focus, and the server tells of conflicts."""

import asyncio
from typing import Any

from .combination import Combination
from .source import HotkeyTaken, HotkeyUnavailable, Pressed


class X11Hotkey:
    """Grabs the key on the root window, with every state of Caps Lock and Num Lock.

    pynput would listen through the RECORD extension, which reads every key of the user's and cannot tell that
    another program has the combination; a grab gets that key alone.
    """

    name = "X11"
    tells_conflicts = True

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root = display.screen().root
        self._grabbed: tuple[int, int] | None = None
        self._pressed: Pressed | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def open(cls, display_name: str | None = None) -> "X11Hotkey | None":
        """Return a source, or None where there is no X server."""
        try:
            from Xlib import display as x_display
            from Xlib.error import DisplayError
        except ImportError:
            return None
        try:
            return cls(x_display.Display(display_name))
        except (DisplayError, OSError):
            return None

    async def register(self, combination: Combination, pressed: Pressed) -> None:
        """See `HotkeySource.register`."""
        code, mask = self._code(combination)
        if (code, mask) != self._grabbed:
            if not self._grab(code, mask):
                self._ungrab(code, mask)
                raise HotkeyTaken(combination)
            if self._grabbed is not None:
                self._ungrab(*self._grabbed)
            self._grabbed = (code, mask)
        self._pressed = pressed
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._display.fileno(), self._read)
        self._read()

    async def close(self) -> None:
        """Release the key and close the connection."""
        if self._loop is not None:
            self._loop.remove_reader(self._display.fileno())
            self._loop = None
        if self._grabbed is not None:
            self._ungrab(*self._grabbed)
            self._grabbed = None
        self._display.close()

    def _code(self, combination: Combination) -> tuple[int, int]:
        from Xlib import XK, X

        masks = {"Ctrl": X.ControlMask, "Alt": X.Mod1Mask, "Shift": X.ShiftMask, "Super": X.Mod4Mask}
        name = combination.key.lower() if len(combination.key) == 1 else combination.key
        symbol = XK.string_to_keysym({"Space": "space"}.get(name, name))
        code = self._display.keysym_to_keycode(symbol)
        if not code:
            raise HotkeyUnavailable(f"当前键盘没有按键“{combination.key}”。")
        mask = 0
        for modifier in combination.modifiers:
            mask |= masks[modifier]
        return code, mask

    @staticmethod
    def _lock_states() -> tuple[int, ...]:
        from Xlib import X

        return (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)

    def _grab(self, code: int, mask: int) -> bool:
        from Xlib import X
        from Xlib.error import BadAccess, CatchError

        catch = CatchError(BadAccess)
        for state in self._lock_states():
            self._root.grab_key(code, mask | state, True, X.GrabModeAsync, X.GrabModeAsync, onerror=catch)
        self._display.sync()
        return catch.get_error() is None

    def _ungrab(self, code: int, mask: int) -> None:
        from Xlib.error import BadAccess, CatchError

        catch = CatchError(BadAccess)
        for state in self._lock_states():
            self._root.ungrab_key(code, mask | state, onerror=catch)
        self._display.sync()

    def _read(self) -> None:
        from Xlib import X
        from Xlib.error import ConnectionClosedError

        try:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.KeyPress and self._pressed is not None:
                    self._pressed()
        except (ConnectionClosedError, OSError):
            if self._loop is not None:
                self._loop.remove_reader(self._display.fileno())
                self._loop = None
