"""Emergency destruction (紧急销密): choose, look at the dry run, ask; a second administrator confirms (3.3.4)."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.keys import Destruction
from widgets.controls import Banner, FilterItem, FilterTabs, button
from widgets.theme import ThemeManager

from .service import KeyConsole
from .twofold import preview_text
from .twofold_page import TwofoldSection

CONVERSATION, PERSON, ALL = "conversation", "person", "all"


class DestructionSection(TwofoldSection):
    """`choose_conversation(id, name)` comes from the keys' page."""

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = (
            "密钥销毁后，用它加密的消息和文件永远无法打开，服务端立即生效，客户端一连接即清除。"
            "先演练看清影响，再发起；由另一位管理员确认后才执行。"
        )
        super().__init__(service, themes, "紧急销密", explanation, ("destroy",), parent)
        space = themes.theme.space
        self.person = Picked("person", "", "")
        self.scope = FilterTabs(
            themes,
            [FilterItem(CONVERSATION, "一个会话"), FilterItem(PERSON, "一个人"), FilterItem(ALL, "全部密钥")],
        )
        self.scope.current_changed.connect(lambda _key: self._changed())
        self.column.addWidget(self.scope)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.conversation = QComboBox()
        self.conversation.setAccessibleName("会话")
        self.conversation.setMinimumWidth(themes.theme.sizes.panel)
        self.conversation.currentIndexChanged.connect(lambda _index: self._changed())
        self.choose = button("选择人员…")
        self.choose.clicked.connect(self._pick)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("原因（记入审计）")
        self.reason.setAccessibleName("原因")
        self.reason.setMaxLength(500)
        self.try_out, self.go = button("演练"), button("发起销密…", "danger")
        self.try_out.clicked.connect(lambda: self.run(self._preview(), "演练销密"))
        self.go.clicked.connect(lambda: self.run(self._ask(), "发起销密"))
        for one in (self.conversation, self.choose):
            row.addWidget(one)
        row.addWidget(self.reason, 1)
        row.addWidget(self.try_out)
        row.addWidget(self.go)
        self.column.addLayout(row)
        self.result = Banner(themes)
        self.result.hide()
        self.column.addWidget(self.result)
        self.add_list("销密申请")
        self._seen: Destruction | None = None
        self._changed()

    async def read(self) -> None:
        await super().read()
        if not self.conversation.count():
            await self._read_conversations()

    async def _read_conversations(self) -> None:
        after = ""
        while True:
            page = await self.service.working(after)
            for key in page.keys:
                if key.state != "destroyed" and self.conversation.findData(key.conversation_id) < 0:
                    words = key.name or f"单聊 {key.conversation_id[-8:]}"
                    self.conversation.addItem(words, key.conversation_id)
            after = page.next
            if not after or self.conversation.count() > 2000:
                break
        self._changed()

    def choose_conversation(self, conversation_id: str, name: str) -> None:
        """Begin with this conversation."""
        if self.conversation.findData(conversation_id) < 0:
            self.conversation.addItem(name or f"单聊 {conversation_id[-8:]}", conversation_id)
        self.scope.set_current(CONVERSATION)
        self.conversation.setCurrentIndex(self.conversation.findData(conversation_id))
        self._changed()

    def _pick(self) -> None:
        async def take(picked: list[Picked]) -> None:
            self.person = picked[0]
            self.choose.setText(self.person.name)
            self._changed()

        dialog = OrgPicker(
            self.service, self.themes, "选择人员", take, units=False, several=False, parent=self.window()
        )
        self._open(dialog)

    def _wanted(self) -> Destruction:
        scope = self.scope.current
        target = {CONVERSATION: self.conversation.currentData() or "", PERSON: self.person.id, ALL: ""}[scope]
        return Destruction(scope=scope, target=target, reason=self.reason.text().strip())

    def _changed(self) -> None:
        """Something else is chosen: it has to be tried out before it can be asked for."""
        scope = self.scope.current
        self.conversation.setVisible(scope == CONVERSATION)
        self.choose.setVisible(scope == PERSON)
        self._seen = None
        self.result.hide()
        self.try_out.setEnabled(scope == ALL or bool(self._wanted().target))
        self.go.setEnabled(False)

    async def _preview(self) -> None:
        wanted = self._wanted()
        found = await self.service.preview(wanted)
        if wanted.target != self._wanted().target or wanted.scope != self._wanted().scope:
            return
        self._seen = wanted
        self.result.say(f"演练结果（没有改动任何内容）：{preview_text(found)}", "warn")
        self.result.show()
        self.go.setEnabled(True)

    async def _ask(self) -> None:
        if self._seen is None:
            return
        self.go.setEnabled(False)
        await self._asked(self.service.destroy(self._wanted()))
        self.reason.clear()
        self._changed()
