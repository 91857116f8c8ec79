"""The lock page and the lock's settings with invented data."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.settings.lock_log import LockLogDialog
from lock.audit.chain import LockEntry
from lock.page.page import LockedAs, LockPage, Ways
from lock.policy.model import LockSettings, UnlockMethod
from widgets.theme import ThemeManager

WHO = LockedAs(
    "李强", "中原区政府办", "liqiang", "14:03", "无操作 5 分钟自动锁定。离开座位请按 Ctrl+Alt+L 主动锁定。"
)
WAYS = (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD, UnlockMethod.PHONE, UnlockMethod.SYSTEM)
NO_SYSTEM = {UnlockMethod.SYSTEM: "本机没有可用的系统验证"}
_DAY = 86_400_000
_START = 1_795_500_000_000
ENTRIES = [
    LockEntry(_START - at, action, result, trigger, method, "MainWindow", "p1", "d1")
    for at, action, result, trigger, method in (
        (3 * _DAY, "lock", "done", "idle", ""),
        (3 * _DAY - 600_000, "unlock", "done", "idle", "passcode"),
        (2 * _DAY, "lock", "done", "hotkey", ""),
        (2 * _DAY - 50_000, "unlock", "failed", "", "password"),
        (2 * _DAY - 60_000, "unlock", "done", "hotkey", "password"),
        (_DAY, "lock", "done", "desktop", ""),
        (_DAY - 300_000, "unlock", "done", "desktop", "passcode"),
    )
]


class ShowcaseLock:
    """See features.settings.lock_service."""

    def __init__(self, settings: LockSettings | None = None) -> None:
        self.settings = settings or LockSettings()
        self.hotkey = "Ctrl+Alt+L"
        self.hotkey_problem = ""
        self.idle_source = "X11"
        self.passcode = ""
        self.exported: list[Path] = []

    def change_settings(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]

    async def change_hotkey(self, text: str) -> str:
        if text == "Ctrl+Alt+K":
            return "快捷键 Ctrl+Alt+K 已被其他程序占用，请换一个。"
        self.hotkey = text
        return ""

    async def has_passcode(self) -> bool:
        return bool(self.passcode)

    async def set_passcode(self, passcode: str) -> None:
        self.passcode = passcode

    async def entries(self, from_ms: int, to_ms: int | None, trigger: str) -> list[LockEntry]:
        return [one for one in ENTRIES if not trigger or one.trigger == trigger]

    async def export(self, entries: list[LockEntry], file: Path) -> None:
        self.exported.append(file)


async def page(themes: ThemeManager, _data: Path) -> QWidget:
    """Locked, with messages waiting."""
    ways = Ways(WAYS, NO_SYSTEM)
    made = LockPage(themes, WHO, ways)
    made.show_arrived(5)
    return made


async def waiting(themes: ThemeManager, _data: Path) -> QWidget:
    """Too many wrong codes, in a narrow window."""
    ways = Ways(WAYS, NO_SYSTEM)
    made = LockPage(themes, replace(WHO, name="阿卜杜热合曼·买买提依明"), ways)
    made.resize(720, 760)
    made.show_problem("", wait_s=95)
    return made


async def scan(themes: ThemeManager, _data: Path) -> QWidget:
    """Opened by phone: the QR picture and the digits."""
    made = LockPage(themes, WHO, Ways(WAYS, NO_SYSTEM))
    made.show_scan_waiting()
    made.show_scan("https://zd.zhengzhou.gov.cn/m/unlock#01a21944-93b7-7ab8-90a9-9164299ca922", "97269084")
    return made


async def log(themes: ThemeManager, _data: Path) -> QWidget:
    """The lock's log."""
    made = LockLogDialog(themes)
    made.show_entries(ENTRIES)
    await asyncio.sleep(0)
    return made


PAGES = {"lock": page, "lock-scan": scan, "lock-waiting": waiting, "lock-log": log}
