"""While a page is built none of its parts is shown before it belongs to the page: it would be a window of its own for a moment."""

import traceback

import pytest
from PySide6.QtWidgets import QDialog, QMainWindow, QMenu, QWidget

from app.showcase.pages import BOOK
from widgets.theme import ThemeManager

PAGES = (
    "login-sign-in",
    "main-chat",
    "main-contacts",
    "chat-details",
    "contacts-unit",
    "people-picker",
    "search-idle",
    "group-announcement",
    "secret-list",
    "settings-account",
    "meeting-rooms",
)


@pytest.fixture
def strays(monkeypatch) -> list[str]:
    """Where something that is no window was shown as one."""
    found: list[str] = []
    for name in ("setVisible", "show"):
        real = getattr(QWidget, name)

        def watched(self: QWidget, *shown: bool, real=real) -> None:
            call = traceback.extract_stack()[-2]
            meant = isinstance(self, QDialog | QMenu | QMainWindow) or "/showcase/" in call.filename
            if all(shown) and self.isWindow() and not meant:
                found.append(f"{type(self).__name__} {call.filename}:{call.lineno} {call.line}")
            real(self, *shown)

        monkeypatch.setattr(QWidget, name, watched)
    return found


@pytest.mark.parametrize("name", PAGES)
async def test_no_part_of_a_page_is_a_window_for_a_moment(name, strays, tmp_path):
    page = await BOOK[name](ThemeManager(animations=False), tmp_path)
    try:
        assert strays == []
    finally:
        page.close()
        page.deleteLater()
