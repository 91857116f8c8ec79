"""Which sections the administrators' console has: a feature that is administered adds its entry here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.features.admin.view import ConsoleEntry
from app.session.session import Session
from widgets.theme import ThemeManager


def console_entries(
    session: Session, themes: ThemeManager, tell: Callable[[str], None]
) -> list[ConsoleEntry]:
    """The sections for the administrator of `session`; `tell(words)` shows good news. Sections are imported when
    they are built, so that nobody else pays for them at start."""

    def permissions(parent: QWidget) -> QWidget:
        from app.features.admin.permissions.service import SessionPermissions
        from app.features.admin.permissions.view import PermissionsSection

        return PermissionsSection(SessionPermissions(session), themes, parent)

    return [
        ConsoleEntry("permissions", "key", "功能权限", "安全", permissions),
    ]
