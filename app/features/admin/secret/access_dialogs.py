"""Asking for lawful access, and reading what was granted: opened on this machine, in memory only."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, Qt, QTime
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDateEdit,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.session.secret import SecretBody
from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.secret import (
    AccessAsked,
    AccessCase,
    RetainedMessage,
    SecretFile,
    SecretPicture,
    SecretText,
)
from widgets.controls import Dialog, LoadingButton, button, label
from widgets.theme import ThemeManager

from .service import SecretAdminService

_DAYS = 7


class AskDialog(Dialog):
    """Whose talks, when, and by what right."""

    def __init__(
        self, service: SecretAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "申请调阅留底密聊", parent)
        self._service = service
        self.person: Picked | None = None
        self.tasks = Tasks(self._failed)
        self.content.addWidget(
            label(
                "只能调阅留底时长以内的消息；须另一位管理员在 30 分钟内确认，确认后 30 分钟内有效。"
                "申请、确认和每次调阅都记入审计。",
                "body",
                "weak",
                wrap=True,
            )
        )
        self.who = button("选择人员…")
        self.who.clicked.connect(self._pick)
        today = QDate.currentDate()
        self.first, self.last = QDateEdit(today.addDays(-_DAYS)), QDateEdit(today)
        dates = QHBoxLayout()
        for words, edit in (("从", self.first), ("到", self.last)):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setAccessibleName(f"{words}日期")
            dates.addWidget(label(words, "secondary"))
            dates.addWidget(edit, 1)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("法定事由与文号")
        self.reason.setAccessibleName("事由")
        self.reason.setMaxLength(500)
        self.problem = label("", "caption", "bad", wrap=True)
        self.content.addWidget(self.who)
        self.content.addLayout(dates)
        self.content.addWidget(self.reason)
        self.content.addWidget(self.problem)
        self.add_button("取消", slot=self.reject)
        self.go = LoadingButton(themes, "提交申请")
        self.go.clicked.connect(self._send)
        self.foot.addWidget(self.go)

    def choose(self, person: Picked) -> None:
        """Whose talks."""
        self.person = person
        self.who.setText(person.name)

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            self.choose(picked[0])

        picker = OrgPicker(
            self._service,
            self.themes,
            "选择人员",
            accept,
            units=False,
            several=False,
            confirm="选择",
            parent=self,
        )
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.open()

    def _send(self) -> None:
        if self.person is None or not self.reason.text().strip():
            self.problem.setText("请选择人员，并填写法定事由。")
            return
        self.go.set_loading(True, "请稍候…")
        self.tasks.start(self._work(self.person), "申请调阅")

    async def _work(self, person: Picked) -> None:
        await self._service.ask_access(
            AccessAsked(
                person_id=person.id,
                from_ms=QDateTime(self.first.date(), QTime(0, 0)).toMSecsSinceEpoch(),
                to_ms=QDateTime(self.last.date().addDays(1), QTime(0, 0)).toMSecsSinceEpoch(),
                reason=self.reason.text().strip(),
            )
        )
        self.accept()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.go.set_loading(False)
        self.problem.setText(describe(error, doing).text)


class RecordsDialog(Dialog):
    """The granted copies. They are forgotten when the dialog closes; there is no export."""

    def __init__(
        self,
        themes: ThemeManager,
        case: AccessCase,
        found: list[tuple[RetainedMessage, SecretBody]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, f"留底密聊：{case.person_name}", parent, width=themes.theme.sizes.picker)
        self._bodies = [body for _message, body in found]
        self.table = QTableWidget(len(found), 4)
        self.table.setHorizontalHeaderLabels(["发送时间", "发送人", "接收人", "内容"])
        self.table.setAccessibleName("留底密聊")
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(themes.theme.sizes.picker_height // 2)
        for line, (message, body) in enumerate(found):
            at = datetime.fromtimestamp(message.sent_at / 1000).strftime("%Y-%m-%d %H:%M:%S")
            texts = (at, message.sender_name, message.receiver_name, content_words(body))
            for column, text in enumerate(texts):
                self.table.setItem(line, column, QTableWidgetItem(text))
        self.content.addWidget(self.table)
        self.content.addWidget(label(f"共 {len(found)} 条" if found else "留底时长以内没有消息。", "caption"))
        self.add_button("关闭", "primary", default=True, slot=self.reject)

    def done(self, arg__1: int) -> None:
        self.table.setRowCount(0)
        for body in self._bodies:
            body.burn()
        super().done(arg__1)


def content_words(body: SecretBody) -> str:
    """A message in one line."""
    content = body.look().content
    if isinstance(content, SecretText):
        return content.text
    if isinstance(content, SecretPicture):
        return f"[图片 {content.width}×{content.height}]"
    if isinstance(content, SecretFile):
        return f"[文件] {content.name}"
    return f"[语音 {max(1, round(content.duration_ms / 1000))} 秒]"
