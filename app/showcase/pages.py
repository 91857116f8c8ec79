"""The pages of the showcase: name → how to build it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from . import (
    assistant_pages,
    audit_pages,
    chat_pages,
    console_pages,
    contacts_pages,
    conversation_pages,
    documents_pages,
    group_pages,
    import_pages,
    keys_pages,
    kinds_pages,
    lock_admin_pages,
    lock_pages,
    login_pages,
    main_pages,
    meeting_pages,
    organisation_pages,
    search_pages,
    secret_pages,
    settings_pages,
)

Make = Callable[[ThemeManager, Path], Awaitable[QWidget]]

BOOK: dict[str, Make] = {
    **login_pages.BOOK,
    **lock_pages.PAGES,
    **main_pages.BOOK,
    **chat_pages.BOOK,
    **contacts_pages.BOOK,
    **conversation_pages.BOOK,
    **kinds_pages.BOOK,
    **group_pages.BOOK,
    **search_pages.BOOK,
    **secret_pages.BOOK,
    **settings_pages.BOOK,
    **console_pages.BOOK,
    **organisation_pages.BOOK,
    **meeting_pages.BOOK,
    **documents_pages.BOOK,
    **assistant_pages.BOOK,
    **import_pages.BOOK,
    **keys_pages.BOOK,
    **lock_admin_pages.BOOK,
    **audit_pages.BOOK,
}
