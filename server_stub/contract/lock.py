"""The app lock on the wire (3.2.3.1): policy, lock page, commands and their acknowledgement, phone unlock, log."""

import json

import msgspec

from .wire import Request, Wire

HEADING_LONGEST = 24
LINE_LONGEST = 60
MOST_LINES = 6
PICTURE_BYTES = 2 * 1024 * 1024
TICKET_HEADER = "x-zd-lock-ticket"
"""`device_id.ticket` of a locked desktop: it has no session then, and the ticket opens nothing but its own lock."""
UNLOCK_PURPOSE = "phone-unlock"
IDLE_NOTICE = "政钉已自动锁定，如需继续使用请手动解锁；离开座位请主动锁定"
WINDOW_KINDS = {"console": "管理后台", "secret": "密聊", "meeting": "会议排座"}
"""Kinds of windows with idle times of their own, and what they are called."""
TRIGGERS = {
    "idle": "超时自动锁定",
    "tray": "系统托盘",
    "hotkey": "快捷键",
    "button": "窗口按钮或菜单",
    "desktop": "桌面锁屏",
    "suspend": "系统休眠",
    "lid": "合上盖子",
    "remote": "手机远程锁定",
    "forced": "服务器强制锁定",
    "startup": "启动时锁定",
}
METHODS = {
    "passcode": "解锁密码",
    "password": "账号密码",
    "phone": "手机扫码",
    "system": "系统验证",
    "sign_in": "重新登录",
}


class LockPolicy(Request, frozen=True, kw_only=True):
    """What administrators require of every desktop (3.2.3.1). Seconds throughout, 0 for no bound.

    `window_idle_s` maps a window kind to the longest idle time while such a window is open; `force_on_tamper`: a
    desktop whose log was altered is locked by the server until its owner scans.
    """

    idle_longest_s: int = 0
    window_idle_s: dict[str, int] = {}
    at_start: bool = False
    meeting_longest_s: int = 4 * 3600
    attempts_before_scan: int = 10
    force_on_tamper: bool = False


class LockPageText(Request, frozen=True, kw_only=True):
    """The texts of the one lock page (3.2.3.5.2)."""

    caption: str
    heading: str
    lines: list[str]


class LockPageChange(Request, frozen=True, kw_only=True):
    """What administrators save. `picture`: PNG or JPEG; None keeps the present one, empty removes it."""

    text: LockPageText
    picture: bytes | None = None


class LockPageNow(Wire, frozen=True, kw_only=True):
    """The page in force; `version` 0 and no text for the product's own."""

    version: int = 0
    text: LockPageText | None = None
    picture: bytes = b""
    changed_by: str = ""
    changed_at: int = 0


class LockCommand(Wire, frozen=True, kw_only=True):
    """A lock asked of one desktop. `kind`: "remote" or "forced"; `at_ms`: Unix time in milliseconds."""

    id: str
    kind: str
    at_ms: int
    reason: str = ""


class LockState(Wire, frozen=True, kw_only=True):
    """What one desktop has to heed now; `command` is None when nothing is pending. `log_last`: digest of the last
    entry of its log that the server has, "" for none."""

    policy: LockPolicy
    page_version: int = 0
    command: LockCommand | None = None
    log_last: str = ""


class LockReport(Request, frozen=True, kw_only=True):
    """A desktop says that it is locked or open, signed with its SM2 device key over `report_message`."""

    locked: bool
    at_ms: int
    trigger: str
    signature: bytes
    command_id: str = ""
    """The command that this acknowledges."""


class PhoneKey(Wire, frozen=True, kw_only=True):
    """A fresh wrapping key in an envelope to the device's key; its clear form stays in the server's HSM."""

    envelope: bytes


class PhoneKeyRequest(Request, frozen=True, kw_only=True):
    """Have a wrapping key made for this desktop. `ticket_digest`: SM3 of the secret that the desktop keeps."""

    ticket_digest: bytes


