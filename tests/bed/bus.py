"""A private D-Bus daemon without service activation: what is on it is what the test put there."""

from __future__ import annotations

import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bed.processes import start, stop

# No <servicedir>: nothing of the machine (portals, accessibility, secret services) can be activated.
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class BusUnavailable(Exception):
    """No D-Bus daemon can be had on this machine; the text says what to install."""


@contextmanager
def private_bus(kind: str = "session") -> Iterator[str]:
    """Start a daemon of `kind` (`session` or `system`); gives its address, ends it afterwards."""
    if shutil.which("dbus-daemon") is None:
        raise BusUnavailable("dbus-daemon is missing: apt-get install dbus")
    with tempfile.TemporaryDirectory(prefix="zd-bus-", ignore_cleanup_errors=True) as name:
        config = Path(name) / "bus.conf"
        config.write_text(_CONFIG.format(kind=kind, socket=Path(name) / "socket"), encoding="utf-8")
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
        daemon = start(command, stdout=subprocess.PIPE)
        try:
            assert daemon.stdout is not None
            ready, _, _ = select.select([daemon.stdout], [], [], 15)
            address = daemon.stdout.readline().decode().strip() if ready else ""
            if not address:
                raise BusUnavailable("dbus-daemon did not say its address")
            yield address
        finally:
            stop(daemon, seconds=3)
