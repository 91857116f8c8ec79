"""Power cuts: the server killed in mid-traffic, a client killed with unsent messages, a network that goes away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from bed.duo import Duo, history, texts, until, until_count, until_online
from bed.wiretap import Wiretap
from bed.world import ROOT

from app.store.queries import messages


async def test_a_server_killed_in_mid_traffic_loses_doubles_and_reorders_nothing(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.open_single(feng.me.id)
    acknowledged: set[str] = set()

    def note(_change) -> None:
        task = asyncio.ensure_future(
            li.store.read(lambda db: [row.client_id for row in messages.newest(db, chat, 5000)])
        )
        task.add_done_callback(lambda done: done.cancelled() or acknowledged.update(done.result()))

    subscription = li.store.changes.listen(note, table="messages")
    sent: list[str] = []

    async def write() -> None:
        for number in range(400):
            sent.append(await li.send_text(chat, f"第 {number} 条"))
            await asyncio.sleep(0.005)

    writing = asyncio.create_task(write())
    for round_ in range(3):
        await until(li, lambda db, least=40 * (round_ + 1): len(messages.newest(db, chat, 5000)) >= least)
        await duo.kill_server()
        before = set(acknowledged)
        await duo.start_server()
        for one in (li, feng):
            one.network_hint()
        await until(li, lambda db, before=before: len(messages.newest(db, chat, 5000)) > len(before))
    await writing
    await until_count(li, chat, 400, 60)
    await until_count(feng, chat, 400, 60)
    subscription.close()
    for session in (li, feng):
        rows = await history(session, chat, 5000)
        assert [row.client_id for row in rows] == sent
        assert texts(rows) == [f"第 {number} 条" for number in range(400)]
        assert [row.seq for row in rows] == list(range(rows[0].seq, rows[0].seq + 400))
    assert acknowledged <= set(sent)


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
        await session.send_text(chat, f"未发出 {number}")
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
    chat = await li.open_single(feng.me.id)
    await li.send_text(chat, "以前的")
    await until_count(feng, chat, 1)
    await li.close()
    home = duo.folder / "home-of-the-killed"
    client = other_client(str(home), duo.url, chat)
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
    await until_count(again, chat, 31)
    await until_count(feng, chat, 31)
    assert texts(await history(feng, chat)) == ["以前的", *(f"未发出 {number}" for number in range(30))]


async def test_a_network_that_goes_away_again_and_again_doubles_nothing(duo: Duo):
    tap = Wiretap(duo.port)
    await tap.start()
    try:
        duo.via = tap.port
        li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
        chat = await li.open_single(feng.me.id)
        for number in range(120):
            await li.send_text(chat, f"第 {number} 条")
            if number % 15 == 7:
                tap.cut()
                li.network_hint()
        await until_count(li, chat, 120, 60)
        await until_online(feng, 60)
        await until_count(feng, chat, 120, 60)
        assert texts(await history(feng, chat)) == [f"第 {number} 条" for number in range(120)]
        for session in list(duo.sessions):
            await session.close()
    finally:
        await tap.close()
