"""群聊: three limits of the whole system, and the groups with their own (E089, 3.1.2.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QSpinBox,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.org_picker import OrgPicker, OrgSource, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.groups import AdminGroup, AdminGroups, GroupLimits, GroupLimitsChange
from widgets.controls import (
    Banner,
    Dialog,
    EmptyState,
    LoadingButton,
    SearchField,
    button,
    label,
    reading_table,
    surface,
)
from widgets.theme import ThemeManager

from .control import ControlDialog
from .service import GroupsAdmin

PAGE = 100
MOST = 10_000
_WAYS = {"": "按群名称", "member": "按成员", "manager": "按群主和管理员"}
_COLUMNS = ("群名称", "群主", "人数", "人数上限", "创建时间", "")


class LimitDialog(Dialog):
    """One group's own limit; closes when `save` has done its work."""

    def __init__(
        self,
        themes: ThemeManager,
        group: AdminGroup,
        general: int,
        save: Callable[[int], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "群人数上限", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.content.addWidget(
            label(
                f"“{group.name or '未命名的群聊'}”现有 {group.member_count} 人。", "body", "weak", wrap=True
            )
        )
        self.box = QSpinBox()
        self.box.setRange(0, MOST)
        self.box.setSpecialValueText(f"按通用上限（{general} 人）")
        self.box.setSuffix(" 人")
        self.box.setValue(group.member_limit)
        self.box.setAccessibleName("人数上限")
        self.content.addWidget(self.box)
        self.content.addWidget(
            label("填 0 表示按通用上限。已超过上限的群不受影响，只是不能再加人。", "caption", wrap=True)
        )
        self.add_button("取消", slot=self.reject)
        self.add_button("保存", "primary", default=True, slot=lambda: self._save(save))

    def _save(self, save: Callable[[int], object]) -> None:
        save(self.box.value())
        self.accept()


class GroupsSection(QWidget):
    """Administrators see names, owners and counts; never what is written."""

    def __init__(
        self,
        service: GroupsAdmin,
        themes: ThemeManager,
        tell: Callable[[str], None] = lambda _words: None,
        parent: QWidget | None = None,
        *,
        source: OrgSource | None = None,
    ) -> None:
        """`source`: the organisation, for finding a person's groups and adding members."""
        super().__init__(parent)
        self._source = source
        self._person: Picked | None = None
        self._service, self._themes, self._tell = service, themes, tell
        self.found: AdminGroups | None = None
        self.tasks = Tasks(self._failed)
        theme, space = themes.theme, themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.section, space.xxl, space.section, space.xl)
        column.setSpacing(space.m)
        column.addWidget(label("群聊", "headline"))
        column.addWidget(
            label(
                "人数上限和大群名额对全系统生效，立即执行并记入审计。这里看不到任何聊天内容。",
                "secondary",
                wrap=True,
            )
        )
        self.problem = Banner(themes, "", "bad", "重试")
        self.problem.acted.connect(self.entered)
        self.problem.hide()
        column.addWidget(self.problem)
        card = surface("card")
        row = QHBoxLayout(card)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.setSpacing(space.l)
        self.members = self._number(row, "每群人数上限", 3, " 人")
        self.large_from = self._number(row, "大群起点", 3, " 人")
        self.large_groups = self._number(row, "全系统大群数量", 0, " 个")
        row.addStretch(1)
        self.save = LoadingButton(themes, "保存")
        self.save.clicked.connect(self._save)
        row.addWidget(self.save, 0, Qt.AlignmentFlag.AlignBottom)
        column.addWidget(card)
        bar = QHBoxLayout()
        bar.setSpacing(space.m)
        self.count = label("", "secondary")
        self.search = SearchField(themes, "按群名称查找")
        self.search.query_changed.connect(lambda _text: self._load())
        self.search.setMaximumWidth(theme.sizes.dialog)
        self.by = QComboBox()
        self.by.setAccessibleName("查找方式")
        for key, text in _WAYS.items():
            self.by.addItem(text, key)
        if source is None:
            self.by.hide()
        self.by.activated.connect(lambda _index: self._way())
        self.person = button("选择人员…")
        self.person.clicked.connect(self.ask_person)
        self.person.hide()
        bar.addWidget(self.count)
        bar.addStretch(1)
        bar.addWidget(self.by)
        bar.addWidget(self.person)
        bar.addWidget(self.search, 1)
        column.addLayout(bar)
        self.table = reading_table(themes, _COLUMNS, "群列表", stretch=0)
        self.table.horizontalHeader().setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Fixed)
        column.addWidget(self.table, 1)
        self.empty = EmptyState(themes, "users", "没有找到", "还没有群聊，或者请换一个词试试。")
        self.empty.hide()
        column.addWidget(self.empty, 1)

    def _number(self, row: QHBoxLayout, title: str, lowest: int, unit: str) -> QSpinBox:
        made = QSpinBox()
        made.setRange(lowest, MOST)
        made.setSuffix(unit)
        made.setAccessibleName(title)
        words = QVBoxLayout()
        words.setSpacing(self._themes.theme.space.xs)
        words.addWidget(label(title, "caption"))
        words.addWidget(made)
        row.addLayout(words)
        return made

    # Reading.

    def entered(self) -> None:
        """The section is shown: read anew."""
        self._load()

    def _load(self) -> None:
        self.tasks.start(self._read(self.search.text().strip()), "读取群列表")

    def _way(self) -> None:
        """By name, or by a person."""
        by_person = bool(self.by.currentData())
        self.person.setVisible(by_person)
        self.search.setVisible(not by_person)
        if not by_person:
            self._person = None
            self.person.setText("选择人员…")
        elif self._person is None:
            self.ask_person()
            return
        self._load()

    def ask_person(self) -> None:
        """Ask whose groups."""
        if self._source is None:
            return

        async def accept(picked: list[Picked]) -> None:
            self.show_groups_of(picked[0])

        picker = OrgPicker(
            self._source,
            self._themes,
            self.by.currentText(),
            accept,
            units=False,
            several=False,
            confirm="查找",
            parent=self.window(),
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def show_groups_of(self, person: Picked) -> None:
        """List a person's groups, as the chosen way says."""
        self._person = person
        self.person.setText(person.name)
        self._load()

    def _whose(self) -> dict[str, str]:
        way = self.by.currentData()
        return {way: self._person.id} if way and self._person is not None else {}

    async def _read(self, text: str) -> None:
        whose = self._whose()
        found = await self._service.groups("" if whose else text, 0, PAGE, **whose)
        if text != self.search.text().strip() or whose != self._whose():
            return
        self.problem.hide()
        first = self.found is None
        self.found = found
        if first:
            self._show_limits(found.limits)
        self._show(found)

    def _show_limits(self, limits: GroupLimits) -> None:
        self.members.setValue(limits.group_members)
        self.large_from.setValue(limits.large_from)
        self.large_groups.setValue(limits.large_groups)

    def _show(self, found: AdminGroups) -> None:
        self.count.setText(f"共 {found.total} 个群，其中大群 {found.large} / {found.limits.large_groups}")
        self.table.setRowCount(len(found.groups))
        for row, group in enumerate(found.groups):
            limit = (
                f"{group.member_limit}（单独设定）" if group.member_limit else str(found.limits.group_members)
            )
            size = f"{group.member_count}（大群）" if group.large else str(group.member_count)
            made = datetime.fromtimestamp(group.created_at / 1000).strftime("%Y-%m-%d")
            for column, text in enumerate(
                (group.name or "未命名的群聊", group.owner_name, size, limit, made)
            ):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
            acts = self._acts(group)
            self.table.setCellWidget(row, len(_COLUMNS) - 1, acts)
            # The table does not ask its widgets how wide they are.
            wide = acts.sizeHint().width() + 4 * self._themes.theme.space.m
            self.table.setColumnWidth(len(_COLUMNS) - 1, max(wide, self.table.columnWidth(len(_COLUMNS) - 1)))
        self.table.setVisible(bool(found.groups))
        self.empty.setVisible(not found.groups)

    def _acts(self, group: AdminGroup) -> QWidget:
        acts = QWidget()
        row = QHBoxLayout(acts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._themes.theme.space.xs)
        ways: list[tuple[str, Callable[[AdminGroup], object]]] = [("修改上限", self.ask_limit)]
        if self._source is not None:
            ways.append(("管理", self.control))
        for text, act in ways:
            link = button(text, "link")
            link.setAccessibleName(f"{text}：{group.name}")
            link.clicked.connect(lambda _on=False, act=act: act(group))
            row.addWidget(link)
        return acts

    # Changing.

    def control(self, group: AdminGroup) -> ControlDialog | None:
        """Open one group: name, owner, members, its end."""
        if self._source is None:
            return None
        dialog = ControlDialog(self._service, self._source, self._themes, group, self.window())
        dialog.changed.connect(self._tell)
        dialog.changed.connect(lambda _words: self._load())
        dialog.open()
        return dialog

    def _save(self) -> None:
        if not self.save.loading:
            self.save.set_loading(True, "正在保存…")
            self.tasks.start(self._set_limits(), "保存上限")

    async def _set_limits(self) -> None:
        change = GroupLimitsChange(
            group_members=self.members.value(),
            large_from=self.large_from.value(),
            large_groups=self.large_groups.value(),
        )
        try:
            self._show_limits(await self._service.set_limits(change))
        finally:
            self.save.set_loading(False)
        self._tell("群聊上限已保存")
        await self._read(self.search.text().strip())

    def ask_limit(self, group: AdminGroup) -> LimitDialog:
        """Ask for one group's limit."""
        general = self.found.limits.group_members if self.found else 0
        dialog = LimitDialog(
            self._themes,
            group,
            general,
            lambda value: self.tasks.start(self._set_group(group, value), "保存上限"),
            self.window(),
        )
        dialog.open()
        return dialog

    async def _set_group(self, group: AdminGroup, value: int) -> None:
        await self._service.set_group_limit(group.id, value)
        self._tell("群人数上限已保存")
        await self._read(self.search.text().strip())

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad", "重试")
        self.problem.show()

    async def close_page(self) -> None:
        """End what still runs."""
        await self.tasks.close()
