"""The settings page, section by section."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.settings.password_dialog import PasswordDialog
from app.features.settings.phone_dialog import PhoneDialog
from app.features.settings.shared_phone import SharedPhoneDialog
from app.features.settings.view import SettingsPage
from app.preferences import Preferences
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from widgets.theme import ThemeManager

from .lock_pages import ShowcaseLock
from .office import NOW_MS
from .settings_service import OLD_PASSWORD, ShowcaseAutostart, ShowcaseSettings

SIZE = (1216, 760)
Make = Callable[[ThemeManager, Path], Awaitable[QWidget]]


async def _page(
    themes: ThemeManager, data: Path, section: str, service: ShowcaseSettings | None = None
) -> SettingsPage:
    page = SettingsPage(
        service or ShowcaseSettings(),
        themes,
        Preferences(data / "preferences.json"),
        ShowcaseAutostart(),
        lock=ShowcaseLock(),
    )
    page.account.now_ms = lambda: NOW_MS
    page.resize(*SIZE)
    page.open_section(section)
    page.show()
    await page.settle()
    return page


def _section(key: str) -> Make:
    async def make(themes: ThemeManager, data: Path) -> QWidget:
        return await _page(themes, data, key)

    return make


async def unreachable(themes: ThemeManager, data: Path) -> QWidget:
    service = ShowcaseSettings()
    service.error = NetworkError(detail="ConnectError")
    return await _page(themes, data, "account", service)


async def password(themes: ThemeManager, _data: Path) -> QWidget:
    dialog = PasswordDialog(themes)
    dialog.show()
    dialog.old.edit.setText("Zhengding1")
    dialog.new.edit.setText("abc")
    dialog.go.click()
    return dialog


async def shared_phone(themes: ThemeManager, _data: Path) -> QWidget:
    dialog = SharedPhoneDialog(themes, ShowcaseSettings())
    dialog.show()
    await dialog.tasks.settle()
    dialog.view.go(0)
    dialog.view.open_current()
    return dialog


async def phone(themes: ThemeManager, _data: Path) -> QWidget:
    def failed(error: BaseException, doing: str) -> None:
        raise RuntimeError(doing) from error

    tasks = Tasks(failed)
    dialog = PhoneDialog(themes, ShowcaseSettings(), tasks)
    dialog.show()
    dialog.number.edit.setText("13900009876")
    dialog.password.edit.setText(OLD_PASSWORD)
    dialog.send.click()
    await tasks.settle()
    dialog.code.edit.setText("000000")
    dialog.go.click()
    await tasks.settle()
    return dialog


BOOK: dict[str, Make] = {
    "settings-general": _section("general"),
    "settings-notifications": _section("notifications"),
    "settings-services": _section("services"),
    "settings-account": _section("account"),
    "settings-lock": _section("lock"),
    "settings-account-unreachable": unreachable,
    "settings-password": password,
    "settings-phone": phone,
    "settings-shared-phone": shared_phone,
    "settings-storage": _section("storage"),
    "settings-about": _section("about"),
}
