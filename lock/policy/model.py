"""The words of the lock: triggers, ways to unlock, settings, effects."""

from dataclasses import dataclass, field
from enum import StrEnum


class Trigger(StrEnum):
    """What locked or unlocked the client (锁定方式); the value is what the log keeps."""

    IDLE = "idle"
    TRAY = "tray"
    HOTKEY = "hotkey"
    BUTTON = "button"
    DESKTOP = "desktop"
    SUSPEND = "suspend"
    LID = "lid"
    REMOTE = "remote"
    FORCED = "forced"
    STARTUP = "startup"


TRIGGER_TEXT: dict[Trigger, str] = {
    Trigger.IDLE: "超时自动锁定",
    Trigger.TRAY: "系统托盘",
    Trigger.HOTKEY: "快捷键",
    Trigger.BUTTON: "窗口按钮或菜单",
    Trigger.DESKTOP: "桌面锁屏",
    Trigger.SUSPEND: "系统休眠",
    Trigger.LID: "合上盖子",
    Trigger.REMOTE: "手机远程锁定",
    Trigger.FORCED: "服务器强制锁定",
    Trigger.STARTUP: "启动时锁定",
}


class UnlockMethod(StrEnum):
    """How the user proves who he is."""

    PASSCODE = "passcode"
    PASSWORD = "password"
    PHONE = "phone"
    SYSTEM = "system"
    SIGN_IN = "sign_in"


UNLOCK_TEXT: dict[UnlockMethod, str] = {
    UnlockMethod.PASSCODE: "解锁密码",
    UnlockMethod.PASSWORD: "账号密码",
    UnlockMethod.PHONE: "手机扫码",
    UnlockMethod.SYSTEM: "系统验证",
    UnlockMethod.SIGN_IN: "重新登录",
}


class State(StrEnum):
    """Where the client is."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"


IDLE_CHOICES_S = (60, 300, 900, 1800)
"""The idle times offered (1, 5, 15, 30 minutes), beside an own one."""
IDLE_SHORTEST_S = 30


@dataclass(frozen=True)
class LockSettings:
    """The user's choices, bounded by what administrators allow. Seconds throughout.

    `idle_s` 0 means never, which holds only while `idle_longest_s` is 0 (no bound set by administrators).
    `window_idle_s` maps a window kind ("console", "secret", …) to its own threshold: while such a window is
    open it counts from the last input into the client, where `idle_s` counts from the last input anywhere.
    """

    idle_s: int = 300
    idle_longest_s: int = 0
    window_idle_s: dict[str, int] = field(default_factory=dict[str, int])
    with_desktop: bool = True
    with_suspend: bool = True
    at_start: bool = False
    meeting_longest_s: int = 4 * 3600
    attempts_before_scan: int = 10

    def effective_idle_s(self) -> int:
        """The idle time in force; 0 means never."""
        wanted = max(self.idle_s, IDLE_SHORTEST_S) if self.idle_s > 0 else 0
        if self.idle_longest_s <= 0:
            return wanted
        return min(wanted, self.idle_longest_s) if wanted else self.idle_longest_s

    def window_threshold_s(self, kinds: frozenset[str]) -> int:
        """The shortest own threshold among open windows of these kinds; 0 when none has one."""
        own = [self.window_idle_s[kind] for kind in kinds if self.window_idle_s.get(kind, 0) > 0]
        return min(own, default=0)


@dataclass(frozen=True)
class Effect:
    """Something that the client has to do, in the order given."""


@dataclass(frozen=True)
class CancelUnlock(Effect):
    """An unlock in progress no longer counts; whatever it decrypted must be dropped."""

    attempt: int


@dataclass(frozen=True)
class KeepDrafts(Effect):
    """Write drafts and unsaved plans into the store. Best effort: it never delays or vetoes what follows."""


@dataclass(frozen=True)
class Cover(Effect):
    """Cover or close every window now. `spare_meeting`: the meeting's own picture stays, with mute and leave."""

    trigger: Trigger
    at_wall_ms: int
    spare_meeting: bool


@dataclass(frozen=True)
class ClearClipboard(Effect):
    """Remove from the clipboard what the client put there."""


@dataclass(frozen=True)
class CloseStore(Effect):
    """Close the store and wipe its key; incoming messages go to the sealed inbox from here on."""


@dataclass(frozen=True)
class NotifyIdleLock(Effect):
    """Tell the desktop and the phone that the client locked itself (3.2.3.1.7)."""

    text: str


@dataclass(frozen=True)
class Uncover(Effect):
    """Show the windows again; the store was opened by the unlock."""


@dataclass(frozen=True)
class Log(Effect):
    """One line of the lock's log (3.2.3.1.8)."""

    action: str
    """"lock", "unlock", "attempt", "lease"."""
    result: str
    at_wall_ms: int
    trigger: str = ""
    method: str = ""
    window: str = ""


IDLE_LOCK_NOTICE = "政钉已自动锁定，如需继续使用请手动解锁；离开座位请主动锁定"
