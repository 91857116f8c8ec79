"""The app lock on the wire: what administrators set, commands to a desktop, its acknowledgement, the log."""

import json

import msgspec

from .wire import Request, Wire

HEADING_LONGEST = 24
LINE_LONGEST = 60
MOST_LINES = 6
PICTURE_BYTES = 2 * 1024 * 1024


class LockPolicy(Wire, frozen=True, kw_only=True):
    """What administrators require of every desktop (3.2.3.1). `idle_longest_s` in seconds, 0 for no bound."""

    idle_longest_s: int = 0
    at_start: bool = False
    attempts_before_scan: int = 10


class LockCommand(Wire, frozen=True, kw_only=True):
    """A lock asked of one desktop. `kind`: "remote" or "forced"; `at_ms`: Unix time in milliseconds."""

    id: str
    kind: str
    at_ms: int


class LockState(Wire, frozen=True, kw_only=True):
    """What one desktop session has to heed now; `command` is None when nothing is pending."""

    policy: LockPolicy
    page_version: int = 0
    command: LockCommand | None = None


class LockLogEntry(Request, frozen=True, kw_only=True):
    """One lock or unlock (3.2.3.1.8) with its place in the desktop's hash chain; digests are SM3 in hex."""

    at_ms: int
    action: str
    result: str
    trigger: str
    method: str
    window: str
    person_id: str
    device_id: str
    previous: str
    digest: str


def digest_message(entry: LockLogEntry) -> bytes:
    """The bytes whose SM3 is `entry.digest`: its other fields as JSON with sorted keys, UTF-8."""
    values = msgspec.structs.asdict(entry)
    del values["digest"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode()


def acknowledgement_message(command_id: str, session_id: str, locked_at_ms: int) -> bytes:
    """The bytes that a desktop signs with its SM2 device key once it is locked."""
    return f"zhengding-lock-ack\n{command_id}\n{session_id}\n{locked_at_ms}".encode()
