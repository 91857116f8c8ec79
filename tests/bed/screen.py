"""A virtual X screen with a window manager; as a program, runs a Python module on such a screen."""

from __future__ import annotations

import os
import random
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bed.processes import start, stop

SIZE = "1366x768x24"
_MENULESS = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy></placement>
  <theme><name>Clearlooks</name><animateIconify>no</animateIconify></theme>
  <desktops><number>1</number></desktops>
  <keyboard/><mouse/>
</openbox_config>
"""


class ScreenUnavailable(Exception):
    """No virtual screen can be had on this machine; the text says what to install."""


class VirtualScreen:
    """Xvfb on a free display of its own, with openbox so that windows get focus, stacking and full screen."""

    def __init__(self, size: str = SIZE, *, window_manager: bool = True) -> None:
        for tool in ("Xvfb", "openbox") if window_manager else ("Xvfb",):
            if shutil.which(tool) is None:
                raise ScreenUnavailable(f"{tool} is missing: apt-get install xvfb openbox")
        self._folder = Path(tempfile.mkdtemp(prefix="zd-screen-"))
        self._server, self.display = self._start_server(size)
        self._manager: subprocess.Popen[bytes] | None = None
        if window_manager:
            try:
                self._manager = self._start_manager()
            except BaseException:
                self.close()
                raise

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """`base` (default: this process's) pointed at this screen and at no other."""
        environ = dict(os.environ if base is None else base)
        for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE"):
            environ.pop(name, None)
        environ.update(DISPLAY=self.display, QT_QPA_PLATFORM="xcb", LIBGL_ALWAYS_SOFTWARE="1")
        return environ

    def close(self) -> None:
        """End the window manager, then the screen."""
        if self._manager is not None:
            stop(self._manager, seconds=3)
        stop(self._server, seconds=5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start_server(self, size: str) -> tuple[subprocess.Popen[bytes], str]:
        """Two servers that look for a free display at the same moment can pick one and both die: draw, and retry."""
        for _ in range(8):
            server, display = self._try_server(size, random.randrange(1000, 60000))
            if server is not None:
                return server, display
        tail = (self._folder / "xvfb.log").read_text(errors="replace").strip().splitlines()[-1:]
        raise ScreenUnavailable(f"Xvfb did not start: {' '.join(tail)}")

    def _try_server(self, size: str, number: int) -> tuple[subprocess.Popen[bytes] | None, str]:
        reader, writer = os.pipe()
        # -noreset: the screen survives the moment between two clients. No authority file: the display number is
        # private to this machine, and -nolisten tcp keeps it so. -displayfd says when the server is ready.
        command = ["Xvfb", f":{number}", "-displayfd", str(writer), "-screen", "0", size]
        command += ["-nolisten", "tcp", "-noreset", "-dpi", "96"]
        try:
            with open(self._folder / "xvfb.log", "wb") as stderr:
                server = start(command, stderr=stderr, pass_fds=(writer,))
        finally:
            os.close(writer)
        # The number and its newline come in two writes; a reader closed between them kills the server.
        said = b""
        with open(reader, "rb", buffering=0) as ready:
            while not said.endswith(b"\n") and select.select([ready], [], [], 20)[0]:
                chunk = ready.read(16)
                if not chunk:
                    break
                said += chunk
        if said.strip() != str(number).encode():
            stop(server, seconds=2)
            return None, ""
        return server, f":{number}"

    def _start_manager(self) -> subprocess.Popen[bytes]:
        config = self._folder / "openbox.xml"
        config.write_text(_MENULESS, encoding="utf-8")
        environ = self.environment()
        environ["XDG_CACHE_HOME"] = environ["XDG_CONFIG_HOME"] = str(self._folder)
        mark = self._folder / "managed"
        # openbox runs the startup command once it manages the screen.
        command = ["openbox", "--sm-disable", "--config-file", str(config), "--startup", f"touch {mark}"]
        manager = start(command, env=environ)
        deadline = time.monotonic() + 15
        while not mark.exists():
            if manager.poll() is not None or time.monotonic() > deadline:
                stop(manager, seconds=1)
                raise ScreenUnavailable("openbox did not start on the virtual screen")
            time.sleep(0.02)
        return manager


def main(arguments: list[str]) -> int:
    """Run `python ARGUMENTS` on a virtual screen with a private session bus; returns its exit code."""
    from bed.bus import private_bus

    screen = VirtualScreen()
    try:
        with private_bus() as address:
            environ = screen.environment()
            environ["DBUS_SESSION_BUS_ADDRESS"] = address
            return subprocess.run([sys.executable, *arguments], env=environ, check=False).returncode
    finally:
        screen.close()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ScreenUnavailable as problem:
        sys.exit(f"错误：没有可用的虚拟屏幕：{problem}")
