"""Which server this client talks to, and what can be done with an empty bundled one before anybody signs in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.embedded.server import EmbeddedServer
from app.preferences import Preferences
from app.session.api import ApiClient
from app.session.http import HttpCaller
from server_stub.contract.accounts import Progress, SetupAdmin
from server_stub.contract.sm.algorithms import Algorithms

POLL_SECONDS = 0.3


class SetupFailed(Exception):
    """The server stopped while filling in the organisation."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.text = "组织数据没有准备成功，请重试。"
        self.detail = detail


class ServerSource:
    """The bundled server, started on demand and kept alive until `close`, or a server elsewhere by its address."""

    def __init__(self, embedded: EmbeddedServer, preferences: Preferences, fixed_url: str = "") -> None:
        """`fixed_url`: named on the command line; wins over what the preferences remember."""
        self._embedded = embedded
        self._preferences = preferences
        self._url = fixed_url or preferences.values.server_url
        self._fixed = bool(fixed_url)
        self._started = False

    @property
    def url(self) -> str:
        """Address in use; empty until the bundled server has started."""
        # A bundled server that died is started again, perhaps at another address.
        return self._embedded.url if self._started else self._url

    @property
    def bundled(self) -> bool:
        """Whether the bundled server is in use (or would be)."""
        return self._started or not self._url

    async def start_bundled(self) -> str:
        """Start or find the bundled server and use it."""
        if not self._started:
            self._url = await self._embedded.start()
            self._started = True
        self._preferences.set(server_url="")
        return self._url

    async def use(self, url: str) -> None:
        """Use a server elsewhere; it is remembered for the next start."""
        if self._started:
            self._started = False
            await self._embedded.stop()
        self._url = url
        if not self._fixed:
            self._preferences.set(server_url=url)

    async def fill_demo(self, on_progress: Callable[[Progress], None]) -> None:
        """Make the demo organisation; `on_progress` is told how far it is. Raises SetupFailed."""
        async with _Api(self._url) as api:
            await api.setup_demo()
            while True:
                progress = await api.setup_progress()
                on_progress(progress)
                if progress.error:
                    raise SetupFailed(progress.error)
                if progress.finished:
                    return
                await asyncio.sleep(POLL_SECONDS)

    async def make_administrator(self, administrator: SetupAdmin) -> None:
        """Make the first administrator."""
        async with _Api(self._url) as api:
            await api.setup_admin(administrator)

    async def close(self) -> None:
        """Give the bundled server up; the last client to do so ends it."""
        if self._started:
            self._started = False
            await self._embedded.stop()


class _Api:
    """A short-lived client for calls before sign-in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: HttpCaller | None = None

    async def __aenter__(self) -> ApiClient:
        self._http = HttpCaller(self._url, await asyncio.to_thread(Algorithms.best))
        return ApiClient(self._http)

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()
