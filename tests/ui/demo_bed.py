"""A demo organisation on a server process of its own."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bed.ready_server import ReadyServer
from bed.world import ServerProcess

from app.session.api import ApiClient
from app.session.http import HttpCaller
from server_stub.contract.accounts import DemoAccount
from server_stub.contract.sm.algorithms import Algorithms


@dataclass
class Running:
    """A demo organisation on a server process."""

    process: ServerProcess
    folder: Path
    accounts: list[DemoAccount]

    def login(self, place: int) -> tuple[str, str]:
        """Account name and password; the last is the administrator."""
        return self.accounts[place].login, self.accounts[place].password


def start_demo(folder: Path) -> Running:
    """Start a server in `folder` and fill it; stop its process afterwards."""
    process = ReadyServer(folder)

    async def fill() -> list[DemoAccount]:
        http = HttpCaller(process.url, Algorithms.best())
        api = ApiClient(http)
        await api.setup_demo(200)
        while not (progress := await api.setup_progress()).finished:
            assert not progress.error
            await asyncio.sleep(0.05)
        info = await api.server_info()
        await http.close()
        return info.demo_accounts

    return Running(process, folder, asyncio.run(fill()))
