"""Chooses the shield and the watchers for the system that the program runs on."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from widgets.theme import ThemeManager

from .guard import CaptureGuard
from .shields.base import NullShield, Shield
from .shields.kylin import kylin_shield, x_extensions
from .shields.uos_bus import UosBusShield
from .shields.uos_wayland import UosWaylandShield
from .shields.windows import WindowsShield
from .sightings import Watcher

_NAMES = {"windows": "Windows", "xcb": "X11", "wayland": "Wayland", "wayland-egl": "Wayland"}


def make_guard(themes: ThemeManager, *, parent: QObject | None = None) -> CaptureGuard:
    """The guard of a program, with all that this system offers. Needs an application; make one per program."""
    platform = QGuiApplication.platformName()
    return CaptureGuard(
        themes,
        choose_shield(platform),
        lambda: choose_watchers(platform),
        platform=_NAMES.get(platform, ""),
        parent=parent,
    )


def choose_shield(platform: str) -> Shield:
    """What keeps windows out of captures under this Qt platform."""
    shield: Shield | None = None
    if platform == "windows":
        shield = WindowsShield.open()
    elif platform == "xcb":
        shield = UosBusShield.open() or kylin_shield(x_extensions())
    elif platform.startswith("wayland") and _is_deepin():
        shield = UosWaylandShield.open(lambda window: int(window.winId()))
    return shield or NullShield()


def choose_watchers(platform: str) -> list[Watcher]:
    """Who notices captures under this Qt platform. On Windows nobody: the system keeps the windows out."""
    if platform != "xcb" and not platform.startswith("wayland"):
        return []
    # Here, so that the start of the client does not wait for the D-Bus and X11 libraries: nothing is watched before
    # the first secret chat is opened.
    from .watchers.pipewire import PipeWireWatch
    from .watchers.processes import ProcessWatch
    from .watchers.session_bus import BusMonitor, BusNames
    from .watchers.threaded import ThreadedWatcher
    from .watchers.x11_key import X11PrintKey

    display = os.environ.get("DISPLAY", "") if platform == "xcb" else ""
    watchers: list[Watcher] = [ThreadedWatcher(ProcessWatch(display))]
    if display:
        watchers.append(X11PrintKey(display))
    watchers += [ThreadedWatcher(BusNames()), ThreadedWatcher(BusMonitor())]
    pipewire = PipeWireWatch()
    if pipewire.is_available():
        watchers.append(ThreadedWatcher(pipewire))
    return watchers


def _is_deepin() -> bool:
    desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").lower()
    return any(word in desktop for word in ("deepin", "dde", "uos"))
