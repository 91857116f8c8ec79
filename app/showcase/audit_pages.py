"""操作审计 in the console with invented data: a full page with a chosen line, nothing found, and the server away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app.features.admin.audit.view import AuditTrailSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.session.states import NetworkError
from server_stub.contract.audit import AuditLine, AuditPage
from server_stub.contract.directory import SearchResult, UnitChildren
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import NOW_MS

SIZE = (1306, 740)
LONG = "阿卜杜热合曼·买买提依明"
_IDS = "01980f2c-7d10-7000-8000-0000000000"
_REASON = (
    "接到市信访局来电，称工作群内的名册截图出现在外部网站；经办人当天在外出差，电脑无人看管，先行锁定并请本人"
    "到场说明，待查清后解除。"
)
_KINDS = (
    ("系统管理员", "audit_read", "audit", "", "从 2026-10-25 00:00:00，到 2026-11-25 00:00:00，导出通讯录"),
    (LONG, "directory_export", "", "", "48211 bytes"),
    ("李强", "sign_in", _IDS + "01", "防汛抗旱处值班室-台式机", "done"),
    ("", "sign_in", "10.24.8.131", "", "refused"),
    ("系统管理员", "lock_forced", _IDS + "02", LONG, _REASON),
    ("冯雪", "refused_conversation", _IDS + "03", "绿城市 2026 年度城区防汛应急预案编制与演练工作群", "read"),
    (
        "系统管理员",
        "feature_grant",
        f"leaders_phone unit {_IDS}04",
        "leaders_phone unit 市应急管理局",
        "allow",
    ),
    ("王建国", "link_opened", "free-gift.example", "", "unknown"),
    ("系统管理员", "directory_person_change", _IDS + "05", "孙丽华", "phone,name,posts"),
    ("冯雪", "a_newer_action", "", "", "42"),
)
LINES = [
    AuditLine(
        id=9000 - number,
        at_ms=NOW_MS - number * 1_700_000,
        actor=_IDS + f"{10 + number % 10}" if name else "",
        actor_name=name,
        action=action,
        target=target,
        target_name=named,
        result=result,
    )
    for number in range(60)
    for name, action, target, named, result in [_KINDS[number % len(_KINDS)]]
]


class ShowcaseAudit:
    """See app.features.admin.audit.service. `error` is raised by every call while set."""

    def __init__(self, lines: list[AuditLine], error: Exception | None = None) -> None:
        self._book = ShowcaseContacts()
        self._lines, self.error = lines, error

    async def page(self, before: int | None, **query: Any) -> AuditPage:
        if self.error is not None:
            raise self.error
        return AuditPage(lines=self._lines, more=bool(self._lines))

    async def save(self, path: Path, **query: Any) -> None:
        if self.error is not None:
            raise self.error

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._book.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._book.search(text, limit)


async def _page(themes: ThemeManager, service: ShowcaseAudit, chosen: int = -1) -> QWidget:
    made: list[AuditTrailSection] = []

    def section(parent: QWidget) -> QWidget:
        made.append(AuditTrailSection(service, themes, parent))
        return made[0]

    page = ConsolePage([ConsoleEntry("audit", "history", "操作审计", "安全", section)], themes)
    page.resize(*SIZE)
    page.show()
    await made[0].tasks.settle()
    if chosen >= 0:
        made[0].table.selectRow(chosen)
    return page


async def full(themes: ThemeManager, _data: Path) -> QWidget:
    return await _page(themes, ShowcaseAudit(LINES), chosen=4)


async def nothing(themes: ThemeManager, _data: Path) -> QWidget:
    return await _page(themes, ShowcaseAudit([]))


async def away(themes: ThemeManager, _data: Path) -> QWidget:
    return await _page(themes, ShowcaseAudit([], NetworkError()))


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "console-audit": full,
    "console-audit-nothing": nothing,
    "console-audit-away": away,
}
