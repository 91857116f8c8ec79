"""What the pages with requests of two administrators have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QWidget

from server_stub.contract.keys import KeyRequest
from widgets.controls import label
from widgets.theme import ThemeManager

from .parts import KeySection
from .service import KeyConsole
from .twofold import AskTwofold, ConfirmTwofold, ShareDialog, TwofoldList

_FILES = {
    "backup": ("密钥备份.zdkey", "密钥备份 (*.zdkey)"),
    "export": ("导出的密钥.zdkey", "导出的密钥 (*.zdkey)"),
}


class TwofoldSection(KeySection):
    """A section with a list of requests of `kinds` at its foot; subclasses call `add_list` when they are laid out."""

    def __init__(
        self,
        service: KeyConsole,
        themes: ThemeManager,
        title: str,
        explanation: str,
        kinds: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(service, themes, title, explanation, parent)
        self.list = TwofoldList(themes, kinds, service.me)
        self.list.stale.connect(lambda: self.tasks.start(self.read(), ""))
        self.list.confirm_wanted.connect(self._confirm)
        self.list.cancel_wanted.connect(lambda one: self.run(self._cancel(one), "撤回申请"))
        self.list.share_wanted.connect(lambda one: self.run(self._share(one), "领取密钥分量"))
        self.list.file_wanted.connect(self._file)

    def add_list(self, title: str) -> None:
        """Put the list at the end of the page."""
        self.column.addWidget(label(title, "caption"))
        self.column.addWidget(self.list, 1)

    async def read(self) -> None:
        self.list.show_requests(await self.service.requests())

    def ask(self, dialog: AskTwofold, work: Any, doing: str) -> None:
        """Open a dialog that begins a request; `work(dialog)` is the coroutine that sends it."""
        dialog.accepted.connect(lambda: self.run(self._asked(work(dialog)), doing))
        self._open(dialog)

    async def _asked(self, work: Coroutine[Any, Any, KeyRequest]) -> None:
        await work
        self.told.emit("已发起，请另一位管理员在半小时内确认。")
        await self.read()

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _confirm(self, one: KeyRequest) -> None:
        dialog = ConfirmTwofold(self.themes, one, self.window())
        dialog.accepted.connect(lambda: self.run(self._confirmed(one, dialog.share), "确认申请"))
        self._open(dialog)

    async def _confirmed(self, one: KeyRequest, share: str) -> None:
        try:
            done = await self.service.confirm(one.id, share)
        finally:
            await self.read()
        if done.state == "done":
            self.told.emit("已完成。")

    async def _cancel(self, one: KeyRequest) -> None:
        try:
            await self.service.cancel(one.id)
        finally:
            await self.read()

    async def _share(self, one: KeyRequest) -> None:
        share = await self.service.share(one.id)
        dialog = ShareDialog(self.themes, share, self.window())
        closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        dialog.finished.connect(lambda code: closed.done() or closed.set_result(code))
        self._open(dialog)
        await closed

    def _file(self, one: KeyRequest) -> None:
        name, kinds = _FILES[one.kind]
        if chosen := self.ask_save(name, kinds):
            path = Path(chosen)
            self.run(self._save(one, path if path.suffix else path.with_suffix(".zdkey")), "下载文件")

    async def _save(self, one: KeyRequest, path: Path) -> None:
        await self.service.save_file(one.id, path)
        self.told.emit(f"已保存到 {path.name}")
