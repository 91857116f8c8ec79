"""REST endpoints of conversations, messages, keys and sync."""

from typing import Any

from sqlalchemy import Connection

from server_stub.contract.conversations import (
    Conversation,
    ConversationSetting,
    CreateGroup,
    CreateSingle,
    EnvelopeRequest,
    Envelopes,
    Member,
    MemberList,
    MembersChange,
    Message,
    Page,
    Reaction,
    SendMessage,
    Sent,
    SetReaction,
    SettingChange,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import SyncPage
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .access import Right
from .cursors import own_member
from .membership import Membership
from .reading import ConversationList, Reading
from .service import ConversationService
from .sync import Sync
from .writer import MAX_BODY_BYTES, Draft

_TAGS = ("conversations",)
_MAX_SEQ = 2**53
_PAGE = 200


class ConversationRoutes:
    """Handlers; the rules are in the services."""

    def __init__(self, service: ConversationService) -> None:
        self._service = service
        self._membership: Membership = service.membership
        self._reading: Reading = service.reading
        self._sync: Sync = service.sync

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1/conversations"
        one = base + "/{id}"
        signed_in = Access.SIGNED_IN
        return [
            Endpoint(
                "POST",
                base + "/single",
                signed_in,
                self._open_single,
                "Open the single chat with a person",
                body=CreateSingle,
                answer=Conversation,
                tags=_TAGS,
                clauses=("3.1.2.2",),
            ),
            Endpoint(
                "POST",
                base + "/group",
                signed_in,
                self._create_group,
                "Make a group",
                body=CreateGroup,
                answer=Conversation,
                tags=_TAGS,
                clauses=("3.1.2.4", "E117"),
            ),
            Endpoint(
                "GET",
                base,
                signed_in,
                self._all,
                "All conversations of the caller, with his own memberships and settings",
                answer=ConversationList,
                tags=_TAGS,
            ),
            Endpoint("GET", one, signed_in, self._one, "One conversation", answer=Conversation, tags=_TAGS),
            Endpoint(
                "GET",
                one + "/members",
                signed_in,
                self._members,
                "The members with their cursors",
                answer=MemberList,
                query={"with_left": Query(bool, False, doc="include those who left")},
                tags=_TAGS,
                clauses=("E077", "E105"),
            ),
            Endpoint(
                "POST",
                one + "/members",
                signed_in,
                self._change_members,
                "Add and remove members",
                body=MembersChange,
                answer=Conversation,
                tags=_TAGS,
                clauses=("E081",),
            ),
            Endpoint(
                "POST",
                one + "/leave",
                signed_in,
                self._leave,
                "Leave a group",
                answer=Conversation,
                tags=_TAGS,
                clauses=("E088",),
            ),
            Endpoint(
                "PATCH",
                one + "/setting",
                signed_in,
                self._setting,
                "Change the own setting",
                body=SettingChange,
                answer=ConversationSetting,
                tags=_TAGS,
                clauses=("E074", "E075", "E084", "E085"),
            ),
            Endpoint(
                "GET",
                one + "/messages",
                signed_in,
                self._page,
                "A page of messages",
                answer=Page,
                query={
                    "before_seq": Query(int, minimum=1, maximum=_MAX_SEQ, doc="messages before this number"),
                    "after_seq": Query(int, minimum=0, maximum=_MAX_SEQ, doc="messages after this number"),
                    "limit": Query(int, 50, minimum=1, maximum=_PAGE),
                },
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                one + "/messages",
                signed_in,
                self._send,
                "Send a sealed message",
                body=SendMessage,
                answer=Sent,
                # base64, and the fields around it.
                max_body=MAX_BODY_BYTES * 4 // 3 + 16 * 1024,
                tags=_TAGS,
                clauses=("E090",),
            ),
            Endpoint(
                "POST",
                one + "/messages/{seq}/recall",
                signed_in,
                self._recall,
                "Take a message back",
                answer=Message,
                tags=_TAGS,
            ),
            Endpoint(
                "PUT",
                one + "/messages/{seq}/reaction",
                signed_in,
                self._react,
                "Replace the own emoji at a message",
                body=SetReaction,
                answer=Reaction,
                tags=_TAGS,
                clauses=("E103",),
            ),
            Endpoint(
                "POST",
                one + "/read",
                signed_in,
                self._read,
                "Move the own read cursor forward",
                answer=Member,
                query={"seq": Query(int, required=True, minimum=0, maximum=_MAX_SEQ)},
                tags=_TAGS,
                clauses=("E105",),
            ),
            Endpoint(
                "POST",
                "/api/v1/keys/envelopes",
                signed_in,
                self._envelopes,
                "Conversation keys, sealed to the caller's device",
                body=EnvelopeRequest,
                answer=Envelopes,
                tags=("keys",),
            ),
            Endpoint(
                "GET",
                "/api/v1/sync",
                signed_in,
                self._sync_page,
                "What changed since an event id",
                answer=SyncPage,
                query={
                    "after": Query(int, 0, minimum=0, maximum=_MAX_SEQ),
                    "limit": Query(int, 500, minimum=1, maximum=1000),
                },
                tags=("sync",),
            ),
        ]

    async def _open_single(self, call: Call[CreateSingle]) -> Conversation:
        return await self._membership.open_single(call.caller, call.body.person_id)

    async def _create_group(self, call: Call[CreateGroup]) -> Conversation:
        people = list(call.body.member_ids)
        if call.body.unit_id:
            people += await self._membership.contacts_of_unit(call.caller, call.body.unit_id)
        return await self._membership.create_group(call.caller, call.body.client_id, call.body.name, people)

    async def _all(self, call: Call[None]) -> ConversationList:
        return await self._reading.all(call.caller)

    async def _one(self, call: Call[None]) -> Conversation:
        return await self._reading.one(call.caller, call.path["id"])

    async def _members(self, call: Call[None]) -> MemberList:
        found = await self._reading.members(
            call.caller, call.path["id"], with_left=bool(call.query["with_left"])
        )
        return MemberList(members=found)

    async def _change_members(self, call: Call[MembersChange]) -> Conversation:
        joining = self._service.joining
        if call.body.add and await joining.must_ask(call.caller, call.path["id"]):
            # The managers are asked; nobody is added before one of them says yes.
            await joining.invite(call.caller, call.path["id"], call.body.add)
            return await self._reading.one(call.caller, call.path["id"])
        return await self._membership.change_members(
            call.caller, call.path["id"], call.body.add, call.body.remove
        )

    async def _leave(self, call: Call[None]) -> Conversation:
        return await self._membership.leave(call.caller, call.path["id"])

    async def _setting(self, call: Call[SettingChange]) -> ConversationSetting:
        return await self._reading.set_own(call.caller, call.path["id"], call.body)

    async def _page(self, call: Call[None]) -> Page:
        query: dict[str, Any] = call.query
        return await self._reading.page(
            call.caller,
            call.path["id"],
            before_seq=query["before_seq"],
            after_seq=query["after_seq"],
            limit=query["limit"],
        )

    async def _send(self, call: Call[SendMessage]) -> Sent:
        # The writer asks again inside its transaction; this refusal is the one that is audited.
        await self._reading.check(call.caller, call.path["id"], Right.SEND)
        return await self._service.appender.send(
            Draft(
                sender_id=call.caller.person_id,
                conversation_id=call.path["id"],
                client_id=call.body.client_id,
                body=call.body.body,
                file_ids=call.body.file_ids,
            )
        )

    async def _recall(self, call: Call[None]) -> Message:
        return await self._reading.recall(call.caller, call.path["id"], _seq(call.path["seq"]))

    async def _react(self, call: Call[SetReaction]) -> Reaction:
        return await self._service.reacting.set(
            call.caller, call.path["id"], _seq(call.path["seq"]), call.body
        )

    async def _read(self, call: Call[None]) -> Member:
        granted = await self._reading.check(call.caller, call.path["id"], Right.CURSOR)
        self._service.cursors.move(call.caller.person_id, call.path["id"], read_seq=int(call.query["seq"]))
        await self._service.cursors.settled()

        def mine(connection: Connection) -> Member:
            return own_member(connection, granted.number, call.caller.person_id, call.path["id"])

        return await self._service.database.read(mine)

    async def _envelopes(self, call: Call[EnvelopeRequest]) -> Envelopes:
        return Envelopes(envelopes=await self._reading.envelopes(call.caller, call.body.items))

    async def _sync_page(self, call: Call[None]) -> SyncPage:
        return await self._sync.page(call.caller, int(call.query["after"]), int(call.query["limit"]))


def _seq(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ApiError(ErrorCode.NOT_FOUND)
    return int(text)
