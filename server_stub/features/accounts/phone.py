"""Sessions of phone browsers: the same table, passwords and throttle as other sessions, but no device key and no token.

What a phone holds is one HttpOnly cookie; it opens the endpoints with Access.PHONE and nothing else. Ending the
session on another device, changing the password and disabling the account end it as they end every session.
"""

import re

from starlette.responses import Response

from server_stub.contract.accounts import DeviceInfo
from server_stub.contract.companion import PhoneMe, PhoneSignIn
from server_stub.contract.ids import uuid7
from server_stub.http.endpoint import PHONE_COOKIE, Access, Call, Caller, Endpoint
from server_stub.http.router import check_same_site

from .ports import Cards
from .service import AccountService
from .tokens import Tokens

PLATFORM = "phone"
"""What `devices.platform` says of a phone browser."""
_TAGS = ("phone",)
_PATH = "/api/v1/phone"


class PhoneSessions:
    """Signs phones in and out. `lasts_s`: life of a session in seconds."""

    def __init__(self, service: AccountService, tokens: Tokens, cards: Cards, lasts_s: int) -> None:
        self._service = service
        self._tokens = tokens
        self._cards = cards
        self._lasts_s = lasts_s

    async def authenticate(self, token: str) -> Caller:
        """Return the caller behind a cookie, asking the database whether the session still lives."""
        caller = await self._service.live_caller(self._tokens.read_phone(token))
        # A phone page has no administrator's rights, whoever holds the phone.
        return Caller(caller.person_id, caller.session_id, caller.device_id)

    async def sign_in(self, wanted: PhoneSignIn, address: str) -> tuple[Caller, str]:
        """Check the password; returns the caller and the cookie's value."""
        name = re.sub(r"[^\w .·/()-]", "", wanted.name).strip()[:60] or "手机浏览器"
        device = DeviceInfo(id=uuid7(), name=name, platform=PLATFORM, app_version="", public_key=b"")
        caller = await self._service.begin_session(
            wanted.login, wanted.password, device, address, code=wanted.code
        )
        return caller, self._tokens.phone(caller.session_id)

    async def me(self, caller: Caller) -> PhoneMe:
        """Return who is signed in."""
        card = await self._cards.own_card(caller.person_id)
        post = next((one for one in card.posts if one.main), card.posts[0] if card.posts else None)
        return PhoneMe(
            person_id=card.id,
            name=card.name,
            unit=post.unit_name if post else "",
            title=post.title if post else "",
        )

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of phone sign-in."""
        return [
            Endpoint(
                "POST",
                _PATH + "/sign-in",
                Access.PUBLIC,
                self._sign_in,
                "Sign a phone browser in; the session comes as an HttpOnly cookie",
                body=PhoneSignIn,
                answer=Response,
                max_body=4096,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                _PATH + "/sign-out",
                Access.PHONE,
                self._sign_out,
                "End the phone's session",
                answer=Response,
                status=204,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                _PATH + "/me",
                Access.PHONE,
                self._me,
                "Who is signed in on this phone",
                answer=PhoneMe,
                tags=_TAGS,
            ),
        ]

    async def _sign_in(self, call: Call[PhoneSignIn]) -> Response:
        check_same_site(call.http)
        _caller, token = await self.sign_in(call.body, call.address)
        answer = Response(status_code=204)
        answer.set_cookie(
            PHONE_COOKIE,
            token,
            max_age=self._lasts_s,
            httponly=True,
            samesite="strict",
            secure=call.http.url.scheme == "https",
        )
        return answer

    async def _sign_out(self, call: Call[None]) -> Response:
        await self._service.sign_out(call.caller)
        answer = Response(status_code=204)
        answer.delete_cookie(PHONE_COOKIE, httponly=True, samesite="strict")
        return answer

    async def _me(self, call: Call[None]) -> PhoneMe:
        return await self.me(call.caller)
