"""What the section needs of the server."""

from __future__ import annotations

from typing import Protocol

from app.session.session import Session
from server_stub.contract.accounts import LoginPolicy


class SignInAdminService(Protocol):
    """The policy of sign-in."""

    async def policy(self) -> LoginPolicy:
        """The one in force."""
        ...

    async def change(self, policy: LoginPolicy) -> None:
        """Replace it."""
        ...


class SessionSignInAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._http = session.api.http

    async def policy(self) -> LoginPolicy:
        return await self._http.call("GET", "/admin/login-policy", LoginPolicy)

    async def change(self, policy: LoginPolicy) -> None:
        await self._http.call("PUT", "/admin/login-policy", type(None), body=policy)
