"""The client and its bundled server: from the welcome page to a conversation, and through a crash of the server."""

import asyncio
import os
import signal

import pytest
from client_bed import Desk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.session.states import LinkState
from app.shell.collector import Collector


@pytest.fixture(autouse=True)
def collector(qapp):
    """As in the program: garbage is collected on this thread only."""
    made = Collector()
    yield made
    made.close()


async def test_a_server_that_crashes_comes_back_and_what_was_written_meanwhile_arrives(tmp_path):
    desk = Desk(tmp_path / "home")
    try:
        client = await desk.start()
        login = client.login
        assert login.stack.currentWidget() is login.welcome
        QTest.mouseClick(login.welcome.choices[0], Qt.MouseButton.LeftButton)
        await desk.until(lambda: login.stack.currentWidget() is login.sign_in and login.sign_in.demo.buttons)
        account = login._info.demo_accounts[0]
        workspace = await desk.sign_in(account.login, account.password)
        session = workspace.session
        await desk.until(lambda: session.link_state is LinkState.ONLINE)
        states: list[LinkState] = []
        session.link_changed.connect(states.append)
        embedded = client._server._embedded
        before = embedded.pid
        os.kill(before, signal.SIGKILL)
        await desk.until(lambda: states)
        rows = await workspace.chat_service.overview()
        chat = next(row.id for row in rows if row.writable)
        client_id = await session.send.text(chat, "服务中断时写下的一句话")
        await desk.until(lambda: session.link_state is LinkState.ONLINE)
        assert embedded.pid != before
        assert session.server_url == embedded.url

        async def acknowledged() -> bool:
            found = await workspace.chat_service.by_client_ids(chat, [client_id])
            return bool(found) and found[0].seq > 0

        for _ in range(500):
            if await acknowledged():
                break
            await asyncio.sleep(0.02)
        assert await acknowledged()
    finally:
        await desk.end()
