"""Keys by level and state, never their values; rotation; single keys in and out (3.3.4)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from server_stub.contract.keys import KeyOverview, RotationPolicy, WorkingKey
from widgets.controls import ConfirmDialog, FilterItem, FilterTabs, button, label, pill, surface
from widgets.theme import ThemeManager

from .parts import add_row, table
from .service import KeyConsole
from .twofold import AskTwofold
from .twofold_page import TwofoldSection
from .words import KEY_STATE, PURPOSE, when

_TABS = (
    FilterItem("working", "会话密钥"),
    FilterItem("keks", "密钥加密密钥"),
    FilterItem("policy", "轮换策略"),
    FilterItem("single", "单个密钥的导入导出"),
)
_WORKING = ("会话", "版本", "状态", "建立", "销毁", "上级密钥")
_KEKS = ("编号", "用途", "状态", "建立", "退役", "归档", "销毁", "其下密钥")
_TONE = {"active": "ok_text", "retired": "text_2", "archived": "text_2", "destroyed": "bad_text"}
_FILES = "导出的密钥 (*.zdkey);;所有文件 (*)"


class KeysSection(TwofoldSection):
    """Signals: `destroy_wanted(conversation_id, name)`: to the emergency destruction."""

    destroy_wanted = Signal(str, str)

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = (
            "三级密钥：设备主密钥在加密机内，密钥加密密钥由它保护，每个会话每一版各有一个密钥（一话一密）。"
            "这里只显示状态和日期，从不显示密钥值。"
        )
        super().__init__(service, themes, "密钥", explanation, ("export", "import"), parent)
        self.counts = QHBoxLayout()
        self.counts.setSpacing(themes.theme.space.s)
        self.column.addLayout(self.counts)
        self.tabs = FilterTabs(themes, _TABS)
        self.tabs.current_changed.connect(self._show_tab)
        self.column.addWidget(self.tabs)
        self.stack = QStackedWidget()
        self.column.addWidget(self.stack, 1)
        self.working = table(themes, "会话密钥", _WORKING)
        self.keks = table(themes, "密钥加密密钥", _KEKS, 1)
        self._keys: list[WorkingKey] = []
        self._next = ""
        for page in (self._working_page(), self.keks, self._policy_page(), self._single_page()):
            self.stack.addWidget(page)

    def _working_page(self) -> QWidget:
        page, column = _page()
        self.export, self.destroy_button = button("导出选中的密钥…"), button("销毁选中的会话…")
        self.more = button("更多", "link")
        self.export.clicked.connect(self._ask_export)
        self.destroy_button.clicked.connect(self._ask_destroy)
        self.more.clicked.connect(lambda: self.run(self._read_working(), "读取会话密钥"))
        column.addWidget(self.working, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.more)
        foot.addStretch(1)
        foot.addWidget(self.export)
        foot.addWidget(self.destroy_button)
        column.addLayout(foot)
        self.working.itemSelectionChanged.connect(self._selected)
        self._selected()
        return page

    def _policy_page(self) -> QWidget:
        page, column = _page()
        space = self.themes.theme.space
        card = surface("card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(space.l, space.m, space.l, space.m)
        inner.setSpacing(space.m)
        self.kek_days = _spin(3650, " 天")
        self.days = _spin(3650, " 天")
        self.messages = _spin(10**9, " 条")
        for title, spin in (
            ("密钥加密密钥的使用期", self.kek_days),
            ("会话密钥的使用期", self.days),
            ("会话密钥加密的消息数上限", self.messages),
        ):
            row = QHBoxLayout()
            row.addWidget(label(title, "body"), 1)
            spin.setAccessibleName(title)
            row.addWidget(spin)
            inner.addLayout(row)
        words = "0 表示不按此项轮换。成员退出或被移出时，会话总会换新密钥。轮换在后台每小时检查一次。"
        inner.addWidget(label(words, "caption", wrap=True))
        foot = QHBoxLayout()
        self.rotate, self.save = button("立即轮换密钥加密密钥…"), button("保存策略", "primary")
        self.rotate.clicked.connect(self._ask_rotate)
        self.save.clicked.connect(lambda: self.run(self._save_policy(), "保存轮换策略"))
        foot.addWidget(self.rotate)
        foot.addStretch(1)
        foot.addWidget(self.save)
        inner.addLayout(foot)
        card.setMaximumWidth(self.themes.theme.sizes.dialog_wide)
        column.addWidget(card)
        column.addStretch(1)
        return page

    def _single_page(self) -> QWidget:
        page, column = _page()
        row = QHBoxLayout()
        words = (
            "导出：在“会话密钥”里选中一个，发起后由另一位管理员确认；得到的文件须两份分量才能打开。"
            "导入只补回本服务器缺少的密钥，已销毁的不会复活。"
        )
        row.addWidget(label(words, "secondary", wrap=True), 1)
        self.bring = button("导入密钥…", "primary")
        self.bring.clicked.connect(self._ask_import)
        row.addWidget(self.bring)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        return page

    # Reading.

    async def read(self) -> None:
        await super().read()
        self._show_overview(await self.service.overview())
        policy = await self.service.policy()
        for spin, value in (
            (self.kek_days, policy.kek_days),
            (self.days, policy.conversation_days),
            (self.messages, policy.conversation_messages),
        ):
            if not spin.hasFocus():
                spin.setValue(value)
        if not self._keys:
            await self._read_working()

    async def _read_working(self) -> None:
        page = await self.service.working(self._next)
        for key in page.keys:
            self._keys.append(key)
            name = key.name or f"单聊 {key.conversation_id[-8:]}"
            state = KEY_STATE.get(key.state, key.state)
            cells = (name, str(key.epoch), state, when(key.created_at), when(key.destroyed_at))
            colours = {2: self.themes.theme.color(_TONE.get(key.state, "text"))}
            add_row(self.working, (*cells, f"#{key.kek_id}" if key.kek_id else ""), colours)
        self._next = page.next
        self.more.setVisible(bool(page.next))

    def _show_overview(self, found: KeyOverview) -> None:
        while (item := self.counts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        ready = found.master_ready
        self.counts.addWidget(
            pill("设备主密钥就绪" if ready else "设备主密钥不可用", "ok" if ready else "bad")
        )
        for counts in found.working:
            head = PURPOSE.get(counts.purpose, counts.purpose)
            for state, tone in (
                ("active", "brand"),
                ("retired", "neutral"),
                ("archived", "neutral"),
                ("destroyed", "bad"),
            ):
                if count := getattr(counts, state):
                    self.counts.addWidget(pill(f"{head} {KEY_STATE[state]} {count}", tone))
        self.counts.addStretch(1)
        self.keks.setRowCount(0)
        for kek in sorted(found.keks, key=lambda one: (one.purpose, one.id)):
            dates = (kek.created_at, kek.retired_at, kek.archived_at, kek.destroyed_at)
            cells = (f"#{kek.id}", PURPOSE.get(kek.purpose, kek.purpose), KEY_STATE.get(kek.state, kek.state))
            colours = {2: self.themes.theme.color(_TONE.get(kek.state, "text"))}
            add_row(self.keks, (*cells, *map(when, dates), str(kek.keys)), colours)

    def _show_tab(self, key: str) -> None:
        self.stack.setCurrentIndex([one.key for one in _TABS].index(key))

    # Doing.

    @property
    def _chosen(self) -> WorkingKey | None:
        row = self.working.currentRow()
        return self._keys[row] if self.working.selectedItems() and 0 <= row < len(self._keys) else None

    def _selected(self) -> None:
        usable = self._chosen is not None and self._chosen.state != "destroyed"
        self.export.setEnabled(usable)
        self.destroy_button.setEnabled(usable)

    def _ask_destroy(self) -> None:
        if self._chosen is not None:
            self.destroy_wanted.emit(self._chosen.conversation_id, self._chosen.name)

    def _ask_export(self) -> None:
        key = self._chosen
        if key is None:
            return
        words = (
            f"导出“{key.name or '单聊'}”第 {key.epoch} 版密钥。另一位管理员确认后，二人各领取一份密钥分量。"
        )
        dialog = AskTwofold(self.themes, "export", words, lambda: "", self.window())
        self.ask(
            dialog,
            lambda one: self.service.export_key(key.conversation_id, key.epoch, one.reason.text().strip()),
            "发起导出",
        )
        self._go_to("single")

    def _ask_import(self) -> None:
        words = "选择导出的密钥文件，并输入您保管的密钥分量；另一位管理员确认时输入另一份。"
        dialog = AskTwofold(self.themes, "import", words, lambda: self.ask_open(_FILES), self.window())
        self.ask(
            dialog,
            lambda one: self.service.import_key(
                one.path, one.share.text().strip(), one.reason.text().strip()
            ),
            "发起导入",
        )

    def _go_to(self, key: str) -> None:
        self.tabs.set_current(key)
        self._show_tab(key)

    def _ask_rotate(self) -> None:
        words = "启用新的密钥加密密钥，并把旧密钥保护的会话密钥全部转到新密钥之下。消息不受影响。"
        dialog = ConfirmDialog(self.themes, "立即轮换", words, "轮换", parent=self.window())
        dialog.accepted.connect(lambda: self.run(self._rotate(), "轮换密钥"))
        self._open(dialog)

    async def _rotate(self) -> None:
        self.rotate.setEnabled(False)
        try:
            self._show_overview(await self.service.rotate("conversation"))
        finally:
            self.rotate.setEnabled(True)
        self.told.emit("已轮换。")
        self._go_to("keks")

    async def _save_policy(self) -> None:
        policy = RotationPolicy(
            kek_days=self.kek_days.value(),
            conversation_days=self.days.value(),
            conversation_messages=self.messages.value(),
        )
        await self.service.set_policy(policy)
        self.told.emit("轮换策略已保存。")


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    return page, column


def _spin(most: int, suffix: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, most)
    made.setSuffix(suffix)
    made.setGroupSeparatorShown(True)
    # A wheel over the page must scroll it, not change a rule under the pointer.
    made.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
    return made