class ScanRequest(Request, frozen=True, kw_only=True):
    """A locked desktop asks to be opened by phone. `public_key`: SM2, of this one request."""

    public_key: bytes


class Scan(Wire, frozen=True, kw_only=True):
    """What the lock page shows: `path` of the phone page for the QR code, `code` to type instead."""

    id: str
    code: str
    path: str
    expires_at: int


class ScanState(Wire, frozen=True, kw_only=True):
    """`state`: "waiting", "confirmed", "rejected", "expired"; with "confirmed" the key comes once."""

    state: str
    envelope: bytes = b""


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


class LockLogBatch(Request, frozen=True, kw_only=True):
    """Entries in their order, at most 500."""

    entries: list[LockLogEntry]


class LockLogTaken(Wire, frozen=True, kw_only=True):
    """`last`: digest of the newest entry that the server has now."""

    last: str


class LockLogLine(Wire, frozen=True, kw_only=True):
    """An entry as people read it. The server has recomputed its digest and its place in the chain."""

    at_ms: int
    action: str
    result: str
    trigger: str
    method: str
    window: str
    person_id: str
    person_name: str
    device_id: str
    device_name: str
    new_chain: bool = False
    """The desktop's log begins anew here although the server had older entries: the old file was lost."""


class LockLogPage(Wire, frozen=True, kw_only=True):
    """Newest first; `total` in all that fit the filter."""

    lines: list[LockLogLine]
    total: int


class Desktop(Wire, frozen=True, kw_only=True):
    """One of a person's desktops, for the phone page and for administrators. `pending`: a command that it has not
    carried out yet ("remote", "forced"). `signed`: its last report carries a good signature of its device key."""

    device_id: str
    name: str
    platform: str
    online: bool
    last_seen_at: int
    locked: bool = False
    since_ms: int = 0
    trigger: str = ""
    signed: bool = False
    pending: str = ""
    forced: bool = False


class DesktopList(Wire, frozen=True, kw_only=True):
    """The last used first."""

    desktops: list[Desktop]


class PhoneScan(Wire, frozen=True, kw_only=True):
    """What the phone asks about before it opens a desktop."""

    id: str
    device_name: str
    address: str
    asked_at: int
    state: str
    code: str


class FindScan(Request, frozen=True, kw_only=True):
    """The code under the QR picture."""

    code: str


class Notice(Wire, frozen=True, kw_only=True):
    """A push to the phone."""

    id: int
    at_ms: int
    kind: str
    title: str
    text: str
    read: bool = False


class NoticeList(Wire, frozen=True, kw_only=True):
    """Newest first, at most 100."""

    notices: list[Notice]
    unread: int


class HoldRequest(Request, frozen=True, kw_only=True):
    """Lock a person's desktops, or one of them, until a scan. `device_id` "" for all."""

    person_id: str
    reason: str
    device_id: str = ""


class Hold(Wire, frozen=True, kw_only=True):
    """A forced lock in force or past."""

    id: str
    person_id: str
    person_name: str
    reason: str
    by: str
    by_name: str
    at_ms: int
    device_id: str = ""
    device_name: str = ""
    lifted_at: int = 0
    lifted_by: str = ""
    """"phone" when the owner's scan ended it."""


class HoldList(Wire, frozen=True, kw_only=True):
    """Newest first."""

    holds: list[Hold]


def digest_message(entry: LockLogEntry) -> bytes:
    """The bytes whose SM3 is `entry.digest`: its other fields as JSON with sorted keys, UTF-8."""
    values = msgspec.structs.asdict(entry)
    del values["digest"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode()


def report_message(device_id: str, report: LockReport) -> bytes:
    """The bytes that a desktop signs with its SM2 device key when it locks or opens."""
    state = "locked" if report.locked else "open"
    return f"zhengding-lock\n{device_id}\n{state}\n{report.at_ms}\n{report.trigger}\n{report.command_id}".encode()
