"""链接管控: blocked and trusted sites, and what happens with others (3.2.3.4.4)."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.session.session import Session
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.links import LinkPolicy
from widgets.controls import Banner, Switch, button, label
from widgets.theme import ThemeManager

_UNKNOWN = (("warn", "提醒后由用户决定"), ("block", "禁止打开"), ("open", "直接打开"))


class LinksAdmin(Protocol):
    """Raises NetworkError and ApiError."""

    async def policy(self) -> LinkPolicy:
        """The rules in force."""
        ...

    async def change(self, policy: LinkPolicy) -> LinkPolicy:
        """Replace them; returned as they are kept."""
        ...


class SessionLinksAdmin:
    """Over a signed-in session."""

    def __init__(self, session: Session) -> None:
        self._http = session.api.http

    async def policy(self) -> LinkPolicy:
        return await self._http.call("GET", "/links/policy", LinkPolicy)

    async def change(self, policy: LinkPolicy) -> LinkPolicy:
        return await self._http.call("PUT", "/admin/links", LinkPolicy, body=policy)


class LinksSection(QWidget):
    """Signals: `told(words)` for good news that a toast shows."""

    told = Signal(str)

    def __init__(self, service: LinksAdmin, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._saved = LinkPolicy()
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.save = button("保存", "primary")
        self.save.clicked.connect(lambda: self.tasks.start(self._save(), "保存链接规则"))
        self.on = Switch(themes, "检查消息中的链接")
        self.on.toggled.connect(lambda _on: self._edited())
        self.unknown = QComboBox()
        self.unknown.setAccessibleName("其他网站")
        for key, words in _UNKNOWN:
            self.unknown.addItem(words, key)
        self.unknown.currentIndexChanged.connect(lambda _index: self._edited())
        self.blocked = self._sites("禁止的网站")
        self.trusted = self._sites("可信的网站")
        for edit in (self.blocked, self.trusted):
            edit.textChanged.connect(self._edited)
        switch = QHBoxLayout()
        switch.setSpacing(space.m)
        switch.addWidget(self.on)
        switch.addWidget(label("检查消息中的链接"))
        switch.addSpacing(space.section)
        switch.addWidget(label("不在名单中的网站", "secondary", "weak"))
        switch.addWidget(self.unknown)
        switch.addStretch(1)
        lists = QHBoxLayout()
        lists.setSpacing(space.l)
        for title, words, edit in (
            ("禁止的网站", "点击时拦截，不能打开", self.blocked),
            ("可信的网站", "直接打开，不再提醒", self.trusted),
        ):
            side = QVBoxLayout()
            side.setSpacing(space.xs)
            side.addWidget(label(title))
            side.addWidget(label(words, "caption"))
            side.addWidget(edit, 1)
            lists.addLayout(side, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.save)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.l)
        column.addWidget(label("链接管控", "headline"))
        column.addWidget(self.problem)
        column.addLayout(switch)
        column.addLayout(lists, 1)
        column.addWidget(
            label(
                "每行一个网站，包括它的下级网站。地址是一串数字、带“@”、用了易混淆字符的链接总会提醒。"
                "一分钟内对所有人生效；拦截和提醒记入审计，只记网站，不记完整地址。",
                "caption",
                wrap=True,
            )
        )
        column.addLayout(foot)
        self._edited()

    def _sites(self, name: str) -> QPlainTextEdit:
        edit = QPlainTextEdit()
        edit.setAccessibleName(name)
        edit.setPlaceholderText("example.com")
        edit.setTabChangesFocus(True)
        return edit

    def entered(self) -> None:
        """Read anew, unless something was changed."""
        if self.wanted() == self._saved:
            self.tasks.start(self._read(), "读取链接规则")

    def wanted(self) -> LinkPolicy:
        """What the form says."""
        return LinkPolicy(
            on=self.on.isChecked(),
            blocked=_lines(self.blocked),
            trusted=_lines(self.trusted),
            unknown=self.unknown.currentData(),
        )

    async def _read(self) -> None:
        self._show(await self._service.policy())

    def _show(self, policy: LinkPolicy) -> None:
        self.problem.hide()
        self._saved = policy
        self.on.setChecked(policy.on)
        self.unknown.setCurrentIndex(max(0, self.unknown.findData(policy.unknown)))
        self.blocked.setPlainText("\n".join(policy.blocked))
        self.trusted.setPlainText("\n".join(policy.trusted))
        self._edited()

    def _edited(self) -> None:
        self.save.setEnabled(self.wanted() != self._saved)

    async def _save(self) -> None:
        self._show(await self._service.change(self.wanted()))
        self.told.emit("链接规则已保存")

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def _lines(edit: QPlainTextEdit) -> list[str]:
    return [one.strip() for one in edit.toPlainText().splitlines() if one.strip()]
