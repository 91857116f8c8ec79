"""UOS on Wayland: `dde_restrict` keeps windows out of screen casts. Not run on UOS here."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from widgets.guard.protection import Level

from .base import Grip
from .wayland_wire import WaylandGlobal, socket_path

INTERFACE = "dde_restrict"
SET_PROTECTED, REMOVE_PROTECTED = 2, 3
"""Opcodes: the interface's requests are switch_screencast, client_whitelist, set_protected_window,
remove_protected_window."""
ABSENT = "当前桌面没有防截屏协议。"
AGAIN_MS = 1000
"""Any client may lift the protection of any window: it is asked for again this often."""


class UosWaylandShield(QObject):
    """Asks for the protection of each window. The protocol does not answer: never better than REQUESTED.

    `window_id`: the compositor's number of a window, or None while it has none. See `Shield`; it works on windows, but
    as nothing can be read back it is rated as a whole and conceals nothing by itself.
    """

    name = "统信 UOS"
    per_window = False

    def __init__(
        self, path: Path, window_id: Callable[[QWidget], int | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._path = path
        self._window_id = window_id
        self._global: WaylandGlobal | None = None
        self._level = Level.NONE
        self._problem = ""
        self._windows: dict[int, QWidget] = {}
        self._changed: Callable[[], None] = lambda: None
        self._again = QTimer(self)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._assert_all)

    @classmethod
    def open(cls, window_id: Callable[[QWidget], int | None]) -> UosWaylandShield | None:
        """None where there is no Wayland compositor; whether it knows the protocol is found at `begin`."""
        path = socket_path()
        return cls(path, window_id) if path is not None and path.exists() else None

    @property
    def level(self) -> Level:
        """REQUESTED while the compositor knows the protocol and windows were named to it."""
        return self._level

    @property
    def problems(self) -> tuple[str, ...]:
        """Why not."""
        return (self._problem,) if self._problem else ()

    def begin(self, changed: Callable[[], None]) -> None:
        """See `Shield`."""
        self._changed = changed
        try:
            self._global = WaylandGlobal(self._path, INTERFACE, self._found, self._lost)
        except OSError:
            self._lost()

    def protect(self, window: QWidget) -> Grip:
        """See `Shield`."""
        number = self._window_id(window)
        if number is not None:
            self._windows[number] = window
            self._assert_all()
        return Grip(self._level, self._problem)

    def release(self, window: QWidget) -> None:
        """See `Shield`."""
        for number, one in list(self._windows.items()):
            if one is window:
                del self._windows[number]
                if self._global is not None:
                    self._global.call(REMOVE_PROTECTED, struct.pack("=i", number))
        self._rate()

    def end(self) -> None:
        """See `Shield`."""
        self._again.stop()
        for window in list(self._windows.values()):
            self.release(window)
        if self._global is not None:
            self._global.close()
            self._global.deleteLater()
            self._global = None
        self._level, self._problem = Level.NONE, ""

    def _found(self, there: bool) -> None:
        self._problem = "" if there else ABSENT
        if there:
            self._again.start()
            self._assert_all()
        else:
            self._changed()

    def _lost(self) -> None:
        self._again.stop()
        self._global = None
        self._level, self._problem = Level.NONE, ABSENT
        self._changed()

    def _assert_all(self) -> None:
        if self._global is not None:
            for number in self._windows:
                self._global.call(SET_PROTECTED, struct.pack("=i", number))
        self._rate()

    def _rate(self) -> None:
        bound = self._global is not None and self._global.is_bound
        level = Level.REQUESTED if bound and self._windows else Level.NONE
        if level is not self._level:
            self._level = level
            self._changed()
