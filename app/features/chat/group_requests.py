"""入群申请: those who wish to join, and the managers' yes or no (E111)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from server_stub.contract.directory import Person
from server_stub.contract.groups import JoinRequest
from widgets.controls import Avatar, AvatarSpec, button, label
from widgets.theme import ThemeManager

from .group_parts import Column, WorkDialog
from .list_picker import note_of
from .service import ChatService


class RequestsDialog(WorkDialog):
    """A line a request: who, from where, invited by whom, what he says; two buttons."""

    def __init__(
        self, service: ChatService, themes: ThemeManager, conversation_id: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, "入群申请", parent, width=themes.theme.sizes.dialog_wide)
        self._service, self._id = service, conversation_id
        self.requests: list[JoinRequest] = []
        self.lines: dict[str, QWidget] = {}
        self.empty = label("没有待处理的申请。", "secondary")
        self.column = Column(themes)
        self.column.setMinimumHeight(themes.theme.sizes.picture_max)
        self.column.column.addStretch(1)
        self.content.addWidget(self.empty)
        self.content.addWidget(self.column, 1)
        self.add_button("关闭", default=True, slot=self.accept)
        self.work(self._read(), "读取入群申请")

    async def _read(self) -> None:
        found = await self._service.groups.requests(self._id)
        ids = [one for request in found for one in (request.person_id, request.inviter_id) if one]
        people = await self._service.people(ids)
        if not self.over:
            self._show(found, people)

    def _show(self, requests: Sequence[JoinRequest], people: dict[str, Person]) -> None:
        self.requests = list(requests)
        self.empty.setVisible(not requests)
        for line in self.lines.values():
            line.deleteLater()
        self.lines = {}
        for place, request in enumerate(requests):
            self.lines[request.id] = line = self._line(request, people)
            self.column.column.insertWidget(place, line)

    def _line(self, request: JoinRequest, people: dict[str, Person]) -> QWidget:
        themes, space = self.themes, self.themes.theme.space
        person, inviter = people.get(request.person_id), people.get(request.inviter_id)
        name = person.name if person else "一位同事"
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, space.s, 0, space.s)
        row.setSpacing(space.m)
        row.addWidget(Avatar(themes, AvatarSpec(name, request.person_id), themes.theme.sizes.avatar))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(name, "body", "strong"))
        note = note_of(person) if person else ""
        said = f"{inviter.name if inviter else '群成员'} 邀请" if request.inviter_id else request.note
        words.addWidget(label(" · ".join(part for part in (note, said) if part), "caption", wrap=True))
        row.addLayout(words, 1)
        no, yes = button("拒绝", size="small"), button("同意", "primary", "small")
        no.clicked.connect(lambda: self._decide(request, accept=False))
        yes.clicked.connect(lambda: self._decide(request, accept=True))
        for one in (no, yes):
            one.setAccessibleName(f"{one.text()}：{name}")
            row.addWidget(one)
        return line

    def _decide(self, request: JoinRequest, *, accept: bool) -> None:
        self.lines[request.id].setEnabled(False)
        self.work(self._answer(request, accept=accept), "处理入群申请")

    async def _answer(self, request: JoinRequest, *, accept: bool) -> None:
        await self._service.groups.decide(self._id, request.id, accept=accept)
        if not self.over:
            line = self.lines.pop(request.id)
            line.deleteLater()
            self.empty.setVisible(not self.lines)

    def failed(self) -> None:
        for line in self.lines.values():
            line.setEnabled(True)
        self.work_quietly()

    def work_quietly(self) -> None:
        """Another manager may have been quicker: look again."""
        self.tasks.start(self._read(), "读取入群申请")
