"""A typed line on its way: found, done after the person's yes, or answered; and the other way at a click (3.2.6.5.1)."""

from __future__ import annotations

from typing import Protocol

import msgspec

from app.shell.tasks import Tasks
from app.store.queries.assistant import Talk, Turn
from offline_ai.retrieval.intent import Deed, DeedKind, Intent, Way

from .ports import FIXED, Addressee, Doing
from .service import AssistantService
from .turn_view import TurnView
from .ways_view import DeedCard, FoundRows

_ENDING = frozenset({DeedKind.LOCK, DeedKind.QUIT})
"""Deeds after which there is no page to tell what was done."""


class Host(Protocol):
    """The page."""

    tasks: Tasks
    talk: Talk | None
    views: list[TurnView]

    def add_line(self, line: str) -> TurnView:
        """A line without anything below it yet."""
        ...

    def drop_line(self, view: TurnView) -> None:
        """Take it out again."""
        ...

    def answer_line(self, view: TurnView, way: str) -> None:
        """Answer it as a question, in the view that is there; `way` is kept with it."""
        ...

    async def kept(self, turn: Turn) -> None:
        """A turn was kept: the history shows it."""
        ...

    def ready(self) -> None:
        """The next line can be typed."""
        ...

    def told(self, text: str) -> None:
        """Tell what went wrong."""
        ...


class Routing:
    """`doing`: what the client can do; without it every line is a question."""

    def __init__(self, page: Host, service: AssistantService, doing: Doing | None) -> None:
        self._page, self._service, self._doing = page, service, doing

    @property
    def decides(self) -> bool:
        """Whether lines may be anything but questions."""
        return self._doing is not None

    @property
    def where(self) -> str:
        """What the person was using before he came here (3.2.6.4.1); empty where that is not known."""
        return self._doing.where() if self._doing is not None else ""

    async def take(self, view: TurnView) -> bool:
        """Read the line of a view and do as it says. False: it is a question, for the page to answer."""
        view.intent = await self._read(view.turn.question)
        way = view.intent.way if view.intent is not None else Way.ASK
        if way is Way.ASK:
            return False
        await self._go(view, way)
        return True

    async def _read(self, line: str) -> Intent | None:
        if self._doing is None:
            return None
        places, chats = await self._doing.known()
        talk = self._page.talk
        return await self._service.intent(line, talk.id if talk is not None else "", places, chats)

    async def _go(self, view: TurnView, way: Way) -> None:
        if view.intent is None:
            return
        if way is Way.SEARCH:
            turn = await self._service.note(
                view.turn.question, self._talk_id, Way.SEARCH, words=view.intent.words
            )
            self._settle(view, turn)
            await self.show_found(view)
            await self._page.kept(turn)
        elif view.intent.deed is not None and self._doing is not None:
            await self._propose(view, view.intent.deed, self._doing)

    @property
    def _talk_id(self) -> str:
        return self._page.talk.id if self._page.talk is not None else ""

    def _settle(self, view: TurnView, turn: Turn) -> None:
        for other in self._page.views:
            if other is not view and other.turn.id:
                other.finish(other.turn, newest=False)
        view.finish(turn, newest=True)

    async def show_found(self, view: TurnView) -> None:
        """What the search of a kept turn finds now."""
        if self._doing is None or not view.turn.words:
            return
        doing, words = self._doing, view.turn.words
        found = FoundRows(view.themes, words, await doing.find(words))
        found.opened.connect(doing.open_row)
        found.more.connect(lambda: doing.search(words))
        view.show_below(found)

    async def _propose(self, view: TurnView, deed: Deed, doing: Doing) -> None:
        whom = await doing.addressees(deed.target) if deed.kind in (DeedKind.MESSAGE, DeedKind.CHAT) else ()
        card = DeedCard(view.themes, deed, whom)
        turn = msgspec.structs.replace(view.turn, way=Way.ACT.value, origin=FIXED)
        self._settle(view, turn)
        card.agreed.connect(
            lambda one, who: self._page.tasks.start(self._do(view, card, one, who, doing), "执行操作")
        )
        card.declined.connect(
            lambda: self._page.tasks.start(self._outcome(view, "已取消，没有执行。"), "取消")
        )
        view.show_below(card)

    async def _do(
        self, view: TurnView, card: DeedCard, deed: Deed, whom: Addressee | None, doing: Doing
    ) -> None:
        if deed.kind in _ENDING:
            await self._outcome(view, "已锁定客户端。" if deed.kind is DeedKind.LOCK else "已退出政钉。")
            await doing.do(deed, whom)
            return
        try:
            if deed.text and deed.kind is DeedKind.MESSAGE and await self._service.forbids(deed.text):
                self._page.told("内容含有不允许发送的词，没有发送。")
                card.set_working(False)
                return
            done = await doing.do(deed, whom)
        except Exception:
            # It can be tried again, or changed; what went wrong is told by the page.
            card.set_working(False)
            raise
        await self._outcome(view, done)

    async def _outcome(self, view: TurnView, words: str) -> None:
        turn = await self._service.note(view.turn.question, self._talk_id, Way.ACT, answer=words)
        view.show_below(None)
        if view in self._page.views:
            view.finish(turn, newest=view is self._page.views[-1])
        await self._page.kept(turn)
        self._page.ready()

    def choose(self, view: TurnView, way: Way) -> None:
        """The line is taken another way; what it was taken for goes."""
        self._page.tasks.start(self._choose(view, way), "换一种处理方式")

    async def _choose(self, view: TurnView, way: Way) -> None:
        intent = view.intent or await self._read(view.turn.question)
        if intent is None and way is not Way.ASK:
            way = Way.ASK
        if view not in self._page.views:
            return
        old = view.turn
        self._page.drop_line(view)
        fresh = self._page.add_line(old.question)
        fresh.intent = intent
        if old.id:
            await self._service.history.remove_turn(old.id)
        if way is Way.ASK:
            self._page.answer_line(fresh, Way.ASK.value)
        else:
            await self._go(fresh, way)
