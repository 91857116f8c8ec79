"""The lock's phone pages in a real browser: lock with one tap, hear it signed, open by QR and by digits, notices."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from bed.locks import TestDesktop
from bed.office import PASSWORD, Office, running_office
from bed.phone import Phone, chromium, phone_browser
from playwright.async_api import expect

from lock.policy.model import IDLE_LOCK_NOTICE
from server_stub.contract.frames import Hello, Welcome

pytestmark = pytest.mark.skipif(not chromium(), reason="chromium is not installed")
SLOW = 30_000


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path / "server") as running:
        yield running


@pytest.fixture
async def desktop(office: Office, tmp_path: Path) -> TestDesktop:
    return await TestDesktop.sign_in(office, "fengxue", tmp_path)


async def fits(phone: Phone) -> None:
    """Nothing is wider than the screen, and every button is wide enough for a thumb."""
    assert await phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = await phone.page.eval_on_selector_all(
        "button, .tabs a", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert all(height >= 47 for height in sizes), sizes


@pytest.mark.clause("3.2.3.1.4")
async def test_one_tap_locks_and_the_page_shows_what_the_desktop_signed(
    office: Office, desktop: TestDesktop
) -> None:
    async with phone_browser(office.url) as phone:
        page = phone.page
        # Offline: the page says that it locks at its next start.
        await phone.sign_in("fengxue", PASSWORD)
        card = page.get_by_role("region", name="办公电脑")
        await expect(card.get_by_role("status")).to_have_text("离线", timeout=SLOW)
        await fits(phone)
        await card.get_by_role("button", name="锁定这台电脑").tap()
        await expect(card).to_contain_text("下次启动政钉时会立即锁定", timeout=SLOW)
        # It starts, and does.
        wire = await office.wire()
        wire.send(Hello(access_token=desktop.session.access_token))
        await wire.take(Welcome)
        command = (await desktop.state())["command"]
        await desktop.report(locked=True, trigger="remote", command_id=command["id"])
        await expect(card.get_by_role("status")).to_contain_text("已锁定", timeout=SLOW)
        status = await card.get_by_role("status").text_content()
        assert status is not None
        assert len(status) == len("已锁定 14:03:22")
        await expect(card).to_contain_text("电脑已签名确认")
        assert await card.get_by_role("button").count() == 0
        # Opened again, and locked while it is connected.
        await desktop.report(locked=False, trigger="remote")
        await expect(card.get_by_role("status")).to_have_text("使用中", timeout=SLOW)
        await card.get_by_role("button", name="锁定这台电脑").tap()
        await expect(card.get_by_role("status")).to_have_text("正在锁定", timeout=SLOW)


@pytest.mark.clause("3.2.3.1.4", "3.2.3.1.7")
async def test_the_phone_opens_by_the_qr_pictures_address_and_by_digits(
    office: Office, desktop: TestDesktop
) -> None:
    await desktop.enrol()
    await desktop.report(locked=True, trigger="idle")
    locked = office.client()
    locked.headers.update(desktop.ticket)
    pair = office.server.algorithms.sm2_generate()
    body = {"public_key": base64.b64encode(pair.public).decode()}
    async with phone_browser(office.url, dark=True) as phone:
        page = phone.page
        first = (await locked.post("/lock/locked/scans", json=body)).json()
        # The QR picture opens the page; signing in leads back to the question.
        await phone.sign_in("fengxue", PASSWORD, first["path"])
        await expect(page.get_by_text("网络地址 127.0.0.1")).to_be_visible(timeout=SLOW)
        await expect(page.locator(".code")).to_have_text(f"{first['code'][:4]} {first['code'][4:]}")
        await fits(phone)
        await page.get_by_role("button", name="不是我").tap()
        await expect(page.get_by_role("status")).to_contain_text("已拒绝", timeout=SLOW)
        assert (await locked.get(f"/lock/locked/scans/{first['id']}")).json()["state"] == "rejected"
        # By digits: wrong ones first.
        second = (await locked.post("/lock/locked/scans", json=body)).json()
        await phone.open("/m/unlock")
        await page.get_by_label("解锁码").fill("00000000")
        await page.get_by_role("button", name="下一步").tap()
        await expect(page.get_by_role("alert")).to_contain_text("没有这个解锁码", timeout=SLOW)
        await page.get_by_label("解锁码").fill(second["code"])
        await page.get_by_role("button", name="下一步").tap()
        await page.get_by_role("button", name="解锁这台电脑").tap()
        await expect(page.get_by_role("status")).to_contain_text("正在解锁", timeout=SLOW)
        state = (await locked.get(f"/lock/locked/scans/{second['id']}")).json()
        assert desktop.open(base64.b64decode(state["envelope"]), pair.private) == desktop.wrapping
        # What happened is in the inbox, and a lock that comes now appears by itself.
        await phone.open("/m/notices")
        await expect(page.get_by_text("已由手机解锁")).to_be_visible(timeout=SLOW)
        await desktop.report(locked=True, trigger="idle")
        await expect(page.get_by_text(IDLE_LOCK_NOTICE)).to_have_count(2, timeout=SLOW)
        await fits(phone)
