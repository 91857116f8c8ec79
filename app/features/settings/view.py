"""The settings page: sections at the left, the chosen one at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from app.preferences import Preferences
from widgets.controls import label, surface
from widgets.theme import ThemeManager

from .account import AccountSection
from .facts import AboutSection, StorageSection
from .general import GeneralSection, NotificationSection
from .lock import LockSection
from .lock_service import LockSettingsService
from .parts import SettingsSection
from .service import Autostart, SettingsService
from .services import ServicesSection

SECTIONS = (
    ("general", "settings", "通用"),
    ("notifications", "bell", "通知"),
    ("services", "announcement", "服务中心"),
    ("account", "shield", "账号与安全"),
    ("lock", "lock", "锁定"),
    ("storage", "folder", "存储"),
    ("about", "info", "关于"),
)

WORDS = {
    "general": "外观 主题 深色 浅色 夜间 高对比 字体 字号 大字 发送键 回车 链接预览 开机启动 托盘 关闭窗口",
    "notifications": "提醒 消息提示 声音 弹窗 免打扰 内容预览",
    "services": "工作通知 会务 服务号",
    "account": "密码 修改密码 手机号 设备 退出登录 下线 个人信息 隐私",
    "lock": "锁屏 自动锁定 无操作 快捷键 解锁密码 锁定记录",
    "storage": "缓存 清理 磁盘 空间 修复 聊天记录 数据文件夹",
    "about": "版本 更新 许可证 国密算法 隐私说明 更新记录",
}
"""By what else than its name a section is looked for: what can be set there, in a clerk's words."""

Working = ServicesSection | AccountSection | StorageSection | AboutSection | LockSection


class SettingsPage(QWidget):
    """Signals: `told(words)` for good news. `open_section(key)` goes to a section by key."""

    told = Signal(str)

    def __init__(
        self,
        service: SettingsService,
        themes: ThemeManager,
        preferences: Preferences,
        autostart: Autostart,
        parent: QWidget | None = None,
        lock: LockSettingsService | None = None,
    ) -> None:
        """`lock`: None leaves the lock's section out."""
        super().__init__(parent)
        theme, space = themes.theme, themes.theme.space
        self.account = AccountSection(themes, service)
        self.services = ServicesSection(themes, service)
        self.storage = StorageSection(themes, service)
        self.about = AboutSection(themes, service)
        self.sections: dict[str, SettingsSection] = {
            "general": GeneralSection(themes, preferences, autostart),
            "notifications": NotificationSection(themes, preferences),
            "services": self.services,
            "account": self.account,
            **({"lock": LockSection(themes, lock)} if lock is not None else {}),
            "storage": self.storage,
            "about": self.about,
        }
        self._places = [place for place in SECTIONS if place[0] in self.sections]
        for section in self._working():
            section.told.connect(self.told)
        self.stack = QStackedWidget()
        self.list = QListWidget()
        self.list.setProperty("plain", True)
        self.list.setAccessibleName("设置分类")
        self.list.setStyleSheet(f"QListView::item {{ border-radius: {theme.radius.control}px; }}")
        self.list.setIconSize(QSize(theme.sizes.icon, theme.sizes.icon))
        for key, icon, title in self._places:
            item = QListWidgetItem(themes.icons.icon(icon, "text_2"), title)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setSizeHint(QSize(0, theme.grow(theme.sizes.control_large)))
            self.list.addItem(item)
            self.stack.addWidget(self.sections[key])
        side = surface("list", "right")
        side.setFixedWidth(theme.sizes.list_min)
        column = QVBoxLayout(side)
        column.setContentsMargins(space.s, space.l, space.s, space.s)
        column.setSpacing(space.m)
        title = label("设置", "headline")
        title.setContentsMargins(space.s, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.stack, 1)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)

    def open_section(self, key: str) -> None:
        """Go to a section; raises KeyError for an unknown one."""
        self.list.setCurrentRow([known for known, _, _ in self._places].index(key))

    def _show(self, row: int) -> None:
        self.stack.setCurrentIndex(row)
        if self.isVisible():
            self._current().entered()

    def _current(self) -> SettingsSection:
        return self.sections[self._places[max(0, self.list.currentRow())][0]]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._current().entered()

    def _working(self) -> list[Working]:
        """The sections that read and do things in the background."""
        found: list[Working] = [self.services, self.account, self.storage, self.about]
        lock = self.sections.get("lock")
        return [*found, lock] if isinstance(lock, LockSection) else found

    async def settle(self) -> None:
        """Wait until nothing is being read (tests and pictures)."""
        for section in self._working():
            await section.tasks.settle()

    async def close_page(self) -> None:
        """End what still runs."""
        for section in self._working():
            await section.tasks.close()
