"""What the assistant may find and do in this client: the search's ways and the windows', after the person's yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QTimer

from app.features.assistant.ports import Addressee
from app.session.session import Session
from offline_ai.retrieval.intent import Deed, DeedKind
from server_stub.contract.directory import Person

if TYPE_CHECKING:
    from app.search_desk import SearchDesk
    from widgets.lists import PeopleItem

_FEW = 8
"""People and groups of a name that are offered."""
_POST = re.compile(
    r"(?P<name>[一-龥]{1,3}?)(?P<post>副?(?:局长|处长|科长|主任|书记|市长|区长|秘书长|部长|院长|校长|主席|队长|站长|所长))$"
)


class Ways(Protocol):
    """The workspace."""

    @property
    def where(self) -> str: ...

    def open_conversation(self, conversation_id: str, seq: int = 0) -> None: ...

    async def new_meeting(self, title: str) -> None: ...

    def lock(self) -> None: ...


class AssistantDoing:
    """See app.features.assistant.ports.Doing."""

    def __init__(self, session: Session, desk: SearchDesk, ways: Ways) -> None:
        self._session, self._desk, self._ways = session, desk, ways

    def where(self) -> str:
        return self._ways.where

    async def known(self) -> tuple[Sequence[str], Sequence[str]]:
        titles = [one.title for one in self._desk.places()]
        return titles, [row.title for row in await self._desk.groups()]

    async def find(self, text: str) -> Sequence[PeopleItem]:
        return await self._desk.find(text)

    def open_row(self, item_id: str) -> None:
        self._desk.open_row(item_id)

    def search(self, text: str) -> None:
        self._desk.open(text=text)

    async def addressees(self, name: str) -> Sequence[Addressee]:
        people = await self._desk.people(name, _FEW)
        if not people and (post := _POST.match(name)) is not None:
            # 张局长: the surname and the post are two words of the directory.
            found = await self._desk.people(f"{post['name']} {post['post']}", _FEW)
            people = [one for one in found if one.name.startswith(post["name"])]
        groups = [
            Addressee(row.id, row.title, f"群聊，{row.member_count} 人", conversation=True)
            for row in await self._desk.groups(name)
        ]
        found = [Addressee(one.id, one.name, _where(one)) for one in people]
        # Who is called exactly so comes first, a group as well as a person.
        return sorted([*found, *groups], key=lambda one: one.name != name)[:_FEW]

    async def do(self, deed: Deed, addressee: Addressee | None) -> str:
        if deed.kind in (DeedKind.CHAT, DeedKind.MESSAGE):
            return await self._talk(deed, addressee)
        if deed.kind is DeedKind.OPEN:
            place = next((one for one in self._desk.places() if one.title == deed.target), None)
            if place is None:
                return f"没有找到“{deed.target}”。"
            QTimer.singleShot(0, lambda: self._desk.open_place(place.key))
            return f"已打开“{deed.target}”。"
        if deed.kind is DeedKind.MEETING:
            await self._ways.new_meeting(deed.text)
            return "已打开会议信息表，保存后会议才建立。"
        # The page goes with it: first it finishes what it is doing.
        QTimer.singleShot(0, self._ways.lock if deed.kind is DeedKind.LOCK else self._desk.quit)
        return ""

    async def _talk(self, deed: Deed, whom: Addressee | None) -> str:
        if whom is None:
            return f"没有找到“{deed.target}”。"
        conversation = whom.id
        if not whom.conversation:
            conversation = await self._session.conversations.open_single(whom.id)
        if deed.kind is DeedKind.CHAT:
            self._ways.open_conversation(conversation)
            return f"已打开与“{whom.name}”的会话。"
        await self._session.send.text(conversation, deed.text)
        return f"已发给“{whom.name}”。"


def _where(person: Person) -> str:
    post = next((one for one in person.posts if one.main), next(iter(person.posts), None))
    return " ".join(filter(None, (post.unit_name, post.title))) if post is not None else ""
