"""Which sections the administrators' console has: a feature that is administered adds its entry here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.features.admin.view import ConsoleEntry
from app.session.session import Session
from widgets.theme import ThemeManager

DIRECTORY_IMPORT = "directory-import"


def console_entries(
    session: Session,
    themes: ThemeManager,
    tell: Callable[[str], None],
    show_people: Callable[[], None] = lambda: None,
) -> list[ConsoleEntry]:
    """The sections for the administrator of `session`; `tell(words)` shows good news, `show_people()` goes to the
    address book. Sections are imported when they are built, so that nobody else pays for them at start."""

    def directory_import(parent: QWidget) -> QWidget:
        from app.features.admin.directory_import.service import SessionDirectoryImport
        from app.features.admin.directory_import.view import DirectoryImportSection

        section = DirectoryImportSection(SessionDirectoryImport(session), themes, parent)
        section.told.connect(tell)
        section.people_wanted.connect(show_people)
        return section

    def permissions(parent: QWidget) -> QWidget:
        from app.features.admin.permissions.service import SessionPermissions
        from app.features.admin.permissions.view import PermissionsSection

        return PermissionsSection(SessionPermissions(session), themes, parent)

    return [
        ConsoleEntry(DIRECTORY_IMPORT, "upload", "通讯录导入", "组织", directory_import),
        ConsoleEntry("permissions", "key", "功能权限", "安全", permissions),
    ]
