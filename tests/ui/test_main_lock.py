"""The lock over the whole client on a real server process: what closes, what goes on, and what opens again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bed.duo import Duo, make_office, running_duo
from bed.office import PASSWORD
from client_bed import Desk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.client import Client
from app.client_lock import ClientLock
from app.features.chat.share_dialog import ShareDialog
from app.features.lock.platform import Sources
from app.shell.share import Share, of_files, pack
from app.store.queries import messages
from app.workspace import DOCUMENTS, MEETING
from server_stub.contract.sm.algorithms import Algorithms


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
async def duo(qapp, tmp_path: Path, office: Path) -> AsyncIterator[Duo]:
    async with running_duo(tmp_path / "duo", office) as running:
        yield running


class LockingDesk(Desk):
    """A desk whose client has the lock, with no sources of the platform's."""

    def make_lock(self, client: Client):
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        algorithms = Algorithms.best()

        async def none() -> Sources:
            return Sources()

        return lambda desk: ClientLock(desk, client._accounts, app, self.themes, algorithms, sources=none)


def seen() -> list[str]:
    return [one.windowTitle() for one in QApplication.topLevelWidgets() if one.isVisible()]


@pytest.mark.clause("3.2.3.1.2")
async def test_locking_closes_the_store_goes_on_receiving_and_opens_by_the_password(duo: Duo, tmp_path: Path):
    feng = await duo.sign_in("fengxue")
    desk = LockingDesk(tmp_path / "home", duo.url)
    client = await desk.start()
    try:
        workspace = await desk.sign_in("liqiang", PASSWORD)
        await desk.until(lambda: client.lock is not None)
        session = workspace.session
        chat = await session.conversations.open_single(feng.me.id)
        workspace.window.show_page(MEETING)
        workspace.window.show_page(DOCUMENTS)
        keyring = dict(desk.keys.kept)
        assert keyring
        workspace.lock_wanted.emit("button")
        page = client.lock.page
        assert page is not None
        assert seen() == ["政钉"]
        await desk.until(lambda: client.workspace is None and not desk.keys.kept)
        with pytest.raises(RuntimeError):
            await session.store.read(lambda db: db.one("SELECT 1"))
        await feng.send.text(chat, "锁定时来的")
        await desk.until(lambda: "新消息 1 条" in page.status_text)
        page.field.edit.setText("Wrong-2026")
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await desk.until(lambda: "不正确" in page._problem.text())
        assert client.workspace is None
        page.field.edit.setText(PASSWORD)
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await desk.until(lambda: client.workspace is not None and client.workspace.window.isVisible())
        assert desk.keys.kept
        rows = await client.session.store.read(lambda db: messages.newest(db, chat, 10))
        assert [row.content.text for row in rows] == ["锁定时来的"]
    finally:
        await desk.end()


@pytest.mark.clause("E057", "3.2.3.1.2")
async def test_what_is_shared_while_it_is_locked_waits_for_the_unlock(duo: Duo, tmp_path: Path):
    secret = tmp_path / "外部文件.txt"
    secret.write_text("内容", encoding="utf-8")
    desk = LockingDesk(tmp_path / "home", duo.url)
    client = await desk.start()
    try:
        workspace = await desk.sign_in("liqiang", PASSWORD)
        await desk.until(lambda: client.lock is not None and client.lock.controller is not None)
        workspace.lock_wanted.emit("button")
        page = client.lock.page
        assert page is not None
        # Both while the session is being closed and after: nothing but the lock page is seen.
        client.heard(pack(of_files([str(secret)])))
        await desk.until(lambda: client.workspace is None and not desk.keys.kept)
        client.heard(pack(Share(text="请转给王建国")))
        assert seen() == ["政钉"]
        page.field.edit.setText(PASSWORD)
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await desk.until(lambda: client.workspace is not None and client.workspace.window.isVisible())
        await desk.until(lambda: client.workspace.window.findChild(ShareDialog) is not None)
        dialog = client.workspace.window.findChild(ShareDialog)
        assert dialog.shown.text().splitlines() == ["外部文件.txt", "请转给王建国"]
        dialog.reject()
    finally:
        await desk.end()


async def test_a_client_that_ended_while_locked_begins_locked_and_offline_opens_it(duo: Duo, tmp_path: Path):
    desk = LockingDesk(tmp_path / "home", duo.url)
    client = await desk.start()
    try:
        workspace = await desk.sign_in("liqiang", PASSWORD)
        await desk.until(lambda: client.lock is not None and client.lock.controller is not None)
        workspace.lock_wanted.emit("tray")
        await desk.until(lambda: client.workspace is None and not desk.keys.kept)
    finally:
        await desk.end()
    await duo.stop_server()
    again = LockingDesk(tmp_path / "home", duo.url)
    again.keys = desk.keys
    client = await again.start()
    try:
        page = client.lock.page
        assert page is not None
        assert client.workspace is None
        assert "李强" in {child.text() for child in page.findChildren(type(page._status))}
        page.field.edit.setText(PASSWORD)
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await again.until(lambda: client.workspace is not None and client.workspace.window.isVisible())
    finally:
        await again.end()
