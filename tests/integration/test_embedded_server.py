"""The bundled server's process: started once, shared, restarted after a crash, ended with its last client."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from bed.world import ROOT

from app.embedded.process import alive
from app.embedded.server import EmbeddedServer, ServerDidNotStart

OTHER_CLIENT = """
import asyncio, sys
from pathlib import Path
from app.embedded.server import EmbeddedServer

async def main():
    server = EmbeddedServer(Path(sys.argv[1]))
    print(await server.start(), server.pid, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await server.stop()

asyncio.run(main())
"""


def other_client(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OTHER_CLIENT, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


async def line_of(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return (await asyncio.to_thread(process.stdout.readline)).split()


async def until(condition, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - another process's end cannot be awaited as an event
            await asyncio.sleep(0.02)


async def healthy(url: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{url}/health")).status_code == 200


async def test_it_starts_answers_and_ends_with_its_only_client(tmp_path: Path):
    server = EmbeddedServer(tmp_path / "server")
    url = await server.start()
    pid = server.pid
    assert url.startswith("http://127.0.0.1:")
    assert await healthy(url)
    await server.stop()
    assert not alive(pid)
    assert server.url == ""


async def test_two_clients_that_start_at_once_share_one_server(tmp_path: Path):
    one, two = other_client(tmp_path), other_client(tmp_path)
    try:
        first, second = await line_of(one), await line_of(two)
        assert first == second
        pid = int(first[1])
        one.communicate("\n", timeout=20)
        assert alive(pid), "the other client still needs it"
        two.communicate("\n", timeout=20)
        await until(lambda: not alive(pid))
    finally:
        for process in (one, two):
            process.kill()
            process.communicate()


async def test_a_killed_server_comes_back_on_the_same_port(tmp_path: Path):
    async with EmbeddedServer(tmp_path) as server:
        url, pid = server.url, server.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: server.pid != pid)
        assert server.url == url
        assert await healthy(url)


async def test_a_killed_client_leaves_no_server_behind(tmp_path: Path):
    client = other_client(tmp_path)
    _url, pid = await line_of(client)
    client.kill()
    client.communicate()
    await until(lambda: not alive(int(pid)), 20)


async def test_stale_files_of_a_crash_are_no_obstacle(tmp_path: Path):
    (tmp_path / "leases").mkdir(parents=True)
    (tmp_path / "leases" / "999999").touch()
    # The process id was given to somebody else: it lives, but no server answers there.
    (tmp_path / "running.json").write_text(f'{{"pid": {os.getpid()}, "url": "http://127.0.0.1:9"}}')
    async with EmbeddedServer(tmp_path) as server:
        assert await healthy(server.url)
        assert server.pid != os.getpid()


async def test_what_keeps_it_from_starting_is_said(tmp_path: Path):
    (tmp_path / "server.toml").write_text("access_token_s = 'soon'\n")
    server = EmbeddedServer(tmp_path)
    with pytest.raises(ServerDidNotStart) as failure:
        await server.start()
    assert "没有启动成功" in failure.value.text
    assert "access_token_s" in failure.value.detail
    assert not list((tmp_path / "leases").glob("*"))
