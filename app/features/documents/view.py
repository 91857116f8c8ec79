"""The page 公文: the desk, receiving and minutes under one head, with one line for progress and cancel."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from offline_ai.errors import OfflineAIError
from offline_ai.worker.host import Cancelled
from widgets.controls import FilterItem, FilterTabs, ProgressLine, ToastHost, label, surface
from widgets.theme import ThemeManager

from .desk import SHARED, DeskPage
from .minutes import MinutesPage
from .receive import ReceivePage
from .service import DocumentService

BY_RULES = "本机生成（规则与摘录）"
PLACES = (
    FilterItem("desk", "公文分析"),
    FilterItem("receive", "智能收文"),
    FilterItem("minutes", "会议纪要"),
)


class DocumentsPage(QWidget):
    """Everything works on this machine, but what a model is chosen for; `await close_page()` before it goes away."""

    def __init__(self, service: DocumentService, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service, self._themes = service, themes
        self._jobs = 0
        self.tasks = Tasks(self._failed)
        self.toasts = ToastHost(themes, self)
        self.tabs = FilterTabs(themes, PLACES)
        self.tabs.current_changed.connect(self.show_place)
        self.progress = ProgressLine(themes)
        self.progress.setMaximumWidth(themes.theme.sizes.toast)
        self.progress.cancelled.connect(service.cancel)
        self.progress.hide()
        self.by = QComboBox()
        self.by.setAccessibleName("由谁生成")
        self.by.setToolTip(SHARED)
        self.by.currentIndexChanged.connect(lambda _index: self._chosen())
        self.by.hide()
        self.desk = DeskPage(service, themes, self.work, self._tell, self._told)
        self.receive = ReceivePage(service, themes, self.work, self._tell, self._told)
        self.minutes = MinutesPage(service, themes, self.work, self._tell)
        self.pages = {"desk": self.desk, "receive": self.receive, "minutes": self.minutes}
        self._build()

    def _build(self) -> None:
        theme, space = self._themes.theme, self._themes.theme.space
        head = surface("content", "bottom")
        head.setFixedHeight(theme.grow(theme.sizes.header - space.s))
        row = QHBoxLayout(head)
        row.setContentsMargins(space.xl, 0, space.xl, 0)
        row.setSpacing(space.l)
        row.addWidget(label("公文", "headline", "strong"))
        row.addWidget(self.tabs, 1)
        row.addWidget(self.progress, 1)
        row.addWidget(self.by)
        self.stack = QStackedWidget()
        for page in self.pages.values():
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.stack, 1)

    def show_place(self, key: str) -> None:
        """Bring one of the three to the front."""
        self.tabs.set_current(key)
        self.stack.setCurrentWidget(self.pages[key])

    # who writes

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tasks.start(self._find_models(), "读取可用的模型")

    async def _find_models(self) -> None:
        """By rules at first: a file goes to a model only when somebody chooses one."""
        found = await self._service.models()
        self.by.blockSignals(True)
        self.by.clear()
        self.by.addItem(BY_RULES, "")
        for name in found:
            self.by.addItem(f"模型：{name}", name)
        self.by.setCurrentIndex(max(0, self.by.findData(self._service.model)))
        self.by.blockSignals(False)
        self.by.setVisible(bool(found))
        self._chosen()

    def _chosen(self) -> None:
        self._service.model = self.by.currentData() or ""
        self.desk.say_where(bool(self._service.model))

    # jobs

    def work(
        self, job: Coroutine[Any, Any, Any], doing: str, failed: Callable[[str], None] | None = None
    ) -> None:
        """Run a job with the progress line; a failure is told, and its words go to `failed` as well."""
        self._jobs += 1
        self.progress.set_progress(None, f"正在{doing}……")
        self.progress.show()
        self.tasks.start(
            self._watched(job), doing, on_error=lambda error, what: self._failed(error, what, failed)
        )

    async def _watched(self, job: Coroutine[Any, Any, Any]) -> None:
        try:
            await job
        finally:
            self._jobs -= 1
            if not self._jobs:
                self.progress.hide()

    def _told(self, value: float) -> None:
        self.progress.set_progress(value)

    def _failed(self, error: BaseException, doing: str, failed: Callable[[str], None] | None = None) -> None:
        if isinstance(error, Cancelled):
            text, kind = f"已取消{doing}", "info"
        elif isinstance(error, OfflineAIError):
            text, kind = f"{error.message}{error.hint}", "bad"
        else:
            text, kind = describe(error, doing).text, "bad"
        self._tell(text, kind)
        if failed is not None:
            failed(text)

    def _tell(self, text: str, kind: str) -> None:
        self.toasts.show(text, kind)  # type: ignore[arg-type]

    async def close_page(self) -> None:
        """End the engines and what waits for them."""
        await self._service.close()
        await self.tasks.close()
