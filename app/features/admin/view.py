"""The console page: sections in groups at the left, the chosen one at the right, each built at its first visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import label, surface
from widgets.theme import ThemeManager


@runtime_checkable
class Entered(Protocol):
    """A section that reads anew each time it is shown."""

    def entered(self) -> None:
        """The section is shown."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A section with work in the background."""

    def close_page(self) -> Awaitable[None]:
        """End what still runs."""
        ...


@dataclass(frozen=True)
class ConsoleEntry:
    """One section. `factory(parent)` builds it at its first visit; entries of one `group` stand together, in the
    order in which groups first appear. The section may have `entered()` and `async close_page()`."""

    key: str
    icon: str
    title: str
    group: str
    factory: Callable[[QWidget], QWidget]


class ConsolePage(QWidget):
    """The administrators' console. The server checks every call again: this page only spares others the sight."""

    def __init__(
        self, entries: Sequence[ConsoleEntry], themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        """`entries`: at least one."""
        super().__init__(parent)
        self._themes = themes
        self._sections: dict[str, QWidget] = {}
        theme, space = themes.theme, themes.theme.space
        self.stack = QStackedWidget()
        self.list = QListWidget()
        self.list.setProperty("plain", True)
        self.list.setAccessibleName("控制台分类")
        self.list.setStyleSheet(f"QListView::item {{ border-radius: {theme.radius.control}px; }}")
        self.list.setIconSize(QSize(theme.sizes.icon, theme.sizes.icon))
        groups: dict[str, list[ConsoleEntry]] = {}
        for entry in entries:
            groups.setdefault(entry.group, []).append(entry)
        self._entries = {entry.key: entry for group in groups.values() for entry in group}
        for name, members in groups.items():
            self._add_heading(name)
            for entry in members:
                self._add_entry(entry)
        side = surface("list", "right")
        side.setFixedWidth(theme.sizes.list_min)
        column = QVBoxLayout(side)
        column.setContentsMargins(space.s, space.l, space.s, space.s)
        column.setSpacing(space.m)
        title = label("控制台", "headline")
        title.setContentsMargins(space.s, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.stack, 1)
        self.list.currentItemChanged.connect(lambda item, _before: self._show(item))
        self.open_section(next(iter(self._entries)))

    def _add_heading(self, name: str) -> None:
        if not name:
            return
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setSizeHint(QSize(0, self._themes.theme.grow(self._themes.theme.sizes.control)))
        self.list.addItem(item)
        words = label(name, "caption")
        words.setContentsMargins(self._themes.theme.space.s, self._themes.theme.space.s, 0, 0)
        self.list.setItemWidget(item, words)

    def _add_entry(self, entry: ConsoleEntry) -> None:
        theme = self._themes.theme
        item = QListWidgetItem(self._themes.icons.icon(entry.icon, "text_2"), entry.title)
        item.setData(Qt.ItemDataRole.UserRole, entry.key)
        item.setSizeHint(QSize(0, theme.grow(theme.sizes.control_large)))
        self.list.addItem(item)

    def section(self, key: str) -> QWidget | None:
        """A section that has been visited."""
        return self._sections.get(key)

    def open_section(self, key: str) -> None:
        """Go to a section; raises KeyError for an unknown one."""
        if key not in self._entries:
            raise KeyError(key)
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self.list.setCurrentRow(row)

    def _show(self, item: QListWidgetItem | None) -> None:
        key = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if not key:
            return
        if key not in self._sections:
            self._sections[key] = self._entries[key].factory(self.stack)
            self.stack.addWidget(self._sections[key])
        self.stack.setCurrentWidget(self._sections[key])
        if self.isVisible():
            self._enter()

    def _enter(self) -> None:
        section = self.stack.currentWidget()
        if isinstance(section, Entered):
            section.entered()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._enter()

    async def close_page(self) -> None:
        """End what still runs in the sections."""
        for section in self._sections.values():
            if isinstance(section, Closing):
                await section.close_page()
