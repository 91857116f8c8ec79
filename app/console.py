"""Which sections the administrators' console has: a feature that is administered adds its entry here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.features.admin.view import ConsoleEntry
from app.session.session import Session
from widgets.theme import ThemeManager

DIRECTORY_IMPORT = "directory-import"
KEYS = "密钥管理"


class KeySections:
    """Builds the key pages, each at its first visit."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        tell: Callable[[str], None],
        show_section: Callable[[str], QWidget | None],
    ) -> None:
        self._session, self._themes, self._tell, self._show = session, themes, tell, show_section

    def _make(self, kind: Callable[..., QWidget], parent: QWidget) -> QWidget:
        from app.features.admin.security.service import SessionKeyConsole

        section = kind(SessionKeyConsole(self._session), self._themes, parent)
        section.told.connect(self._tell)  # type: ignore[attr-defined]
        return section

    def devices(self, parent: QWidget) -> QWidget:
        """Encryption machines."""
        from app.features.admin.security.devices_page import DevicesSection

        return self._make(DevicesSection, parent)

    def keys(self, parent: QWidget) -> QWidget:
        """Keys and rotation; from a key one goes on to its destruction."""
        from app.features.admin.security.destruction_page import DestructionSection
        from app.features.admin.security.keys_page import KeysSection

        def destroy(conversation_id: str, name: str) -> None:
            page = self._show("key-destruction")
            if isinstance(page, DestructionSection):
                page.choose_conversation(conversation_id, name)

        section = self._make(KeysSection, parent)
        section.destroy_wanted.connect(destroy)  # type: ignore[attr-defined]
        return section

    def backup(self, parent: QWidget) -> QWidget:
        """Backup and restore."""
        from app.features.admin.security.backup_page import BackupSection

        return self._make(BackupSection, parent)

    def destruction(self, parent: QWidget) -> QWidget:
        """Emergency destruction."""
        from app.features.admin.security.destruction_page import DestructionSection

        return self._make(DestructionSection, parent)

    def audit(self, parent: QWidget) -> QWidget:
        """The log."""
        from app.features.admin.security.audit_page import AuditSection

        return self._make(AuditSection, parent)

    def algorithms(self, parent: QWidget) -> QWidget:
        """Algorithm backends."""
        from app.features.admin.security.algorithms_page import AlgorithmsSection

        return self._make(AlgorithmsSection, parent)


class OrganisationSections:
    """组织与人员 and what belongs to it."""

    def __init__(self, session: Session, themes: ThemeManager, tell: Callable[[str], None]) -> None:
        self._session, self._themes, self._tell = session, themes, tell

    def units(self, parent: QWidget) -> QWidget:
        """Units and people."""
        from app.features.admin.organisation.service import SessionBrowse, organisation_api
        from app.features.admin.organisation.units_section import UnitsSection

        api = organisation_api(self._session)
        section = UnitsSection(api, SessionBrowse(self._session), self._themes, parent)
        section.told.connect(self._tell)
        return section

    def lines(self, parent: QWidget) -> QWidget:
        """Functional lines."""
        from app.features.admin.organisation.lines_section import LinesSection
        from app.features.admin.organisation.service import SessionBrowse, organisation_api

        api = organisation_api(self._session)
        section = LinesSection(api, SessionBrowse(self._session), self._themes, parent)
        section.told.connect(self._tell)
        return section

    def visibility(self, parent: QWidget) -> QWidget:
        """Who sees whom."""
        from app.features.admin.organisation.service import SessionBrowse, organisation_api
        from app.features.admin.organisation.visibility_section import VisibilitySection

        api = organisation_api(self._session)
        section = VisibilitySection(api, SessionBrowse(self._session), self._themes, parent)
        section.told.connect(self._tell)
        return section

    def display(self, parent: QWidget) -> QWidget:
        """How the address book is shown."""
        from app.features.admin.organisation.display_section import DisplaySection
        from app.features.admin.organisation.service import organisation_api

        section = DisplaySection(organisation_api(self._session), self._themes, parent)
        section.told.connect(self._tell)
        return section


