"""Power cuts: the server killed in mid-traffic, a client killed with unsent messages."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from bed.client_process import FilePort
from bed.duo import Duo, everything, history, texts, until, until_count
from bed.proxy import running_proxy
from bed.world import ROOT

from app.session.session import Session
from app.store.queries import messages


async def acknowledged(session: Session, chat: str) -> dict[str, int]:
    """Client ids that the sender holds for acknowledged, and their numbers."""
    return {row.client_id: row.seq for row in await history(session, chat) if row.sender_id == session.me.id}


async def until_any(session: Session, chat: str, count: int) -> None:
    """Wait for so many acknowledged messages, whatever is still on its way."""
    await until(session, lambda db: len(messages.newest(db, chat, 5000)) >= count, 60)


async def test_a_server_killed_in_mid_traffic_again_and_again_loses_and_doubles_nothing(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    each, kills = 200, 4
    sent: dict[str, list[str]] = {"李": [], "冯": []}

    async def say(session: Session, name: str) -> None:
        for number in range(each):
            sent[name].append(await session.send.text(chat, f"{name} {number}"))
            # Slower than the link, so that every crash meets messages on the way and messages yet to come.
            await asyncio.sleep(0.005)

    talking = asyncio.gather(say(li, "李"), say(feng, "冯"))
    before: dict[str, int] = {}
    for kill in range(kills):
        await until_any(li, chat, (kill + 1) * 40)
        await duo.kill_server()
        before |= await acknowledged(li, chat) | await acknowledged(feng, chat)
        await duo.start_server()
        li.network_hint()
        feng.network_hint()
    await talking
    for session in (li, feng):
        await until_count(session, chat, 2 * each, 60)
    rows = await everything(duo, "liqiang", chat, 2 * each)
    assert [row.client_id for row in await history(feng, chat)] == [row.client_id for row in rows]
    assert [row.client_id for row in await history(li, chat)] == [row.client_id for row in rows]
    numbers = {row.client_id: row.seq for row in rows}
    assert len(numbers) == 2 * each
    assert {id_: numbers.get(id_) for id_ in before} == before
    for session, name in ((li, "李"), (feng, "冯")):
        own = [row.client_id for row in rows if row.sender_id == session.me.id]
        assert own == sent[name]


def client_process(folder: Path, port: int, peer: str, start: int) -> subprocess.Popen[str]:
    """Li Qiang's client in a process of its own, writing messages from number `start` on."""
    arguments = [str(folder), "liqiang", f"http://127.0.0.1:{port}", peer, str(start)]
    command = [sys.executable, "-m", "bed.client_process", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def write_one(client: subprocess.Popen[str]) -> int:
    """Have it write a message; its number, once it lies in the outbox."""
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write("\n")
    client.stdin.flush()
    return int(await asyncio.to_thread(client.stdout.readline))


async def test_a_client_killed_with_unsent_messages_sends_each_once_when_it_comes_back(
    duo: Duo, tmp_path: Path
):
    feng = await duo.sign_in("fengxue")
    promised, chat = 0, ""
    async with running_proxy(duo.port) as proxy:
        for run in range(3):
            client = client_process(tmp_path, proxy.port, feng.me.id, promised)
            try:
                assert client.stdout is not None
                chat = (await asyncio.to_thread(client.stdout.readline)).strip()
                assert chat
                for line in range(60):
                    if line == 30:
                        # From here on nothing gets through: these are in the outbox alone when the client dies.
                        proxy.stall()
                    promised = await write_one(client) + 1
            finally:
                client.kill()
                client.communicate()
            proxy.cut()
            proxy.flow()
            if run == 0:
                rows = await history(feng, chat)
                assert len(rows) < promised, "some were unsent when the client died"
    accounts = duo.accounts("liqiang", FilePort(tmp_path / "keyring.json"))
    key = accounts.entries()[0].key
    accounts.moved(key, f"http://127.0.0.1:{duo.port}")
    li = await duo.keep(await accounts.resume(key), online=False)
    await until(li, lambda db: not messages.pending(db, chat), 60)
    await until_count(feng, chat, promised)
    rows = await history(feng, chat)
    assert texts(rows) == [f"第 {number} 条" for number in range(promised)]
    assert [row.seq for row in rows] == list(range(1, promised + 1))


CLIENT = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests"]
import keyring
from bed.keyrings import FileKeyring
keyring.set_keyring(FileKeyring())
from app.session.accounts import Accounts
from app.store.folders import Home
from app.store.keyring_port import SystemKeyring
from bed.duo import QUICK, PASSWORD

async def main():
    _, root, home, url, chat = sys.argv
    accounts = Accounts(Home(Path(home)).profile("liqiang"), SystemKeyring(), cost=QUICK)
    session = (await accounts.sign_in(url, "liqiang", PASSWORD)).session
    print("signed in", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for number in range(30):
        await session.send.text(chat, f"未发出 {number}")
    print("written", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def other_client(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(ROOT), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


async def test_a_killed_client_sends_what_it_had_written_once(duo: Duo, file_keyring: Path):
    import keyring
    from bed.keyrings import FileKeyring

    from app.store.keyring_port import SystemKeyring

    feng = await duo.sign_in("fengxue")
    li = await duo.sign_in("liqiang")
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.text(chat, "以前的")
    await until_count(feng, chat, 1)
    await li.close()
    home = duo.folder / "home-of-the-killed"
    client = other_client(str(home), duo.url_of("liqiang"), chat)
    assert client.stdin is not None
    assert client.stdout is not None
    try:
        assert "signed in" in await asyncio.to_thread(client.stdout.readline)
        await duo.kill_server()
        client.stdin.write("go\n")
        client.stdin.flush()
        assert "written" in await asyncio.to_thread(client.stdout.readline)
    finally:
        client.kill()
        await asyncio.to_thread(client.communicate)
    await duo.start_server()
    feng.network_hint()
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    try:
        from bed.duo import QUICK

        from app.session.accounts import Accounts
        from app.store.folders import Home

        accounts = Accounts(Home(home).profile("liqiang"), SystemKeyring(), cost=QUICK)
        again = await duo.keep(await accounts.resume(accounts.entries()[0].key))
    finally:
        keyring.set_keyring(before)
    await until_count(again, chat, 31, 60)
    await until_count(feng, chat, 31, 60)
    assert texts(await history(feng, chat)) == ["以前的", *(f"未发出 {number}" for number in range(30))]
