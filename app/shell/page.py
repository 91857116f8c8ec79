"""What a feature registers to stand in the navigation rail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget


class Count(QObject):
    """A count that a page shows on its rail entry. Signal: `changed(count)`."""

    changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0

    def set(self, count: int) -> None:
        """Change the count; 0 hides the badge."""
        if count != self.count:
            self.count = count
            self.changed.emit(count)


@dataclass(frozen=True)
class ShellPage:
    """One entry of the rail. `factory` builds the page at its first visit, with the window's page area as parent.

    `icon` names an icon of the widgets' set; `bottom` puts the entry at the rail's foot.
    """

    id: str
    icon: str
    title: str
    factory: Callable[[QWidget], QWidget]
    badge: Count | None = None
    bottom: bool = False
    shortcut: str = field(default="")
    """Left empty, the n-th page gets Ctrl+n."""
