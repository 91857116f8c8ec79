"""The PrintScreen key on X11: taken for ourselves while something is guarded, or at least noticed."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from widgets.guard.sightings import Kind, Report, Sighting

HOLD_MS = 2000
"""How long a press counts as a capture: the tool that it starts has to come and go in this time, or be seen itself."""


class X11PrintKey:
    """Grabs Print with every combination of modifiers, so that it starts no tool at all while secrets are open.

    Where another program (mostly the desktop) has grabbed a combination, the press is noticed instead. For that the
    server reports raw key presses; only the one key's code is looked at, nothing is kept.
    """

    name = "截屏键"
    sees_recorders = False

    def __init__(self, display: str | None = None) -> None:
        self._name = display
        self._display: Any = None
        self._notifier: QSocketNotifier | None = None
        self._report: Report | None = None
        self._code = 0
        self._presses = 0
        self._context: QObject | None = None

    def start(self, report: Report) -> None:
        """See `Watcher`. Two round trips to the X server, some 0.5 ms: done in place."""
        try:
            from Xlib import XK
            from Xlib import display as x_display
            from Xlib.error import DisplayError
        except ImportError:
            report.failed("未能监视截屏键。")
            return
        try:
            self._display = x_display.Display(self._name)
        except (DisplayError, OSError):
            report.failed("未能监视截屏键。")
            return
        self._code = self._display.keysym_to_keycode(XK.string_to_keysym("Print"))
        if not self._code:
            # A keyboard without the key cannot press it.
            report.ready()
            return
        if not self._grab() and not self._observe():
            report.failed("截屏键被其他程序占用，未能监视。")
            self.close()
            return
        self._report = report
        self._context = QObject()
        self._notifier = QSocketNotifier(self._display.fileno(), QSocketNotifier.Type.Read, self._context)
        self._notifier.activated.connect(self._read)
        report.ready()
        self._read()

    def close(self) -> None:
        """See `Watcher`; the grab ends with the connection."""
        self._report = None
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier = None
        if self._context is not None:
            self._context.deleteLater()
            self._context = None
        if self._display is not None:
            self._display.close()
            self._display = None

    def _grab(self) -> bool:
        from Xlib import X
        from Xlib.error import BadAccess, CatchError

        catch = CatchError(BadAccess)
        root = self._display.screen().root
        root.grab_key(self._code, X.AnyModifier, True, X.GrabModeAsync, X.GrabModeAsync, onerror=catch)
        self._display.sync()
        return catch.get_error() is None

    def _observe(self) -> bool:
        from Xlib.ext import xinput

        if not self._display.query_extension(xinput.extname):
            return False
        self._display.xinput_query_version()
        self._display.screen().root.xinput_select_events([(xinput.AllMasterDevices, xinput.RawKeyPressMask)])
        self._display.sync()
        return True

    def _read(self) -> None:
        from Xlib import X
        from Xlib.error import ConnectionClosedError

        try:
            while self._display is not None and self._display.pending_events():
                event = self._display.next_event()
                if event.type == X.KeyPress or self._is_raw_print(event):
                    self._pressed()
        except (ConnectionClosedError, OSError):
            if self._report is not None:
                self._report.failed("截屏键的监视已中断。")
            self.close()

    def _is_raw_print(self, event: Any) -> bool:
        from Xlib.ext import xinput

        if event.type != self._display.extension_event.GenericEvent or event.evtype != xinput.RawKeyPress:
            return False
        data = event.data
        # xXIRawEvent: device id (2 bytes), time (4), detail (4).
        if not isinstance(data, bytes) or len(data) < 10:
            return False
        return int.from_bytes(data[6:10], "little") == self._code

    def _pressed(self) -> None:
        if self._report is None or self._context is None:
            return
        self._presses += 1
        key = f"print:{self._presses}:{time.monotonic_ns()}"
        report = self._report
        report.began(Sighting(key, Kind.KEY, "PrintScreen", self.name))
        QTimer.singleShot(HOLD_MS, self._context, lambda: report.ended(key))
