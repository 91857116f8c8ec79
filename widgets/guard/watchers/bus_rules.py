"""Which names and calls on the session bus mean that the screen is captured."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.guard.sightings import Kind


@dataclass(frozen=True)
class Name:
    """A bus name whose owner is a capturing program."""

    name: str
    title: str
    kind: Kind


NAMES = (
    Name("com.deepin.ScreenRecorder", "深度录屏", Kind.RECORDER),
    Name("com.deepin.Screenshot", "深度截图", Kind.SCREENSHOT),
    Name("org.dharkael.kylinscreenshot", "麒麟截图", Kind.SCREENSHOT),
    Name("org.gnome.Screenshot", "GNOME 截图", Kind.SCREENSHOT),
    Name("org.kde.Spectacle", "Spectacle", Kind.SCREENSHOT),
    Name("org.flameshot.Flameshot", "Flameshot", Kind.SCREENSHOT),
)


@dataclass(frozen=True)
class Call:
    """A method call that begins a capture. `members`: () for all of the interface.

    `ends`: members of the same interface with which it ends; () with `lasting` False: it is over soon.
    `by_path`: a session object; the capture is over as well when the object is closed.
    """

    interface: str
    title: str
    kind: Kind
    members: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    lasting: bool = False
    by_path: str = ""
    """Where the session's path stands: "object" (the called object), "argument" (the first one), "" for neither."""


CALLS = (
    Call("org.freedesktop.portal.ScreenCast", "屏幕共享", Kind.SHARING, ("Start",), (), True, "argument"),
    Call("org.freedesktop.portal.RemoteDesktop", "远程桌面", Kind.REMOTE, ("Start",), (), True, "argument"),
    Call("org.freedesktop.portal.Screenshot", "截图", Kind.SCREENSHOT, ("Screenshot",)),
    Call(
        "org.gnome.Mutter.ScreenCast.Session",
        "GNOME 录屏",
        Kind.SHARING,
        ("Start",),
        ("Stop",),
        True,
        "object",
    ),
    Call(
        "org.gnome.Mutter.RemoteDesktop.Session",
        "GNOME 远程桌面",
        Kind.REMOTE,
        ("Start",),
        ("Stop",),
        True,
        "object",
    ),
    Call(
        "org.gnome.Shell.Screencast",
        "GNOME 录屏",
        Kind.RECORDER,
        ("Screencast", "ScreencastArea"),
        ("StopScreencast",),
        True,
    ),
    Call("org.gnome.Shell.Screenshot", "GNOME 截图", Kind.SCREENSHOT),
    Call("org.kde.KWin.ScreenShot2", "KDE 截图", Kind.SCREENSHOT),
    Call("org.kde.kwin.Screenshot", "KDE 截图", Kind.SCREENSHOT),
    Call("com.deepin.ScreenRecorder", "深度录屏", Kind.RECORDER),
    Call("com.deepin.Screenshot", "深度截图", Kind.SCREENSHOT),
)
SESSION = "org.freedesktop.portal.Session"
REQUEST = "org.freedesktop.portal.Request"
BUS = "org.freedesktop.DBus"


def monitor_rules() -> list[str]:
    """Match rules of the monitor: nothing else on the bus is read."""
    rules = [f"type='method_call',interface='{call.interface}'" for call in CALLS]
    rules += [
        f"type='method_call',interface='{SESSION}',member='Close'",
        f"type='signal',interface='{SESSION}',member='Closed'",
        f"type='signal',interface='{REQUEST}',member='Response'",
        "type='signal',interface='org.gnome.Mutter.ScreenCast.Session',member='Closed'",
        "type='signal',interface='org.gnome.Mutter.RemoteDesktop.Session',member='Closed'",
        f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged'",
    ]
    return rules
