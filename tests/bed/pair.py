"""Two server processes that serve one organisation on PostgreSQL and Redis, each client before its own of the two."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.session.session import Session
from bed.duo import Duo, MemoryPort
from bed.office import Office, fill
from bed.ports import free_port
from bed.postgres import stored_bytes
from bed.proxy import Proxy
from bed.ready_server import ReadyServer
from bed.world import ServerProcess
from server_stub.app import Server
from server_stub.config import Settings


async def make_shared_office(folder: Path, database: str) -> None:
    """The people of `bed.office.fill` in a PostgreSQL database; keys and chunks in `folder`."""
    server = await asyncio.to_thread(Server, Settings(data=folder, database=database))
    await server.start()
    await fill(Office(server, 0))
    await server.close()


@dataclass
class Pair(Duo):
    """`liqiang` reaches the first process and everybody else the second, each through a balancer that sends new
    connections to the other one while its own refuses them."""

    database: str = ""
    """URL of the PostgreSQL database."""
    bus: str = ""
    """URL of the Redis."""
    second_port: int = field(default_factory=free_port)
    second: ServerProcess | None = None
    first_way: Proxy = field(default_factory=lambda: Proxy(0))
    second_way: Proxy = field(default_factory=lambda: Proxy(0))

    def balancer(self, who: str) -> Proxy:
        """What stands in front of a person's client."""
        return self.first_way if who == "liqiang" else self.second_way

    async def way(self, who: str) -> Proxy:
        """A person's balancer, which is in the way anyhow."""
        return self.balancer(who)

    async def start_ways(self) -> None:
        """Listen for the clients."""
        for way, own, other in (
            (self.first_way, self.port, self.second_port),
            (self.second_way, self.second_port, self.port),
        ):
            way.target, way.spare = own, other
            await way.start()

    async def start_server(self) -> None:
        """Start those of the two that do not run."""
        if not self.data.exists():
            await asyncio.to_thread(shutil.copytree, self.template, self.data)

        async def first() -> None:
            if self.server is None:
                self.server = await self._start(self.port)

        async def second() -> None:
            if self.second is None:
                self.second = await self._start(self.second_port)

        # Side by side, as a machine that has power again starts them.
        await asyncio.gather(first(), second())

    async def _start(self, port: int) -> ServerProcess:
        return await asyncio.to_thread(
            ReadyServer, self.data, "--port", str(port), *self.arguments, log=self.folder / f"{port}.log"
        )

    async def kill_first(self) -> None:
        """End one of the two as a power cut would."""
        await super().kill_server()

    async def kill_second(self) -> None:
        """End the other as a power cut would."""
        assert self.second is not None
        await asyncio.to_thread(self.second.kill)
        self.second = None

    async def kill_server(self) -> None:
        """End both as a power cut would."""
        await self.kill_first()
        await self.kill_second()

    async def kill_some(self, chance: int) -> None:
        """End the first, the second, or both."""
        await (self.kill_first, self.kill_second, self.kill_server)[chance % 3]()

    async def vanish(self) -> None:
        """Neither the processes nor the balancers answer any more."""
        await self.kill_server()
        await self.first_way.close()
        await self.second_way.close()

    async def stop_server(self) -> None:
        """End both in good order."""
        await super().stop_server()
        if self.second is not None:
            await asyncio.to_thread(self.second.stop)
            self.second = None

    @property
    def url(self) -> str:
        """For whoever asks for any server."""
        return f"http://127.0.0.1:{self.second_way.port}"

    def url_of(self, who: str) -> str:
        """The person's own balancer."""
        return f"http://127.0.0.1:{self.balancer(who).port}"

    def url_far_from(self, who: str) -> str:
        """The other process."""
        far = self.first_way if self.balancer(who) is self.second_way else self.second_way
        return f"http://127.0.0.1:{far.port}"

    def settings(self) -> Settings:
        """Of the server, for whoever opens what it left."""
        return Settings(data=self.data, database=self.database, bus=self.bus)

    async def kept(self) -> bytes:
        """The files of all tables and indexes with what was deleted and lies there still, and the values that stand compressed in them."""
        return await asyncio.to_thread(stored_bytes, self.database)

    async def close(self) -> None:
        """Close what is open."""
        await super().close()
        await self.first_way.close()
        await self.second_way.close()


@asynccontextmanager
async def running_pair(folder: Path, template: Path, database: str, bus: str) -> AsyncIterator[Pair]:
    """Both processes started. `database`, `bus`: URLs; `template`: the data folder that belongs to the database."""
    arguments = ("--database", database, "--bus", bus)
    pair = Pair(folder, template, arguments=arguments, database=database, bus=bus)
    try:
        await pair.start_server()
        await pair.start_ways()
        yield pair
    finally:
        await pair.close()


__all__ = ["MemoryPort", "Pair", "Session", "make_shared_office", "running_pair"]
