"""The lock of a whole client and a real server process: phone, forced lock, page, log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from bed.duo import Duo, make_office, running_duo
from bed.locks import phone_at
from bed.office import PASSWORD
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_main_lock import LockingDesk

from app.workspace import Workspace
from lock.policy.model import UnlockMethod


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
async def duo(qapp, tmp_path: Path, office: Path) -> AsyncIterator[Duo]:
    async with running_duo(tmp_path / "duo", office) as running:
        yield running


@pytest.fixture
async def phone(duo: Duo) -> AsyncIterator[httpx.AsyncClient]:
    async with phone_at(duo.url) as http:
        signed = await http.post("/phone/sign-in", json={"login": "liqiang", "password": PASSWORD})
        assert signed.status_code == 204, signed.text
        yield http


async def admin_of(duo: Duo) -> httpx.AsyncClient:
    """An administrator's session without a client."""
    admin = await duo.sign_in("admin")
    tokens = admin.tokens
    return httpx.AsyncClient(
        base_url=f"{duo.url}/api/v1",
        headers={"authorization": f"Bearer {tokens.access_token}"},
        trust_env=False,
        verify=False,
    )


class Locked(LockingDesk):
    """A desk with its phone at hand."""

    async def open(self) -> Workspace:
        client = await self.start()
        workspace = await self.sign_in("liqiang", PASSWORD)
        await self.until(lambda: client.lock is not None and client.lock._link is not None)
        await self.until(lambda: client.lock._link.wrapping)
        return workspace

    async def until(self, condition) -> None:
        """With patience: a whole client and a server share this machine with other tests."""
        async with asyncio.timeout(60):
            while not condition():
                assert self.run is not None
                if self.run.done():
                    self.run.result()
                await asyncio.sleep(0.01)

    async def locked(self) -> None:
        client = self.client
        await self.until(lambda: client.lock.page is not None and client.workspace is None)
        await self.until(
            lambda: not client.lock.controller._shutting or client.lock.controller._shutting.done()
        )

    async def type_password(self) -> None:
        page = self.client.lock.page
        page.field.edit.setText(PASSWORD)
        QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
        await self.until(lambda: self.client.workspace and self.client.workspace.window.isVisible())


async def desktop(phone: httpx.AsyncClient) -> dict:
    found = (await phone.get("/phone/desktops")).json()["desktops"]
    return next(one for one in found if one["platform"] != "phone")


async def seen(phone: httpx.AsyncClient, wanted: Callable[[dict], bool]) -> dict:
    async with asyncio.timeout(60):
        while not wanted(found := await desktop(phone)):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    return found


@pytest.mark.clause("3.2.3.1.4")
async def test_the_phone_locks_and_opens_the_client(duo: Duo, phone: httpx.AsyncClient, tmp_path: Path):
    desk = Locked(tmp_path / "home", duo.url)
    try:
        workspace = await desk.open()
        device_id = workspace.session.device_id
        await seen(phone, lambda one: one["online"] and not one.get("locked"))
        assert (await phone.post(f"/phone/desktops/{device_id}/lock")).status_code == 204
        await desk.locked()
        found = await seen(phone, lambda one: one.get("locked") and not one.get("pending"))
        assert found["signed"]
        assert found["trigger"] == "remote"
        assert not desk.keys.kept
        # The lock page's picture, the phone's word, and the store opens without a password.
        page = desk.client.lock.page
        page.links[UnlockMethod.PHONE].click()
        await desk.until(page.scan.code.text)
        scan = (await phone.get("/phone/scans")).json()["scans"][0]
        assert page.scan.code.text().replace(" ", "") == scan["code"]
        assert (await phone.post(f"/phone/scans/{scan['id']}/confirm")).status_code == 204
        await desk.until(lambda: desk.client.workspace and desk.client.workspace.window.isVisible())
        await seen(phone, lambda one: not one.get("locked"))
        # Both are in the central log, by the chain.
        lines = desk.client.lock.controller.entries()
        assert [(one.action, one.trigger, one.method) for one in lines] == [
            ("lock", "remote", ""),
            ("unlock", "remote", "phone"),
        ]
        async with await admin_of(duo) as admin:
            async with asyncio.timeout(60):
                while (await admin.get("/admin/lock/log")).json()["total"] < 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    finally:
        await desk.end()