def console_entries(
    session: Session,
    themes: ThemeManager,
    tell: Callable[[str], None],
    show_people: Callable[[], None] = lambda: None,
    show_section: Callable[[str], QWidget | None] = lambda _key: None,
) -> list[ConsoleEntry]:
    """The sections for the administrator of `session`; `tell(words)` shows good news, `show_people()` goes to the
    address book, `show_section(key)` to another section, which it returns. Sections are imported when they are built, so that nobody else pays for them at start."""

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

    def lock(parent: QWidget) -> QWidget:
        from app.features.admin.lock.service import SessionLockAdmin
        from app.features.admin.lock.view import LockSection

        section = LockSection(SessionLockAdmin(session), themes, parent)
        section.told.connect(tell)
        return section

    def sign_in(parent: QWidget) -> QWidget:
        from app.features.admin.sign_in.service import SessionSignInAdmin
        from app.features.admin.sign_in.view import SignInSection

        section = SignInSection(SessionSignInAdmin(session), themes, parent)
        section.told.connect(tell)
        return section

    def retention(parent: QWidget) -> QWidget:
        from app.features.admin.retention.service import SessionRetentionAdmin
        from app.features.admin.retention.view import RetentionSection

        section = RetentionSection(SessionRetentionAdmin(session), themes, parent)
        section.told.connect(tell)
        return section

    def links(parent: QWidget) -> QWidget:
        from app.features.admin.links.view import LinksSection, SessionLinksAdmin

        section = LinksSection(SessionLinksAdmin(session), themes, parent)
        section.told.connect(tell)
        return section

    def audit(parent: QWidget) -> QWidget:
        from app.features.admin.audit.service import SessionAuditAdmin
        from app.features.admin.audit.view import AuditTrailSection

        section = AuditTrailSection(SessionAuditAdmin(session), themes, parent)
        section.told.connect(tell)
        return section

    organisation = OrganisationSections(session, themes, tell)

    def groups(parent: QWidget) -> QWidget:
        from app.features.admin.groups.service import SessionGroupsAdmin
        from app.features.admin.groups.view import GroupsSection
        from app.features.contacts.service import SessionContacts

        return GroupsSection(
            SessionGroupsAdmin(session), themes, tell, parent, source=SessionContacts(session)
        )

    def secret(parent: QWidget) -> QWidget:
        from app.features.admin.secret.service import SessionSecretAdmin
        from app.features.admin.secret.view import SecretSection

        made = SecretSection(SessionSecretAdmin(session), themes, parent)
        made.told.connect(tell)
        return made

    def assistant(parent: QWidget) -> QWidget:
        from app.features.admin.assistant.view import AssistantSection
        from app.features.admin.permissions.service import SessionPermissions

        section = AssistantSection(
            session.assistant, session.knowledge, SessionPermissions(session), themes, parent
        )
        section.told.connect(tell)
        return section

    keys = KeySections(session, themes, tell, show_section)
    return [
        ConsoleEntry("units", "unit", "组织与人员", "组织", organisation.units),
        ConsoleEntry("lines", "list", "条线", "组织", organisation.lines),
        ConsoleEntry("visibility", "eye", "通讯录可见性", "组织", organisation.visibility),
        ConsoleEntry("directory-display", "sort", "通讯录显示", "组织", organisation.display),
        ConsoleEntry(DIRECTORY_IMPORT, "upload", "通讯录导入", "组织", directory_import),
        ConsoleEntry("groups", "users", "群聊", "组织", groups),
        ConsoleEntry("permissions", "user", "功能权限", "安全", permissions),
        ConsoleEntry("sign-in", "shield", "登录安全", "安全", sign_in),
        ConsoleEntry("lock", "lock", "应用锁", "安全", lock),
        ConsoleEntry("secret", "flame", "密聊", "安全", secret),
        ConsoleEntry("retention", "clock", "消息保留", "安全", retention),
        ConsoleEntry("links", "link", "链接管控", "安全", links),
        ConsoleEntry("audit", "history", "操作审计", "安全", audit),
        ConsoleEntry("assistant", "assistant", "智能助手", "应用", assistant),
        ConsoleEntry("key-devices", "shield", "加密机", KEYS, keys.devices),
        ConsoleEntry("keys", "key", "密钥与轮换", KEYS, keys.keys),
        ConsoleEntry("key-backup", "save", "备份与恢复", KEYS, keys.backup),
        ConsoleEntry("key-destruction", "flame", "紧急销密", KEYS, keys.destruction),
        ConsoleEntry("key-audit", "list", "密钥审计", KEYS, keys.audit),
        ConsoleEntry("algorithms", "sort", "算法", KEYS, keys.algorithms),
    ]
