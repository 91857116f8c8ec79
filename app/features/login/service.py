"""What the login pages need of the rest of the client (E001–E004)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.session.states import AccountEntry, SignInStep
from server_stub.contract.accounts import Progress, ServerInfo, SetupAdmin


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt to sign in, and so what to show next. `retry_after` in seconds."""

    step: SignInStep
    text: str = ""
    detail: str = ""
    retry_after: float = 0.0


class LoginService(Protocol):
    """The server before sign-in, and the sign-in itself. Calls raise what app.shell.problems puts into words."""

    @property
    def server_url(self) -> str:
        """Address in use; empty while none was chosen or the bundled server has not started."""
        ...

    @property
    def bundled(self) -> bool:
        """Whether the bundled server of this machine is in use."""
        ...

    async def connect_bundled(self) -> ServerInfo:
        """Use the bundled server: start it if need be and ask what it is."""
        ...

    async def connect(self, url: str) -> ServerInfo:
        """Use the server at `url` from now on, if it answers as one of ours."""
        ...

    async def fill_demo(self, on_progress: Callable[[Progress], None]) -> ServerInfo:
        """Fill the empty bundled server with the demo organisation, telling how far it is."""
        ...

    async def make_administrator(self, administrator: SetupAdmin) -> ServerInfo:
        """Make the first administrator of the empty bundled server, who then imports the organisation."""
        ...

    def entries(self) -> list[AccountEntry]:
        """Accounts that this profile remembers for the server in use, the last used first."""
        ...

    async def sign_in(self, login: str, password: str, code: str = "") -> Outcome:
        """Sign in with account or phone number; after NEEDS_CODE once more, with the code (E006)."""
        ...

    async def scan(self, show: Callable[[str, str], None]) -> Outcome:
        """Sign in by a phone's scan (E005): `show(url, digits)` for each code, renewed a few times, then REFUSED."""
        ...

    async def give_passcode(self, passcode: str) -> Outcome:
        """Go on after NEEDS_PASSCODE or NEEDS_NEW_PASSCODE."""
        ...

    async def start_over(self) -> Outcome:
        """After NEEDS_PASSCODE: set the old local data aside and begin afresh."""
        ...

    async def request_code(self, login: str, purpose: str) -> int:
        """Have a code sent by text message ("activate" or "reset"); seconds until it may be asked for again."""
        ...

    async def set_password(self, login: str, purpose: str, code: str, password: str) -> None:
        """Activate the account, or replace its forgotten password."""
        ...
