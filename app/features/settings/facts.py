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
from widgets.controls import Banner, Dialog, LoadingButton, button, label
from widgets.theme import ThemeManager

from .parts import SettingsSection, size_text
from .probe_dialog import ProbeDialog
from .service import About, SettingsService


def open_folder(folder: Path) -> bool:
    """Show a folder in the desktop's file manager."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def is_newer(offered: str, installed: str) -> bool:
    """Whether version `offered` comes after `installed`; what is no version is not newer."""

    def parts(text: str) -> tuple[int, ...]:
        numbers = [int(part) for part in text.strip().split(".") if part.isdecimal()]
        while numbers and numbers[-1] == 0:
            numbers.pop()
        return tuple(numbers)

    return parts(offered) > parts(installed)


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
        mending = self.add_group("修复")
        self.repair = LoadingButton(themes, "一键修复", "secondary")
        self.repair.clicked.connect(self._ask_repair)
        mending.add_row(
            "一键修复",
            "搜索不到消息、列表显示不对时使用：检查本机数据，重建搜索，再从服务器补收",
            self.repair,
        )
        self.finish()

    def _ask_repair(self) -> None:
        self.repair.set_loading(True, "正在修复…")
        self.tasks.start(self._repair(), "一键修复")

    async def _repair(self) -> None:
        done = await self._service.repair()
        self.repair.set_loading(False)
        if not done.sound:
            self.banner.say(
                "本机数据文件有损坏。请退出后重新打开政钉：它会隔离坏的部分、抢救能读的，再从服务器补收。",
                "bad",
            )
            self.banner.show()
            return
        more = "，正在从服务器补收" if done.online else "，联网后自动补收"
        self.told.emit(f"数据完好，已为 {done.indexed:,} 条消息重建搜索{more}")

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
        self.repair.set_loading(False)
        self.banner.say(describe(error, doing).text, "bad")
        self.banner.show()


class AboutSection(SettingsSection):
    """Version, server, protocol, what does the sealing, licences. Signals: `told(words)`."""

    told = Signal(str)

    def __init__(self, themes: ThemeManager, service: SettingsService) -> None:
        super().__init__(themes, "关于")
        self._service = service
        self.tasks = Tasks(lambda _error, doing: self.told.emit(f"{doing}没有成功：没有找到文件"))
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
        update = self.add_group()
        self.newest = label("尚未检查", "caption", wrap=True)
        self.get = button("打开下载页面", "secondary")
        self.get.clicked.connect(self._get)
        self.get.hide()
        self.url = ""
        update.add_row("版本更新", "", self.get)
        update.column.addWidget(self.newest)
        sealing = self.add_group("国密算法（启动时已用标准向量自检）")
        for name, library in about.algorithms:
            sealing.add_fact(name, library)
        legal = self.add_group()
        self.licences = button("查看", "secondary")
        self.licences.setEnabled(about.licences is not None)
        self.licences.clicked.connect(lambda: self._show_text(about.licences, "许可证"))
        legal.add_row("许可证", "本软件以木兰宽松许可证第 2 版发布，并使用了第三方组件", self.licences)
        self.news = button("查看", "secondary")
        self.news.setEnabled(about.news is not None)
        self.news.clicked.connect(lambda: self._show_text(about.news, "新功能介绍"))
        legal.add_row("新功能介绍", "每个版本增加和改动了什么", self.news)
        self.privacy = button("查看", "secondary")
        self.privacy.setEnabled(about.privacy is not None)
        self.privacy.clicked.connect(lambda: self._show_text(about.privacy, "隐私政策"))
        legal.add_row("隐私政策", "本软件保存什么、发给谁、怎样删除", self.privacy)
        self.probe = button("开始", "secondary")
        self.probe.clicked.connect(self._probe)
        legal.add_row("网络探测", "连不上时，看看是哪一步不通", self.probe)
        self.copy = button("复制", "secondary")
        self.copy.clicked.connect(self._copy)
        legal.add_row("复制以上信息", "报告问题时提供给管理员，不含账号和消息", self.copy)
        self.finish()

    def entered(self) -> None:
        self.tasks.start(self._check(), "检查更新", on_error=self._not_checked)

    async def _check(self) -> None:
        release = await self._service.release()
        newer = is_newer(release.version, self._service.about.version)
        notes = f"\n{release.notes}" if release.notes else ""
        self.newest.setText(f"有新版本 {release.version}{notes}" if newer else "已是最新")
        safe = QUrl(release.url, QUrl.ParsingMode.StrictMode)
        self.url = release.url if newer and safe.scheme() == "https" and safe.host() else ""
        self.get.setVisible(bool(self.url))

    def _not_checked(self, _error: BaseException, _doing: str) -> None:
        self.newest.setText("没有连上服务器，无法检查更新")
        self.get.hide()

    def _get(self) -> None:
        if not QDesktopServices.openUrl(QUrl(self.url, QUrl.ParsingMode.StrictMode)):
            self.told.emit("没有程序可以打开这个地址")

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

    def _show_text(self, path: Path | None, title: str) -> None:
        if path is not None:
            self.tasks.start(self._open_text(path, title), f"读取{title}")

    async def _open_text(self, path: Path, title: str) -> None:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        dialog = Dialog(self.themes, title, self.window(), width=self.themes.theme.sizes.dialog_wide)
        view = QTextBrowser()
        view.setMarkdown(text)
        view.setAccessibleName(title)
        view.setMinimumHeight(self.themes.theme.sizes.picker_height)
        dialog.content.addWidget(view)
        dialog.add_button("关闭", "primary", default=True, slot=dialog.reject)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _probe(self) -> None:
        dialog = ProbeDialog(self.themes, self._service, self.window())
        dialog.finished.connect(dialog.deleteLater)
        self.probing = dialog
        dialog.open()

    probing: ProbeDialog | None = None
    """The dialog opened last."""
