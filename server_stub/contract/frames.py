"""Websocket frames: MessagePack maps with a `type`, one frame a binary message.

The first frame from the client is `hello` within ten seconds. See docs/protocol.md.
"""

import msgspec

from .errors import ErrorBody
from .events import AnyEvent

PROTOCOL = 1
HEARTBEAT_SECONDS = 25
MAX_FRAME_BYTES = 1024 * 1024


class ClientFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of frames from the client."""


class Hello(ClientFrame, frozen=True, kw_only=True, tag="hello"):
    """Sign the connection in."""

    access_token: str
    protocol: int = PROTOCOL
    last_event_id: int = 0


class Send(ClientFrame, frozen=True, kw_only=True, tag="send"):
    """Send a sealed message; answered by `ack` or `nack` with the same `client_id`."""

    client_id: str
    conversation_id: str
    body: bytes
    file_ids: list[str] = []


class MarkRead(ClientFrame, frozen=True, kw_only=True, tag="read"):
    """Move the own read cursor forward to `seq`."""

    conversation_id: str
    seq: int


class MarkDelivered(ClientFrame, frozen=True, kw_only=True, tag="delivered"):
    """Move the own delivered cursor forward to `seq`."""

    conversation_id: str
    seq: int


class Typing(ClientFrame, frozen=True, kw_only=True, tag="typing"):
    """The user is writing; forwarded to the others of a single chat, never stored."""

    conversation_id: str


class Watch(ClientFrame, frozen=True, kw_only=True, tag="watch"):
    """Ask for the presence of these people (at most 200) until the next `watch`."""

    person_ids: list[str]


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    """Keep alive; `t` comes back in `pong`."""

    t: int


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base of frames from the server."""


class Welcome(ServerFrame, frozen=True, kw_only=True, tag="welcome"):
    """The connection is signed in. `event_id` is the newest event at this moment."""

    session_id: str
    server_time: int
    event_id: int
    heartbeat_seconds: int = HEARTBEAT_SECONDS


class Ack(ServerFrame, frozen=True, kw_only=True, tag="ack"):
    """The message is committed on disk under `seq`."""

    client_id: str
    conversation_id: str
    seq: int
    event_id: int
    sent_at: int
    duplicate: bool = False


class Nack(ServerFrame, frozen=True, kw_only=True, tag="nack"):
    """The command with this `client_id` was refused."""

    client_id: str
    error: ErrorBody


class EventFrame(ServerFrame, frozen=True, kw_only=True, tag="event"):
    """Something changed."""

    event: AnyEvent


class TypingFrame(ServerFrame, frozen=True, kw_only=True, tag="typing"):
    """Somebody is writing."""

    conversation_id: str
    person_id: str


class Presence(ServerFrame, frozen=True, kw_only=True, tag="presence"):
    """Who of the watched is online now; sent on `watch` and at each change."""

    online: list[str]
    offline: list[str]


class LockFrame(ServerFrame, frozen=True, kw_only=True, tag="lock"):
    """There is something about the app lock to heed: ask for GET /lock/state. `device_id` "": every desktop of the
    person; `spread_s`: ask at a random moment within so many seconds, for all ask at once."""

    device_id: str = ""
    spread_s: float = 0.0


class Pong(ServerFrame, frozen=True, kw_only=True, tag="pong"):
    """Answer to `ping`."""

    t: int
    server_time: int


class Bye(ServerFrame, frozen=True, kw_only=True, tag="bye"):
    """The server ends the connection and says why; the websocket close follows."""

    error: ErrorBody


AnyClientFrame = Hello | Send | MarkRead | MarkDelivered | Typing | Watch | Ping
AnyServerFrame = Welcome | Ack | Nack | EventFrame | TypingFrame | Presence | LockFrame | Pong | Bye


class ClientFrameCodec:
    """Decode frames from clients and encode those to them; not thread-safe, one per event loop."""

    def __init__(self) -> None:
        self._decoder = msgspec.msgpack.Decoder(AnyClientFrame)
        self._encoder = msgspec.msgpack.Encoder()

    def decode(self, data: bytes) -> AnyClientFrame:
        """Raise msgspec.DecodeError when `data` is not a frame."""
        return self._decoder.decode(data)

    def encode(self, frame: AnyServerFrame) -> bytes:
        """Return the bytes of a server frame."""
        return self._encoder.encode(frame)


class ServerFrameCodec:
    """The client's side of the codec."""

    def __init__(self) -> None:
        self._decoder = msgspec.msgpack.Decoder(AnyServerFrame)
        self._encoder = msgspec.msgpack.Encoder()

    def decode(self, data: bytes) -> AnyServerFrame:
        """Raise msgspec.DecodeError when `data` is not a frame."""
        return self._decoder.decode(data)

    def encode(self, frame: AnyClientFrame) -> bytes:
        """Return the bytes of a client frame."""
        return self._encoder.encode(frame)
