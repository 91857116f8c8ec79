"""REST endpoints of accounts."""

from collections.abc import Awaitable, Callable, Collection

from server_stub.contract.accounts import (
    ChangePassword,
    CodeRequest,
    CodeSent,
    LoginPolicy,
    Refresh,
    SessionList,
    SetPassword,
    SignedIn,
    SignIn,
    SmsItem,
    SmsOutbox,
    Tokens,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .service import AccountService

_TAGS = ("accounts",)


class AccountRoutes:
    """Handlers; the rules are in the service.

    `online`: those of these session ids that hold a connection now. `outbox`: the newest outgoing text messages.
    """

    def __init__(
        self,
        service: AccountService,
        online: Callable[[Collection[str]], Collection[str]],
        outbox: Callable[[int], Awaitable[list[SmsItem]]],
    ) -> None:
        self._service = service
        self._online = online
        self._outbox = outbox

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        auth, public, signed_in = "/api/v1/auth", Access.PUBLIC, Access.SIGNED_IN
        return [
            Endpoint(
                "POST",
                f"{auth}/sign-in",
                public,
                self._sign_in,
                "Sign in with account or phone number and password",
                body=SignIn,
                answer=SignedIn,
                tags=_TAGS,
                clauses=("E001", "E002", "E006"),
            ),
            Endpoint(
                "POST",
                f"{auth}/refresh",
                public,
                self._refresh,
                "Exchange a refresh token, signed by the device",
                body=Refresh,
                answer=Tokens,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                f"{auth}/sign-out",
                signed_in,
                self._sign_out,
                "End this session",
                tags=_TAGS,
                clauses=("E007",),
            ),
            Endpoint(
                "POST",
                f"{auth}/code",
                public,
                self._code,
                "Send a code by text message, to activate or to reset",
                body=CodeRequest,
                answer=CodeSent,
                tags=_TAGS,
                clauses=("E003", "E004"),
            ),
            Endpoint(
                "POST",
                f"{auth}/set-password",
                public,
                self._set_password,
                "Activate an account or replace a forgotten password with a code",
                body=SetPassword,
                tags=_TAGS,
                clauses=("E003", "E004"),
            ),
            Endpoint(
                "POST",
                f"{auth}/password",
                signed_in,
                self._change_password,
                "Change the own password",
                body=ChangePassword,
                tags=_TAGS,
                clauses=("E152",),
            ),
            Endpoint(
                "GET",
                f"{auth}/sessions",
                signed_in,
                self._sessions,
                "The own signed-in devices",
                answer=SessionList,
                tags=_TAGS,
            ),
            Endpoint(
                "DELETE",
                f"{auth}/sessions/{{id}}",
                signed_in,
                self._end,
                "Sign an own device out",
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                "/api/v1/admin/login-policy",
                Access.ADMIN,
                self._policy,
                "Who needs a second factor to sign in",
                answer=LoginPolicy,
                tags=("admin",),
                clauses=("E006",),
            ),
            Endpoint(
                "PUT",
                "/api/v1/admin/login-policy",
                Access.ADMIN,
                self._change_policy,
                "Set who needs a second factor to sign in",
                body=LoginPolicy,
                tags=("admin",),
                clauses=("E006",),
            ),
            Endpoint(
                "GET",
                "/api/v1/admin/sms-outbox",
                Access.ADMIN,
                self._sms,
                "The newest outgoing text messages",
                answer=SmsOutbox,
                query={"limit": Query(int, 100, minimum=1, maximum=500)},
                tags=("admin",),
            ),
        ]

    async def _sign_in(self, call: Call[SignIn]) -> SignedIn:
        return await self._service.sign_in(call.body, call.address)

    async def _refresh(self, call: Call[Refresh]) -> Tokens:
        return await self._service.refresh(call.body)

    async def _sign_out(self, call: Call[None]) -> None:
        await self._service.sign_out(call.caller)

    async def _code(self, call: Call[CodeRequest]) -> CodeSent:
        return await self._service.own_passwords.send_code(call.body, call.address)

    async def _set_password(self, call: Call[SetPassword]) -> None:
        await self._service.own_passwords.set_password(call.body, call.address)

    async def _change_password(self, call: Call[ChangePassword]) -> None:
        await self._service.own_passwords.change_password(call.caller, call.body)

    async def _sessions(self, call: Call[None]) -> SessionList:
        return SessionList(sessions=await self._service.session_list(call.caller, self._online))

    async def _end(self, call: Call[None]) -> None:
        await self._service.end_session(call.caller, call.path["id"])

    async def _policy(self, call: Call[None]) -> LoginPolicy:
        return await self._service.second.policy()

    async def _change_policy(self, call: Call[LoginPolicy]) -> None:
        await self._service.second.change_policy(call.caller, call.body)

    async def _sms(self, call: Call[None]) -> SmsOutbox:
        return SmsOutbox(items=await self._outbox(call.query["limit"]))
