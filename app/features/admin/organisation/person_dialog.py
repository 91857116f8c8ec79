"""Makes or changes a person: name, number, rank, posts in several units, and the account."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.session.organisation_api import OrganisationApi
from app.shell.org_picker import OrgPicker, Picked
from server_stub.contract.directory import Person, Unit
from server_stub.contract.directory_admin import PersonChange, PersonCreate, PersonRecord, PostWanted
from widgets.controls import ConfirmDialog, IconButton, button, label
from widgets.theme import ThemeManager
from widgets.theme.stylesheet import restyle

from .parts import FormDialog
from .service import Browse


class PostRow(QWidget):
    """One post: main or not, unit, title, and a button to remove it."""

    def __init__(self, themes: ThemeManager, unit_id: str, unit_name: str, title: str) -> None:
        super().__init__()
        self.unit_id = unit_id
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(themes.theme.space.s)
        self.main = QRadioButton("主职")
        self.main.setAccessibleName(f"{unit_name}为主职")
        self.title = QLineEdit(title)
        self.title.setPlaceholderText("职务")
        self.title.setAccessibleName(f"在{unit_name}的职务")
        self.title.setMaxLength(100)
        self.remove = IconButton(themes, "trash", f"移除在{unit_name}的职务")
        name = label(unit_name, "body")
        name.setToolTip(unit_name)
        row.addWidget(self.main)
        row.addWidget(name, 1)
        row.addWidget(self.title, 1)
        row.addWidget(self.remove)


class PersonDialog(FormDialog):
    """`person` None makes a new one in `here`."""

    def __init__(
        self,
        themes: ThemeManager,
        api: OrganisationApi,
        browse: Browse,
        person: Person | None,
        here: Unit | None,
        parent: QWidget | None = None,
    ) -> None:
        title = "新建人员" if person is None else f"修改“{person.name}”"
        super().__init__(themes, title, "新建" if person is None else "保存", parent)
        self._api, self._browse, self._person = api, browse, person
        self.record: PersonRecord | None = None
        self.done_words = ""
        self.name = self.add_line("姓名", person.name if person else "")
        self.phone = self.add_line("手机号", person.phone if person else "", "用于登录和接收验证码")
        self.login = self.add_line("账号", "", "不填则用姓名拼音" if person is None else "")
        self.login.setReadOnly(person is not None)
        self.rank = self.add_line("职级", person.rank if person else "", "如：四级调研员")
        self.vip = QCheckBox("重点保护（VIP）：没有权限的人看不到电话，不能发消息或拉群")
        self.vip.setChecked(person is not None and person.vip)
        self.form.addRow("", self.vip)
        self.posts: list[PostRow] = []
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(themes.theme.space.xs)
        host = QWidget()
        host.setLayout(self._rows)
        self.form.addRow("职务", host)
        self.add_post = button("添加单位…", "link")
        self.add_post.clicked.connect(self._pick_unit)
        self.form.addRow("", self.add_post)
        for post in person.posts if person else ():
            self._add_row(post.unit_id, post.unit_path or post.unit_name, post.title, post.main)
        if person is None and here is not None:
            self._add_row(here.id, here.name, "", main=True)
        self.fields: dict[str, QLineEdit] = {}
        """The lines of the organisation's own fields, by their ids."""
        self._fields_at = self.form.rowCount()
        self.tasks.start(self._read_fields(), "读取自定义字段")
        self.account = label("", "caption", wrap=True)
        self.active = button("停用账号")
        self.reset = button("重置密码")
        self.administrator = button("设为管理员")
        self.administrator.clicked.connect(self._ask_administrator)
        self.active.clicked.connect(self._ask_active)
        self.reset.clicked.connect(self._ask_reset)
        if person is not None:
            row = QHBoxLayout()
            row.addWidget(self.account, 1)
            row.addWidget(self.administrator)
            row.addWidget(self.reset)
            row.addWidget(self.active)
            self.form.addRow("账号状态", row)
            for one in (self.administrator, self.active, self.reset, self.go):
                one.setEnabled(False)
            self.tasks.start(self._read(person.id), "读取账号")
        self.name.setFocus()

    async def _read_fields(self) -> None:
        kinds = (await self._api.settings()).fields
        held = {one.id: one.value for one in (self._person.fields if self._person else ())}
        if self._person is not None and kinds:
            held = {one.id: one.value for one in (await self._api.person(self._person.id)).person.fields}
        for place, kind in enumerate(kinds):
            line = self.fields[kind.id] = QLineEdit(held.get(kind.id, ""))
            line.setMaxLength(200)
            line.setAccessibleName(kind.name)
            self.form.insertRow(self._fields_at + place, kind.name, line)

    def _wanted_fields(self) -> dict[str, str]:
        return {field_id: line.text() for field_id, line in self.fields.items()}

    # The account.

    async def _read(self, person_id: str) -> None:
        self._show(await self._api.person(person_id))

    def _show(self, record: PersonRecord) -> None:
        self.record = record
        self.login.setText(record.login)
        state = "已停用" if record.disabled else "正常" if record.activated else "等待激活"
        seen = (
            datetime.fromtimestamp(record.last_seen_at / 1000).strftime("，最近使用 %Y-%m-%d %H:%M")
            if record.last_seen_at
            else ""
        )
        self.account.setText(state + ("，管理员" if record.is_admin else "") + seen)
        self.active.setText("恢复账号" if record.disabled else "停用账号")
        self.active.setProperty("kind", "secondary" if record.disabled else "danger")
        restyle(self.active)
        self.administrator.setText("取消管理员" if record.is_admin else "设为管理员")
        for one in (self.active, self.reset, self.go):
            one.setEnabled(True)
        self.administrator.setEnabled(record.is_admin or not record.disabled)

    def _ask_active(self) -> None:
        record = self.record
        if record is None:
            return
        if record.disabled:
            self.tasks.start(self._set_active(True), "恢复账号")
            return
        self._ask(
            f"停用“{record.person.name}”的账号？",
            "他的所有设备立即退出，不再出现在通讯录里。聊天记录和文件都保留，以后可以恢复。",
            "停用",
            lambda: self.tasks.start(self._set_active(False), "停用账号"),
        )

    def _ask_administrator(self) -> None:
        record = self.record
        if record is None:
            return
        name, on = record.person.name, not record.is_admin
        text = (
            "管理员可以使用控制台的全部功能，并与其他管理员互相确认密钥操作。他的所有设备立即退出，重新登录后生效。"
            if on
            else "他不能再使用控制台，所有设备立即退出，重新登录后是普通用户。"
        )
        self._ask(
            f"将“{name}”设为管理员？" if on else f"取消“{name}”的管理员身份？",
            text,
            "设为管理员" if on else "取消管理员",
            lambda: self.tasks.start(self._set_administrator(on), "设为管理员" if on else "取消管理员"),
        )

    async def _set_administrator(self, on: bool) -> None:
        if self.record is None:
            return
        await self._api.set_administrator(self.record.person.id, on)
        self.done_words = f"“{self.record.person.name}”" + ("已是管理员" if on else "不再是管理员")
        self.accept()

    def _ask_reset(self) -> None:
        if self.record is not None:
            self._ask(
                f"重置“{self.record.person.name}”的密码？",
                "他的所有设备立即退出。下次登录前要用手机验证码重新激活账号、设置新密码。",
                "重置",
                lambda: self.tasks.start(self._reset(), "重置密码"),
            )

    def _ask(self, title: str, text: str, accept: str, then) -> None:
        dialog = ConfirmDialog(self.themes, title, text, accept=accept, danger=True, parent=self)
        dialog.accepted.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        self.question = dialog
        dialog.open()

    question: ConfirmDialog | None = None
    """The question asked last."""

    async def _set_active(self, active: bool) -> None:
        if self.record is None:
            return
        await self._api.set_active(self.record.person.id, active)
        self.done_words = "账号已恢复" if active else "账号已停用"
        self.accept()

    async def _reset(self) -> None:
        if self.record is None:
            return
        await self._api.reset(self.record.person.id)
        self.done_words = "密码已重置，等待本人重新激活"
        self.accept()

    # Posts.

    def _add_row(self, unit_id: str, unit_name: str, title: str, main: bool) -> None:
        row = PostRow(self.themes, unit_id, unit_name, title)
        row.main.setAutoExclusive(False)
        row.main.setChecked(main)
        row.main.clicked.connect(lambda _checked: self._make_main(row))
        row.remove.clicked.connect(lambda: self._remove_row(row))
        self.posts.append(row)
        self._rows.addWidget(row)

    def _make_main(self, chosen: PostRow) -> None:
        for row in self.posts:
            row.main.setChecked(row is chosen)

    def _remove_row(self, row: PostRow) -> None:
        self.posts.remove(row)
        self._rows.removeWidget(row)
        row.deleteLater()
        if row.main.isChecked() and self.posts:
            self._make_main(self.posts[0])

    def _pick_unit(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            for one in picked:
                self._add_row(one.id, one.name, "", main=not self.posts)

        picker = OrgPicker(
            self._browse,
            self.themes,
            "选择任职单位",
            accept,
            people=False,
            confirm="添加",
            hidden=[row.unit_id for row in self.posts],
            parent=self,
        )
        picker.finished.connect(picker.deleteLater)
        self.picker = picker
        picker.open()

    picker: OrgPicker | None = None
    """The picker opened last."""

    def _wanted_posts(self) -> list[PostWanted]:
        return [
            PostWanted(unit_id=row.unit_id, title=row.title.text(), main=row.main.isChecked())
            for row in self.posts
        ]

    async def save(self) -> None:
        name, phone, rank = self.name.text(), self.phone.text(), self.rank.text()
        if self._person is None:
            made = await self._api.add_person(
                PersonCreate(
                    name=name,
                    phone=phone,
                    login=self.login.text(),
                    rank=rank,
                    vip=self.vip.isChecked(),
                    posts=self._wanted_posts(),
                    fields=self._wanted_fields(),
                )
            )
            self.done_words = f"“{made.person.name}”已建立，账号 {made.login}，等待本人用手机验证码激活"
            return
        await self._api.change_person(
            self._person.id,
            PersonChange(
                version=self.record.person.version if self.record else self._person.version,
                name=name,
                phone=phone,
                rank=rank,
                vip=self.vip.isChecked(),
                posts=self._wanted_posts(),
                fields=self._wanted_fields(),
            ),
        )
        self.done_words = "已保存"
