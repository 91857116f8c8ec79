"""What the lock costs while nothing happens: processor time of its clock, idle source and desktop sources, open and locked.

The same event loop without the lock is measured in the same run and taken off. The bar of the design is 0.1 % of one core.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from app.features.lock.controller import LockController
from app.features.lock.platform import find_sources
from app.features.lock.service import Owner, PhoneAsk
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from lock.policy.model import Trigger, UnlockMethod
from widgets.theme import ThemeManager

SECONDS = 15.0


class Host:
    """A client with nothing in it."""

    async def keep_drafts(self) -> None:
        """Nothing to keep."""

    async def close_session(self, *, forced: bool) -> frozenset[UnlockMethod]:
        """Nothing to close."""
        return frozenset({UnlockMethod.PASSWORD})

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        """Never."""
        return "no"

    async def ask_phone(self) -> PhoneAsk:
        """There is no server."""
        raise NetworkError

    async def show_again(self) -> None:
        """Nothing to show."""

    async def sign_out(self) -> None:
        """Nobody is signed in."""

    def tell(self, title: str, text: str) -> None:
        """Nobody listens."""


async def percent() -> float:
    """Processor time of this process as a share of one core, over `SECONDS`."""
    started, used = time.monotonic(), time.process_time()
    await asyncio.sleep(SECONDS)
    return (time.process_time() - used) / (time.monotonic() - started) * 100


async def measure(app: QApplication, folder: Path) -> dict[str, float]:
    """Without the lock, with it, and locked."""
    themes = ThemeManager(animations=False)
    themes.apply(app)
    await asyncio.sleep(1)
    bare = await percent()
    tasks = Tasks(lambda _error, _doing: None)
    lock = LockController(
        app,
        themes,
        Owner("p", "d", "李强", "", folder),
        Host(),
        lambda data: hashlib.new("sm3", data).digest(),
        tasks,
    )
    lock.begin()
    await lock.attach(await find_sources())
    await asyncio.sleep(2)
    watching = await percent()
    lock.lock(Trigger.TRAY)
    await asyncio.sleep(2)
    locked = await percent()
    source = lock.idle_source
    await lock.close()
    await tasks.close()
    print(f"idle source: {source}")
    return {
        "without": round(bare, 3),
        "watching": round(max(0.0, watching - bare), 3),
        "locked": round(max(0.0, locked - bare), 3),
    }


def run() -> dict[str, Any]:
    """Measure."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["bench"])
    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    with loop, tempfile.TemporaryDirectory() as folder:
        figures = loop.run_until_complete(measure(app, Path(folder)))
    return {
        "name": "lock_idle",
        "unit": "% of one core",
        "figures": figures,
        "bar": {"watching": 0.1, "locked": 0.1},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False))
