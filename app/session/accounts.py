"""Signing in, resuming and forgetting accounts of one profile: what the login page uses."""

from dataclasses import dataclass

from app.session.session import Session
from app.session.states import AccountEntry, SignInStep
from server_stub.contract.accounts import ServerInfo


@dataclass(frozen=True, slots=True)
class SignInResult:
    """What came of it, and what to show next."""

    step: SignInStep
    session: Session | None = None
    text: str = ""
    detail: str = ""
    retry_after: float = 0.0


class Accounts:
    """The accounts of one profile. One attempt at a time."""

    def entries(self) -> list[AccountEntry]:
        """Remembered accounts, the last used first."""
        raise NotImplementedError

    async def server_info(self, server_url: str) -> ServerInfo:
        """What anyone may know of the server (name, demo accounts, needs_setup). Raises NetworkError, ApiError."""
        raise NotImplementedError

    async def sign_in(self, server_url: str, login: str, password: str) -> SignInResult:
        """Sign in with account or phone and password."""
        raise NotImplementedError

    async def give_passcode(self, passcode: str) -> SignInResult:
        """Go on after NEEDS_PASSCODE or NEEDS_NEW_PASSCODE; the password need not be typed again."""
        raise NotImplementedError

    async def resume(self, key: str) -> SignInResult:
        """Open a remembered account from its store at once, offline or not; connect in the background."""
        raise NotImplementedError

    async def start_over(self) -> SignInResult:
        """After NEEDS_PASSCODE: the passcode is forgotten. Set the old store aside and begin a fresh one."""
        raise NotImplementedError

    async def forget(self, key: str) -> None:
        """Remove an account and its data from this machine."""
        raise NotImplementedError

    async def request_code(self, server_url: str, login: str, purpose: str) -> int:
        """Ask for a text-message code ("activate" or "reset"); seconds until it may be asked for again."""
        raise NotImplementedError

    async def set_password(self, server_url: str, login: str, purpose: str, code: str, password: str) -> None:
        """Activate, or replace a forgotten password, with the code."""
        raise NotImplementedError
