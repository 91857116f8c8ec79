"""The console's key pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app.features.admin.security.algorithms_page import AlgorithmsSection
from app.features.admin.security.audit_page import AuditSection
from app.features.admin.security.backup_page import BackupSection
from app.features.admin.security.destruction_page import DestructionSection
from app.features.admin.security.devices_page import DevicesSection
from app.features.admin.security.keys_page import KeysSection
from app.features.admin.security.parts import KeySection
from app.features.admin.security.twofold import ConfirmTwofold, ShareDialog
from app.session.states import NetworkError
from widgets.theme import ThemeManager

from .keys_service import ShowcaseKeys

SIZE = (1082, 740)
Make = Callable[[ThemeManager, Path], Awaitable[QWidget]]


async def _page(
    kind: Callable[..., KeySection], themes: ThemeManager, service: ShowcaseKeys | None = None
) -> Any:
    page = kind(service or ShowcaseKeys(), themes)
    page.setProperty("surface", "content")
    page.resize(*SIZE)
    page.show()
    page.entered()
    await page.tasks.settle()
    return page


def _plain(kind: Callable[..., KeySection]) -> Make:
    async def make(themes: ThemeManager, _data: Path) -> QWidget:
        return await _page(kind, themes)

    return make


def _keys(tab: str) -> Make:
    async def make(themes: ThemeManager, _data: Path) -> QWidget:
        page = await _page(KeysSection, themes)
        page.tabs._choose(tab)
        page.working.selectRow(1)
        return page

    return make


async def destruction(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(DestructionSection, themes)
    page.run(page._preview(), "")
    await page.tasks.settle()
    return page


async def confirm(themes: ThemeManager, _data: Path) -> QWidget:
    dialog = ConfirmTwofold(themes, (await ShowcaseKeys().requests())[0])
    dialog.show()
    return dialog


async def share(themes: ThemeManager, _data: Path) -> QWidget:
    dialog = ShareDialog(themes, await ShowcaseKeys().share("r5"))
    dialog.show()
    return dialog


async def audit(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(AuditSection, themes)
    page.check.click()
    await page.tasks.settle()
    page.table.selectRow(1)
    return page


async def unreachable(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseKeys()
    service.error = NetworkError(detail="ConnectError")
    return await _page(DevicesSection, themes, service)


BOOK: dict[str, Make] = {
    "keys-devices": _plain(DevicesSection),
    "keys-unreachable": unreachable,
    "keys-working": _keys("working"),
    "keys-keks": _keys("keks"),
    "keys-policy": _keys("policy"),
    "keys-single": _keys("single"),
    "keys-backup": _plain(BackupSection),
    "keys-destruction": destruction,
    "keys-confirm": confirm,
    "keys-share": share,
    "keys-audit": audit,
    "keys-algorithms": _plain(AlgorithmsSection),
}
