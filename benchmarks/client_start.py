"""Start of the client to a usable window, warm, and resident memory after opening ten conversations; the bars are 1.5 s
and 220 MB. The window is the real one on a virtual screen, resuming a signed-in account of the demo organisation."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

STARTS = 5
CONVERSATIONS = 10
SECONDS = 60
POLL = 0.01


async def prepare(url: str, home: Path) -> None:
    """Fill the server, sign in once and open enough conversations, so that the client finds a store as after work."""
    from app.session.accounts import Accounts
    from app.session.api import ApiClient
    from app.session.http import HttpCaller
    from app.session.states import LinkState
    from app.store.folders import Home
    from app.store.keyring_port import SystemKeyring
    from server_stub.contract.sm.algorithms import Algorithms

    algorithms = Algorithms.best()
    http = HttpCaller(url, algorithms)
    api = ApiClient(http)
    await api.setup_demo(1200)
    while not (progress := await api.setup_progress()).finished:
        if progress.error:
            raise RuntimeError(progress.error)
        await asyncio.sleep(0.1)
    account = (await api.server_info()).demo_accounts[0]
    await http.close()
    accounts = Accounts(Home(home).profile(), SystemKeyring(), algorithms=algorithms)
    result = await accounts.sign_in(url, account.login, account.password)
    session = result.session
    if session is None:
        raise RuntimeError(result.text)
    online = asyncio.get_running_loop().create_future()
    session.link_changed.connect(
        lambda state: online.set_result(None) if state is LinkState.ONLINE and not online.done() else None
    )
    if session.link_state is not LinkState.ONLINE:
        await asyncio.wait_for(online, SECONDS)
    people = (await session.directory.search("wang", CONVERSATIONS)).people
    for person in people:
        if person.id != session.me.id:
            chat = await session.conversations.open_single(person.id)
            await session.send.text(chat, "请查收今天的值班安排。")
    await session.close()


def xdotool(*words: str) -> str:
    """What xdotool answers; empty when it found nothing."""
    return subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False).stdout.strip()


class Screen:
    """Looks at the windows on the screen without taking a processor for it."""

    def __init__(self) -> None:
        from Xlib.display import Display

        self._display = Display()
        self._list = self._display.intern_atom("_NET_CLIENT_LIST")
        self._name = self._display.intern_atom("_NET_WM_NAME")
        self._text = self._display.intern_atom("UTF8_STRING")

    def window(self, title: str) -> int:
        """Id of the managed window with this title, 0 when there is none."""
        from Xlib import X
        from Xlib.error import BadWindow

        listed = self._display.screen().root.get_full_property(self._list, X.AnyPropertyType)
        for id in listed.value if listed is not None else ():
            try:
                found = self._display.create_resource_object("window", id)
                name = found.get_full_property(self._name, self._text)
                if name is not None and bytes(name.value).decode(errors="replace") == title:
                    return id if found.get_attributes().map_state == X.IsViewable else 0
            except BadWindow:
                continue
        return 0

    def close(self) -> None:
        """Leave the screen."""
        self._display.close()


def resident(pid: int) -> float:
    """Resident memory in MB (10⁶ bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmRSS")


def start_once(
    screen: Screen, environment: dict[str, str], url: str
) -> tuple[subprocess.Popen[bytes], str, float]:
    """Start the client; its process, its window and the seconds until the window was on the screen."""
    from bed.processes import start

    began = time.perf_counter()
    process = start([sys.executable, "-m", "app", "--server", url], env=environment, cwd=ROOT)
    while not (window := screen.window("政钉")):
        if process.poll() is not None or time.perf_counter() - began > SECONDS:
            raise RuntimeError("the client opened no window")
        time.sleep(POLL)
    return process, str(window), time.perf_counter() - began


def run() -> dict[str, Any]:
    """Median of five warm starts; memory of the last client after ten conversations were opened by keyboard."""
    import keyring
    from bed.keyrings import FILE_VARIABLE, FileKeyring
    from bed.processes import stop
    from bed.world import ServerProcess

    times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="zd-start-") as folder:
        home = Path(folder) / "home"
        environment = os.environ | {
            "ZHENGDING_HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "bed.keyrings.FileKeyring",
            FILE_VARIABLE: str(Path(folder) / "keyring.json"),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/zhengding-bench",
        }
        os.environ[FILE_VARIABLE] = environment[FILE_VARIABLE]
        keyring.set_keyring(FileKeyring())
        server = ServerProcess(Path(folder) / "server")
        screen = Screen()
        try:
            asyncio.run(prepare(server.url, home))
            process, _, first = start_once(screen, environment, server.url)
            for _ in range(STARTS):
                stop(process)
                process, window, seconds = start_once(screen, environment, server.url)
                times.append(seconds)
            time.sleep(3)
            idle = resident(process.pid)
            xdotool("windowactivate", "--sync", window)
            for _ in range(CONVERSATIONS):
                xdotool("key", "alt+Down")
                time.sleep(0.5)
            opened = resident(process.pid)
            stop(process)
        finally:
            screen.close()
            server.stop()
    return {
        "name": "client_start",
        "unit": "s, MB",
        "better": "lower",
        "figures": {
            "start to window, warm (median)": round(statistics.median(times), 2),
            "start to window, warm (worst)": round(max(times), 2),
            "start to window, first": round(first, 2),
            "resident, window open": round(idle, 1),
            "resident, ten conversations": round(opened, 1),
        },
        "bar": {
            "start to window, warm (median)": {"max": 1.5},
            "resident, ten conversations": {"max": 220},
        },
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
