"""What the chat views need for groups at full depth and the account's own arrangement; the parts of
a session of these names are the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from app.store.queries.groups import SpaceRow
from server_stub.contract.conversations import MemberRole
from server_stub.contract.group_rules import GroupRules, Who
from server_stub.contract.groups import GroupCode, GroupPeek, JoinAnswer, JoinRequest
from server_stub.contract.personal import PersonStatus, RelationKind, StatusKind


class GroupAnswers(Protocol):
    """What needs the server's answer; raises NetworkError and ApiError."""

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
        ...

    async def set_picture(self, conversation_id: str, data: bytes) -> None:
        """Give a group a picture (PNG or JPEG); no data goes back to the members' faces."""
        ...

    async def set_role(self, conversation_id: str, person_id: str, role: MemberRole) -> None:
        """Name an administrator, or take the office from him."""
        ...

    async def transfer(self, conversation_id: str, person_id: str) -> None:
        """Hand the group over."""
        ...

    async def mute(self, conversation_id: str, person_id: str, until: int) -> None:
        """Silence a member until a time; 0 lets him speak."""
        ...

    async def dissolve(self, conversation_id: str) -> None:
        """End the group."""
        ...

    async def code(self, conversation_id: str, *, face: bool = False, renew: bool = False) -> GroupCode:
        """A code that leads into the group."""
        ...

    async def begin_face(self, name: str) -> tuple[str, GroupCode]:
        """Begin a group face to face; its id and its number."""
        ...

    async def from_unit(self, name: str, unit_id: str) -> str:
        """Make a group of a whole unit; its id."""
        ...

    async def peek(self, code: str) -> GroupPeek:
        """What a code leads to."""
        ...

    async def join(self, code: str, note: str = "") -> JoinAnswer:
        """Join by a code."""
        ...

    async def requests(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, brought up to date where the server can be asked."""
        ...

    async def decide(self, conversation_id: str, request_id: str, *, accept: bool) -> None:
        """Let somebody in, or not."""
        ...


class GroupCommands(Protocol):
    """What returns at once, online or not."""

    async def waiting(self, conversation_id: str) -> list[JoinRequest]:
        """Those who wish to join, as the store knows them."""
        ...

    async def set_nickname(self, conversation_id: str, nickname: str) -> None:
        """Change the own nickname."""
        ...

    async def announcement_read(self, conversation_id: str, version: int) -> None:
        """The user has read an announcement."""
        ...

    async def clear(self, conversation_id: str) -> None:
        """Clear the own history up to the newest message."""
        ...


class GroupFiles(Protocol):
    """A group's files; changes return at once, online or not."""

    async def listing(self, conversation_id: str) -> list[SpaceRow]:
        """What the store knows of a group's files."""
        ...

    async def refresh_space(self, conversation_id: str) -> None:
        """Bring a group's files up to date; quiet when offline."""
        ...

    async def add_folder(
        self, conversation_id: str, name: str, parent_id: str = "", write: Who = Who.ALL
    ) -> None:
        """Make a folder."""
        ...

    async def add_file(
        self, conversation_id: str, path: Path, size: int, media_type: str, parent_id: str = ""
    ) -> None:
        """Put a file of this machine into the space."""
        ...

    async def rename(self, conversation_id: str, row: SpaceRow, name: str) -> None:
        """Give a file or folder another name."""
        ...

    async def set_folder_rule(self, conversation_id: str, row: SpaceRow, write: Who) -> None:
        """Say who may put something into a folder."""
        ...

    async def remove_entry(self, conversation_id: str, entry_id: str) -> None:
        """Take a file or folder away."""
        ...


class Arrangement(Protocol):
    """The account's own arrangement, relations and status."""

    def status_of(self, person_id: str) -> PersonStatus | None:
        """What a person says of himself now."""
        ...

    def is_special(self, person_id: str) -> bool:
        """Whether the user pays special attention to a person."""
        ...

    async def items(self, prefix: str = "") -> dict[str, Any]:
        """Values whose names begin with `prefix`."""
        ...

    async def put_item(self, name: str, value: Any) -> None:
        """Keep a value; None removes it."""
        ...

    async def related(self, kind: RelationKind) -> list[str]:
        """People of one relation, the newest first."""
        ...

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        """What a person is to the user."""
        ...

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        """Begin or end a relation."""
        ...

    async def set_status(self, kind: StatusKind, text: str = "", until: int = 0) -> None:
        """Set the own status."""
        ...


class GroupService(GroupAnswers, GroupCommands, Protocol):
    """A group itself."""
