"""What the outbox carries: one payload type per kind of command, MessagePack inside."""

from typing import Any

import msgspec

from .records import CommandKind


class SendCommand(msgspec.Struct, frozen=True, array_like=True):
    """Send a message; it waits until the uploads of `file_ids` are done."""

    content: bytes
    """contract.content.encode_content(…)."""
    file_ids: list[str] = []
    forwarded: bool = False
    """The files are on the server already: nothing goes up, and nothing of them is given up with the message."""


class ReadCommand(msgspec.Struct, frozen=True, array_like=True):
    """Move the own read cursor."""

    seq: int


class RecallCommand(msgspec.Struct, frozen=True, array_like=True):
    """Take a message back."""

    seq: int


class SettingCommand(msgspec.Struct, frozen=True, array_like=True):
    """Change the own setting; None leaves a field alone."""

    pinned: bool | None = None
    muted: bool | None = None
    hidden: bool | None = None
    marked_unread: bool | None = None


class ReactCommand(msgspec.Struct, frozen=True, array_like=True):
    """Replace all own emoji at a message."""

    seq: int
    emoji: list[str]


class ClearCommand(msgspec.Struct, frozen=True, array_like=True):
    """Clear the own history up to a number."""

    up_to: int


class OwnMemberCommand(msgspec.Struct, frozen=True, array_like=True):
    """Change the own row in a group: nickname, the announcement that was read."""

    nickname: str | None = None
    announcement_seen: int | None = None


class SpaceCommand(msgspec.Struct, frozen=True, array_like=True):
    """Put a file or folder into a group's space; it waits until the upload of `file_ids` is done."""

    entry_id: str
    content: bytes
    parent_id: str
    folder: bool
    write: str
    size: int
    file_ids: list[str] = []


class SpaceRemoveCommand(msgspec.Struct, frozen=True, array_like=True):
    """Take a file or folder of a group's space away."""

    entry_id: str


class PersonalCommand(msgspec.Struct, frozen=True, array_like=True):
    """Keep a value of the account (JSON; "" removes it)."""

    name: str
    value: str


class RelationCommand(msgspec.Struct, frozen=True, array_like=True):
    """Begin or end a relation to a person."""

    person_id: str
    kind: str
    on: bool


class StatusCommand(msgspec.Struct, frozen=True, array_like=True):
    """Set the own status."""

    kind: str
    text: str
    until: int


GroupCommand = (
    ClearCommand
    | OwnMemberCommand
    | SpaceCommand
    | SpaceRemoveCommand
    | PersonalCommand
    | RelationCommand
    | StatusCommand
)
"""Carried out by session/groups.py."""
AnyCommand = SendCommand | ReadCommand | RecallCommand | SettingCommand | ReactCommand | GroupCommand

_TYPES: dict[CommandKind, Any] = {
    CommandKind.SEND: SendCommand,
    CommandKind.READ: ReadCommand,
    CommandKind.RECALL: RecallCommand,
    CommandKind.SETTING: SettingCommand,
    CommandKind.REACT: ReactCommand,
    CommandKind.CLEAR: ClearCommand,
    CommandKind.OWN_MEMBER: OwnMemberCommand,
    CommandKind.SPACE: SpaceCommand,
    CommandKind.SPACE_REMOVE: SpaceRemoveCommand,
    CommandKind.PERSONAL: PersonalCommand,
    CommandKind.RELATION: RelationCommand,
    CommandKind.STATUS: StatusCommand,
}
_KINDS = {kind: name for name, kind in _TYPES.items()}


def kind_of(command: AnyCommand) -> CommandKind:
    """The kind under which a payload is kept."""
    return _KINDS[type(command)]


def pack(command: AnyCommand) -> bytes:
    """Payload bytes."""
    return msgspec.msgpack.encode(command)


def unpack(kind: CommandKind, payload: bytes) -> AnyCommand:
    """The payload. Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(payload, type=_TYPES[kind])
