"""REST endpoints of secret chat."""

from typing import Any

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.secret import (
    AccessAsked,
    AccessCase,
    AccessCases,
    CaptureReport,
    Incidents,
    LeaseReport,
    OpenSecret,
    OpenSecretChat,
    RetainedMessages,
    SecretChat,
    SecretChatChange,
    SecretKey,
    SecretKeyRequest,
    SecretMessage,
    SecretOpened,
    SecretOverview,
    SecretPage,
    SecretPeer,
    SecretPolicy,
    SendSecret,
    Shielding,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query, Response

from .messages import MAX_PART_BYTES
from .service import SecretService

_TAGS = ("secret",)
_NO_STORE = {"cache-control": "no-store"}


class SecretRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: SecretService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        return [*self._rooms(), *self._messages(), *self._reports(), *self._admin()]

    @staticmethod
    def _of(method: str, path: str, handler: Any, summary: str, **more: Any) -> Endpoint:
        access = Access.ADMIN if path.startswith("/admin") else Access.SIGNED_IN
        return Endpoint(method, f"/api/v1{path}", access, handler, summary, tags=_TAGS, **more)

    def _rooms(self) -> list[Endpoint]:
        of, base, chat = self._of, "/secret", "/secret/chats/{id}"
        return [
            of(
                "GET",
                base,
                self._overview,
                "The own secret chats",
                answer=SecretOverview,
                clauses=("3.1.1.2",),
            ),
            of(
                "GET",
                f"{base}/with/{{person}}",
                self._peer,
                "Whether a secret chat with somebody can be begun",
                answer=SecretPeer,
                clauses=("3.1.1.1",),
            ),
            of(
                "POST",
                f"{base}/chats",
                self._open_chat,
                "Find or make the secret chat with a person",
                body=OpenSecretChat,
                answer=SecretChat,
                clauses=("3.1.1.1", "3.1.1.4"),
            ),
            of("GET", chat, self._page, "A secret chat without contents", answer=SecretPage),
            of(
                "PATCH",
                chat,
                self._change,
                "Change level or burning time",
                body=SecretChatChange,
                answer=SecretChat,
                clauses=("3.1.1.9",),
            ),
            of(
                "POST",
                f"{chat}/clear",
                self._clear,
                "Burn every message at once",
                status=204,
                clauses=("3.1.1.3",),
            ),
            of(
                "POST",
                f"{chat}/hide",
                self._hide,
                "Remove the row, not the content",
                status=204,
                clauses=("3.1.1.3",),
            ),
        ]

    def _messages(self) -> list[Endpoint]:
        of, chat = self._of, "/secret/chats/{id}"
        return [
            of(
                "POST",
                f"{chat}/keys",
                self._begin,
                "Begin a message: a key of its own",
                body=SecretKeyRequest,
                answer=SecretKey,
            ),
            of(
                "PUT",
                f"{chat}/parts/{{client}}/{{number}}",
                self._put_part,
                "Store a sealed piece of a message",
                body=bytes,
                max_body=MAX_PART_BYTES,
                status=204,
            ),
            of(
                "GET",
                f"{chat}/parts/{{client}}/{{number}}",
                self._part,
                "A sealed piece of an opened message",
                answer=Response,
            ),
            of(
                "POST",
                f"{chat}/messages",
                self._send,
                "Send a begun message",
                body=SendSecret,
                answer=SecretMessage,
            ),
            of(
                "POST",
                f"{chat}/messages/{{seq}}/open",
                self._open,
                "Open a message: the receiver's first opening starts its timer",
                body=OpenSecret,
                answer=SecretOpened,
                clauses=("3.1.1.5",),
            ),
        ]

    def _reports(self) -> list[Endpoint]:
        of, base = self._of, "/secret"
        return [
            of(
                "PUT",
                f"{base}/device",
                self._device,
                "What protection this device has",
                body=Shielding,
                status=204,
            ),
            of(
                "POST",
                f"{base}/captures",
                self._capture,
                "A capture was noticed",
                body=CaptureReport,
                status=204,
                clauses=("3.1.1.8",),
            ),
            of(
                "POST",
                f"{base}/leases",
                self._lease,
                "An exception for assistive tools",
                body=LeaseReport,
                status=204,
            ),
        ]

    def _admin(self) -> list[Endpoint]:
        of, base = self._of, "/admin/secret"
        return [
            of(
                "GET",
                f"{base}/policy",
                self._policy,
                "The policy of secret chat",
                answer=SecretPolicy,
                clauses=("3.1.1.10", "3.1.1.11"),
            ),
            of(
                "PUT",
                f"{base}/policy",
                self._set_policy,
                "Change the policy",
                body=SecretPolicy,
                answer=SecretPolicy,
                clauses=("3.1.1.10", "3.1.1.11"),
            ),
            of(
                "GET",
                f"{base}/incidents",
                self._incidents,
                "Captures and exceptions",
                answer=Incidents,
                query={"limit": Query(int, 100, minimum=1, maximum=500)},
            ),
            of(
                "GET",
                f"{base}/cases",
                self._cases,
                "Requests for lawful access",
                answer=AccessCases,
                query={"limit": Query(int, 50, minimum=1, maximum=200)},
            ),
            of(
                "POST",
                f"{base}/cases",
                self._ask,
                "Ask for lawful access",
                body=AccessAsked,
                answer=AccessCase,
            ),
            of(
                "POST",
                f"{base}/cases/{{case}}/confirm",
                self._confirm,
                "Confirm as second administrator",
                answer=AccessCase,
            ),
            of(
                "POST",
                f"{base}/cases/{{case}}/cancel",
                self._cancel,
                "Take a request back",
                answer=AccessCase,
            ),
            of(
                "GET",
                f"{base}/cases/{{case}}/records",
                self._records,
                "The sealed copies of a granted request",
                answer=RetainedMessages,
            ),
            of(
                "GET",
                f"{base}/cases/{{case}}/records/{{client}}/parts/{{number}}",
                self._record_part,
                "A sealed piece of such a copy",
                answer=Response,
            ),
        ]

    # Rooms.

    async def _overview(self, call: Call[None]) -> SecretOverview:
        return await self._service.rooms.overview(call.caller)

    async def _peer(self, call: Call[None]) -> SecretPeer:
        return await self._service.rooms.peer(call.caller, call.path["person"])

    async def _open_chat(self, call: Call[OpenSecretChat]) -> SecretChat:
        return await self._service.rooms.open(call.caller, call.body.person_id)

    async def _page(self, call: Call[None]) -> SecretPage:
        return await self._service.rooms.page(call.caller, call.path["id"])

    async def _change(self, call: Call[SecretChatChange]) -> SecretChat:
        return await self._service.rooms.change(call.caller, call.path["id"], call.body)

    async def _clear(self, call: Call[None]) -> None:
        await self._service.rooms.clear(call.caller, call.path["id"])

    async def _hide(self, call: Call[None]) -> None:
        await self._service.rooms.hide(call.caller, call.path["id"])

    # Messages.

    async def _begin(self, call: Call[SecretKeyRequest]) -> SecretKey:
        return await self._service.messages.begin(call.caller, call.path["id"], call.body)

    async def _put_part(self, call: Call[bytes]) -> None:
        await self._service.messages.put_part(
            call.caller, call.path["id"], call.path["client"], _number(call.path["number"]), call.body
        )

    async def _part(self, call: Call[None]) -> Response:
        data = await self._service.messages.part(
            call.caller, call.path["id"], call.path["client"], _number(call.path["number"])
        )
        return Response(data, media_type="application/octet-stream", headers=_NO_STORE)

    async def _send(self, call: Call[SendSecret]) -> SecretMessage:
        return await self._service.messages.send(call.caller, call.path["id"], call.body)

    async def _open(self, call: Call[OpenSecret]) -> SecretOpened:
        seq = _number(call.path["seq"])
        return await self._service.messages.open(call.caller, call.path["id"], seq, call.body)

    # Reports.

    async def _device(self, call: Call[Shielding]) -> None:
        await self._service.oversight.report_device(call.caller, call.body)

    async def _capture(self, call: Call[CaptureReport]) -> None:
        await self._service.oversight.report_capture(call.caller, call.body)

    async def _lease(self, call: Call[LeaseReport]) -> None:
        await self._service.oversight.report_lease(call.caller, call.body)

    # Administrators.

    async def _policy(self, _call: Call[None]) -> SecretPolicy:
        return await self._service.oversight.policy()

    async def _set_policy(self, call: Call[SecretPolicy]) -> SecretPolicy:
        return await self._service.oversight.set_policy(call.caller.person_id, call.body)

    async def _incidents(self, call: Call[None]) -> Incidents:
        return Incidents(incidents=await self._service.oversight.incidents(call.query["limit"]))

    async def _cases(self, call: Call[None]) -> AccessCases:
        return AccessCases(cases=await self._service.oversight.cases(call.query["limit"]))

    async def _ask(self, call: Call[AccessAsked]) -> AccessCase:
        return await self._service.oversight.ask(call.caller.person_id, call.body)

    async def _confirm(self, call: Call[None]) -> AccessCase:
        return await self._service.oversight.confirm(call.caller.person_id, call.path["case"])

    async def _cancel(self, call: Call[None]) -> AccessCase:
        return await self._service.oversight.cancel(call.caller.person_id, call.path["case"])

    async def _records(self, call: Call[None]) -> RetainedMessages:
        return RetainedMessages(
            messages=await self._service.oversight.records(call.caller, call.path["case"])
        )

    async def _record_part(self, call: Call[None]) -> Response:
        data = await self._service.oversight.record_part(
            call.caller, call.path["case"], call.path["client"], _number(call.path["number"])
        )
        return Response(data, media_type="application/octet-stream", headers=_NO_STORE)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError(ErrorCode.NOT_FOUND)
    return int(text)
