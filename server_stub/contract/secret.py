"""Secret chat (密聊): burning one-to-one messages. Nothing here carries an avatar, and nothing a message's content."""

from enum import StrEnum

import msgspec

from .wire import Request, Wire

DEFAULT_BURN_S = 30
MIN_BURN_S, MAX_BURN_S = 5, 3600
MAX_BODY_BYTES = 64 * 1024
MAX_PARTS = 20
"""Sealed pieces of a picture, file or recording, 1 MiB each."""
UNREAD_S = 7 * 86400
"""What nobody opens is destroyed after this time also where nothing is retained."""

PROTECTIONS = ("none", "detecting", "requested", "blacked", "excluded")
"""What a device's capture guard achieves, weakest first (widgets/guard)."""


def rank(protection: str) -> int:
    """Place of a protection in its order; an unknown one counts as none."""
    return PROTECTIONS.index(protection) if protection in PROTECTIONS else 0


class SecretLevel(StrEnum):
    """私密等级: how a message is announced and read, and what protection it asks for."""

    STANDARD = "standard"
    """标准: a banner 收到一条消息; a tap reveals."""
    ENHANCED = "enhanced"
    """增强: a badge only; shows while held."""
    HIGHEST = "highest"
    """最高: silent; line by line while held, unlocked each time."""


class SecretPolicy(Request, frozen=True, kw_only=True):
    """What administrators decide. Sent back whole to change it.

    `retention_s`: how long after sending a sealed copy is kept on the server, 0: none (destroyed with its burning).
    `enhanced_needs`, `highest_needs`: the least protection at both ends (`PROTECTIONS`).
    """

    enabled: bool = True
    burn_s: int = DEFAULT_BURN_S
    retention_s: int = 0
    enhanced_needs: str = "detecting"
    highest_needs: str = "requested"

    def needs(self, level: SecretLevel) -> str:
        """The least protection that a level asks for."""
        wanted = {SecretLevel.ENHANCED: self.enhanced_needs, SecretLevel.HIGHEST: self.highest_needs}
        return wanted.get(level, "none")


class Shielding(Request, frozen=True, kw_only=True):
    """The protection that a device has now, as its guard found it by reading back. `words`: "Windows 防截屏"."""

    protection: str = "none"
    words: str = ""
    excepted_until: int = 0
    """End of an exception for assistive or remote-help tools, Unix ms."""


class PeerDevice(Wire, frozen=True, kw_only=True):
    """A device of the other side: its protection, and whether it is connected."""

    shielding: Shielding
    online: bool = False
    reported_at: int = 0


class SecretChat(Wire, frozen=True, kw_only=True):
    """One row of the list. `peer_name` in clear; its avatar is not told, so that no client can show it."""

    id: str
    peer_id: str
    peer_name: str
    level: SecretLevel = SecretLevel.STANDARD
    burn_s: int = DEFAULT_BURN_S
    last_at: int = 0
    last_own: bool = False
    last_read: bool = False
    """Whether the newest message was opened by its receiver."""
    unread: int = 0
    hidden: bool = False


class SecretOverview(Wire, frozen=True, kw_only=True):
    """The caller's secret chats, newest first, without those removed from the list."""

    policy: SecretPolicy
    chats: list[SecretChat]


class SecretPeer(Wire, frozen=True, kw_only=True):
    """Whether a secret chat with somebody can be begun now."""

    allowed: bool


class SecretMessage(Wire, frozen=True, kw_only=True):
    """What is known of a message without opening it. `burn_at`: 0 until its receiver opened it."""

    chat_id: str
    seq: int
    client_id: str
    sender_id: str
    sent_at: int
    read_at: int = 0
    burn_at: int = 0
    parts: int = 0


class SecretIncident(Wire, frozen=True, kw_only=True):
    """A capture or an exception on the other side while this chat was open there."""

    kind: str
    """"capture" or "lease"."""
    words: str = ""
    at: int = 0
    ended_at: int = 0
    person_id: str = ""
    name: str = ""
    """Filled for administrators."""


class SecretPage(Wire, frozen=True, kw_only=True):
    """All messages that still exist, ascending, the other side's devices, and what happened there lately."""

    chat: SecretChat
    messages: list[SecretMessage]
    devices: list[PeerDevice] = []
    incidents: list[SecretIncident] = []


class OpenSecretChat(Request, frozen=True, kw_only=True):
    """Find or make the chat with a person."""

    person_id: str


class SecretChatChange(Request, frozen=True, kw_only=True):
    """Change level or burning time, for both sides; None leaves as it is."""

    level: SecretLevel | None = None
    burn_s: int | None = None


