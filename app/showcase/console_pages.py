"""Sections of the administrators' console."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QWidget

from app.features.admin.permissions.view import PermissionsSection
from app.features.admin.secret.view import SecretSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.session.secret import SecretBody
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
from server_stub.contract.secret import (
    AccessAsked,
    AccessCase,
    RetainedMessage,
    SecretIncident,
    SecretPolicy,
)
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import BY_ID, DAY, HOUR, MINUTE, NOW_MS

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


class ShowcaseSecretAdmin:
    """See app.features.admin.secret.service."""

    me_id = "p-li"

    def __init__(self) -> None:
        self._book = ShowcaseContacts()
        self.kept = SecretPolicy(retention_s=7 * 86_400)
        self.asked: list[AccessCase] = [
            _case("k-1", "waiting", "p-wang", "吴倩", NOW_MS - 4 * MINUTE, by="p-wu"),
            _case("k-2", "granted", "p-zhao", "李强", NOW_MS - 20 * MINUTE, by="p-li"),
            _case("k-3", "expired", "p-zhou", "李强", NOW_MS - 3 * DAY, by="p-li"),
        ]
        self.copies: list[tuple[RetainedMessage, SecretBody]] = []

    async def policy(self) -> SecretPolicy:
        return self.kept

    async def set_policy(self, policy: SecretPolicy) -> SecretPolicy:
        self.kept = policy
        return policy

    async def incidents(self) -> list[SecretIncident]:
        return [
            SecretIncident(kind="capture", words="录屏软件 OBS", at=NOW_MS - HOUR, name="周明"),
            SecretIncident(
                kind="lease",
                words="使用读屏软件",
                at=NOW_MS - DAY,
                ended_at=NOW_MS - DAY + HOUR // 4,
                name="孙丽华",
            ),
        ]

    async def cases(self) -> list[AccessCase]:
        return self.asked

    async def ask_access(self, wanted: AccessAsked) -> AccessCase:
        made = _case(f"k-{len(self.asked) + 1}", "waiting", wanted.person_id, "李强", NOW_MS, by="p-li")
        self.asked.insert(0, made)
        return made

    async def decide_access(self, case_id: str, *, confirm: bool) -> AccessCase:
        state = "granted" if confirm else "cancelled"
        self.asked = [
            msgspec.structs.replace(one, state=state) if one.id == case_id else one for one in self.asked
        ]
        return next(one for one in self.asked if one.id == case_id)

    async def retained(self, case_id: str) -> list[tuple[RetainedMessage, SecretBody]]:
        return self.copies

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._book.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._book.search(text, limit)


def _case(id: str, state: str, person_id: str, asker: str, at: int, *, by: str) -> AccessCase:
    return AccessCase(
        id=id,
        state=state,
        person_id=person_id,
        person_name=BY_ID[person_id].name,
        from_ms=at - 7 * DAY,
        to_ms=at,
        reason="郑纪函〔2026〕118 号，依法调取与项目评审有关的通讯内容",
        created_by=by,
        created_name=asker,
        created_at=at,
    )


async def secret(themes: ThemeManager, _data: Path) -> QWidget:
    made: list[SecretSection] = []

    def section(parent: QWidget) -> QWidget:
        made.append(SecretSection(ShowcaseSecretAdmin(), themes, parent))
        return made[0]

    page = ConsolePage([ConsoleEntry("secret", "flame", "密聊", "安全", section)], themes)
    page.resize(*SIZE)
    page.show()
    await made[0].tasks.settle()
    return page


BOOK = {
    "console-secret": secret,
    "console-permissions": permissions,
    "console-permissions-picker": permissions_picker,
}
