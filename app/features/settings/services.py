"""服务中心: which service accounts (会务, 工作通知, …) may announce, and which stand at the top (E164)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from app.store.records import ConversationRow
from widgets.controls import Banner, EmptyState, Switch, label
from widgets.theme import ThemeManager

from .parts import Group, SettingsSection
from .service import SettingsService


class ServicesSection(SettingsSection):
    """Each service account that has written so far, with its switches; they hold on all devices of the account."""

    told = Signal(str)

    def __init__(self, themes: ThemeManager, service: SettingsService) -> None:
        super().__init__(themes, "服务中心")
        self._service = service
        self.tasks = Tasks(self._failed)
        self.announce: dict[str, Switch] = {}
        self.pinned: dict[str, Switch] = {}
        self.banner = Banner(themes, "", "bad", "重试")
        self.banner.acted.connect(self.entered)
        self.banner.hide()
        self.column.addWidget(self.banner)
        self._groups = QVBoxLayout()
        self._groups.setSpacing(themes.theme.space.s)
        self.column.addLayout(self._groups)
        self.empty = EmptyState(
            themes, "bell", "还没有服务号", "会务、工作通知等服务号发来消息后，可以在这里设置。"
        )
        self.empty.hide()
        self.column.addWidget(self.empty)
        self.finish()

    def entered(self) -> None:
        self.tasks.start(self._read(), "读取服务设置")

    async def _read(self) -> None:
        rows = await self._service.services()
        self.banner.hide()
        self._show(rows)

    def _show(self, rows: list[ConversationRow]) -> None:
        while (item := self._groups.takeAt(0)) is not None:
            widget: QWidget | None = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.announce, self.pinned = {}, {}
        for row in rows:
            self._groups.addWidget(label(row.title, "caption"))
            self._groups.addWidget(self._group(row))
        self.empty.setVisible(not rows)

    def _group(self, row: ConversationRow) -> Group:
        group = Group(self.themes)
        announce = self.announce[row.id] = Switch(self.themes, f"{row.title}：消息通知", not row.muted)
        announce.toggled.connect(lambda on: self._set(row.id, muted=not on))
        group.add_row("消息通知", "关闭后仍会收到，只是不在桌面提示", announce)
        pinned = self.pinned[row.id] = Switch(self.themes, f"{row.title}：置顶", row.pinned)
        pinned.toggled.connect(lambda on: self._set(row.id, pinned=on))
        group.add_row("置顶", "排在会话列表的最前面", pinned)
        return group

    def _set(self, conversation_id: str, *, muted: bool | None = None, pinned: bool | None = None) -> None:
        self.tasks.start(
            self._service.set_service(conversation_id, muted=muted, pinned=pinned), "修改服务设置"
        )

    def _failed(self, error: BaseException, doing: str) -> None:
        self.banner.say(describe(error, doing).text, "bad")
        self.banner.show()