class SecretKeyRequest(Request, frozen=True, kw_only=True):
    """Begin a message: a key of its own is made in the HSM. `protection`: what the sender's device has."""

    client_id: str
    protection: str = "none"


class SecretKey(Wire, frozen=True, kw_only=True):
    """The message's key as an envelope to the caller's device, bound to `client_id` and epoch 1."""

    envelope: bytes

    def __repr__(self) -> str:
        return "SecretKey()"


class SendSecret(Request, frozen=True, kw_only=True):
    """Send what was sealed under the message's key; `parts` sealed pieces were stored before."""

    client_id: str
    body: bytes
    parts: int = 0

    def __repr__(self) -> str:
        return f"SendSecret({self.client_id})"


class OpenSecret(Request, frozen=True, kw_only=True):
    """Open a message on a device with this protection; the receiver's first opening starts the timer."""

    protection: str = "none"


class SecretOpened(Wire, frozen=True, kw_only=True):
    """A sealed body with its key for the caller's device."""

    message: SecretMessage
    body: bytes
    envelope: bytes

    def __repr__(self) -> str:
        return f"SecretOpened({self.message.client_id})"


class CaptureReport(Request, frozen=True, kw_only=True):
    """A capture was noticed while the chat was open; sent again with `ended_at` when it ended. `words`: "录屏软件 OBS"."""

    id: str
    chat_id: str = ""
    words: str = ""
    at: int
    ended_at: int = 0


class LeaseReport(Request, frozen=True, kw_only=True):
    """An exception for assistive or remote-help tools began or (with `ended_at`) ended."""

    id: str
    why: str
    at: int
    until: int
    ended_at: int = 0


class Incidents(Wire, frozen=True, kw_only=True):
    """Captures and exceptions of everybody, newest first (administrators)."""

    incidents: list[SecretIncident]


class AccessAsked(Request, frozen=True, kw_only=True):
    """Ask for the sealed copies of a person's secret chats between two times (Unix ms), with the lawful reason."""

    person_id: str
    other_id: str = ""
    from_ms: int
    to_ms: int
    reason: str


class AccessCase(Wire, frozen=True, kw_only=True):
    """A request for lawful access. `state`: waiting, granted, expired, cancelled."""

    id: str
    state: str
    person_id: str
    person_name: str = ""
    other_id: str = ""
    other_name: str = ""
    from_ms: int
    to_ms: int
    reason: str
    created_by: str
    created_name: str = ""
    created_at: int
    confirmed_by: str = ""
    confirmed_name: str = ""
    expires_at: int = 0


class AccessCases(Wire, frozen=True, kw_only=True):
    """Requests, newest first."""

    cases: list[AccessCase]


class RetainedMessage(Wire, frozen=True, kw_only=True):
    """A sealed copy with its key for the asking administrator's device."""

    client_id: str
    chat_id: str
    sender_id: str
    sender_name: str
    receiver_name: str
    sent_at: int
    read_at: int = 0
    keep_until: int = 0
    parts: int = 0
    body: bytes = b""
    envelope: bytes = b""

    def __repr__(self) -> str:
        return f"RetainedMessage({self.client_id})"


class RetainedMessages(Wire, frozen=True, kw_only=True):
    """What a granted case covers and is still kept."""

    messages: list[RetainedMessage]


# What is inside a sealed body.


class SecretText(msgspec.Struct, frozen=True, kw_only=True, tag="text", omit_defaults=True):
    """Words."""

    text: str

    def __repr__(self) -> str:
        return "SecretText()"


class SecretPicture(msgspec.Struct, frozen=True, kw_only=True, tag="picture", omit_defaults=True):
    """A picture in the message's parts."""

    width: int
    height: int
    size: int

    def __repr__(self) -> str:
        return "SecretPicture()"


class SecretFile(msgspec.Struct, frozen=True, kw_only=True, tag="file", omit_defaults=True):
    """A file in the message's parts."""

    name: str
    size: int

    def __repr__(self) -> str:
        return "SecretFile()"


class SecretVoice(msgspec.Struct, frozen=True, kw_only=True, tag="voice", omit_defaults=True):
    """A recording (a WAV file, 16-bit mono) in the message's parts."""

    duration_ms: int
    rate: int
    size: int

    def __repr__(self) -> str:
        return "SecretVoice()"


AnySecret = SecretText | SecretPicture | SecretFile | SecretVoice


def encode_secret(content: AnySecret) -> bytes:
    """Bytes to seal."""
    return msgspec.msgpack.encode(content)


def decode_secret(data: bytes) -> AnySecret:
    """Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(data, type=AnySecret)