@pytest.mark.clause("3.2.3.1.4")
async def test_a_client_that_was_away_locks_at_its_next_start(
    duo: Duo, phone: httpx.AsyncClient, tmp_path: Path
):
    desk = Locked(tmp_path / "home", duo.url)
    workspace = await desk.open()
    device_id = workspace.session.device_id
    await desk.end()
    found = await desktop(phone)
    await phone.post(f"/phone/desktops/{device_id}/lock")
    assert (await seen(phone, lambda one: one.get("pending") == "remote"))["device_id"] == found["device_id"]
    again = Locked(tmp_path / "home", duo.url)
    again.keys = desk.keys
    try:
        client = await again.start()
        await again.locked()
        assert not client.workspace
        await seen(phone, lambda one: one.get("locked") and not one.get("pending"))
        await again.type_password()
        await seen(phone, lambda one: not one.get("locked"))
        assert client.lock.page is None
    finally:
        await again.end()


async def test_a_forced_lock_sets_the_other_slots_aside_until_the_scan(
    duo: Duo, phone: httpx.AsyncClient, tmp_path: Path
):
    desk = Locked(tmp_path / "home", duo.url)
    again = Locked(tmp_path / "home", duo.url)
    try:
        workspace = await desk.open()
        me, folder = workspace.session.me.id, workspace.session.store.folder
        async with await admin_of(duo) as admin:
            made = await admin.post("/admin/lock/holds", json={"person_id": me, "reason": "账号异常"})
            assert made.status_code == 200, made.text
        await desk.locked()
        await seen(phone, lambda one: one.get("locked") and one.get("forced") and not one.get("pending"))
        kinds = {slot["kind"] for slot in json.loads(folder.slots.read_text())["slots"]}
        assert kinds == {"escrow"}
        await desk.end()
        # Neither a restart nor a doctored lock.json helps: the password's slot is sealed under the phone's key.
        file = folder.path / "lock.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"forced": False}))
        again.keys = desk.keys
        client = await again.start()
        await again.until(lambda: client.lock and client.lock.page)
        page = client.lock.page
        result = await client._accounts.unlock(folder.path.name, "password", PASSWORD)  # pyright: ignore
        assert result.step.value == "needs_passcode"
        await again.until(page.links[UnlockMethod.PHONE].isEnabled)
        page.links[UnlockMethod.PHONE].click()
        await again.until(page.scan.code.text)
        scan = (await phone.get("/phone/scans")).json()["scans"][0]
        await phone.post(f"/phone/scans/{scan['id']}/confirm")
        await again.until(lambda: client.workspace and client.workspace.window.isVisible())
        assert (await desktop(phone)).get("forced", False) is False
        # Everything opens again from here on.
        client.workspace.lock_wanted.emit("button")
        await again.locked()
        await again.type_password()
    finally:
        await desk.end()
        await again.end()


@pytest.mark.clause("3.2.3.5.2")
async def test_the_lock_page_and_the_policy_reach_a_locked_client_at_once(
    duo: Duo, phone: httpx.AsyncClient, tmp_path: Path
):
    desk = Locked(tmp_path / "home", duo.url)
    try:
        workspace = await desk.open()
        workspace.lock_wanted.emit("button")
        await desk.locked()
        page = desk.client.lock.page
        assert page._heading.text() == "涉密不上网，上网不涉密"
        async with await admin_of(duo) as admin:
            text = {"caption": "提醒", "heading": "离开请锁屏", "lines": ["妥善保管账号。"]}
            await admin.put("/admin/lock/page", json={"text": text})
            policy = (await admin.get("/admin/lock/policy")).json()
            await admin.put("/admin/lock/policy", json=policy | {"idle_longest_s": 120})
            await desk.until(lambda: page._heading.text() == "离开请锁屏")
            await desk.until(lambda: desk.client.lock.settings.effective_idle_s() == 120)
            await admin.delete("/admin/lock/page")
        await desk.until(lambda: page._heading.text() == "涉密不上网，上网不涉密")
    finally:
        await desk.end()


@pytest.mark.clause("3.2.3.4.1")
async def test_administrators_put_signing_in_by_itself_off(duo: Duo, tmp_path: Path):
    desk = Locked(tmp_path / "home", duo.url)
    await desk.open()
    async with await admin_of(duo) as admin:
        policy = (await admin.get("/admin/lock/policy")).json()
        await admin.put("/admin/lock/policy", json=policy | {"at_start": True})
    await desk.until(lambda: desk.client.lock.settings.at_start)
    await desk.end()
    again = Locked(tmp_path / "home", duo.url)
    again.keys = desk.keys
    try:
        client = await again.start()
        await again.locked()
        assert not client.workspace
        await again.type_password()
        assert client.lock.page is None
    finally:
        await again.end()
