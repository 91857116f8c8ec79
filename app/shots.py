"""Every page of the client with invented data, for `dev.py shots` and for a look while developing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QApplication, QWidget

from app.shell.chinese import speak_chinese
from app.showcase import pages
from app.showcase.faces import ShowcaseFaces
from widgets.theme import ThemeManager


class ShotContext(Protocol):
    """What a page is built for; see tests/bed/shots.py."""

    theme: str
    scale: int
    data: Path
    size: tuple[int, int]


_dressed: dict[str, ThemeManager] = {}


def apply_theme(name: str) -> None:
    """Dress the application; called once before the first page of a process."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("pages need a QApplication")
    speak_chinese(application)
    themes = ThemeManager(name, animations=False)  # type: ignore[arg-type]
    themes.apply(application)
    themes.set_faces(ShowcaseFaces(themes))
    _dressed["themes"] = themes


def _page(make: Callable[[ThemeManager, Path], Awaitable[QWidget]]) -> Callable[[Any], Awaitable[QWidget]]:
    async def build(context: ShotContext) -> QWidget:
        return await make(_dressed["themes"], context.data)

    return build


PAGES: dict[str, Callable[[Any], Awaitable[QWidget]]] = {
    name: _page(make) for name, make in pages.BOOK.items()
}
