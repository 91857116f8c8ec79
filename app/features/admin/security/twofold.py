"""Requests of two administrators: what waits, who asked, what it would do; confirm, take back, share, file (双人控制)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from server_stub.contract.keys import DestructionPreview, KeyRequest
from widgets.controls import Dialog, EmptyState, ProgressBar, button, label, pill, surface
from widgets.theme import ThemeManager

from .words import KIND, REQUEST_STATE, SCOPE, when

POLL_MS = 2000
SHARED = ("restore", "import")
FILED = ("backup", "export")
DESTROY_WORD = "销毁"


class TwofoldList(QScrollArea):
    """Signals: `confirm_wanted(KeyRequest)`, `cancel_wanted(KeyRequest)`, `share_wanted(KeyRequest)`,
    `file_wanted(KeyRequest)`, `stale()` every two seconds while something waits or runs and the list is shown."""

    confirm_wanted = Signal(object)
    cancel_wanted = Signal(object)
    share_wanted = Signal(object)
    file_wanted = Signal(object)
    stale = Signal()

    def __init__(self, themes: ThemeManager, kinds: Sequence[str], me: str) -> None:
        super().__init__()
        self._themes, self._kinds, self._me = themes, kinds, me
        self.requests: list[KeyRequest] = []
        self.buttons: dict[tuple[str, str], QWidget] = {}
        """(request id, what) → button, for the cards that stand."""
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.stale)

    def show_requests(self, requests: Sequence[KeyRequest]) -> None:
        """Show those of this list's kinds, newest first."""
        mine = [one for one in requests if one.kind in self._kinds]
        if any(one.state in ("waiting", "running") for one in mine) and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        if mine == self.requests and self.widget() is not None:
            return
        self.requests = mine
        self.buttons = {}
        space = self._themes.theme.space
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, space.s, 0)
        column.setSpacing(space.s)
        for one in mine:
            column.addWidget(self._card(one))
        if not mine:
            column.addWidget(
                EmptyState(
                    self._themes, "shield-check", "还没有申请", "发起后，须由另一位管理员在半小时内确认。"
                )
            )
        column.addStretch(1)
        place = self.verticalScrollBar().value()
        self.setWidget(body)
        self.verticalScrollBar().setValue(place)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if any(one.state in ("waiting", "running") for one in self.requests):
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _card(self, one: KeyRequest) -> QWidget:
        space = self._themes.theme.space
        card = surface("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.m, space.l, space.m)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        head.addWidget(label(KIND.get(one.kind, one.kind), "body"))
        words, tone = REQUEST_STATE.get(one.state, (one.state, "neutral"))
        head.addWidget(pill(words, tone))
        head.addStretch(1)
        for made in self._actions(one):
            head.addWidget(made)
        column.addLayout(head)
        if one.preview is not None:
            column.addWidget(label(preview_text(one.preview), "secondary", "strong", wrap=True))
        who = f"{one.created_by_name or one.created_by} 于 {when(one.created_at)} 发起"
        if one.confirmed_by:
            who += f"，{one.confirmed_by_name or one.confirmed_by} 于 {when(one.confirmed_at)} 确认"
        elif one.state == "waiting":
            who += f"，{when(one.expires_at)[-5:]} 前有效"
        if one.reason:
            who += f"。原因：{one.reason}"
        column.addWidget(label(who, "caption", wrap=True))
        if one.error:
            column.addWidget(label(one.error, "secondary", "bad", wrap=True))
        if one.state == "running":
            bar = ProgressBar(self._themes)
            bar.set_value(one.done / one.total if one.total else None)
            column.addWidget(bar)
            column.addWidget(label(f"{one.done} / {one.total}" if one.total else "准备中…", "caption"))
        return card

    def _actions(self, one: KeyRequest) -> list[QWidget]:
        made: list[QWidget] = []

        def add(what: str, words: str, kind: str, signal: Callable[[KeyRequest], None]) -> None:
            control = button(words, kind, "small")
            control.clicked.connect(lambda: signal(one))
            self.buttons[one.id, what] = control
            made.append(control)

        if one.state == "waiting":
            add("cancel", "撤回", "secondary", self.cancel_wanted.emit)
            if one.created_by != self._me:
                danger = one.kind == "destroy"
                add("confirm", "确认执行…", "danger" if danger else "primary", self.confirm_wanted.emit)
        if one.state == "done" and one.kind in FILED:
            if self._me in (one.created_by, one.confirmed_by):
                add("share", "领取我的密钥分量", "secondary", self.share_wanted.emit)
            add("file", "下载文件…", "primary", self.file_wanted.emit)
        return made


def preview_text(found: DestructionPreview) -> str:
    """What a request is about, in one sentence."""
    name = found.name or "未命名的会话"
    if found.scope == "key":
        return f"“{name}”第 {found.target.rpartition(':')[2]} 版密钥"
    what = "全部会话" if found.scope == "all" else f"{SCOPE[found.scope]}“{name}”"
    text = f"{what}：{found.conversations} 个会话，{found.keys} 个密钥，{found.messages} 条消息将永远无法打开，涉及 {found.people} 人"
    return f"{text}；其所在的 {found.groups_rotated} 个群换新密钥。" if found.groups_rotated else f"{text}。"


class ConfirmTwofold(Dialog):
    """The second administrator's decision. Destruction asks for the word 销毁 to be typed, restore for the own share."""

    def __init__(self, themes: ThemeManager, one: KeyRequest, parent: QWidget | None = None) -> None:
        super().__init__(themes, f"确认{KIND.get(one.kind, one.kind)}", parent)
        self._kind = one.kind
        if one.preview is not None:
            self.content.addWidget(label(preview_text(one.preview), "body", wrap=True))
        asked = f"{one.created_by_name or one.created_by} 发起" + (
            f"，原因：{one.reason}" if one.reason else ""
        )
        self.content.addWidget(label(asked, "secondary", wrap=True))
        self.edit = QLineEdit()
        if one.kind == "destroy":
            self._ask(f"销毁后任何人都无法恢复。请输入“{DESTROY_WORD}”确认。", DESTROY_WORD)
        elif one.kind in SHARED:
            self._ask("请输入您保管的密钥分量（ZDS1- 开头）。", "您的密钥分量")
        else:
            self.edit.hide()
            words = "确认后立即执行；完成后您和发起人各领取一份密钥分量，只显示一次，请分开保管。"
            self.content.addWidget(label(words, "body", "weak", wrap=True))
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button(
            "确认执行", "danger" if one.kind == "destroy" else "primary", slot=self.accept
        )
        self.edit.textChanged.connect(self._check)
        self._check()

    def _ask(self, words: str, name: str) -> None:
        self.content.addWidget(label(words, "body", "weak", wrap=True))
        self.edit.setAccessibleName(name)
        self.content.addWidget(self.edit)

    def _check(self) -> None:
        text = self.edit.text().strip()
        needed = text == DESTROY_WORD if self._kind == "destroy" else bool(text) or self._kind not in SHARED
        self.go.setEnabled(needed)

    @property
    def share(self) -> str:
        """What was typed for a restore or an import."""
        return self.edit.text().strip() if self._kind in SHARED else ""


class ShareDialog(Dialog):
    """The own share, shown once."""

    def __init__(self, themes: ThemeManager, share: str, parent: QWidget | None = None) -> None:
        super().__init__(themes, "您的密钥分量", parent, width=themes.theme.sizes.dialog_wide)
        words = "请抄写或打印后妥善保管，不要与文件或另一份分量放在一起。关闭后不再显示，也无法再次领取。"
        self.content.addWidget(label(words, "body", "weak", wrap=True))
        self.text = QPlainTextEdit(share)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("密钥分量")
        self.text.setFixedHeight(themes.theme.sizes.avatar_large)
        self.content.addWidget(self.text)
        self.add_button("复制", slot=lambda: QGuiApplication.clipboard().setText(share))
        self.add_button("我已保管好", "primary", slot=self.accept)


class AskTwofold(Dialog):
    """Begin a request: a reason, and for a restore or an import the file and the own share."""

    def __init__(
        self,
        themes: ThemeManager,
        kind: str,
        explanation: str,
        choose: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`choose()` asks for a file and returns its path or ""."""
        super().__init__(themes, KIND[kind], parent)
        self._shared = kind in SHARED
        self._choose = choose
        self.content.addWidget(label(explanation, "body", "weak", wrap=True))
        self.file, self.share, self.reason = QLineEdit(), QLineEdit(), QLineEdit()
        for edit, name in (
            (self.file, "文件"),
            (self.share, "您的密钥分量"),
            (self.reason, "原因（记入审计）"),
        ):
            edit.setAccessibleName(name)
            edit.textChanged.connect(self._check)
            if edit is self.reason or self._shared:
                self.content.addWidget(label(name, "secondary"))
                if edit is self.file:
                    row = QHBoxLayout()
                    row.addWidget(edit, 1)
                    look = button("选择…")
                    look.clicked.connect(self._look)
                    row.addWidget(look)
                    self.content.addLayout(row)
                else:
                    self.content.addWidget(edit)
        self.reason.setMaxLength(500)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发起申请", "primary", default=True, slot=self.accept)
        self._check()
        (self.file if self._shared else self.reason).setFocus()

    def _look(self) -> None:
        if name := self._choose():
            self.file.setText(name)

    def _check(self) -> None:
        whole = not self._shared or (bool(self.file.text().strip()) and bool(self.share.text().strip()))
        # The second administrator and the audit go by the reason: without one there is nothing to confirm.
        self.go.setEnabled(whole and bool(self.reason.text().strip()))

    @property
    def path(self) -> Path:
        """The chosen file."""
        return Path(self.file.text().strip())
