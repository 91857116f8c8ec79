"""共享手机号的联系人: colleagues of other units who see the own number because the user lets them (E160)."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.shell.org_picker import OrgPicker, Picked
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.directory import Person
from widgets.controls import Banner, Dialog, EmptyState, button, label
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

from .service import SettingsService

EXPLANATION = "名单中的同事即使不在您的单位，也能看到您的手机号；移出后立即看不到。"


def line_of(person: Person) -> str:
    """Unit and post."""
    post = next((one for one in person.posts if one.main), person.posts[0] if person.posts else None)
    return f"{post.unit_name} {post.title}".strip() if post is not None else ""


class SharedPhoneDialog(Dialog):
    """The list, with adding and removing; each change holds at once."""

    def __init__(self, themes: ThemeManager, service: SettingsService, parent: QWidget | None = None) -> None:
        super().__init__(themes, "共享手机号的联系人", parent)
        self._service = service
        self._over = False
        self.picker: OrgPicker | None = None
        self.tasks = Tasks(self._failed)
        self.notice = Banner(themes, kind="bad")
        self.notice.hide()
        self.model = PeopleModel(parent=self)
        self.view = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="共享手机号的联系人"
        )
        self.view.setModel(self.model)
        self.view.selectionModel().currentChanged.connect(lambda *_places: self._mark())
        self.view.setMinimumHeight(themes.theme.grow(themes.theme.sizes.row) * 5)
        self.empty = EmptyState(
            themes, "user", "还没有共享给任何人", "您的手机号只有本单位同事和有权限的人员可以看到。"
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.empty)
        self.content.addWidget(label(EXPLANATION, "secondary", "weak", wrap=True))
        self.content.addWidget(self.notice)
        self.content.addWidget(self.stack, 1)
        self.remove = button("移出", "secondary")
        self.remove.clicked.connect(self._remove)
        self.foot.insertWidget(0, self.remove)
        self.add = self.add_button("添加…", slot=self._add)
        self.add_button("关闭", "primary", slot=self.accept)
        self._show([])
        self._start(self._read(), "读取名单")

    def _start(self, work: Coroutine[Any, Any, None], doing: str) -> None:
        self.tasks.start(work, doing)

    async def _read(self) -> None:
        people = await self._service.sees_phone()
        if not self._over:
            self.notice.hide()
            self._show(people)

    def _show(self, people: list[Person]) -> None:
        self.model.show_items([PersonItem(one.id, one.name, line_of(one)) for one in people])
        self.stack.setCurrentWidget(self.view if people else self.empty)
        self._mark()

    def _mark(self) -> None:
        self.remove.setVisible(bool(self.model.rowCount()))
        self.remove.setEnabled(self.view.currentIndex().isValid())

    def _add(self) -> None:
        async def add(picked: list[Picked]) -> None:
            for one in picked:
                await self._service.share_phone(one.id, on=True)
            self._start(self._read(), "读取名单")

        known = [one.id for one in self.model.items if isinstance(one, PersonItem)]
        self.picker = OrgPicker(
            self._service,
            self.themes,
            "添加可以看到手机号的同事",
            add,
            units=False,
            confirm="添加",
            hidden=[self._service.me.id, *known],
            parent=self,
        )
        self.picker.finished.connect(self.picker.deleteLater)
        self.picker.open()

    def _remove(self) -> None:
        item = self.model.item(self.view.currentIndex())
        if isinstance(item, PersonItem):
            self._start(self._take_away(item.id), "移出名单")

    async def _take_away(self, person_id: str) -> None:
        await self._service.share_phone(person_id, on=False)
        await self._read()

    def done(self, arg__1: int) -> None:
        self._over = True
        super().done(arg__1)

    def _failed(self, error: BaseException, doing: str) -> None:
        if not self._over:
            self.notice.say(describe(error, doing).text, "bad")
            self.notice.show()
