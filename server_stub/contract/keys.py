"""Key management for the console (3.3.4): devices, keys by level and state, policy, requests of two, audit."""

from .wire import Request, Wire


class DeviceStanding(Wire, frozen=True, kw_only=True):
    """One encryption machine; `reason` says in Chinese why it is away."""

    number: int
    up: bool
    reason: str = ""
    served: int = 0
    """Calls since the start of the server; 0 for a single device."""
    issuer: str = ""
    name: str = ""
    serial: str = ""
    version: int = 0
    standard: int = 0
    algorithms: list[str] = []


class DeviceList(Wire, frozen=True, kw_only=True):
    """The devices, and the self-test that was run for this answer."""

    devices: list[DeviceStanding]
    checks: list[str] = []
    failures: list[str] = []


class KeyCounts(Wire, frozen=True, kw_only=True):
    """Keys of one purpose by state."""

    purpose: str
    active: int = 0
    retired: int = 0
    archived: int = 0
    destroyed: int = 0


class KekRow(Wire, frozen=True, kw_only=True):
    """A key-encryption key, never its value. Times are Unix milliseconds, 0 for never."""

    id: int
    purpose: str
    state: str
    """"active", "retired", "archived", "destroyed"."""
    created_at: int
    retired_at: int = 0
    archived_at: int = 0
    destroyed_at: int = 0
    keys: int = 0
    """Keys that are wrapped under it."""


class KeyOverview(Wire, frozen=True, kw_only=True):
    """All three levels: the device master key's state, key-encryption keys, and counts of working keys."""

    master_ready: bool
    keks: list[KekRow]
    working: list[KeyCounts]


class WorkingKey(Wire, frozen=True, kw_only=True):
    """A conversation's key of one epoch, never its value."""

    conversation_id: str
    name: str
    epoch: int
    state: str
    created_at: int
    destroyed_at: int = 0
    kek_id: int = 0


class WorkingKeys(Wire, frozen=True, kw_only=True):
    """A page in order of conversation and epoch; `next` is the cursor of the next page, empty at the end."""

    keys: list[WorkingKey]
    next: str = ""


class RotationPolicy(Request, frozen=True, kw_only=True):
    """When keys are replaced; 0 switches a rule off. A member who leaves always starts a new epoch."""

    kek_days: int = 365
    conversation_days: int = 180
    conversation_messages: int = 100_000


class RotateNow(Request, frozen=True, kw_only=True):
    """Use a new key-encryption key for a purpose and move the keys under the old one to it."""

    purpose: str = "conversation"


class Destruction(Request, frozen=True, kw_only=True):
    """Emergency destruction (紧急销密): `scope` "conversation", "person" or "all"; `target` the id, empty for all. A preview needs no
    `reason`; beginning one without is refused."""

    scope: str
    target: str = ""
    reason: str = ""


class DestructionPreview(Wire, frozen=True, kw_only=True):
    """What a destruction would do: counts only."""

    scope: str
    target: str
    name: str
    """Name of the conversation or person, for the administrators to compare."""
    conversations: int
    keys: int
    messages: int
    people: int
    groups_rotated: int = 0
    """Groups of the person, which get a new key."""


class BackupRequest(Request, frozen=True, kw_only=True):
    """Begin a backup of all keys; a blank `reason` is refused."""

    reason: str


class RestoreRequest(Request, frozen=True, kw_only=True):
    """Begin a restore with a backup file and the first administrator's share; a blank `reason` is refused."""

    backup: bytes
    share: str
    reason: str


class KeyExport(Request, frozen=True, kw_only=True):
    """Begin the export of one conversation key; a blank `reason` is refused."""

    conversation_id: str
    epoch: int
    reason: str


class KeyImport(Request, frozen=True, kw_only=True):
    """Begin the import of an exported key: its file and the first administrator's share; a blank `reason` is refused."""

    file: bytes
    share: str
    reason: str


class Confirmation(Request, frozen=True, kw_only=True):
    """The second administrator's word; `share` for a restore or an import."""

    share: str = ""


CONSOLE_LINK = "zhengding://console/"
"""In a notice to an administrator, before the name of the console's section that it is about."""


class KeyRequest(Wire, frozen=True, kw_only=True):
    """Something that two administrators do together."""

    id: str
    kind: str
    """"destroy", "backup", "restore", "export", "import"."""
    state: str
    """"waiting", "running", "done", "failed", "cancelled", "expired"."""
    created_by: str
    created_by_name: str = ""
    created_at: int
    expires_at: int
    confirmed_by: str = ""
    confirmed_by_name: str = ""
    confirmed_at: int = 0
    finished_at: int = 0
    reason: str = ""
    preview: DestructionPreview | None = None
    done: int = 0
    total: int = 0
    error: str = ""
    """A sentence for the administrator when it failed."""


class KeyRequests(Wire, frozen=True, kw_only=True):
    """Newest first."""

    requests: list[KeyRequest]


class KeyShare(Wire, frozen=True, kw_only=True):
    """The caller's share of a backup's key; given once."""

    share: str


class KeyAuditLine(Wire, frozen=True, kw_only=True):
    """One line of the hash-chained log."""

    seq: int
    at: int
    kind: str
    actor: str
    actor_name: str = ""
    second: str = ""
    """The administrator who confirmed."""
    second_name: str = ""
    target: str = ""
    result: str = ""
    hash: str = ""
    """SM3 over the line before and this line, hexadecimal."""
    signed: bool = False


class KeyAudit(Wire, frozen=True, kw_only=True):
    """Lines, newest first; `more` when older ones match."""

    lines: list[KeyAuditLine]
    more: bool = False


class AuditVerdict(Wire, frozen=True, kw_only=True):
    """Whether the chain holds; `broken_at` is the first line that does not, 0 when all do."""

    good: bool
    lines: int
    signed: int
    broken_at: int = 0
    why: str = ""


class AlgorithmBackend(Wire, frozen=True, kw_only=True):
    """How a backend fared in the self-test, and its speed here; `unit` of `speed` is MB/s or operations a second."""

    role: str
    library: str
    name: str
    passed: bool
    used: bool
    reason: str = ""
    speed: float = 0.0
    unit: str = ""


class AlgorithmBackends(Wire, frozen=True, kw_only=True):
    """All backends of SM2, SM3 and SM4."""

    backends: list[AlgorithmBackend]


class SealReport(Request, frozen=True, kw_only=True):
    """A client refused something: `what` is a message's number or a file id; `reason` "tampered", "replayed", "chunk"."""

    conversation_id: str
    what: str
    reason: str
