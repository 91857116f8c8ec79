"""The console's pages of the organisation and of sign-in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtWidgets import QWidget

from app.features.admin.links.view import LinksSection
from app.features.admin.organisation.display_section import DisplaySection
from app.features.admin.organisation.person_dialog import PersonDialog
from app.features.admin.retention.view import RetentionSection
from app.features.admin.sign_in.view import SignInSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.session.organisation_api import OrganisationApi
from server_stub.contract.accounts import LoginPolicy
from server_stub.contract.directory import Person, PersonField
from server_stub.contract.directory_admin import DirectorySettings, PersonFieldKind, PersonRecord
from server_stub.contract.links import LinkPolicy
from server_stub.contract.retention import RetentionPolicy, RetentionRun, RetentionState
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts
from .office import BY_ID, HOUR, NOW_MS

SIZE = (1216, 760)
KINDS = [
    PersonFieldKind(id="f1", name="工号", searchable=True, on_card=True),
    PersonFieldKind(id="f2", name="办公地点", on_card=True),
    PersonFieldKind(id="f3", name="专长", searchable=True),
]
VALUES = {"f1": "GH-80271", "f2": "市民中心 3 号楼 512", "f3": "应急通信、无人机"}


class ShowcaseOrganisation(OrganisationApi):
    """The administration's calls, answered from memory."""

    def __init__(self) -> None:
        self.now = DirectorySettings(fields=KINDS)

    async def settings(self) -> DirectorySettings:
        return self.now

    async def set_settings(self, wanted: DirectorySettings) -> DirectorySettings:
        self.now = wanted
        return wanted

    async def person(self, person_id: str) -> PersonRecord:
        fields = [PersonField(id=one.id, name=one.name, value=VALUES[one.id]) for one in self.now.fields]
        person: Person = msgspec.structs.replace(BY_ID[person_id], fields=fields)
        return PersonRecord(person=person, login="sunlihua", activated=True, last_seen_at=NOW_MS - HOUR)


class ShowcaseSignIn:
    """See app.features.admin.sign_in.service."""

    def __init__(self) -> None:
        self.now = LoginPolicy(second_factor="admins", trust_days=30)

    async def policy(self) -> LoginPolicy:
        return self.now

    async def change(self, policy: LoginPolicy) -> None:
        self.now = policy


class ShowcaseLinks:
    """See app.features.admin.links.view."""

    def __init__(self) -> None:
        self.now = LinkPolicy(
            on=True, blocked=["bad.example", "free-gift.example"], trusted=["gov.cn", "zhengzhou.gov.cn"]
        )

    async def policy(self) -> LinkPolicy:
        return self.now

    async def change(self, policy: LinkPolicy) -> LinkPolicy:
        self.now = policy
        return policy


class ShowcaseRetention:
    """See app.features.admin.retention.service."""

    def __init__(self) -> None:
        policy = RetentionPolicy(on=True, days=365, every_hours=168)
        self.now = RetentionState(policy=policy, ran_at=NOW_MS - 50 * HOUR, removed=18_240, waiting=1_306)

    async def state(self) -> RetentionState:
        return self.now

    async def waiting(self, days: int) -> int:
        return self.now.waiting

    async def change(self, policy: RetentionPolicy) -> RetentionState:
        self.now = RetentionState(policy=policy)
        return self.now

    async def run(self) -> RetentionRun:
        return RetentionRun(removed=self.now.waiting, conversations=86)


async def _console(
    themes: ThemeManager, key: str, icon: str, title: str, make: Callable[..., Any]
) -> QWidget:
    made: list[Any] = []

    def section(parent: QWidget) -> QWidget:
        made.append(make(parent))
        return made[0]

    page = ConsolePage([ConsoleEntry(key, icon, title, "组织", section)], themes)
    page.resize(*SIZE)
    page.show()
    made[0].entered()
    await made[0].tasks.settle()
    return page


async def display(themes: ThemeManager, _data: Path) -> QWidget:
    return await _console(
        themes,
        "display",
        "contacts",
        "通讯录显示",
        lambda parent: DisplaySection(ShowcaseOrganisation(), themes, parent),
    )


async def sign_in(themes: ThemeManager, _data: Path) -> QWidget:
    return await _console(
        themes,
        "sign-in",
        "shield",
        "登录安全",
        lambda parent: SignInSection(ShowcaseSignIn(), themes, parent),
    )


async def retention(themes: ThemeManager, _data: Path) -> QWidget:
    return await _console(
        themes,
        "retention",
        "clock",
        "消息保留",
        lambda parent: RetentionSection(ShowcaseRetention(), themes, parent),
    )


async def links(themes: ThemeManager, _data: Path) -> QWidget:
    return await _console(
        themes, "links", "link", "链接管控", lambda parent: LinksSection(ShowcaseLinks(), themes, parent)
    )


async def person(themes: ThemeManager, _data: Path) -> QWidget:
    dialog = PersonDialog(themes, ShowcaseOrganisation(), ShowcaseContacts(), BY_ID["p-sun"], None)
    dialog.show()
    await dialog.tasks.settle()
    return dialog


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "console-display": display,
    "console-sign-in": sign_in,
    "console-retention": retention,
    "console-links": links,
    "console-person": person,
}
