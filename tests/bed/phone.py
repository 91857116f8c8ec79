"""A phone: headless Chromium with a phone's viewport, which notes whatever a page does wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, async_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
VIEWPORT = {"width": 390, "height": 844}


def chromium() -> str:
    """The browser's program; "" where there is none."""
    return os.environ.get("ZHENGDING_TEST_CHROMIUM") or shutil.which("chromium") or ""


@dataclass
class Phone:
    """One browser profile. `wrong`: scripts' errors, broken content policy, calls to other machines."""

    context: BrowserContext
    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page of the server."""
        await self.page.goto(self.base + path)

    async def sign_in(self, login: str, password: str, path: str = "/m") -> None:
        """Open `path`, sign in where that is asked, and wait until the page is there."""
        await self.open(path)
        await self.page.get_by_label("账号或手机号").fill(login)
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录").click()
        await self.page.wait_for_url(lambda url: "/m/sign-in" not in url)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # A refusal of the server is an answer, not a mistake of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"foreign request: {request.url}")


@asynccontextmanager
async def phone_browser(base: str, *, dark: bool = False, width: int = 390) -> AsyncIterator[Phone]:
    """A phone on the server at `base`; at its end nothing may have gone wrong on its pages."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            context = await browser.new_context(
                viewport={"width": width, "height": VIEWPORT["height"]},
                device_scale_factor=2,
                is_mobile=True,
                has_touch=True,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                color_scheme="dark" if dark else "light",
            )
            context.set_default_timeout(30_000)
            phone = Phone(context, await context.new_page(), base)
            context.on("page", phone._watch)
            phone._watch(phone.page)
            yield phone
            assert phone.wrong == []
        finally:
            await browser.close()


__all__ = ["ARGUMENTS", "VIEWPORT", "Phone", "chromium", "phone_browser"]
