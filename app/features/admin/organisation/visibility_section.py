"""通讯录可见性: who is hidden from whom, who sees no further than his own unit, and a box to try it (E142)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.session.organisation_api import OrganisationApi
from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.directory_admin import Scope, VisibilityRule, Who
from widgets.controls import ConfirmDialog, EmptyNote, IconButton, button, label
from widgets.theme import ThemeManager

from .parts import FormDialog, Section, fill_row, make_table
from .service import Browse

_HIDE, _BOUND = "hide", "bound"
_SCOPES = ((Scope.AUTHORITY, "本地区或本部门"), (Scope.UNIT, "本单位"))
_LEVELS = (
    ("1", "市级人员"),
    ("2", "区县、市直及以上"),
    ("3", "乡镇街道及以上"),
    ("4", "村社区及以上"),
    ("5", "全部有级别的人员"),
)


class WhoList(QWidget):
    """Units, people, lines and levels that a rule speaks of."""

    def __init__(
        self, themes: ThemeManager, browse: Browse, api: OrganisationApi, name: str, several: bool
    ) -> None:
        super().__init__()
        self._themes, self._browse, self._api, self._several = themes, browse, api, several
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(themes.theme.space.xs)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        rows = 3 if several else 1
        self.list.setFixedHeight(themes.theme.grow(themes.theme.sizes.control) * rows + themes.theme.space.s)
        column.addWidget(self.list)
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.s)
        self.pick = button("选择单位或人员…", "link")
        self.pick.clicked.connect(self._pick)
        self.more = QComboBox()
        self.more.setAccessibleName("按条线或级别选择")
        self.more.addItem("按条线或级别…", None)
        for level, words in _LEVELS:
            self.more.addItem(words, Who(kind="level", id=level, name=words))
        self.more.activated.connect(self._chosen)
        self.drop = IconButton(themes, "trash", "移除所选")
        self.drop.clicked.connect(self._drop)
        row.addWidget(self.pick)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.drop)
        column.addLayout(row)

    def add_lines(self, lines: list[Who]) -> None:
        """Offer these lines too."""
        for one in lines:
            self.more.addItem(f"条线：{one.name}", one)

    @property
    def chosen(self) -> list[Who]:
        """What is in the list."""
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]

    def add(self, who: Who) -> None:
        """Put one more into the list; where only one may be, instead of it."""
        if not self._several:
            self.list.clear()
        if any(one.kind == who.kind and one.id == who.id for one in self.chosen):
            return
        item = QListWidgetItem(who.name)
        item.setData(Qt.ItemDataRole.UserRole, who)
        self.list.addItem(item)

    def _chosen(self, index: int) -> None:
        who = self.more.itemData(index)
        self.more.setCurrentIndex(0)
        if who is not None:
            self.add(who)

    def _drop(self) -> None:
        for item in self.list.selectedItems() or ([self.list.item(0)] if self.list.count() == 1 else []):
            self.list.takeItem(self.list.row(item))

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            for one in picked:
                self.add(Who(kind=one.kind, id=one.id, name=one.name))

        picker = OrgPicker(
            self._browse, self._themes, "选择单位或人员", accept, several=self._several, parent=self.window()
        )
        picker.finished.connect(picker.deleteLater)
        self.picker = picker
        picker.open()

    picker: OrgPicker | None = None
    """The picker opened last."""


class RuleDialog(FormDialog):
    """Makes or changes a rule."""

    def __init__(
        self,
        themes: ThemeManager,
        api: OrganisationApi,
        browse: Browse,
        rule: VisibilityRule | None,
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "新建可见性规则" if rule is None else "修改可见性规则", "保存", parent)
        self._api, self._rule = api, rule
        self.kind = QComboBox()
        self.kind.setAccessibleName("规则类型")
        self.kind.addItem("隐藏：只有指定的人能看到某个单位、人员或条线", _HIDE)
        self.kind.addItem("限定：某些人只能看到一定范围", _BOUND)
        self.form.addRow("规则", self.kind)
        self.target = WhoList(themes, browse, api, "隐藏对象", several=False)
        self.form.addRow("隐藏对象", self.target)
        self.scope = QComboBox()
        self.scope.setAccessibleName("可见范围")
        for value, words in _SCOPES:
            self.scope.addItem(words, value)
        self.form.addRow("可见范围", self.scope)
        self.viewers = WhoList(themes, browse, api, "可见者", several=True)
        self.form.addRow("可见者", self.viewers)
        self.note = self.add_line("备注", rule.note if rule else "", "为什么设这条规则")
        self.note.setMaxLength(200)
        if rule is not None:
            self.kind.setCurrentIndex(0 if rule.target is not None else 1)
            if rule.target is not None:
                self.target.add(rule.target)
            for one in rule.viewers:
                self.viewers.add(one)
            self.scope.setCurrentIndex(max(0, self.scope.findData(rule.scope)))
        self.kind.currentIndexChanged.connect(lambda _index: self._settle())
        self._settle()
        self.tasks.start(self._offer_lines(), "读取条线")

    async def _offer_lines(self) -> None:
        lines = [Who(kind="line", id=one.id, name=one.name) for one in await self._api.lines()]
        self.target.add_lines(lines)
        self.viewers.add_lines(lines)

    def _settle(self) -> None:
        hide = self.kind.currentData() == _HIDE
        self.form.setRowVisible(self.target, hide)
        self.form.setRowVisible(self.scope, not hide)
        words = self.form.labelForField(self.viewers)
        words.setProperty("text", "谁能看到" if hide else "对谁生效")
        self.adjustSize()

    async def save(self) -> None:
        hide = self.kind.currentData() == _HIDE
        target = self.target.chosen
        if hide and not target:
            raise RuleProblem("请选择要隐藏的单位、人员或条线。")
        if not hide and not self.viewers.chosen:
            raise RuleProblem("请选择规则对谁生效。")
        await self._api.save_rule(
            VisibilityRule(
                id=self._rule.id if self._rule else "",
                target=target[0] if hide else None,
                viewers=self.viewers.chosen,
                scope=Scope.ALL if hide else Scope(self.scope.currentData()),
                note=self.note.text(),
            )
        )


class RuleProblem(Exception):
    """What is missing in the form; `text` is for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class VisibilitySection(Section):
    """Signals: `told(words)` for good news."""

    told = Signal(str)

    def __init__(
        self, api: OrganisationApi, browse: Browse, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            themes,
            "通讯录可见性",
            "没有规则时所有人互相可见。被隐藏的内容不会离开服务器：浏览、搜索、名片、人数里都没有。几条规则同时涉及时，都允许才可见。",
            parent,
        )
        self._api, self._browse = api, browse
        bar = QHBoxLayout()
        bar.setSpacing(themes.theme.space.s)
        self.new, self.edit, self.remove = button("新建规则…", "primary"), button("修改…"), button("删除")
        self.try_out = button("试一试：谁能看到谁…")
        self.new.clicked.connect(lambda: self._dialog(None))
        self.edit.clicked.connect(lambda: self._dialog(self.rule))
        self.remove.clicked.connect(self._ask_remove)
        self.try_out.clicked.connect(self._try)
        for one in (self.new, self.edit, self.remove):
            bar.addWidget(one)
        bar.addStretch(1)
        bar.addWidget(self.try_out)
        self.column.addLayout(bar)
        self.table = make_table(themes, "可见性规则", ("规则", "可见者", "备注"), 1)
        self.table.itemSelectionChanged.connect(self._settle)
        self.table.itemDoubleClicked.connect(lambda _item: self._dialog(self.rule))
        self.no_rules = EmptyNote(themes, self.table, "还没有规则，所有人互相可见。")
        self.column.addWidget(self.table, 1)
        self.answer = label("", "secondary", wrap=True)
        self.column.addWidget(self.answer)
        self._settle()

    @property
    def rule(self) -> VisibilityRule | None:
        """The chosen rule."""
        rows = self.table.selectionModel().selectedRows()
        return self.table.item(rows[0].row(), 0).data(Qt.ItemDataRole.UserRole) if rows else None

    def entered(self) -> None:
        self.tasks.start(self._read(), "读取可见性规则")

    async def _read(self) -> None:
        rules = await self._api.rules()
        self.problem.hide()
        self.table.setRowCount(len(rules))
        scopes = dict(_SCOPES)
        for row, rule in enumerate(rules):
            if rule.target is not None:
                words = f"隐藏“{rule.target.name}”"
            else:
                words = f"只能看到{scopes.get(rule.scope, '全部')}"
            viewers = "、".join(one.name for one in rule.viewers) or "只有内部人员和管理员"
            fill_row(self.table, row, (words, viewers, rule.note), rule)
        self.no_rules.settle()
        self._settle()

    def _settle(self) -> None:
        for one in (self.edit, self.remove):
            one.setEnabled(self.rule is not None)

    def _dialog(self, rule: VisibilityRule | None) -> None:
        dialog = RuleDialog(self.themes, self._api, self._browse, rule, self)
        dialog.accepted.connect(self._saved)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    dialog: RuleDialog | None = None
    """The dialog opened last."""

    def _saved(self) -> None:
        self.told.emit("规则已生效")
        self.entered()

    def _ask_remove(self) -> None:
        rule = self.rule
        if rule is None:
            return
        dialog = ConfirmDialog(
            self.themes,
            "删除这条规则？",
            "被它隐藏的内容立即恢复可见。",
            accept="删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._removed(rule.id), "删除规则"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _removed(self, rule_id: str) -> None:
        await self._api.remove_rule(rule_id)
        self.told.emit("规则已删除")
        await self._read()

    def _try(self) -> None:
        async def viewer(picked: list[Picked]) -> None:
            async def target(chosen: list[Picked]) -> None:
                found = await self._api.check(picked[0].id, chosen[0].kind, chosen[0].id)
                words = "能看到" if found.visible else f"看不到：{found.reason}"
                self.answer.setText(f"{picked[0].name} 看 {chosen[0].name}：{words}")

            self._pick(f"{picked[0].name} 看谁？", target, units=True)

        self._pick("谁来看？", viewer, units=False)

    def _pick(self, title: str, accept, *, units: bool) -> None:
        picker = OrgPicker(
            self._browse,
            self.themes,
            title,
            accept,
            units=units,
            several=False,
            confirm="下一步",
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        self.picker = picker
        picker.open()

    picker: OrgPicker | None = None
    """The picker opened last."""
