"""The login service over the profile's accounts and the bundled server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.session.accounts import Accounts
from app.session.session import Session
from app.session.sign_in_result import SignInResult
from app.session.states import AccountEntry, SignInStep
from server_stub.contract.accounts import Progress, ServerInfo, SetupAdmin

from .service import Outcome

SCAN_CODES = 5
"""A login page left open stops after so many codes of two minutes."""


class ServerSource(Protocol):
    """Where the server is: the bundled one, started on demand, or one elsewhere."""

    @property
    def url(self) -> str:
        """Address; empty before `start` of the bundled one."""
        ...

    @property
    def bundled(self) -> bool:
        """Whether it is the bundled one."""
        ...

    async def start_bundled(self) -> str:
        """Start the bundled server and use it."""
        ...

    async def use(self, url: str) -> None:
        """Use a server elsewhere."""
        ...

    async def fill_demo(self, on_progress: Callable[[Progress], None]) -> None:
        """Make the demo organisation on the bundled server."""
        ...

    async def make_administrator(self, administrator: SetupAdmin) -> None:
        """Make the first administrator on the bundled server."""
        ...


class AccountsLogin:
    """See service.LoginService. `on_session` is called when somebody has signed in."""

    def __init__(
        self, accounts: Accounts, server: ServerSource, on_session: Callable[[Session], Awaitable[None]]
    ) -> None:
        self._accounts = accounts
        self._server = server
        self._on_session = on_session
        self.founded = False
        """Whether an organisation was made here: its first administrator goes straight to the import."""

    @property
    def server_url(self) -> str:
        return self._server.url

    @property
    def bundled(self) -> bool:
        return self._server.bundled

    async def connect_bundled(self) -> ServerInfo:
        return await self._accounts.server_info(await self._server.start_bundled())

    async def connect(self, url: str) -> ServerInfo:
        info = await self._accounts.server_info(url)
        await self._server.use(url)
        return info

    async def fill_demo(self, on_progress: Callable[[Progress], None]) -> ServerInfo:
        await self._server.fill_demo(on_progress)
        return await self._accounts.server_info(self._server.url)

    async def make_administrator(self, administrator: SetupAdmin) -> ServerInfo:
        await self._server.make_administrator(administrator)
        self.founded = True
        return await self._accounts.server_info(self._server.url)

    def entries(self) -> list[AccountEntry]:
        return [entry for entry in self._accounts.entries() if entry.server_url == self._server.url]

    async def sign_in(self, login: str, password: str, code: str = "") -> Outcome:
        return await self._outcome(await self._accounts.sign_in(self._server.url, login, password, code))

    async def scan(self, show: Callable[[str, str], None]) -> Outcome:
        for _ in range(SCAN_CODES):
            url = self._server.url
            scan = await self._accounts.begin_scan(url)
            show(url.rstrip("/") + scan.path, scan.code)
            result = await self._accounts.scan_result(scan)
            if result is not None:
                return await self._outcome(result)
        return Outcome(SignInStep.REFUSED, "二维码已过期，请重新生成。")

    async def give_passcode(self, passcode: str) -> Outcome:
        return await self._outcome(await self._accounts.give_passcode(passcode))

    async def start_over(self) -> Outcome:
        return await self._outcome(await self._accounts.start_over())

    async def _outcome(self, result: SignInResult) -> Outcome:
        if result.step is SignInStep.SIGNED_IN and result.session is not None:
            await self._on_session(result.session)
        return Outcome(result.step, result.text, result.detail, result.retry_after)

    async def request_code(self, login: str, purpose: str) -> int:
        return await self._accounts.request_code(self._server.url, login, purpose)

    async def set_password(self, login: str, purpose: str, code: str, password: str) -> None:
        await self._accounts.set_password(self._server.url, login, purpose, code, password)
