"""One group in the hands of an administrator: name, owner, members, its end; never what is written in it (3.2.3.4.2)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from app.shell.org_picker import OrgPicker, OrgSource, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.conversations import MemberRole
from server_stub.contract.groups import AdminGroup, AdminGroupMember
from widgets.controls import Banner, ConfirmDialog, Dialog, SearchField, button, label
from widgets.theme import ThemeManager

from .service import GroupsAdmin

_MEMBER = Qt.ItemDataRole.UserRole
_ROLES = {MemberRole.OWNER: "群主", MemberRole.ADMIN: "管理员", MemberRole.MEMBER: ""}
_PAGE = 500


class ControlDialog(Dialog):
    """What is done here is done at once. Signals: `changed(words)` after each change, `ended()` when the group is dissolved."""

    changed = Signal(str)
    ended = Signal()

    def __init__(
        self,
        service: GroupsAdmin,
        source: OrgSource,
        themes: ThemeManager,
        group: AdminGroup,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "管理群聊", parent, width=themes.theme.sizes.dialog_wide)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._service, self._source = service, source
        self.group = group
        self.members: list[AdminGroupMember] = []
        self.tasks = Tasks(self._failed)
        space = themes.theme.space
        self.problem = Banner(themes, "", "bad")
        self.problem.hide()
        self.name = QLineEdit(group.name)
        self.name.setAccessibleName("群名称")
        self.name.setPlaceholderText("未命名的群聊")
        self.name.setMaxLength(60)
        self.rename = button("改名")
        self.rename.clicked.connect(self._rename)
        self.name.textChanged.connect(lambda _text: self._enable())
        self.name.returnPressed.connect(self._rename)
        first = QHBoxLayout()
        first.setSpacing(space.s)
        first.addWidget(label("群名称", "secondary", "weak"))
        first.addWidget(self.name, 1)
        first.addWidget(self.rename)
        self.count = label("", "secondary", "weak")
        self.search = SearchField(themes, "查找成员")
        self.search.query_changed.connect(self._filter)
        self.add = button("添加成员…")
        self.add.clicked.connect(self._add)
        second = QHBoxLayout()
        second.setSpacing(space.s)
        second.addWidget(self.count)
        second.addStretch(1)
        second.addWidget(self.search)
        second.addWidget(self.add)
        self.list = QTreeWidget()
        self.list.setAccessibleName("群成员")
        self.list.setHeaderLabels(["姓名", "身份", "入群时间"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.list.setMinimumHeight(themes.theme.sizes.picker_height // 2)
        self.list.itemSelectionChanged.connect(self._enable)
        self.remove = button("移出所选")
        self.remove.clicked.connect(self._ask_remove)
        self.owner = button("设为群主")
        self.owner.clicked.connect(self._ask_owner)
        third = QHBoxLayout()
        third.setSpacing(space.s)
        third.addWidget(self.owner)
        third.addWidget(self.remove)
        third.addStretch(1)
        self.content.addWidget(self.problem)
        self.content.addLayout(first)
        self.content.addSpacing(space.s)
        self.content.addLayout(second)
        self.content.addWidget(self.list, 1)
        self.content.addLayout(third)
        self.content.addWidget(
            label(
                "更改立即生效，群里会显示“系统管理员”所做的更改，并记入审计。", "caption", "weak", wrap=True
            )
        )
        self.dissolve = button("解散群聊…", "danger")
        self.dissolve.clicked.connect(self._ask_dissolve)
        self.foot.insertWidget(0, self.dissolve)
        self.close_button = self.add_button("关闭", default=True, slot=self.reject)
        self.finished.connect(lambda _result: asyncio.ensure_future(self.tasks.close()))
        self._enable()
        self.tasks.start(self._load(), "读取群成员")

    # Showing.

    async def _load(self) -> None:
        found = await self._service.members(self.group.id, _PAGE)
        self.members = found.members
        self.list.clear()
        for one in found.members:
            at = datetime.fromtimestamp(one.joined_at / 1000).strftime("%Y-%m-%d") if one.joined_at else ""
            item = QTreeWidgetItem([one.name or "已停用的人员", _ROLES[one.role], at])
            item.setData(0, _MEMBER, one)
            self.list.addTopLevelItem(item)
        self.list.setColumnWidth(0, self.list.viewport().width() // 2)
        more = f"，显示前 {len(found.members)} 人" if found.total > len(found.members) else ""
        self.count.setText(f"共 {found.total} 人{more}")
        self._filter(self.search.text())
        self._enable()

    def _filter(self, text: str) -> None:
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None:
                item.setHidden(text.strip() not in item.text(0))

    def chosen(self) -> list[AdminGroupMember]:
        """The members that are selected."""
        return [item.data(0, _MEMBER) for item in self.list.selectedItems()]

    def _enable(self) -> None:
        chosen = self.chosen()
        owner = any(one.role is MemberRole.OWNER for one in chosen)
        self.remove.setEnabled(bool(chosen) and not owner)
        self.remove.setToolTip("请先更换群主" if owner else "")
        self.owner.setEnabled(len(chosen) == 1 and not owner)
        name = self.name.text().strip()
        self.rename.setEnabled(bool(name) and name != self.group.name)

    def _failed(self, error: BaseException, doing: str) -> None:
        self.problem.say(describe(error, doing).text, "bad")
        self.problem.show()

    # Changing.

    def _do(self, words: str, doing: str, **change: Any) -> None:
        async def work() -> None:
            self.problem.hide()
            self.group = await self._service.change(self.group.id, **change)
            self.changed.emit(words)
            await self._load()

        self.tasks.start(work(), doing)

    def _rename(self) -> None:
        if self.rename.isEnabled():
            self._do("群名称已修改", "修改群名称", name=self.name.text().strip())

    def _add(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            group = await self._service.change(self.group.id, add=[one.id for one in picked])
            self.group = group
            self.changed.emit(f"已添加 {len(picked)} 人")
            await self._load()

        picker = OrgPicker(
            self._source,
            self.themes,
            "添加群成员",
            accept,
            units=False,
            confirm="添加",
            hidden=[one.person_id for one in self.members],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _ask(self, title: str, text: str, yes: str, then) -> None:
        dialog = ConfirmDialog(self.themes, title, text, yes, danger=True, parent=self)
        dialog.accepted.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_remove(self) -> None:
        chosen = self.chosen()
        names = "、".join(one.name for one in chosen[:3]) + (" 等" if len(chosen) > 3 else "")
        ids = [one.person_id for one in chosen]
        self._ask(
            "移出群成员",
            f"将 {names}（{len(chosen)} 人）移出“{self.group.name}”？他们将看不到以后的消息。",
            "移出",
            lambda: self._do(f"已移出 {len(ids)} 人", "移出群成员", remove=ids),
        )

    def _ask_owner(self) -> None:
        (one,) = self.chosen()
        self._ask(
            "更换群主",
            f"将“{self.group.name}”的群主由 {self.group.owner_name or '原群主'} 换为 {one.name}？原群主成为普通成员。",
            "更换",
            lambda: self._do(f"群主已换为 {one.name}", "更换群主", owner_id=one.person_id),
        )

    def _ask_dissolve(self) -> None:
        async def work() -> None:
            await self._service.dissolve(self.group.id)
            self.changed.emit(f"“{self.group.name or '未命名的群聊'}”已解散")
            self.ended.emit()
            self.accept()

        self._ask(
            "解散群聊",
            f"解散“{self.group.name or '未命名的群聊'}”（{self.group.member_count} 人）后，群里不能再发消息，不能恢复。确定解散吗？",
            "解散",
            lambda: self.tasks.start(work(), "解散群聊"),
        )
