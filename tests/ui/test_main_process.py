"""The program as a person starts it: `python -m app` on a screen, with its own server process, keyboard only."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from bed.processes import start, stop

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 40


class Program:
    """A client process with its data in a folder of its own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        self.errors = home.parent / "stderr.txt"
        self.environment = os.environ | {"ZHENGDING_HOME": str(home)}
        with self.errors.open("ab") as errors:
            self.process = start(
                [sys.executable, "-m", "app", *arguments], env=self.environment, cwd=ROOT, stderr=errors
            )

    def until(self, what, seconds: float = SECONDS):
        """The first true answer of `what()`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := what():
                return found
            assert self.process.poll() is None, self.errors.read_text(encoding="utf-8")
            time.sleep(0.05)
        raise AssertionError(f"waited in vain; {self.errors.read_text(encoding='utf-8')}")

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """Id of this process's visible window with exactly this title; waits for it."""
        pid = str(self.process.pid)
        search = ("search", "--all", "--onlyvisible", "--pid", pid, "--name", f"^{title}$")
        return self.until(lambda: self.xdotool(*search))

    def focus(self, window: str) -> None:
        """Wait until the window has the keyboard."""
        self.xdotool("windowactivate", window)
        self.until(lambda: self.xdotool("getactivewindow") == window)

    def running(self) -> dict:
        """What the client left about its server."""
        try:
            return json.loads((self.home / "server" / "running.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def info(self) -> dict:
        """What the bundled server says of itself."""
        url = self.running().get("url")
        if not url:
            return {}
        try:
            with urllib.request.urlopen(f"{url}/api/v1/server", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return {}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def programs():
    made: list[Program] = []
    yield made
    for program in made:
        stop(program.process, seconds=10)


@pytest.mark.skipif(sys.platform != "linux", reason="needs X11")
@pytest.mark.timeout(180, method="thread")
@pytest.mark.clause("E001")
def test_from_the_first_start_to_the_second_with_the_keyboard_alone(tmp_path, file_keyring, programs):
    home = tmp_path / "home"
    first = Program(home)
    programs.append(first)
    login = first.window("登录 · 政钉")
    first.focus(login)
    # The demo organisation is the choice that has the keyboard.
    first.xdotool("key", "space")
    account = first.until(lambda: (first.info().get("demo_accounts") or [None])[0])
    # The login page takes the keyboard once it is shown: what is typed before is lost.
    main = ""
    deadline = time.monotonic() + SECONDS
    attempt = 0
    while not main and time.monotonic() < deadline:
        first.focus(login)
        if attempt % 2:
            # A first try that was lost in part left the keyboard in the second field.
            first.xdotool("key", "shift+Tab")
        attempt += 1
        first.xdotool("key", "ctrl+a")
        first.xdotool("type", "--delay", "5", account["login"])
        first.xdotool("key", "Tab")
        first.xdotool("type", "--delay", "5", account["password"])
        first.xdotool("key", "Return")
        for _ in range(60):
            main = first.xdotool(
                "search", "--all", "--onlyvisible", "--pid", str(first.process.pid), "--name", "^政钉$"
            )
            if main:
                break
            time.sleep(0.05)
    assert main, first.errors.read_text(encoding="utf-8")
    server = first.running()["pid"]
    assert alive(server)

    # A second start of the same profile only wakes the first.
    second = Program(home)
    assert second.process.wait(SECONDS) == 0
    assert first.process.poll() is None

    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(SECONDS) == 0
    deadline = time.monotonic() + SECONDS
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(server), "the server outlived its last client"

    # Next time the window opens at once: no login page, and the server comes back behind it.
    again = Program(home)
    programs.append(again)
    again.window("政钉")
    again.until(lambda: again.info().get("organisation"))
    # After a crash the next start takes over: lock, lease and store are found as they were left.
    again.process.kill()
    again.process.wait()
    last = Program(home)
    programs.append(last)
    last.window("政钉")
    last.until(lambda: last.info().get("organisation"))
    last.process.send_signal(signal.SIGTERM)
    assert last.process.wait(SECONDS) == 0
    text = "".join(path.read_text(encoding="utf-8") for path in (home / "profiles").rglob("client.log*"))
    assert account["password"] not in text
    assert "Traceback" not in first.errors.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="needs X11")
def test_a_wrong_address_is_refused_in_a_sentence(tmp_path):
    environment = os.environ | {"ZHENGDING_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "app", "--server", "http://zd.example.gov.cn"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert "https://" in done.stderr
