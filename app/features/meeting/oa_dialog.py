"""Attendees and their changes from the OA meeting system, as one undoable step (3.1.6.3.1, 3.1.6.3.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QListWidget, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.layouts import SetMeeting
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.oa.client import OaClient
from meeting_seat_designer.oa.synchronise import Fetched, fetch
from widgets.controls import Banner, Dialog, LoadingButton, label
from widgets.theme import ThemeManager


class OaDialog(Dialog):
    """Asks for address, token and the meeting's number in OA, shows what would change, applies it.

    `keep(address, token, number)` remembers what was used; `applied(whether seats are concerned)` is called at the end.
    """

    def __init__(
        self,
        themes: ThemeManager,
        editing: Editing,
        known: tuple[str, str, str],
        keep: Callable[[str, str, str], Awaitable[None]],
        applied: Callable[[bool], object],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "从 OA 同步参会人员", parent, width=themes.theme.sizes.dialog_wide)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._editing, self._keep, self._applied = editing, keep, applied
        self._fetched: Fetched | None = None
        self._over = False
        self.tasks = Tasks(self._failed)
        self.address = QLineEdit(known[0])
        self.address.setAccessibleName("OA 接口地址")
        self.address.setPlaceholderText("https://oa.example.gov.cn/api")
        self.token = QLineEdit(known[1])
        self.token.setAccessibleName("接口令牌")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.number = QLineEdit(known[2])
        self.number.setAccessibleName("OA 会议编号")
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        for text, field in (
            ("OA 接口地址", self.address),
            ("接口令牌", self.token),
            ("OA 会议编号", self.number),
        ):
            form.addRow(label(text, "secondary", "weak"), field)
            field.textChanged.connect(lambda _text: self._reset())
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.told = label("", "secondary", "strong", wrap=True)
        self.changes = QListWidget()
        self.changes.setAccessibleName("名单变化")
        self.changes.setMinimumHeight(themes.theme.sizes.detail)
        self.changes.hide()
        self.content.addLayout(form)
        for one in (self.notice, self.told):
            self.content.addWidget(one)
        self.content.addWidget(self.changes, 1)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "读取名单")
        self.go.clicked.connect(self.act)
        self.foot.addWidget(self.go)
        (self.number if known[0] else self.address).setFocus()

    def _reset(self) -> None:
        self._fetched = None
        self.go.setText("读取名单")
        self.changes.hide()
        self.told.setText("")

    def act(self) -> None:
        """Read, and after that apply."""
        if self._fetched is not None:
            self._apply(self._fetched)
            return
        if not (self.address.text().strip() and self.number.text().strip()):
            self.notice.say("请填写 OA 接口地址和会议编号。", "bad")
            self.notice.show()
            return
        self.notice.hide()
        self.go.set_loading(True, "正在读取…")
        self.tasks.start(self._read(), "读取 OA 名单")

    async def _read(self) -> None:
        address, token = self.address.text().strip(), self.token.text().strip()
        number = self.number.text().strip()
        frozen = msgspec.json.encode(self._editing.document)
        known = self._editing.document.meeting.oa_version

        def work() -> Fetched:
            with OaClient(address, token) as client:
                return fetch(msgspec.json.decode(frozen, type=Document), client, number, known)

        fetched = await asyncio.to_thread(work)
        await self._keep(address, token, number)
        if self._over:
            return
        self._fetched = fetched
        self._show(fetched)

    def _show(self, fetched: Fetched) -> None:
        self.go.set_loading(False)
        synced = fetched.synced
        parts = [
            f"{text} {len(ids)} 人"
            for text, ids in (("新增", synced.added), ("取消", synced.cancelled), ("变动", synced.changed))
            if ids
        ]
        whole = "全部名单" if fetched.whole else "变更"
        self.told.setText(f"已读取{whole}：" + ("，".join(parts) if parts else "没有变化"))
        self.changes.clear()
        people = self._editing.people
        for text, ids in (("取消", synced.cancelled), ("变动", synced.changed)):
            self.changes.addItems(
                [f"{text}  {people[one].name}  {people[one].unit}" for one in ids if one in people]
            )
        if synced.added:
            self.changes.addItem(f"新增  共 {len(synced.added)} 人")
        self.changes.setVisible(bool(parts))
        self.go.setText("应用" if parts else "完成")

    def _apply(self, fetched: Fetched) -> None:
        commands: list[Command] = [fetched.synced.edit] if fetched.synced.edit is not None else []
        commands.append(SetMeeting(oa_version=fetched.version, **fetched.meeting))
        self._editing.close_merge()
        self._editing.run(Batch("同步 OA 参会人员", commands), self.told.text())
        seated = bool(self._editing.document.plan.seats)
        self.accept()
        self._applied(
            seated and bool(fetched.synced.added or fetched.synced.cancelled or fetched.synced.changed)
        )

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, doing: str) -> None:
        if self._over:
            return
        self.go.set_loading(False)
        self.notice.say(describe(error, doing).text, "bad")
        self.notice.show()
