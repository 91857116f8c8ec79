"""Groups and arrangement in memory, for pictures and window tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.store.queries.groups import SpaceRow
from app.store.records import MemberRow
from server_stub.contract.content import FileRef
from server_stub.contract.conversations import Conversation, ConversationKind, MemberRole
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.group_rules import GroupRules, JoinRule, Who
from server_stub.contract.groups import (
    GroupCode,
    GroupPeek,
    JoinAnswer,
    JoinRequest,
    JoinState,
    SpaceEntry,
)
from server_stub.contract.ids import uuid7
from server_stub.contract.personal import PersonStatus, RelationKind, StatusKind

from .office import NOW_MS

if TYPE_CHECKING:
    from .chat_service import ShowcaseChat

CODE = "K7QW9MXR2HTB5VPC3NFD"


class ShowcaseGroups:
    """See features.chat.group_service.GroupService."""

    def __init__(self, chat: ShowcaseChat) -> None:
        self._chat = chat
        self.values: dict[str, Any] = {}
        self.statuses: dict[str, PersonStatus] = {}
        self.relations: dict[RelationKind, list[str]] = {kind: [] for kind in RelationKind}
        self.requests_of: dict[str, list[JoinRequest]] = {}
        self.entries: dict[str, list[SpaceRow]] = {}
        self.rule = JoinRule.FREE
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    def _note(self, name: str, *arguments: object) -> None:
        self.calls.append((name, arguments))
        error, self._chat.error = self._chat.error, None
        if error is not None:
            raise error

    def _set(self, id: str, **changed: Any) -> None:
        rows = self._chat.conversations
        rows[id] = replace(rows[id], **changed)
        self._chat.changed("conversations", id, id)

    def _member(self, id: str, person_id: str, change: Callable[[MemberRow], MemberRow]) -> None:
        rows = self._chat.member_rows[id]
        self._chat.member_rows[id] = [change(one) if one.person_id == person_id else one for one in rows]
        self._chat.changed("members", id, person_id)

    # Answers.

    async def change(
        self,
        conversation_id: str,
        *,
        name: str | None = None,
        announcement: str | None = None,
        avatar_file: str | None = None,
        rules: GroupRules | None = None,
        muted_all: bool | None = None,
        muted_until: int = 0,
    ) -> None:
        self._note("change", conversation_id, rules, muted_all)
        changed: dict[str, Any] = {}
        if name is not None:
            changed["title"] = name
        if avatar_file is not None:
            changed["avatar_file"] = avatar_file
        if rules is not None:
            changed["rules"] = rules
        if muted_all is not None:
            changed |= {"muted_all": muted_all, "muted_until": muted_until}
        if announcement is not None:
            old = self._chat.conversations[conversation_id]
            changed |= {"announcement": announcement, "announcement_version": old.announcement_version + 1}
        self._set(conversation_id, **changed)

    async def set_picture(self, conversation_id: str, data: bytes) -> None:
        self._note("set_picture", conversation_id, len(data))
        self._set(conversation_id, avatar_file="avatar-1" if data else "")

    async def picture(self, avatar_id: str) -> bytes:
        if not self._chat.picture:
            raise ApiError(ErrorCode.NOT_FOUND)
        return self._chat.picture

    async def set_role(self, conversation_id: str, person_id: str, role: MemberRole) -> None:
        self._note("set_role", conversation_id, person_id, role)
        self._member(conversation_id, person_id, lambda one: replace(one, role=role))

    async def transfer(self, conversation_id: str, person_id: str) -> None:
        self._note("transfer", conversation_id, person_id)
        me = self._chat.me.id
        self._member(conversation_id, me, lambda one: replace(one, role=MemberRole.MEMBER))
        self._member(conversation_id, person_id, lambda one: replace(one, role=MemberRole.OWNER))
        self._set(conversation_id, owner_id=person_id)

    async def mute(self, conversation_id: str, person_id: str, until: int) -> None:
        self._note("mute", conversation_id, person_id, until)
        self._member(conversation_id, person_id, lambda one: replace(one, muted_until=until))

    async def dissolve(self, conversation_id: str) -> None:
        self._note("dissolve", conversation_id)
        self._set(conversation_id, dissolved=True)

    async def code(self, conversation_id: str, *, face: bool = False, renew: bool = False) -> GroupCode:
        self._note("code", conversation_id, face, renew)
        life = 300_000 if face else 7 * 86_400_000
        code = "7359" if face else CODE
        return GroupCode(conversation_id=conversation_id, code=code, expires_at=NOW_MS + life, face=face)

    async def begin_face(self, name: str) -> tuple[str, GroupCode]:
        self._note("begin_face", name)
        id = await self._chat.create_group([], name)
        return id, await self.code(id, face=True)

    async def from_unit(self, name: str, unit_id: str) -> str:
        self._note("from_unit", name, unit_id)
        return await self._chat.create_group([], name)

    async def peek(self, code: str) -> GroupPeek:
        self._note("peek", code)
        if code not in (CODE, "7359"):
            raise ApiError(ErrorCode.BAD_CODE, message="群号码不正确或已过期，请向群成员重新获取。")
        return GroupPeek(
            conversation_id="c-new",
            name="全市防汛值守联络群",
            member_count=128,
            avatar_file="avatar-1" if self._chat.picture else "",
            rules_join=self.rule.value,
        )

    async def join(self, code: str, note: str = "") -> JoinAnswer:
        self._note("join", code, note)
        if self.rule is JoinRule.APPROVAL:
            return JoinAnswer(state=JoinState.WAITING)
        made = Conversation(id="c-flood", kind=ConversationKind.GROUP, name="全市防汛值守联络群")
        return JoinAnswer(state=JoinState.JOINED, conversation=made)

    async def requests(self, conversation_id: str) -> list[JoinRequest]:
        return await self.waiting(conversation_id)

    async def decide(self, conversation_id: str, request_id: str, *, accept: bool) -> None:
        self._note("decide", conversation_id, request_id, accept)
        rows = self.requests_of[conversation_id]
        self.requests_of[conversation_id] = [one for one in rows if one.id != request_id]
        self._chat.changed("join_requests", conversation_id, request_id)

    # Commands.

    async def waiting(self, conversation_id: str) -> list[JoinRequest]:
        return list(self.requests_of.get(conversation_id, []))

    async def set_nickname(self, conversation_id: str, nickname: str) -> None:
        self._note("set_nickname", conversation_id, nickname)
        self._member(conversation_id, self._chat.me.id, lambda one: replace(one, nickname=nickname))

    async def announcement_read(self, conversation_id: str, version: int) -> None:
        self._note("announcement_read", conversation_id, version)
        self._member(conversation_id, self._chat.me.id, lambda one: replace(one, announcement_seen=version))

    async def clear(self, conversation_id: str) -> None:
        self._note("clear", conversation_id)
        self._chat.messages[conversation_id] = []
        self._chat.changed("messages", conversation_id)

    async def listing(self, conversation_id: str) -> list[SpaceRow]:
        return list(self.entries.get(conversation_id, []))

    async def refresh_space(self, conversation_id: str) -> None:
        return

    def put_entry(
        self,
        conversation_id: str,
        name: str,
        *,
        parent_id: str = "",
        folder: bool = False,
        size: int = 0,
        author_id: str = "",
        write: Who = Who.ALL,
    ) -> SpaceRow:
        """Something lies in the space."""
        file = None if folder else FileRef(file_id=uuid7(), key=b"", name=name, size=size)
        entry = SpaceEntry(
            id=uuid7(),
            conversation_id=conversation_id,
            parent_id=parent_id,
            folder=folder,
            author_id=author_id or self._chat.me.id,
            file_id=file.file_id if file else "",
            size=size,
            write=write,
            changed_at=NOW_MS - 3_600_000,
        )
        row = SpaceRow(entry, name, file)
        self.entries.setdefault(conversation_id, []).append(row)
        self._chat.changed("space", conversation_id, entry.id)
        return row

    async def add_folder(
        self, conversation_id: str, name: str, parent_id: str = "", write: Who = Who.ALL
    ) -> None:
        self._note("add_folder", conversation_id, name, parent_id)
        self.put_entry(conversation_id, name, parent_id=parent_id, folder=True, write=write)

    async def add_file(
        self, conversation_id: str, path: Path, size: int, media_type: str, parent_id: str = ""
    ) -> None:
        self._note("add_file", conversation_id, path.name, parent_id)
        self.put_entry(conversation_id, path.name, parent_id=parent_id, size=size)

    def _swap(self, conversation_id: str, row: SpaceRow, fresh: SpaceRow) -> None:
        rows = self.entries[conversation_id]
        self.entries[conversation_id] = [fresh if one.entry.id == row.entry.id else one for one in rows]
        self._chat.changed("space", conversation_id, row.entry.id)

    async def rename(self, conversation_id: str, row: SpaceRow, name: str) -> None:
        self._note("rename", conversation_id, name)
        self._swap(conversation_id, row, replace(row, name=name))

    async def set_folder_rule(self, conversation_id: str, row: SpaceRow, write: Who) -> None:
        self._note("set_folder_rule", conversation_id, write)
        entry = msgspec.structs.replace(row.entry, write=write)
        self._swap(conversation_id, row, replace(row, entry=entry))

    async def remove_entry(self, conversation_id: str, entry_id: str) -> None:
        self._note("remove_entry", conversation_id, entry_id)
        rows = self.entries[conversation_id]
        self.entries[conversation_id] = [one for one in rows if one.entry.id != entry_id]
        self._chat.changed("space", conversation_id, entry_id)

    # The account alone.

    def status_of(self, person_id: str) -> PersonStatus | None:
        return self.statuses.get(person_id)

    def is_special(self, person_id: str) -> bool:
        return person_id in self.relations[RelationKind.SPECIAL]

    async def items(self, prefix: str = "") -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if name.startswith(prefix)}

    async def put_item(self, name: str, value: Any) -> None:
        self._note("put_item", name, value)
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value
        self._chat.changed("personal", "", name)

    async def related(self, kind: RelationKind) -> list[str]:
        return list(self.relations[kind])

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        return {kind for kind, people in self.relations.items() if person_id in people}

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        self._note("relate", person_id, kind, on)
        people = [one for one in self.relations[kind] if one != person_id]
        self.relations[kind] = [person_id, *people] if on else people
        self._chat.changed("relations", "", person_id)

    async def set_status(self, kind: StatusKind, text: str = "", until: int = 0) -> None:
        self._note("set_status", kind, text, until)
        me = self._chat.me.id
        self.statuses[me] = PersonStatus(person_id=me, kind=kind, text=text, until=until)
        self._chat.changed("statuses", "", me)
