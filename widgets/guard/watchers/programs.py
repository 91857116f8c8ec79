"""Which programs capture the screen, and how a process is recognised as one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from widgets.guard.sightings import Kind


@dataclass(frozen=True)
class Tool:
    """A known program. `names`: of its executable; `needs`: one of these must stand in an argument, none: always."""

    title: str
    kind: Kind
    names: frozenset[str]
    needs: tuple[str, ...] = ()


def _tool(title: str, kind: Kind, names: str, needs: str = "") -> Tool:
    return Tool(title, kind, frozenset(names.split()), tuple(needs.split()))


_R, _S, _M, _A = Kind.RECORDER, Kind.SCREENSHOT, Kind.REMOTE, Kind.ASSISTIVE
GRABBERS = "x11grab xcbgrab kmsgrab ximagesrc pipewiresrc gdigrab fbdev screen://"
"""Arguments with which general media programs capture a screen."""
TOOLS = (
    _tool("ffmpeg", _R, "ffmpeg ffplay avconv", GRABBERS),
    _tool("GStreamer", _R, "gst-launch-1.0", GRABBERS),
    _tool("VLC", _R, "vlc cvlc", "screen://"),
    _tool("mpv", _R, "mpv", "x11grab kmsgrab"),
    _tool("OBS", _R, "obs obs-studio"),
    _tool("SimpleScreenRecorder", _R, "simplescreenrecorder"),
    _tool("Kazam", _R, "kazam"),
    _tool("recordMyDesktop", _R, "recordmydesktop gtk-recordmydesktop qt-recordmydesktop"),
    _tool("vokoscreen", _R, "vokoscreen vokoscreenng"),
    _tool("Peek", _R, "peek"),
    _tool("Byzanz", _R, "byzanz-record"),
    _tool("Green Recorder", _R, "green-recorder"),
    _tool("wf-recorder", _R, "wf-recorder wl-screenrec gpu-screen-recorder"),
    _tool("深度录屏", _R, "deepin-screen-recorder deepin-recorder"),
    _tool("麒麟录屏", _R, "kylin-screen-recorder ukui-screen-recorder"),
    _tool("scrot", _S, "scrot"),
    _tool("ImageMagick", _S, "import import-im6.q16 import-im6.q16hdri import-im7.q16 import-im7.q16hdri"),
    _tool("ImageMagick", _S, "magick convert convert-im6.q16 gm", "import x: x:root"),
    _tool("xwd", _S, "xwd"),
    _tool("maim", _S, "maim"),
    _tool("Flameshot", _S, "flameshot"),
    _tool("GNOME 截图", _S, "gnome-screenshot"),
    _tool("Spectacle", _S, "spectacle"),
    _tool("ksnip", _S, "ksnip"),
    _tool("Shutter", _S, "shutter"),
    _tool("Xfce 截图", _S, "xfce4-screenshooter"),
    _tool("MATE 截图", _S, "mate-screenshot"),
    _tool("深度截图", _S, "deepin-screenshot"),
    _tool("麒麟截图", _S, "kylin-screenshot"),
    _tool("grim", _S, "grim grimshot"),
    _tool("x11vnc", _M, "x11vnc x0vncserver vino-server krfb"),
    _tool("TeamViewer", _M, "TeamViewer_Desktop"),
    _tool("AnyDesk", _M, "anydesk"),
    _tool("向日葵", _M, "sunloginclient"),
    _tool("ToDesk", _M, "ToDesk todesk"),
    _tool("RustDesk", _M, "rustdesk"),
    _tool("放大镜", _A, "kmag magnus xzoom"),
)
_INTERPRETERS = ("python", "perl", "ruby", "sh", "bash", "dash", "node", "env")
_COMM = 15
"""The kernel keeps this many characters of a process's name."""
_PLAYERS = frozenset({"mpv", "vlc", "cvlc", "ffplay", "smplayer", "kdenlive", "shotcut", "totem"})
"""Programs that carry FFmpeg's device library to play or cut, not to capture."""


@dataclass(frozen=True)
class Process:
    """What /proc says of a process: kernel name, path of the executable ("" if it may not be read), arguments."""

    pid: int
    comm: str
    exe: str
    arguments: tuple[str, ...]

    def names(self) -> set[str]:
        """All names that it may be known by; for an interpreter also its script's."""
        found = {self.comm, PurePath(self.exe.removesuffix(" (deleted)")).name}
        if self.arguments:
            first = PurePath(self.arguments[0]).name
            found.add(first)
            if first.startswith(_INTERPRETERS):
                script = next((one for one in self.arguments[1:] if not one.startswith("-")), "")
                found.add(PurePath(script).name)
        found.discard("")
        return found


_BY_NAME: dict[str, list[Tool]] = {}
for _one in TOOLS:
    for _name in _one.names:
        _BY_NAME.setdefault(_name, []).append(_one)
        _BY_NAME.setdefault(_name[:_COMM], []).append(_one)


def known_tool(process: Process) -> Tool | None:
    """The known program that this process is, when it captures."""
    for name in process.names():
        for tool in _BY_NAME.get(name, ()):
            if not tool.needs or _mentions(process.arguments[1:], tool.needs):
                return tool
    return None


def disguised_tool(process: Process, libraries: Iterable[str]) -> Tool | None:
    """For a process that talks to the X server: a capturing program under another name.

    Recognised by a grabber among its arguments, or by FFmpeg's device library or GStreamer's screen source mapped
    into a program that is no player.
    """
    name = PurePath(process.exe).name or process.comm
    if process.names() & _PLAYERS:
        return None
    if _mentions(process.arguments[1:], tuple(GRABBERS.split())):
        return Tool(f"未知录屏程序（{name}）", Kind.RECORDER, frozenset())
    if any("libavdevice." in one or "libgstximagesrc." in one for one in libraries):
        return Tool(f"未知录屏程序（{name}）", Kind.RECORDER, frozenset())
    return None


def _mentions(arguments: Iterable[str], words: tuple[str, ...]) -> bool:
    for argument in arguments:
        for word in words:
            if argument == word or (len(word) > 4 and word in argument) or argument.startswith(f"{word}:"):
                return True
    return False
