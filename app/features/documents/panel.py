"""What the tools of the desk have in common."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import EmptyState
from widgets.theme import ThemeManager

from .model import OpenDocument
from .service import DocumentService


class Desk(Protocol):
    """The desk as its tools see it."""

    @property
    def service(self) -> DocumentService: ...

    @property
    def current(self) -> OpenDocument | None: ...

    @property
    def chosen(self) -> list[OpenDocument]: ...

    @property
    def files(self) -> dict[str, OpenDocument]: ...

    def work(
        self, job: Coroutine[Any, Any, Any], doing: str, failed: Callable[[str], None] | None = None
    ) -> None:
        """Run a job with the progress line shown; what goes wrong is told, also to `failed`."""
        ...

    def tell(self, text: str, kind: str = "ok") -> None:
        """A toast."""
        ...


class Panel(QWidget):
    """One tool. Signals: `jump_wanted(key, start, end)`: show a place of a document; `marks_changed()`."""

    jump_wanted = Signal(str, int, int)
    marks_changed = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        desk: Desk,
        icon: str,
        title: str,
        text: str,
        action: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.themes, self.desk = themes, desk
        self.stack = QStackedWidget()
        self.empty = EmptyState(themes, icon, title, text, action)
        self.empty.acted.connect(self.start)
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(themes.theme.space.s)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def show_body(self, shown: bool) -> None:
        """The tool's result, or the words that say what it would do."""
        self.stack.setCurrentWidget(self.body if shown else self.empty)

    def start(self) -> None:
        """Do it for the current document."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what is known of the current document."""
        raise NotImplementedError
