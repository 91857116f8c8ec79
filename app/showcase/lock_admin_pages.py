"""The console's section on the app lock with invented data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app.features.admin.lock.view import LockSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.lock import (
    Desktop,
    Hold,
    HoldRequest,
    LockLogLine,
    LockLogPage,
    LockPageChange,
    LockPageNow,
    LockPolicy,
)
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import NOW_MS

SIZE = (1216, 720)
LONG = "阿卜杜热合曼·买买提依明"


class ShowcaseLockAdmin:
    """See app.features.admin.lock.service. `error` is raised by every change while set."""

    def __init__(self) -> None:
        self._book = ShowcaseContacts()
        self.now = LockPageNow()
        self.rules = LockPolicy(idle_longest_s=900, window_idle_s={"console": 180, "secret": 60})
        self.error: Exception | None = None
        self.queries: list[dict[str, Any]] = []
        self.forced = [
            _hold("h1", LONG, "账号在异地登录", "系统管理员", hours=1),
            _hold("h2", "李强", "锁定日志被篡改", "系统风控", hours=30, lifted_by="phone"),
            _hold(
                "h3", "冯雪", "设备遗失", "系统管理员", hours=70, lifted_by="p-admin", device="值班室台式机"
            ),
        ]

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def page(self) -> LockPageNow:
        return self.now

    async def change_page(self, change: LockPageChange) -> None:
        self._check()
        picture = self.now.picture if change.picture is None else change.picture
        self.now = LockPageNow(version=self.now.version + 1, text=change.text, picture=picture)

    async def default_page(self) -> None:
        self._check()
        self.now = LockPageNow(version=self.now.version + 1)

    async def policy(self) -> LockPolicy:
        return self.rules

    async def change_policy(self, policy: LockPolicy) -> None:
        self._check()
        self.rules = policy

    async def log(self, **query: Any) -> LockLogPage:
        self.queries.append(query)
        found = [one for one in LINES if not query["trigger"] or one.trigger == query["trigger"]]
        start = query["offset"]
        return LockLogPage(lines=found[start : start + query["limit"]], total=len(found))

    async def export_log(self, **query: Any) -> bytes:
        self._check()
        return str(sorted(query)).encode()

    async def desktops(self, person_id: str) -> list[Desktop]:
        return [
            Desktop(device_id="d1", name="值班室台式机", platform="uos", online=True, last_seen_at=NOW_MS),
            Desktop(device_id="d2", name="笔记本", platform="kylin", online=False, last_seen_at=NOW_MS),
        ]

    async def holds(self) -> list[Hold]:
        return self.forced

    async def hold(self, request: HoldRequest) -> list[Hold]:
        self._check()
        made = _hold("h9", request.person_id, request.reason, "系统管理员", hours=0)
        self.forced = [made, *self.forced]
        return self.forced

    async def lift(self, hold_id: str) -> None:
        self._check()
        self.forced = [one for one in self.forced if one.id != hold_id]

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._book.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._book.search(text, limit)


def _hold(
    hold_id: str, name: str, reason: str, by: str, *, hours: int, lifted_by: str = "", device: str = ""
) -> Hold:
    at = NOW_MS - hours * 3_600_000
    return Hold(
        id=hold_id,
        person_id=name,
        person_name=name,
        reason=reason,
        by="p",
        by_name=by,
        at_ms=at,
        device_id=device,
        device_name=device,
        lifted_at=at + 600_000 if lifted_by else 0,
        lifted_by=lifted_by,
    )


LINES = [
    LockLogLine(
        at_ms=NOW_MS - number * 1_500_000,
        action=action,
        result=result,
        trigger=trigger,
        method=method,
        window="MainWindow",
        person_id="p",
        person_name=name,
        device_id="d",
        device_name="防汛抗旱处值班室-台式机" if number % 2 else "笔记本",
        new_chain=number == 7,
    )
    for number, (action, result, trigger, method, name) in enumerate(
        (
            ("unlock", "done", "idle", "phone", "冯雪"),
            ("lock", "done", "idle", "", "冯雪"),
            ("unlock", "failed", "", "password", LONG),
            ("lock", "done", "forced", "", LONG),
            ("lease", "granted", "", "", "王建国"),
            ("lease", "ended", "", "", "王建国"),
            ("lock", "done", "hotkey", "", "李强"),
            ("lock", "done", "desktop", "", "李强"),
        )
        * 30
    )
]


def _console(themes: ThemeManager, key: str) -> QWidget:
    def section(parent: QWidget) -> QWidget:
        made = LockSection(ShowcaseLockAdmin(), themes, parent)
        made.open_tab(key)
        return made

    page = ConsolePage([ConsoleEntry("lock", "lock", "应用锁", "安全", section)], themes)
    page.resize(*SIZE)
    return page


async def page(themes: ThemeManager, _data: Path) -> QWidget:
    """The editor of the lock page."""
    return _console(themes, "page")


async def policy(themes: ThemeManager, _data: Path) -> QWidget:
    """The policy."""
    return _console(themes, "policy")


async def log(themes: ThemeManager, _data: Path) -> QWidget:
    """Everybody's log."""
    return _console(themes, "log")


async def holds(themes: ThemeManager, _data: Path) -> QWidget:
    """Forced locks."""
    return _console(themes, "holds")


BOOK = {
    "console-lock-page": page,
    "console-lock-policy": policy,
    "console-lock-log": log,
    "console-lock-holds": holds,
}
