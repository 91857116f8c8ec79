"""智能助手: what administrators decide and see, in six tabs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.session.assistant import AssistantCalls
from app.session.knowledge import KnowledgeCalls
from app.shell.org_picker import OrgSource
from app.shell.problems import describe
from app.shell.tasks import Tasks
from offline_ai.errors import OfflineAIError
from widgets.controls import Banner, FilterItem, FilterTabs, label
from widgets.theme import ThemeManager

from .knowledge import KnowledgeTab
from .providers import ProvidersTab
from .quotas import QuotasTab
from .replies import RepliesTab
from .tab import Tab
from .usage import UsageTab
from .words import WordsTab

TABS = {
    "providers": "模型服务",
    "words": "敏感词",
    "replies": "回复与推荐问题",
    "knowledge": "知识库",
    "quotas": "额度",
    "usage": "用量",
}


class AssistantSection(QWidget):
    """Signals: `told(words)`: good news. Who may use the assistant is given under 功能权限."""

    told = Signal(str)

    def __init__(
        self,
        calls: AssistantCalls,
        knowledge: KnowledgeCalls,
        directory: OrgSource,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addWidget(label("智能助手", "headline"))
        self.tabs = FilterTabs(themes, [FilterItem(key, words) for key, words in TABS.items()])
        self.tabs.setAccessibleName("智能助手")
        self.tabs.current_changed.connect(self.show_tab)
        column.addWidget(self.tabs)
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        column.addWidget(self.problem)

        def start(work, doing: str) -> None:
            self.problem.hide()
            self.tasks.start(work, doing)

        common = (calls, themes, start, self.told.emit)
        self.knowledge = KnowledgeTab(knowledge, directory, *common)
        self.pages: dict[str, Tab] = {
            "providers": ProvidersTab(*common),
            "words": WordsTab(*common),
            "replies": RepliesTab(*common),
            "knowledge": self.knowledge,
            "quotas": QuotasTab(directory, *common),
            "usage": UsageTab(*common),
        }
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        column.addWidget(self.stack, 1)

    def entered(self) -> None:
        """The section is shown: read anew."""
        self.show_tab(self.tabs.current or "providers")

    def show_tab(self, key: str) -> None:
        """Show a tab and read it."""
        page = self.pages[key]
        self.stack.setCurrentWidget(page)
        self.problem.hide()
        self.tasks.start(page.read(), f"读取{TABS[key]}")

    def _failed(self, error: BaseException, doing: str) -> None:
        text = error.message if isinstance(error, OfflineAIError) else describe(error, doing).text
        self.problem.say(text, "bad")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.knowledge.end()
        await self.tasks.close()
