"""The scene itself: sign in, talk, send a picture and a 20 MB file, go offline, write, come back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from app.session.states import LinkState
from app.store.folders import Home
from app.store.records import MessageRow
from server_stub.contract.content import FileContent, ImageContent, TextContent
from server_stub.contract.sm.algorithms import Algorithms

from .actor import PASSCODE, Actor, Stuck
from .network import Network
from .report import Report

FILE_BYTES = 20 * 1024 * 1024
WIDTH, HEIGHT = 1180, 720


class Scene:
    """Plays in `folder`, with data of its own that is thrown away."""

    def __init__(self, application: QApplication, folder: Path, data: Path) -> None:
        self._application = application
        self._data = data
        self._home = Home(data)
        self.report = Report(folder)
        self._li: Actor | None = None
        self._zhao: Actor | None = None
        self._network: Network | None = None
        self._chat = ""

    async def play(self) -> bool:
        """Play all steps; stops at the first that fails. Returns whether all went well."""
        algorithms = await asyncio.to_thread(Algorithms.best)
        steps: list[tuple[str, Callable[[Algorithms], Awaitable[None]]]] = [
            ("第一次启动：欢迎页，填入演示组织", self._first_start),
            ("李强登录", self._li_signs_in),
            ("赵敏在另一个客户端登录", self._zhao_signs_in),
            ("两人对话，已读回执", self._talk),
            ("发送图片", self._picture),
            ("发送 20 MB 文件，对方下载", self._file),
            ("赵敏断网，写了三条", self._offline),
            ("赵敏恢复网络，消息各到一次", self._back),
            ("李强锁定，锁定中收到一条，用口令解锁", self._lock),
        ]
        try:
            for name, step in steps:
                self.report.begin(name)
                try:
                    await step(algorithms)
                except Stuck as problem:
                    self.report.failed(str(problem))
                    break
                except Exception as error:
                    self.report.failed(f"{type(error).__name__}: {error}")
                    break
                self.report.done()
        finally:
            self._shoot_what_is_there()
            await self._end()
            self.report.write()
        return self.report.good and len(self.report.steps) == len(steps)

    def _shoot_what_is_there(self) -> None:
        if not self.report.good:
            for actor in (self._li, self._zhao):
                if actor is not None and (actor.client.workspace or actor.client.login):
                    self.report.shoot(actor.window, f"stuck-{'li' if actor is self._li else 'zhao'}")

    async def _end(self) -> None:
        for actor in (self._zhao, self._li):
            if actor is not None:
                await actor.end()
        if self._network is not None:
            await self._network.close()

    @property
    def li(self) -> Actor:
        """The first person."""
        if self._li is None:
            raise Stuck("李强还没有启动")
        return self._li

    @property
    def zhao(self) -> Actor:
        """The second person."""
        if self._zhao is None:
            raise Stuck("赵敏还没有启动")
        return self._zhao

    @property
    def network(self) -> Network:
        """What lies between the second person and the server."""
        if self._network is None:
            raise Stuck("网络还没有准备好")
        return self._network

    async def _settled(self, seconds: float = 0.6) -> None:
        """Let what is being drawn come to rest before a picture is taken."""
        await asyncio.sleep(seconds)

    # Steps.

    async def _first_start(self, algorithms: Algorithms) -> None:
        li = self._li = Actor("李强", self._home, self._application, algorithms)
        li.start()
        await li.until(lambda: li.client.login is not None and li.login.welcome.isVisible(), "欢迎页")
        await self._settled()
        self.report.shoot(li.login, "welcome")
        li.click(li.login.welcome.choices[0])
        await li.until(lambda: li.login.sign_in.isVisible() and li.login.sign_in.demo.buttons, "登录页")

    async def _li_signs_in(self, _algorithms: Algorithms) -> None:
        li = self.li
        li.click(li.login.sign_in.demo.buttons[0])
        await self._settled()
        self.report.shoot(li.login, "login")
        li.click(li.login.sign_in.go)
        await li.choose_passcode()
        li.window.resize(WIDTH, HEIGHT)
        await li.until(lambda: li.chat.list.view.model().rowCount() >= 5, "会话列表")
        await li.until(lambda: li.session.link_state is LinkState.ONLINE, "连接")
        await self._settled()
        self.report.shoot(li.window, "li-conversations")

    async def _zhao_signs_in(self, algorithms: Algorithms) -> None:
        port = int(self.li.session.server_url.rsplit(":", 1)[1])
        self._network = Network(port)
        address = await self._network.start()
        zhao = self._zhao = Actor("赵敏", self._home, self._application, algorithms, address)
        zhao.start()
        await zhao.until(
            lambda: (
                zhao.client.login is not None
                and zhao.login.sign_in.isVisible()
                and zhao.login.sign_in.demo.buttons
            ),
            "登录页",
        )
        zhao.click(zhao.login.sign_in.demo.buttons[1])
        zhao.click(zhao.login.sign_in.go)
        await zhao.choose_passcode()
        zhao.window.resize(WIDTH, HEIGHT)
        await zhao.until(lambda: zhao.session.link_state is LinkState.ONLINE, "连接")
        self._chat = await self.li.session.conversations.open_single(zhao.session.me.id)
        await self.li.open_chat(self._chat)
        await zhao.open_chat(self._chat)
        await self._settled()
        self.report.shoot(zhao.window, "zhao-signed-in")

    async def _talk(self, _algorithms: Algorithms) -> None:
        li, zhao = self.li, self.zhao
        await li.say("赵处，中原区三个下穿隧道的封控方案我发您了，请把关 🙏")
        await zhao.until_rows(self._chat, lambda rows: _says(rows, "封控方案"), "李强的消息")
        zhao.window.activateWindow()
        await zhao.say("收到。二七路那个口子需要再加一组水马，其余没有问题。")
        await li.until_rows(self._chat, lambda rows: _says(rows, "水马"), "赵敏的回复")
        await li.say("好的，马上调整。")
        await zhao.until_rows(self._chat, lambda rows: _says(rows, "马上调整"), "李强的第二条")
        await self._settled()
        self.report.shoot(li.window, "talk")

    async def _picture(self, _algorithms: Algorithms) -> None:
        li, zhao = self.li, self.zhao
        writing = li.chat.conversation.writing
        writing.ask_image(rain_picture())
        if writing.asking is None:
            raise Stuck("没有询问是否发送图片")
        await self._settled()
        li.click(writing.asking.go)
        await zhao.until_rows(
            self._chat, lambda rows: rows and isinstance(rows[-1].content, ImageContent), "图片"
        )
        await self._settled(1.0)
        self.report.shoot(zhao.window, "picture")

    async def _file(self, _algorithms: Algorithms) -> None:
        li, zhao = self.li, self.zhao
        paper = self._data / "中原区城区防汛排涝调度预案（附图）.pdf"
        data = os.urandom(FILE_BYTES)
        await asyncio.to_thread(paper.write_bytes, data)
        await li.send_files(paper)
        await zhao.until_rows(
            self._chat, lambda rows: rows and isinstance(rows[-1].content, FileContent), "文件消息"
        )
        content = (await zhao.rows(self._chat))[-1].content
        if not isinstance(content, FileContent):
            raise Stuck("最后一条不是文件")
        target = self._data / "received.pdf"
        await zhao.session.attachments.save(content.file.file_id, target)
        if await asyncio.to_thread(target.read_bytes) != data:
            raise Stuck("收到的文件与发出的不同")
        await self._settled()
        self.report.shoot(zhao.window, "file")

    async def _offline(self, _algorithms: Algorithms) -> None:
        zhao = self.zhao
        self.network.cut()
        await zhao.until(lambda: zhao.session.link_state is not LinkState.ONLINE, "断线提示")
        for words in ("我在现场，信号不好。", "二七路隧道口水马已到位。", "照片稍后补发。"):
            await zhao.say(words)
            await asyncio.sleep(0.2)
        await self._settled()
        self.report.shoot(zhao.window, "offline")

    async def _back(self, _algorithms: Algorithms) -> None:
        li, zhao = self.li, self.zhao
        self.network.mend()
        zhao.session.network_hint()
        await li.until_rows(self._chat, lambda rows: _says(rows, "照片稍后补发"), "断网时写的消息")
        for words in ("信号不好", "水马已到位", "照片稍后补发"):
            count = sum(1 for row in await li.rows(self._chat) if _says([row], words))
            if count != 1:
                raise Stuck(f"“{words}”到了 {count} 次")
        li.window.raise_()
        li.window.activateWindow()
        await self._settled(1.0)
        self.report.shoot(li.window, "back-online")

    async def _lock(self, _algorithms: Algorithms) -> None:
        li, zhao = self.li, self.zhao
        li.workspace.lock_wanted.emit("button")
        lock = li.client.lock
        if lock is None or lock.page is None:
            raise Stuck("没有锁定页面")
        # Both clients share this program here, so the curtain covers the windows of both: the server is asked to deliver.
        await li.until(lambda: li.client.workspace is None, "会话关闭")
        await zhao.session.send.text(self._chat, "李主任，照片已发到群里。")
        page = lock.page
        await li.until(lambda: "新消息 1 条" in page.status_text, "锁定中的新消息")
        page.resize(WIDTH, HEIGHT)
        await self._settled()
        self.report.shoot(page, "locked")
        li.type_into(page.field.edit, PASSCODE)
        li.click(page.go)
        await li.until(lambda: li.client.workspace and li.window.isVisible(), "解锁")
        await li.until_rows(self._chat, lambda rows: _says(rows, "照片已发到群里"), "锁定中的消息")
        await li.open_chat(self._chat)
        li.window.resize(WIDTH, HEIGHT)
        await self._settled(1.0)
        self.report.shoot(li.window, "unlocked")


def _says(rows: list[MessageRow], words: str) -> bool:
    return any(isinstance(row.content, TextContent) and words in row.content.text for row in rows)


def rain_picture() -> QImage:
    """A picture to send: rain over a plain, painted here."""
    image = QImage(960, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground = QLinearGradient(QPointF(0, 0), QPointF(960, 600))
    for at, colour in ((0.0, "#eaf2fb"), (0.45, "#8fbde8"), (0.7, "#3aa76d"), (1.0, "#e26a34")):
        ground.setColorAt(at, QColor(colour))
    painter.fillRect(image.rect(), ground)
    painter.setPen(QColor("#1b2433"))
    font = painter.font()
    font.setPixelSize(40)
    painter.setFont(font)
    painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, "中原区 1 小时雨量")
    painter.end()
    return image
