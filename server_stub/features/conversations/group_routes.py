"""REST endpoints of group administration, joining and the group's space; the administrators' limits."""

from typing import Any

from server_stub.contract.conversations import Conversation, GroupChange
from server_stub.contract.groups import (
    AdminGroup,
    AdminGroupChange,
    AdminGroupMembers,
    AdminGroups,
    ClearHistory,
    CodeWanted,
    FaceGroup,
    FaceStarted,
    GroupCode,
    GroupLimits,
    GroupLimitsChange,
    GroupPeek,
    JoinAnswer,
    JoinDecision,
    JoinGroup,
    JoinRequest,
    JoinRequests,
    MuteMember,
    OwnMemberChange,
    PutSpaceEntry,
    RoleChange,
    SpaceEntry,
    SpaceList,
    Transfer,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Handler, Query

from .administration import GroupAdministration
from .group_console import GroupConsole
from .group_control import GroupControl
from .joining import Joining
from .membership import Membership
from .space import MAX_BODY, Space

_TAGS = ("groups",)


class GroupRoutes:
    """Handlers; the rules are in the services."""

    def __init__(
        self,
        membership: Membership,
        administration: GroupAdministration,
        joining: Joining,
        space: Space,
        console: GroupConsole,
        control: GroupControl,
    ) -> None:
        self._control = control
        self._membership = membership
        self._administration = administration
        self._joining = joining
        self._space = space
        self._console = console

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of groups."""
        one = "/api/v1/conversations/{id}"
        signed_in, admin = Access.SIGNED_IN, Access.ADMIN
        entry = one + "/space/{entry_id}"

        def make(
            method: str,
            path: str,
            handler: Handler,
            summary: str,
            *clauses: str,
            body: Any = None,
            answer: Any = Conversation,
            **more: Any,
        ) -> Endpoint:
            access = admin if path.startswith("/api/v1/admin") else signed_in
            return Endpoint(
                method,
                path,
                access,
                handler,
                summary,
                body=body,
                answer=answer,
                tags=_TAGS,
                clauses=clauses,
                **more,
            )

        return [
            make(
                "PATCH",
                one,
                self._change,
                "Change a group: name, picture, announcement, rules, silence",
                "E078",
                "E080",
                "E110",
                "E111",
                "E112",
                "E113",
                "E114",
                "E121",
                body=GroupChange,
            ),
            make(
                "POST",
                one + "/role",
                self._role,
                "Name an administrator of the group, or take the office from him",
                "E109",
                body=RoleChange,
            ),
            make(
                "POST",
                one + "/transfer",
                self._transfer,
                "Hand the group to another member",
                "E115",
                body=Transfer,
            ),
            make("POST", one + "/mute", self._mute, "Silence one member", "E114", body=MuteMember),
            make("POST", one + "/dissolve", self._dissolve, "End the group", "E116"),
            make(
                "PATCH",
                one + "/me",
                self._own,
                "Change the own nickname, note the announcement as read",
                "E086",
                "E120",
                body=OwnMemberChange,
            ),
            make(
                "POST",
                one + "/clear",
                self._clear,
                "Clear the own history",
                "E076",
                "E087",
                body=ClearHistory,
            ),
            make(
                "POST",
                one + "/code",
                self._code,
                "A code that leads into the group",
                "E083",
                "E118",
                body=CodeWanted,
                answer=GroupCode,
            ),
            make(
                "GET",
                one + "/requests",
                self._requests,
                "Those who wish to join",
                "E111",
                answer=JoinRequests,
            ),
            make(
                "POST",
                one + "/requests/{request_id}",
                self._decide,
                "Let somebody in, or not",
                "E111",
                body=JoinDecision,
                answer=JoinRequest,
            ),
            make(
                "GET",
                one + "/space",
                self._entries,
                "The group's files and folders",
                "E079",
                answer=SpaceList,
            ),
            make(
                "PUT",
                entry,
                self._put,
                "Put or change a file or folder of the group",
                "E079",
                body=PutSpaceEntry,
                answer=SpaceEntry,
                max_body=MAX_BODY * 4 // 3 + 4096,
            ),
            make(
                "DELETE",
                entry,
                self._remove,
                "Take a file or folder away",
                "E079",
                answer=SpaceEntry,
            ),
            make(
                "POST",
                "/api/v1/groups/face",
                self._face,
                "Begin a group face to face",
                "E118",
                body=FaceGroup,
                answer=FaceStarted,
            ),
            make(
                "POST",
                "/api/v1/groups/join",
                self._join,
                "Join by a code",
                "E119",
                body=JoinGroup,
                answer=JoinAnswer,
            ),
            make(
                "GET",
                "/api/v1/groups/peek",
                self._peek,
                "What a code leads to",
                "E119",
                answer=GroupPeek,
                query={"code": Query(str, required=True, max_length=100)},
            ),
            make(
                "GET",
                "/api/v1/admin/groups",
                self._groups,
                "Groups of the whole system, without their content",
                "E089",
                answer=AdminGroups,
                query={
                    "q": Query(str, "", max_length=60),
                    "offset": Query(int, 0, minimum=0, maximum=1_000_000),
                    "limit": Query(int, 50, minimum=1, maximum=200),
                    "member": Query(str, "", max_length=36),
                    "manager": Query(str, "", max_length=36),
                },
            ),
            make(
                "PATCH",
                "/api/v1/admin/groups/limits",
                self._limits,
                "Set the limits of groups",
                "E089",
                "3.1.2.4",
                body=GroupLimitsChange,
                answer=GroupLimits,
            ),
            make(
                "PATCH",
                "/api/v1/admin/groups/{id}",
                self._group,
                "Change a group's limit, name, owner or members",
                "E089",
                "3.2.3.4.2",
                body=AdminGroupChange,
                answer=AdminGroup,
            ),
            make(
                "GET",
                "/api/v1/admin/groups/{id}/members",
                self._group_members,
                "Who is in a group",
                "3.2.3.4.2",
                answer=AdminGroupMembers,
                query={
                    "offset": Query(int, 0, minimum=0, maximum=1_000_000),
                    "limit": Query(int, 200, minimum=1, maximum=500),
                },
            ),
            make(
                "DELETE",
                "/api/v1/admin/groups/{id}",
                self._end_group,
                "Dissolve a group",
                "3.2.3.4.2",
                answer=None,
            ),
        ]

    async def _change(self, call: Call[GroupChange]) -> Conversation:
        return await self._administration.change(call.caller, call.path["id"], call.body)

    async def _role(self, call: Call[RoleChange]) -> Conversation:
        return await self._administration.set_role(
            call.caller, call.path["id"], call.body.person_id, call.body.role
        )

    async def _transfer(self, call: Call[Transfer]) -> Conversation:
        return await self._administration.transfer(call.caller, call.path["id"], call.body.person_id)

    async def _mute(self, call: Call[MuteMember]) -> Conversation:
        return await self._administration.mute(call.caller, call.path["id"], call.body)

    async def _dissolve(self, call: Call[None]) -> Conversation:
        return await self._administration.dissolve(call.caller, call.path["id"])

    async def _own(self, call: Call[OwnMemberChange]) -> Conversation:
        return await self._administration.change_own(call.caller, call.path["id"], call.body)

    async def _clear(self, call: Call[ClearHistory]) -> Conversation:
        return await self._administration.clear(call.caller, call.path["id"], call.body.up_to)

    async def _code(self, call: Call[CodeWanted]) -> GroupCode:
        return await self._joining.code(
            call.caller, call.path["id"], face=call.body.face, renew=call.body.renew
        )

    async def _requests(self, call: Call[None]) -> JoinRequests:
        return JoinRequests(requests=await self._joining.waiting(call.caller, call.path["id"]))

    async def _decide(self, call: Call[JoinDecision]) -> JoinRequest:
        return await self._joining.decide(
            call.caller, call.path["id"], call.path["request_id"], accept=call.body.accept
        )

    async def _entries(self, call: Call[None]) -> SpaceList:
        return SpaceList(entries=await self._space.all(call.caller, call.path["id"]))

    async def _put(self, call: Call[PutSpaceEntry]) -> SpaceEntry:
        return await self._space.put(call.caller, call.path["id"], call.path["entry_id"], call.body)

    async def _remove(self, call: Call[None]) -> SpaceEntry:
        return await self._space.remove(call.caller, call.path["id"], call.path["entry_id"])

    async def _face(self, call: Call[FaceGroup]) -> FaceStarted:
        made = await self._membership.create_group(
            call.caller, call.body.client_id, call.body.name, [], alone=True
        )
        code = await self._joining.code(call.caller, made.id, face=True, renew=False)
        return FaceStarted(conversation=made, code=code)

    async def _join(self, call: Call[JoinGroup]) -> JoinAnswer:
        return await self._joining.join(call.caller, call.body.code, call.body.note)

    async def _peek(self, call: Call[None]) -> GroupPeek:
        return await self._joining.peek(call.caller, str(call.query["code"]))

    async def _groups(self, call: Call[None]) -> AdminGroups:
        query = call.query
        return await self._console.groups(
            call.caller,
            str(query["q"]).strip(),
            int(query["offset"]),
            int(query["limit"]),
            str(query["member"]),
            str(query["manager"]),
        )

    async def _limits(self, call: Call[GroupLimitsChange]) -> GroupLimits:
        return await self._console.set_limits(call.caller, call.body)

    async def _group(self, call: Call[AdminGroupChange]) -> AdminGroup:
        wanted, ident = call.body, call.path["id"]
        await self._control.change(call.caller, ident, wanted)
        if wanted.member_limit is not None:
            return await self._console.set_group_limit(call.caller, ident, wanted.member_limit)
        return await self._console.one(call.caller, ident)

    async def _group_members(self, call: Call[None]) -> AdminGroupMembers:
        query = call.query
        return await self._control.members(
            call.caller, call.path["id"], int(query["offset"]), int(query["limit"])
        )

    async def _end_group(self, call: Call[None]) -> None:
        await self._control.dissolve(call.caller, call.path["id"])
