"""应用锁: lock page, policy, log and forced locks of the whole organisation."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from widgets.controls import FilterItem, FilterTabs, label
from widgets.theme import ThemeManager

from .holds_tab import HoldsTab
from .log_tab import LockLogTab
from .page_tab import LockPageTab
from .policy_tab import LockPolicyTab
from .service import LockAdminService


class LockSection(QWidget):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(
        self, service: LockAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        space = themes.theme.space
        self.tabs = FilterTabs(themes)
        self.tabs.setAccessibleName("应用锁分类")
        self.page = LockPageTab(service, themes)
        self.policy = LockPolicyTab(service, themes)
        self.log = LockLogTab(service, themes)
        self.holds = HoldsTab(service, themes)
        self._tabs = {"page": self.page, "policy": self.policy, "log": self.log, "holds": self.holds}
        self.stack = QStackedWidget()
        for tab in self._tabs.values():
            tab.told.connect(self.told)
            self.stack.addWidget(tab)
        titles = ("锁屏页面", "锁定策略", "锁定日志", "强制锁定")
        self.tabs.set_items([FilterItem(key, title) for key, title in zip(self._tabs, titles, strict=True)])
        self.tabs.current_changed.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addWidget(label("应用锁", "headline"))
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def open_tab(self, key: str) -> None:
        """Go to "page", "policy", "log" or "holds"."""
        self.tabs.set_current(key)
        self._show(key)

    def _show(self, key: str) -> None:
        self.stack.setCurrentWidget(self._tabs[key])
        self._tabs[key].entered()

    def entered(self) -> None:
        """The section is shown: read anew."""
        self._tabs[self.tabs.current or "page"].entered()

    async def close_page(self) -> None:
        """End what still runs."""
        for tab in self._tabs.values():
            await tab.tasks.close()
