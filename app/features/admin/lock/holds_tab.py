"""强制锁定: lock a person's desktops until a scan; who was, why, and by whom."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.lock import Desktop, Hold, HoldRequest
from widgets.controls import Banner, ConfirmDialog, Dialog, LoadingButton, button, label, reading_table
from widgets.theme import ThemeManager

from .service import LockAdminService

COLUMNS = ("人员", "范围", "原因", "发起", "时间", "状态", "")


class HoldDialog(Dialog):
    """Signals: `wanted(device_id, reason)`. Which of the person's desktops, and why."""

    wanted = Signal(str, str)

    def __init__(
        self, themes: ThemeManager, name: str, desktops: list[Desktop], parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, f"强制锁定 {name}", parent)
        self.content.addWidget(
            label(
                "锁定后密码不能解锁，只能由本人用手机扫码打开。不在线的电脑下次启动时锁定。",
                "secondary",
                wrap=True,
            )
        )
        self.which = QComboBox()
        self.which.setAccessibleName("锁定范围")
        self.which.addItem("全部电脑（含以后登录的）", "")
        for one in desktops:
            state = "已锁定" if one.locked else "在线" if one.online else "离线"
            self.which.addItem(f"{one.name}（{state}）", one.device_id)
        self.content.addWidget(self.which)
        self.reason = QLineEdit()
        self.reason.setAccessibleName("原因")
        self.reason.setPlaceholderText("原因，将显示给本人并记入审计")
        self.reason.setMaxLength(100)
        self.content.addWidget(self.reason)
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.content.addWidget(self.problem)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "强制锁定", "danger")
        self.go.setEnabled(False)
        self.go.clicked.connect(self._go)
        self.reason.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.foot.addWidget(self.go)

    def _go(self) -> None:
        self.go.set_loading(True)
        self.wanted.emit(self.which.currentData(), self.reason.text().strip())

    def failed(self, words: str) -> None:
        """It was refused."""
        self.go.set_loading(False)
        self.problem.say(words, "bad")
        self.problem.show()


class HoldsTab(QWidget):
    """Signals: `told(words)`."""

    told = Signal(str)

    def __init__(
        self, service: LockAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self.holds: list[Hold] = []
        self.dialog: HoldDialog | None = None
        self.picker: OrgPicker | None = None
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        self.count = label("", "secondary")
        self.add = button("强制锁定人员…", "primary")
        self.add.clicked.connect(self._pick)
        bar.addWidget(self.count)
        bar.addStretch(1)
        bar.addWidget(self.add)
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        self.table = reading_table(themes, COLUMNS, "强制锁定记录", stretch=2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(self.problem)
        column.addLayout(bar)
        column.addWidget(self.table, 1)

    def entered(self) -> None:
        """Read anew."""
        self.tasks.start(self._read(), "读取强制锁定")

    async def _read(self) -> None:
        self._show(await self._service.holds())

    def _show(self, holds: list[Hold]) -> None:
        self.problem.hide()
        self.holds = holds
        self.table.setRowCount(len(holds))
        on = 0
        for line, hold in enumerate(holds):
            active = not hold.lifted_at
            on += active
            at = datetime.fromtimestamp(hold.at_ms / 1000).strftime("%Y-%m-%d %H:%M")
            state = "生效中" if active else "本人扫码解除" if hold.lifted_by == "phone" else "管理员解除"
            scope = (hold.device_name or hold.device_id) if hold.device_id else "全部电脑"
            texts = (hold.person_name or hold.person_id, scope, hold.reason, hold.by_name, at, state)
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(line, column, item)
            if active:
                lift = button("解除", "link")
                lift.setAccessibleName(f"解除对{hold.person_name}的强制锁定")
                lift.clicked.connect(lambda _=False, hold=hold: self._ask_lift(hold))
                self.table.setCellWidget(line, 6, lift)
            else:
                self.table.removeCellWidget(line, 6)
        self.count.setText(f"{on} 项生效中，共 {len(holds)} 项" if holds else "没有强制锁定。")

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            if picked:
                await self.ask_about(picked[0])

        self.picker = OrgPicker(
            self._service,
            self._themes,
            "选择要强制锁定的人员",
            accept,
            units=False,
            several=False,
            confirm="下一步",
            parent=self,
        )
        self.picker.finished.connect(self.picker.deleteLater)
        self.picker.open()

    async def ask_about(self, person: Picked) -> None:
        """Ask which desktops and why."""
        desktops = await self._service.desktops(person.id)
        dialog = self.dialog = HoldDialog(self._themes, person.name, desktops, self)

        async def put(device_id: str, reason: str) -> None:
            request = HoldRequest(person_id=person.id, device_id=device_id, reason=reason)
            self._show(await self._service.hold(request))
            dialog.accept()
            self.told.emit(f"已强制锁定 {person.name}")

        dialog.wanted.connect(
            lambda device_id, reason: self.tasks.start(
                put(device_id, reason),
                "强制锁定",
                on_error=lambda error, doing: dialog.failed(describe(error, doing).text),
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_lift(self, hold: Hold) -> None:
        dialog = ConfirmDialog(
            self._themes,
            "解除强制锁定？",
            "还没有锁定的电脑不再锁定；已锁定的电脑仍需本人用手机扫码打开。",
            accept="解除",
            parent=self,
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._lift(hold), "解除强制锁定"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _lift(self, hold: Hold) -> None:
        await self._service.lift(hold.id)
        await self._read()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()
