"""Calls of the contract about groups and what belongs to the account alone, typed."""

from collections.abc import Sequence

from app.session.http import HttpCaller
from server_stub.contract.conversations import Conversation, CreateGroup, GroupChange, MemberRole
from server_stub.contract.directory import Person
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
from server_stub.contract.personal import (
    Avatar,
    OwnCardChange,
    PersonalItem,
    PersonalItems,
    PersonStatus,
    PutPersonalItem,
    PutRelation,
    PutStatus,
    Relation,
    Relations,
)


class GroupApi:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    async def change(self, id_: str, change: GroupChange) -> Conversation:
        """Name, picture, announcement, rules, silence."""
        return await self._http.call("PATCH", f"/conversations/{id_}", Conversation, body=change)

    async def set_role(self, id_: str, person_id: str, role: MemberRole) -> Conversation:
        """Name an administrator, or take the office from him."""
        body = RoleChange(person_id=person_id, role=role)
        return await self._http.call("POST", f"/conversations/{id_}/role", Conversation, body=body)

    async def transfer(self, id_: str, person_id: str) -> Conversation:
        """Hand the group over."""
        body = Transfer(person_id=person_id)
        return await self._http.call("POST", f"/conversations/{id_}/transfer", Conversation, body=body)

    async def mute(self, id_: str, person_id: str, until: int) -> Conversation:
        """Silence a member."""
        body = MuteMember(person_id=person_id, until=until)
        return await self._http.call("POST", f"/conversations/{id_}/mute", Conversation, body=body)

    async def dissolve(self, id_: str) -> Conversation:
        """End the group."""
        return await self._http.call("POST", f"/conversations/{id_}/dissolve", Conversation)

    async def change_own(self, id_: str, change: OwnMemberChange) -> Conversation:
        """Nickname, the announcement that was read."""
        return await self._http.call("PATCH", f"/conversations/{id_}/me", Conversation, body=change)

    async def clear(self, id_: str, up_to: int) -> Conversation:
        """Clear the own history."""
        body = ClearHistory(up_to=up_to)
        return await self._http.call("POST", f"/conversations/{id_}/clear", Conversation, body=body)

    async def code(self, id_: str, *, face: bool = False, renew: bool = False) -> GroupCode:
        """A code that leads into the group."""
        body = CodeWanted(face=face, renew=renew)
        return await self._http.call("POST", f"/conversations/{id_}/code", GroupCode, body=body)

    async def begin_face(self, client_id: str, name: str) -> FaceStarted:
        """Begin a group face to face."""
        body = FaceGroup(client_id=client_id, name=name)
        return await self._http.call("POST", "/groups/face", FaceStarted, body=body)

    async def peek(self, code: str) -> GroupPeek:
        """What a code leads to."""
        return await self._http.call("GET", "/groups/peek", GroupPeek, query={"code": code})

    async def join(self, code: str, note: str = "") -> JoinAnswer:
        """Join by a code."""
        return await self._http.call("POST", "/groups/join", JoinAnswer, body=JoinGroup(code=code, note=note))

    async def requests(self, id_: str) -> list[JoinRequest]:
        """Those who wish to join."""
        return (await self._http.call("GET", f"/conversations/{id_}/requests", JoinRequests)).requests

    async def decide(self, id_: str, request_id: str, accept: bool) -> JoinRequest:
        """Let somebody in, or not."""
        path = f"/conversations/{id_}/requests/{request_id}"
        return await self._http.call("POST", path, JoinRequest, body=JoinDecision(accept=accept))

    async def space(self, id_: str) -> list[SpaceEntry]:
        """The group's files and folders."""
        return (await self._http.call("GET", f"/conversations/{id_}/space", SpaceList)).entries

    async def put_entry(self, id_: str, entry_id: str, entry: PutSpaceEntry) -> SpaceEntry:
        """Put or change a file or folder."""
        path = f"/conversations/{id_}/space/{entry_id}"
        return await self._http.call("PUT", path, SpaceEntry, body=entry)

    async def remove_entry(self, id_: str, entry_id: str) -> SpaceEntry:
        """Take a file or folder away."""
        return await self._http.call("DELETE", f"/conversations/{id_}/space/{entry_id}", SpaceEntry)

    async def group_from_unit(
        self, client_id: str, name: str, unit_id: str, people: Sequence[str]
    ) -> Conversation:
        """Make a group of a whole unit."""
        body = CreateGroup(client_id=client_id, name=name, member_ids=list(people), unit_id=unit_id)
        return await self._http.call("POST", "/conversations/group", Conversation, body=body)

    # The account alone.

    async def items(self) -> list[PersonalItem]:
        """All values."""
        return (await self._http.call("GET", "/me/items", PersonalItems)).items

    async def put_item(self, name: str, value: str) -> PersonalItem:
        """Keep a value."""
        body = PutPersonalItem(name=name, value=value)
        return await self._http.call("PUT", "/me/items", PersonalItem, body=body)

    async def relations(self) -> list[Relation]:
        """All relations."""
        return (await self._http.call("GET", "/me/relations", Relations)).relations

    async def put_relation(self, wanted: PutRelation) -> Relation:
        """Begin or end a relation."""
        return await self._http.call("PUT", "/me/relations", Relation, body=wanted)

    async def put_status(self, wanted: PutStatus) -> PersonStatus:
        """Set the own status."""
        return await self._http.call("PUT", "/me/status", PersonStatus, body=wanted)

    async def status(self) -> PersonStatus:
        """The own status."""
        return await self._http.call("GET", "/me/status", PersonStatus)

    async def put_avatar(self, data: bytes) -> str:
        """Keep a small picture."""
        headers = {"content-type": "application/octet-stream"}
        response = await self._http.raw("POST", "/avatars", content=data, headers=headers)
        return Avatar(**response.json()).id

    async def avatar(self, avatar_id: str) -> bytes:
        """A small picture."""
        return (await self._http.raw("GET", f"/avatars/{avatar_id}")).content

    async def set_card(self, avatar_file: str) -> Person:
        """Put a picture on the own card."""
        body = OwnCardChange(avatar_file=avatar_file)
        return await self._http.call("PUT", "/me/card", Person, body=body)

    # Administrators.

    async def admin_groups(
        self, text: str = "", offset: int = 0, limit: int = 50, *, member: str = "", manager: str = ""
    ) -> AdminGroups:
        """Groups of the whole system; with `member`, or `manager` as owner or administrator, this person's."""
        query = {"q": text, "offset": offset, "limit": limit, "member": member, "manager": manager}
        return await self._http.call("GET", "/admin/groups", AdminGroups, query=query)

    async def set_limits(self, change: GroupLimitsChange) -> GroupLimits:
        """The limits of the whole system."""
        return await self._http.call("PATCH", "/admin/groups/limits", GroupLimits, body=change)

    async def set_group_limit(self, id_: str, member_limit: int) -> AdminGroup:
        """One group's limit."""
        return await self.change_admin_group(id_, AdminGroupChange(member_limit=member_limit))

    async def change_admin_group(self, id_: str, change: AdminGroupChange) -> AdminGroup:
        """Change one group's limit, name, owner, members."""
        return await self._http.call("PATCH", f"/admin/groups/{id_}", AdminGroup, body=change)

    async def admin_group_members(self, id_: str, limit: int) -> AdminGroupMembers:
        """Who is in a group."""
        path = f"/admin/groups/{id_}/members"
        return await self._http.call("GET", path, AdminGroupMembers, query={"limit": limit})

    async def dissolve_admin_group(self, id_: str) -> None:
        """End a group."""
        await self._http.call("DELETE", f"/admin/groups/{id_}", type(None))
