"""The address book in its states."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.contacts.view import ContactsPage
from app.session.states import NetworkError
from widgets.theme import ThemeManager

from .contacts_service import ShowcaseContacts

SIZE = (1216, 760)
NARROW = (800, 620)


async def _page(
    themes: ThemeManager, service: ShowcaseContacts | None = None, size: tuple[int, int] = SIZE
) -> ContactsPage:
    page = ContactsPage(service or ShowcaseContacts(), themes)
    page.setProperty("surface", "content")
    page.resize(*size)
    page.show()
    await page.tasks.settle()
    return page


async def _type(page: ContactsPage, text: str) -> None:
    asked = asyncio.get_running_loop().create_future()
    page.units.search.query_changed.connect(asked.set_result)
    page.units.search.edit.setText(text)
    await asked
    await page.tasks.settle()


async def unit(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes)
    page.show_unit("u-gov-2")
    await page.tasks.settle()
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-aji"))
    await page.tasks.settle()
    return page


async def city(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes)
    page.show_unit("")
    await page.tasks.settle()
    return page


async def search(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes)
    await _type(page, "王")
    page.people.rows.setCurrentIndex(page.people_model.row_of("p-wang"))
    await page.tasks.settle()
    return page


async def nothing_found(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes)
    await _type(page, "诸葛")
    return page


async def unreachable(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseContacts()
    service.error = NetworkError(detail="ConnectError")
    return await _page(themes, service)


async def narrow(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes, size=NARROW)
    page.show_unit("u-zy-gov")
    await page.tasks.settle()
    return page


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "contacts-unit": unit,
    "contacts-city": city,
    "contacts-search": search,
    "contacts-nothing-found": nothing_found,
    "contacts-unreachable": unreachable,
    "contacts-narrow": narrow,
}
