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


AnyCommand = SendCommand | ReadCommand | RecallCommand | SettingCommand | ReactCommand

_TYPES: dict[CommandKind, Any] = {
    CommandKind.SEND: SendCommand,
    CommandKind.READ: ReadCommand,
    CommandKind.RECALL: RecallCommand,
    CommandKind.SETTING: SettingCommand,
    CommandKind.REACT: ReactCommand,
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
