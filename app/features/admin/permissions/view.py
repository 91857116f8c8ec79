"""功能权限: features at the top, below them to whom the chosen one is given and refused."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.permissions import Feature, FeatureSummary, Grant, GrantChange, Grants, Subject
from widgets.controls import (
    Banner,
    ConfirmDialog,
    EmptyNote,
    FilterItem,
    FilterTabs,
    IconButton,
    Switch,
    button,
    label,
    pill,
    reading_table,
    surface,
)
from widgets.theme import ThemeManager

from .service import PermissionsService

_COLUMNS = ("授权对象", "所在位置", "权限", "设置人", "设置时间", "")
_ICONS = {Subject.UNIT: "unit", Subject.PERSON: "user"}


class PermissionsSection(QWidget):
    """Deny by default: whoever is not named here, nor below a unit that is, has not got the feature."""

    def __init__(
        self, service: PermissionsService, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._themes = themes
        self._features: list[FeatureSummary] = []
        self._grants: Grants | None = None
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addWidget(label("功能权限", "headline"))
        column.addWidget(
            label(
                "未授权即不可用。对个人的设置优先于单位，下级单位优先于上级单位，单位优先于所有人；更改立即生效。",
                "secondary",
                wrap=True,
            )
        )
        self.tabs = FilterTabs(themes)
        self.tabs.setAccessibleName("功能")
        self.tabs.current_changed.connect(lambda _key: self._load())
        column.addWidget(self.tabs)
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        column.addWidget(self.problem)
        column.addWidget(self._everyone_card(space.l))
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        self.count = label("", "secondary")
        self.give, self.refuse = button("授权给单位或人员…", "primary"), button("禁止单位或人员…")
        self.give.clicked.connect(lambda: self._pick(allow=True))
        self.refuse.clicked.connect(lambda: self._pick(allow=False))
        bar.addWidget(self.count)
        bar.addStretch(1)
        bar.addWidget(self.refuse)
        bar.addWidget(self.give)
        column.addLayout(bar)
        self.table = reading_table(themes, _COLUMNS, "授权列表", stretch=1)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.nobody = EmptyNote(themes, self.table, "没有单独设置的单位和人员，都按“所有人”的设置。")
        column.addWidget(self.table, 1)
        self._enable(False)

    def _everyone_card(self, margin: int) -> QWidget:
        card = surface("card")
        row = QHBoxLayout(card)
        row.setContentsMargins(margin, margin // 2, margin, margin // 2)
        words = QVBoxLayout()
        words.setSpacing(self._themes.theme.space.half)
        self.everyone_title = label("所有人", "body")
        self.hint = label("", "caption", wrap=True)
        words.addWidget(self.everyone_title)
        words.addWidget(self.hint)
        row.addLayout(words, 1)
        self.everyone = Switch(self._themes, "所有人可用")
        self.everyone.clicked.connect(self._everyone_clicked)
        row.addWidget(self.everyone)
        return card

    # Reading.

    def entered(self) -> None:
        """The section is shown: read anew."""
        self.tasks.start(self._read(), "读取功能权限")

    async def _read(self) -> None:
        self._features = await self._service.features()
        self.tabs.set_items([FilterItem(one.feature.key, one.feature.title) for one in self._features])
        await self._read_grants()

    def _load(self) -> None:
        self.tasks.start(self._read_grants(), "读取功能权限")

    async def _read_grants(self) -> None:
        key = self.tabs.current
        if key:
            found = await self._service.grants(key)
            if key == self.tabs.current:
                self._show(found)

    @property
    def feature(self) -> Feature | None:
        """The chosen feature, once it has been read."""
        return self._grants.feature if self._grants is not None else None

    def _show(self, grants: Grants) -> None:
        self._grants = grants
        self.problem.hide()
        everyone = next((one for one in grants.grants if one.subject is Subject.EVERYONE), None)
        self.everyone.setChecked(everyone is not None and everyone.allow)
        self.hint.setText(grants.feature.hint)
        rows = [one for one in grants.grants if one.subject is not Subject.EVERYONE]
        self.table.setRowCount(len(rows))
        for line, grant in enumerate(rows):
            self._show_row(line, grant)
        self.nobody.settle()
        self.count.setText(f"单独设置 {len(rows)} 项" if rows else "还没有单独设置的单位和人员")
        self._enable(True)

    def _show_row(self, line: int, grant: Grant) -> None:
        name = QTableWidgetItem(grant.name or "（已不存在）")
        name.setIcon(self._themes.icons.icon(_ICONS[grant.subject], "text_2"))
        at = datetime.fromtimestamp(grant.set_at / 1000).strftime("%Y-%m-%d %H:%M")
        for column, item in enumerate(
            (name, *(QTableWidgetItem(text) for text in (grant.path, "", grant.set_by, at)))
        ):
            item.setToolTip(item.text())
            self.table.setItem(line, column, item)
        words = "允许" if grant.allow else "禁止"
        self.table.item(line, 2).setData(Qt.ItemDataRole.AccessibleTextRole, words)
        self.table.setCellWidget(line, 2, _centred(pill(words, "ok" if grant.allow else "bad")))
        remove = IconButton(self._themes, "trash", f"移除对{grant.name}的设置")
        remove.clicked.connect(lambda: self._remove(grant))
        self.table.setCellWidget(line, 5, _centred(remove))

    def _enable(self, ready: bool) -> None:
        for one in (self.everyone, self.give, self.refuse):
            one.setEnabled(ready)

    # Changing.

    def _everyone_clicked(self, checked: bool) -> None:
        self._enable(False)
        self._change([GrantChange(subject=Subject.EVERYONE, allow=checked or None)])

    def _remove(self, grant: Grant) -> None:
        dialog = ConfirmDialog(
            self._themes,
            "移除这项设置？",
            f"移除后，“{grant.name}”是否可用由上级单位和“所有人”的设置决定。",
            accept="移除",
            parent=self,
        )
        dialog.accepted.connect(
            lambda: self._change(
                [GrantChange(subject=grant.subject, subject_id=grant.subject_id, allow=None)]
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _change(self, changes: list[GrantChange]) -> None:
        if self.feature is not None:
            self.tasks.start(self._changed(self.feature.key, changes), "更改功能权限")

    async def _changed(self, key: str, changes: list[GrantChange]) -> None:
        found = await self._service.change(key, changes)
        if key == self.tabs.current:
            self._show(found)

    def _pick(self, *, allow: bool) -> None:
        feature = self.feature
        if feature is None:
            return

        async def accept(picked: list[Picked]) -> None:
            kinds = {"unit": Subject.UNIT, "person": Subject.PERSON}
            await self._changed(
                feature.key,
                [GrantChange(subject=kinds[one.kind], subject_id=one.id, allow=allow) for one in picked],
            )

        title = f"授权使用“{feature.title}”" if allow else f"禁止使用“{feature.title}”"
        dialog = OrgPicker(
            self._service, self._themes, title, accept, confirm="授权" if allow else "禁止", parent=self
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.picker = dialog

    picker: OrgPicker | None = None
    """The dialog opened last."""

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()
        if self._grants is not None:
            self._show(self._grants)
            self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()


def _centred(inner: QWidget) -> QWidget:
    host = QWidget()
    row = QHBoxLayout(host)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(inner, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return host
