"""Storage (E157) and the page about the program (E167)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout

from app.shell.appicon import AppMark
from app.shell.problems import describe
from app.shell.tasks import Tasks
from widgets.controls import Banner, Dialog, button, label
from widgets.theme import ThemeManager

from .parts import SettingsSection, size_text
from .service import About, SettingsService


def open_folder(folder: Path) -> bool:
    """Show a folder in the desktop's file manager."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class StorageSection(SettingsSection):
    """Where the data lie and how much they take. Signals: `told(words)`."""

    told = Signal(str)

    def __init__(
        self,
        themes: ThemeManager,
        service: SettingsService,
        *,
        show_folder: Callable[[Path], bool] = open_folder,
    ) -> None:
        super().__init__(themes, "存储")
        self._service = service
        self._show_folder = show_folder
        self.tasks = Tasks(self._failed)
        self.banner = Banner(themes, "", "bad")
        self.banner.hide()
        self.column.addWidget(self.banner)
        group = self.add_group("本机数据")
        self.folder = button("打开文件夹", "secondary")
        self.folder.clicked.connect(self._open)
        group.add_row("数据文件夹", str(service.about.data_folder), self.folder)
        self.database = label("…", "body", "weak")
        group.add_row("聊天记录", "用国密算法加密保存，只有本账号能打开", self.database)
        files = self.add_group("文件缓存")
        self.cache = label("…", "body", "weak")
        files.add_row("已下载的文件和图片", "加密保存；清理后再次打开时会重新下载", self.cache)
        self.clear = button("清理缓存", "secondary")
        self.clear.clicked.connect(lambda: self.tasks.start(self._clear(), "清理缓存"))
        files.add_row("清理缓存", "不影响聊天记录和正在收发的文件", self.clear)
        self.finish()

    def entered(self) -> None:
        self.tasks.start(self._load(), "读取存储用量")

    async def _load(self) -> None:
        storage = await self._service.storage()
        self.database.setText(size_text(storage.database))
        self.cache.setText(size_text(storage.cache))
        self.clear.setEnabled(storage.cache > 0)
        self.banner.hide()

    async def _clear(self) -> None:
        self.clear.setEnabled(False)
        freed = await self._service.clear_cache()
        self.told.emit(f"已清理 {size_text(freed)}")
        await self._load()

    def _open(self) -> None:
        if not self._show_folder(self._service.about.data_folder):
            self.banner.say("没有找到能打开文件夹的程序，请按上面的路径自行打开。", "warn")
            self.banner.show()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.clear.setEnabled(True)
        self.banner.say(describe(error, doing).text, "bad")
        self.banner.show()


class AboutSection(SettingsSection):
    """Version, server, protocol, what does the sealing, licences. Signals: `told(words)`."""

    told = Signal(str)

    def __init__(self, themes: ThemeManager, service: SettingsService) -> None:
        super().__init__(themes, "关于")
        self._service = service
        self.tasks = Tasks(lambda _error, _doing: self.told.emit("没有找到许可证文件"))
        about = service.about
        space = themes.theme.space
        head = QHBoxLayout()
        head.setSpacing(space.l)
        head.addWidget(AppMark(themes.theme, themes.theme.sizes.avatar_large - space.l))
        words = QVBoxLayout()
        words.setSpacing(space.half)
        words.addWidget(label("政钉", "title"))
        words.addWidget(label("政务协同，密在其中", "secondary"))
        head.addLayout(words, 1)
        self.column.addLayout(head)
        self.column.addSpacing(space.m)
        group = self.add_group()
        for title, value in self.facts(about):
            group.add_fact(title, value)
        sealing = self.add_group("国密算法（启动时已用标准向量自检）")
        for name, library in about.algorithms:
            sealing.add_fact(name, library)
        legal = self.add_group()
        self.licences = button("查看", "secondary")
        self.licences.setEnabled(about.licences is not None)
        self.licences.clicked.connect(lambda: self.tasks.start(self._open_licences(), "读取许可证"))
        legal.add_row("许可证", "本软件以木兰宽松许可证第 2 版发布，并使用了第三方组件", self.licences)
        self.copy = button("复制", "secondary")
        self.copy.clicked.connect(self._copy)
        legal.add_row("复制以上信息", "报告问题时提供给管理员，不含账号和消息", self.copy)
        self.finish()

    @staticmethod
    def facts(about: About) -> list[tuple[str, str]]:
        """What the page lists and copies."""
        place = "本机内置服务" if about.bundled else about.server_url
        rows = [("版本", about.version), ("服务", place)]
        if about.organisation:
            rows.append(("组织", about.organisation))
        return [*rows, ("协议版本", str(about.protocol)), ("系统", about.system)]

    def _copy(self) -> None:
        about = self._service.about
        lines = [f"{title}：{value}" for title, value in (*self.facts(about), *about.algorithms)]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.told.emit("已复制")

    async def _open_licences(self) -> None:
        path = self._service.about.licences
        if path is None:
            return
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        dialog = Dialog(self.themes, "许可证", self.window(), width=self.themes.theme.sizes.dialog_wide)
        view = QTextBrowser()
        view.setMarkdown(text)
        view.setAccessibleName("许可证")
        view.setMinimumHeight(self.themes.theme.sizes.picker_height)
        dialog.content.addWidget(view)
        dialog.add_button("关闭", "primary", default=True, slot=dialog.reject)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
