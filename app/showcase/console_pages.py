"""Sections of the administrators' console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.admin.permissions.view import PermissionsSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.permissions import (
    BY_KEY,
    FEATURES,
    FeatureSummary,
    Grant,
    GrantChange,
    Grants,
    Subject,
)
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import NOW_MS

SIZE = (1216, 760)


class ShowcasePermissions:
    """See app.features.admin.permissions.service."""

    def __init__(self) -> None:
        self._book = ShowcaseContacts()
        self.rows: list[Grant] = [
            Grant(subject=Subject.EVERYONE, allow=True, set_by="系统管理员", set_at=NOW_MS),
            _row(Subject.UNIT, "u-zy", "中原区", "郑州市 / 中原区", allow=False),
            _row(
                Subject.UNIT,
                "u-gov-2",
                "信息化建设与数据资源协调推进专班",
                "郑州市 / 市政府办公室 / 信息化建设与数据资源协调推进专班",
                allow=True,
            ),
            _row(Subject.PERSON, "p-li", "李强", "郑州市 / 中原区 / 中原区政府办", allow=True),
            _row(
                Subject.PERSON,
                "p-aji",
                "阿卜杜热合曼·买买提依明",
                "郑州市 / 市政府办公室 / 信息化建设与数据资源协调推进专班",
                allow=False,
            ),
        ]

    async def features(self) -> list[FeatureSummary]:
        return [FeatureSummary(feature=one) for one in FEATURES]

    async def grants(self, feature: str) -> Grants:
        return Grants(feature=BY_KEY[feature], grants=list(self.rows) if feature == "secret_chat" else [])

    async def change(self, feature: str, changes: Sequence[GrantChange]) -> Grants:
        for change in changes:
            self.rows = [
                one
                for one in self.rows
                if (one.subject, one.subject_id) != (change.subject, change.subject_id)
            ]
            if change.allow is not None:
                self.rows.append(
                    _row(change.subject, change.subject_id, change.subject_id, "", allow=change.allow)
                )
        return await self.grants(feature)

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._book.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._book.search(text, limit)


def _row(subject: Subject, id: str, name: str, path: str, *, allow: bool) -> Grant:
    return Grant(
        subject=subject,
        subject_id=id,
        name=name,
        path=path,
        allow=allow,
        set_by="系统管理员",
        set_at=NOW_MS,
    )


async def permissions(themes: ThemeManager, _data: Path) -> QWidget:
    made: list[PermissionsSection] = []

    def section(parent: QWidget) -> QWidget:
        made.append(PermissionsSection(ShowcasePermissions(), themes, parent))
        return made[0]

    page = ConsolePage([ConsoleEntry("permissions", "key", "功能权限", "安全", section)], themes)
    page.resize(*SIZE)
    page.show()
    await made[0].tasks.settle()
    return page


async def permissions_picker(themes: ThemeManager, _data: Path) -> QWidget:
    picker = OrgPicker(ShowcasePermissions(), themes, "授权使用“密聊”", _accepted, confirm="授权")
    picker.show()
    await picker.tasks.settle()
    return picker


async def _accepted(_picked: list[Picked]) -> None:
    return None


BOOK = {"console-permissions": permissions, "console-permissions-picker": permissions_picker}
