"""密聊: on or off, burning and retention, what the levels ask for; incidents; lawful access by two administrators."""

from __future__ import annotations

from datetime import datetime

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.secret import (
    MAX_BURN_S,
    MIN_BURN_S,
    AccessCase,
    SecretIncident,
    SecretPolicy,
)
from widgets.controls import Banner, EmptyNote, Switch, button, label, pill, reading_table, rule, surface
from widgets.theme import ThemeManager

from .access_dialogs import AskDialog, RecordsDialog
from .service import SecretAdminService

DAY = 86_400
RETENTIONS = ((0, "不留底"), (DAY, "24 小时"), (7 * DAY, "7 天"), (30 * DAY, "30 天"), (-1, "自定义…"))
NEEDS = (
    ("none", "不要求"),
    ("detecting", "能发现录屏"),
    ("requested", "系统防截屏（含未确认）"),
    ("blacked", "系统确认的防截屏"),
)
_STATES = {
    "waiting": ("待确认", "warn"),
    "granted": ("可调阅", "ok"),
    "expired": ("已过期", "neutral"),
    "cancelled": ("已撤回", "neutral"),
}


def clock(ms: int) -> str:
    """2026-11-24 09:41; "" for never."""
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M") if ms else ""


class SecretSection(QScrollArea):
    """Reads anew whenever it is shown. Every change takes effect at once. Signals: `told(words)`."""

    told = Signal(str)

    def __init__(
        self, service: SecretAdminService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service, self._themes = service, themes
        self._policy = SecretPolicy()
        self._cases: list[AccessCase] = []
        self.tasks = Tasks(self._failed)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        space = themes.theme.space
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addWidget(label("密聊", "headline"))
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        column.addWidget(self.problem)
        column.addWidget(self._policy_card())
        column.addWidget(label("防截屏要求", "caption"))
        column.addWidget(self._needs_card())
        column.addLayout(self._cases_bar())
        self.cases = self._table(
            ("申请时间", "调阅对象", "时间范围", "事由", "申请人", "状态", ""), "调阅申请"
        )
        # Widgets in cells are not measured by the table.
        for place, width in ((5, themes.theme.sizes.avatar_large), (6, themes.theme.sizes.detail)):
            self.cases.horizontalHeader().setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
            self.cases.horizontalHeader().resizeSection(place, themes.theme.grow(width))
        self.no_cases = EmptyNote(themes, self.cases, "没有调阅申请")
        column.addWidget(self.cases)
        column.addWidget(label("截屏、录屏与例外记录", "caption"))
        self.incidents = self._table(("时间", "人员", "类别", "内容", "结束时间"), "截屏录屏记录")
        self.no_incidents = EmptyNote(themes, self.incidents, "没有截屏、录屏或例外记录")
        column.addWidget(self.incidents)
        column.addStretch(1)
        self.setWidget(body)
        self._enable(False)

    # Parts.

    def _card(self, rows: list[tuple[str, str, QWidget]]) -> QFrame:
        theme, space = self._themes.theme, self._themes.theme.space
        card = surface("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.xs, space.l, space.xs)
        column.setSpacing(0)
        for number, (title, hint, control) in enumerate(rows):
            if number:
                column.addWidget(rule())
            row = QHBoxLayout()
            row.setContentsMargins(0, space.s, 0, space.s)
            words = QVBoxLayout()
            words.setSpacing(space.half)
            words.addWidget(label(title, "body"))
            if hint:
                words.addWidget(label(hint, "caption", wrap=True))
            row.addLayout(words, 1)
            control.setAccessibleName(title)
            if not isinstance(control, Switch):
                control.setMinimumWidth(theme.sizes.detail)
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
            column.addLayout(row)
        return card

    def _policy_card(self) -> QFrame:
        self.enabled = Switch(self._themes, "启用密聊")
        self.enabled.clicked.connect(lambda on: self._change(enabled=on))
        self.burn = _spin(MIN_BURN_S, MAX_BURN_S, " 秒")
        self.burn.editingFinished.connect(lambda: self._change(burn_s=self.burn.value()))
        self.retention = _box(RETENTIONS)
        self.retention.activated.connect(lambda _index: self._retain())
        self.days = _spin(1, 3650, " 天")
        self.days.editingFinished.connect(lambda: self._change(retention_s=self.days.value() * DAY))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.days)
        row.addWidget(self.retention)
        return self._card(
            [
                (
                    "启用密聊",
                    "关闭后所有人的密聊入口立即消失；谁可以使用在“功能权限”中设置。",
                    self.enabled,
                ),
                ("阅后销毁时间", "对方查看后开始计时；聊天双方可以改为其他时间。", self.burn),
                (
                    "消息留底时长",
                    "服务端加密保存的时长，从发送时起算。到期后物理删除消息并销毁密钥，缩短时长立即对已留底的消息生效。",
                    both,
                ),
            ]
        )

    def _needs_card(self) -> QFrame:
        self.enhanced, self.highest = _box(NEEDS), _box(NEEDS)
        self.enhanced.activated.connect(
            lambda _index: self._change(enhanced_needs=self.enhanced.currentData())
        )
        self.highest.activated.connect(lambda _index: self._change(highest_needs=self.highest.currentData()))
        return self._card(
            [
                ("增强", "任何一方的设备达不到时，不能以此等级发送和查看。", self.enhanced),
                ("最高", "普通 X11 桌面没有系统防截屏，只能达到“能发现录屏”。", self.highest),
            ]
        )

    def _cases_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.addWidget(label("留底调阅（须两名管理员，全程审计）", "caption"))
        bar.addStretch(1)
        self.ask = button("申请调阅…")
        self.ask.clicked.connect(self._ask)
        bar.addWidget(self.ask)
        return bar

    def _table(self, headings: tuple[str, ...], name: str) -> QTableWidget:
        theme = self._themes.theme
        table = reading_table(self._themes, headings, name, stretch=3)
        table.setMinimumHeight(theme.grow(theme.sizes.row_compact) * 4)
        return table

    # Reading.

    def entered(self) -> None:
        """The section is shown."""
        self.tasks.start(self._read(), "读取密聊设置")

    async def _read(self) -> None:
        self._show_policy(await self._service.policy())
        self._show_cases(await self._service.cases())
        self._show_incidents(await self._service.incidents())
        self.problem.hide()

    def _show_policy(self, policy: SecretPolicy) -> None:
        self._policy = policy
        self.enabled.setChecked(policy.enabled)
        self.burn.setValue(policy.burn_s)
        known = [seconds for seconds, _words in RETENTIONS]
        own = policy.retention_s not in known
        self.retention.setCurrentIndex(known.index(-1) if own else known.index(policy.retention_s))
        self.days.setValue(max(1, round(policy.retention_s / DAY)))
        self.days.setVisible(own)
        self.enhanced.setCurrentIndex(max(0, self.enhanced.findData(policy.enhanced_needs)))
        self.highest.setCurrentIndex(max(0, self.highest.findData(policy.highest_needs)))
        self._enable(True)

    def _enable(self, ready: bool) -> None:
        for one in (
            self.enabled,
            self.burn,
            self.retention,
            self.days,
            self.enhanced,
            self.highest,
            self.ask,
        ):
            one.setEnabled(ready)

    def _show_cases(self, cases: list[AccessCase]) -> None:
        self._cases = cases
        self.cases.setRowCount(len(cases))
        self.no_cases.settle()
        for line, case in enumerate(cases):
            who = case.person_name + (f" 与 {case.other_name}" if case.other_name else "")
            span = f"{clock(case.from_ms)[5:]} 至 {clock(case.to_ms)[5:]}"
            texts = (clock(case.created_at), who, span, case.reason, case.created_name)
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.cases.setItem(line, column, item)
            words, tone = _STATES.get(case.state, (case.state, "neutral"))
            self.cases.setCellWidget(line, 5, _centred(pill(words, tone)))
            self.cases.setCellWidget(line, 6, self._actions(case))

    def _actions(self, case: AccessCase) -> QWidget:
        mine = case.created_by == self._service.me_id
        made: list[QWidget] = []
        if case.state == "waiting":
            for words, confirm in (("确认", True), ("撤回", False)):
                if confirm and mine:
                    continue
                act = button(words, "link")
                act.clicked.connect(
                    lambda _checked=False, confirm=confirm: self._decide(case, confirm=confirm)
                )
                made.append(act)
        elif case.state == "granted" and mine:
            act = button("调阅", "link")
            act.clicked.connect(lambda: self._records(case))
            made.append(act)
        return _centred(*made)

    def _show_incidents(self, incidents: list[SecretIncident]) -> None:
        self.incidents.setRowCount(len(incidents))
        self.no_incidents.settle()
        for line, one in enumerate(incidents):
            kind = "截屏录屏" if one.kind == "capture" else "辅助工具例外"
            texts = (clock(one.at), one.name, kind, one.words, clock(one.ended_at) or "进行中")
            for column, text in enumerate(texts):
                self.incidents.setItem(line, column, QTableWidgetItem(text))

    # Changing.

    def _retain(self) -> None:
        seconds = self.retention.currentData()
        self.days.setVisible(seconds == -1)
        self._change(retention_s=self.days.value() * DAY if seconds == -1 else seconds)

    def _change(self, **changes: object) -> None:
        wanted = msgspec.structs.replace(self._policy, **changes)
        if wanted != self._policy:
            # The next change builds on this one, also while this one is on its way.
            self._policy = wanted
            self.tasks.start(self._changing(wanted), "更改密聊设置")

    async def _changing(self, wanted: SecretPolicy) -> None:
        known = await self._service.set_policy(wanted)
        if wanted == self._policy:
            self._show_policy(known)
        self.problem.hide()
        self.told.emit("密聊设置已生效")

    # Lawful access.

    def _ask(self) -> None:
        dialog = AskDialog(self._service, self._themes, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self.entered)
        dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
        self.dialog = dialog
        dialog.open()

    dialog: AskDialog | None = None

    def _decide(self, case: AccessCase, *, confirm: bool) -> None:
        self.tasks.start(self._deciding(case.id, confirm=confirm), "处理调阅申请")

    async def _deciding(self, case_id: str, *, confirm: bool) -> None:
        await self._service.decide_access(case_id, confirm=confirm)
        self._show_cases(await self._service.cases())

    def _records(self, case: AccessCase) -> None:
        self.tasks.start(self._reading(case), "调阅留底消息")

    async def _reading(self, case: AccessCase) -> None:
        found = await self._service.retained(case.id)
        dialog = RecordsDialog(self._themes, case, list(found), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad", "重试")
        self.problem.show()
        self._enable(False)

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def _spin(low: int, high: int, suffix: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSuffix(suffix)
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
    return box


def _box(options) -> QComboBox:
    box = QComboBox()
    for value, words in options:
        box.addItem(words, value)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    # A wheel over the page must scroll it, not change a setting under the pointer.
    box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
    return box


def _centred(*inner: QWidget) -> QWidget:
    host = QWidget()
    row = QHBoxLayout(host)
    row.setContentsMargins(0, 0, 0, 0)
    for one in inner:
        row.addWidget(one, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    row.addStretch(1)
    return host
