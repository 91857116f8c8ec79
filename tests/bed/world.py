"""A real server process with people already signed in, for load and for tests that kill it.

People, sessions and conversations are made through the server's own services before it is started; access tokens
are signed with its own secret. So a thousand people take a second, without a thousand password hashes.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, insert

from bed.processes import start, stop
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.ids import uuid7
from server_stub.features.accounts.tables import accounts, devices, sessions
from server_stub.features.directory.tables import persons, posts, units
from server_stub.http.endpoint import Caller

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Signed:
    """A person with a session."""

    id: str
    name: str
    session_id: str
    device_id: str
    token: str = ""

    @property
    def caller(self) -> Caller:
        """Behind the token."""
        return Caller(self.id, self.session_id, self.device_id)


@dataclass
class World:
    """Who and what is on the server."""

    folder: Path
    people: list[Signed] = field(default_factory=list)
    pairs: list[tuple[int, int, str]] = field(default_factory=list)
    """Indices of two people, and their single chat."""
    group: str = ""
    """A group of everybody."""


async def build_world(
    folder: Path, *, people: int, pairs: int = 0, group: bool = False, database: str = "", bus: str = ""
) -> World:
    """Make `people` people in one unit of a fresh server in `folder`; 2 × `pairs` of them talk one to one."""
    server = Server(Settings(data=folder, database=database, bus=bus))
    await server.start()
    world = World(folder)
    key = server.algorithms.sm2_generate().public
    now = int(time.time() * 1000)
    unit = uuid7()
    world.people = [Signed(uuid7(), f"人员{index:04}", uuid7(), uuid7()) for index in range(people)]

    def work(connection: Connection) -> None:
        connection.execute(insert(units).values(id=unit, path=f"/{unit}/", name="测试市", level=1))
        connection.execute(insert(persons), [{"id": one.id, "name": one.name} for one in world.people])
        connection.execute(
            insert(posts), [{"person_id": one.id, "unit_id": unit, "main": True} for one in world.people]
        )
        connection.execute(
            insert(accounts),
            [{"person_id": one.id, "login": one.id, "created_at": now} for one in world.people],
        )
        connection.execute(
            insert(devices),
            [
                {
                    "id": one.device_id,
                    "person_id": one.id,
                    "name": "测试机",
                    "platform": "linux",
                    "app_version": "0",
                    "public_key": key,
                    "created_at": now,
                }
                for one in world.people
            ],
        )
        connection.execute(
            insert(sessions),
            [
                {
                    "id": one.session_id,
                    "person_id": one.id,
                    "device_id": one.device_id,
                    "signed_in_at": now,
                    "last_seen_at": now,
                    "expires_at": now + 86_400_000,
                    "address": "127.0.0.1",
                }
                for one in world.people
            ],
        )

    await server.database.write(work)
    for one in world.people:
        one.token = server.accounts._tokens.access(one.caller, int(time.time()) + 86_400)
    membership = server.chat.conversations.membership
    for index in range(pairs):
        a, b = world.people[2 * index], world.people[2 * index + 1]
        chat = await membership.open_single(a.caller, b.id)
        world.pairs.append((2 * index, 2 * index + 1, chat.id))
    if group:
        made = await membership.create_group(
            world.people[0].caller, uuid7(), "全体", [one.id for one in world.people[1:]]
        )
        world.group = made.id
    await server.close()
    return world


class ServerProcess:
    """`python -m server_stub` on a data folder."""

    def __init__(self, folder: Path, *extra: str, cpu: int | None = None, log: Path | None = None) -> None:
        """`cpu`: pin it to this processor."""
        command: list[str | Path] = [sys.executable, "-m", "server_stub", "--data", folder, *extra]
        if cpu is not None:
            command = ["taskset", "-c", str(cpu), *command]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        with open(log or os.devnull, "ab") as errors:
            self.process = start(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
        self.url = self._listening()
        self.port = int(self.url.rsplit(":", 1)[1])

    def _listening(self) -> str:
        out = self.process.stdout
        assert out is not None
        ready, _, _ = select.select([out], [], [], 30)
        line = out.readline() if ready else b""
        if not line:
            stop(self.process)
            raise RuntimeError("the server did not start")
        return json.loads(line)["url"]

    @property
    def pid(self) -> int:
        """The process id of the server itself."""
        return self.process.pid

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def stop(self) -> None:
        """End it in good order."""
        stop(self.process, seconds=20)


def built(folder: Path, **options: object) -> World:
    """`build_world` for callers without an event loop."""
    return asyncio.run(build_world(folder, **options))  # type: ignore[arg-type]


__all__: Sequence[str] = ["ServerProcess", "Signed", "World", "build_world", "built"]
