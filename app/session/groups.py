"""Groups at full depth: their offices, rules, codes, requests to join, the own membership."""

import logging
from collections.abc import Awaitable, Callable

from app.session.applying import Applying
from app.session.group_api import GroupApi
from app.session.http import SessionEnded
from app.session.outbox import Outbox
from app.session.states import NetworkError
from app.store.commands import AnyCommand, ClearCommand, OwnMemberCommand
from app.store.queries import conversations, groups, members
from app.store.records import Command
from app.store.store import Store
from server_stub.contract.conversations import Conversation, GroupChange, MemberRole
from server_stub.contract.errors import ApiError
from server_stub.contract.events import JoinRequestEvent
from server_stub.contract.group_rules import GroupRules
from server_stub.contract.groups import GroupCode, GroupPeek, JoinAnswer, JoinRequest, OwnMemberChange
from server_stub.contract.ids import uuid7

log = logging.getLogger(__name__)


class Groups:
    """Part of a session. Methods raise NetworkError and ApiError where they need an answer; the others return at once."""

    commands = (ClearCommand, OwnMemberCommand)

    def __init__(
        self,
        store: Store,
        api: GroupApi,
        applying: Applying,
        queue: Outbox,
        me: str,
        refresh_members: Callable[[str], Awaitable[object]],
    ) -> None:
        self.api = api
        self._store, self._applying, self._queue = store, applying, queue
        self._me, self._refresh_members = me, refresh_members

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
        """Change a group."""
        change = GroupChange(
            name=name,
            announcement=announcement,
            avatar_file=avatar_file,
            rules=rules,
            muted_all=muted_all,
            muted_until=muted_until,
        )
        await self._take(await self.api.change(conversation_id, change))

    async def set_picture(self, conversation_id: str, data: bytes) -> None:
        """Give a group a picture of its own; no data goes back to the members' faces."""
        avatar = await self.api.put_avatar(data) if data else ""
        await self.change(conversation_id, avatar_file=avatar)

    async def set_role(self, conversation_id: str, person_id: str, role: MemberRole) -> None:
        """Name an administrator, or take the office from him."""
        await self._take(await self.api.set_role(conversation_id, person_id, role))

    async def transfer(self, conversation_id: str, person_id: str) -> None:
        """Hand the group over."""
        await self._take(await self.api.transfer(conversation_id, person_id))

    async def mute(self, conversation_id: str, person_id: str, until: int) -> None:
        """Silence a member until a time; 0 lets him speak."""
        await self._take(await self.api.mute(conversation_id, person_id, until))

    async def dissolve(self, conversation_id: str) -> None:
        """End the group."""
        await self._take(await self.api.dissolve(conversation_id))

    async def set_nickname(self, conversation_id: str, nickname: str) -> None:
        """Change the own nickname."""
        await self._change_own(conversation_id, OwnMemberCommand(nickname=nickname))

    async def announcement_read(self, conversation_id: str, version: int) -> None:
        """The user has read an announcement."""
        await self._change_own(conversation_id, OwnMemberCommand(announcement_seen=version))

    async def _change_own(self, conversation_id: str, command: OwnMemberCommand) -> None:
        await self._queue.put(
            conversation_id,
            command,
            show=lambda db: members.change_own(
                db, conversation_id, self._me, command.nickname, command.announcement_seen
            ),
        )

    async def clear(self, conversation_id: str) -> None:
        """Clear the own history up to the newest message."""
        bounds = await self._store.read(lambda db: conversations.bounds(db, conversation_id))
        if bounds is not None:
            await self._queue.put(
                conversation_id,
                ClearCommand(bounds[1]),
                show=lambda db: conversations.clear(db, conversation_id, bounds[1]),
            )

    async def code(self, conversation_id: str, *, face: bool = False, renew: bool = False) -> GroupCode:
        """A code that leads into the group."""
        return await self.api.code(conversation_id, face=face, renew=renew)

    async def begin_face(self, name: str) -> tuple[str, GroupCode]:
        """Begin a group face to face; its id and its number."""
        started = await self.api.begin_face(uuid7(), name)
        await self._take(started.conversation)
        return started.conversation.id, started.code

    async def from_unit(self, name: str, unit_id: str) -> str:
        """Make a group of a whole unit; its id."""
        made = await self.api.group_from_unit(uuid7(), name, unit_id, [])
        await self._take(made)
        return made.id

    async def peek(self, code: str) -> GroupPeek:
        """What a code leads to."""
        return await self.api.peek(code)

    async def join(self, code: str, note: str = "") -> JoinAnswer:
        """Join by a code."""
        answer = await self.api.join(code, note)
        if answer.conversation is not None:
            await self._take(answer.conversation)
        if answer.request is not None:
            event = JoinRequestEvent(event_id=answer.request.event_id, request=answer.request)
            await self._applying.apply([event], live=False)
        return answer

    async def requests(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, from the store; brought up to date where the server can be asked."""
        try:
            for request in await self.api.requests(conversation_id):
                await self._store.write(lambda db, one=request: groups.put_request(db, one))
        except (NetworkError, ApiError, SessionEnded):
            log.info("join requests not fetched")
        return await self._store.read(lambda db: groups.waiting(db, conversation_id))

    async def waiting(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, as the store knows them."""
        return await self._store.read(lambda db: groups.waiting(db, conversation_id))

    async def decide(self, conversation_id: str, request_id: str, *, accept: bool) -> None:
        """Let somebody in, or not."""
        decided = await self.api.decide(conversation_id, request_id, accept)
        await self._applying.apply([JoinRequestEvent(event_id=decided.event_id, request=decided)], live=False)

    async def _take(self, conversation: Conversation) -> None:
        await self._applying.apply_conversation(conversation)

    # See outbox.CarriesOut.

    async def carry_out(self, command: Command, payload: AnyCommand) -> None:
        id_ = command.conversation_id
        match payload:
            case ClearCommand():
                await self._take(await self.api.clear(id_, payload.up_to))
            case OwnMemberCommand():
                change = OwnMemberChange(
                    nickname=payload.nickname, announcement_seen=payload.announcement_seen
                )
                await self._take(await self.api.change_own(id_, change))
            case _:
                return

    async def restore(self, command: Command, payload: AnyCommand) -> None:
        if isinstance(payload, OwnMemberCommand):
            try:
                await self._refresh_members(command.conversation_id)
            except (NetworkError, ApiError, SessionEnded):
                return
