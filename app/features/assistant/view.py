"""The page 助手: talks at the left, the talk with its answers, and the field below (3.2.6.9 to 3.2.6.11)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.shell.problems import describe
from app.shell.tasks import Tasks
from app.store.queries.assistant import KNOWLEDGE, MESSAGE, Mark, Talk, Turn, place_of
from offline_ai.errors import OfflineAIError
from offline_ai.models.origin import Origin
from offline_ai.retrieval.intent import Way
from server_stub.contract.errors import ApiError, ErrorCode
from widgets.controls import (
    ConfirmDialog,
    Dialog,
    EmptyState,
    IconButton,
    ToastHost,
    WatermarkOverlay,
    button,
    label,
    surface,
    viewer_mark,
)
from widgets.theme import ThemeManager

from .answer_view import escaped
from .composer import Composer
from .copying import whole_answer
from .dialogs import PassageDialog, ReasonDialog
from .history_pane import HistoryPane
from .ports import FIXED, Doing, Ear
from .routing import Routing
from .service import AssistantService, Wanted, Watch
from .speaking import Speaking
from .turn_view import TurnView

_HERE = {
    "消息": "最近有哪些通知？",
    "通讯录": "有哪些联系电话？",
    "会议": "近期的会议安排在什么时候？",
    "公文": "最近的公文有哪些要求？",
}
"""What is likely asked by somebody who comes from that page."""
_NOTICE = "回答可能有误，请以原文为准。内容由人工智能生成的，均已标明。"


class AssistantPage(QWidget):
    """Signals: `place_wanted(conversation_id, seq)`: the message behind a source."""

    place_wanted = Signal(str, int)

    def __init__(
        self,
        service: AssistantService,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        ear: Ear | None = None,
        doing: Doing | None = None,
    ) -> None:
        """`ear`: where questions may be said; None where no speech service is named. `doing`: what may be found and done
        besides answering."""
        super().__init__(parent)
        self._service, self._themes = service, themes
        self.tasks = Tasks(self._failed)
        self.talk: Talk | None = None
        self.views: list[TurnView] = []
        self._asking: asyncio.Task[object] | None = None
        self._suggested: list[str] | None = None
        """The organisation's suggested questions, once they are known."""
        self.routing = Routing(self, service, doing)
        self._stale = False
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.history = HistoryPane(service, themes, self.tasks, self._open_dialog)
        self.history.fresh_wanted.connect(self.new_talk)
        self.history.opened.connect(self.open_talk)
        self.history.renamed.connect(self._renamed)
        self.history.removed.connect(self._removed)
        self.history.told.connect(lambda text: self.toasts.show(text, "ok"))
        whole.addWidget(self.history)
        self.ground = surface("content")
        whole.addWidget(self.ground, 1)
        self._stack = QStackedLayout(self.ground)
        self.closed = EmptyState(themes, "assistant", "智能助手", "正在连接…", "重试")
        self.closed.acted.connect(self.entered)
        self._stack.addWidget(self.closed)
        self._stack.addWidget(self._talk_page())
        self.toasts = ToastHost(themes, self)
        self.mark = WatermarkOverlay(
            themes, self.ground, viewer_mark(service.asker.name, service.asker.phone)
        )
        self.dialog: QWidget | None = None
        """The dialog opened last."""
        self.speaking = Speaking(ear, self.composer, self.tasks, lambda text: self.toasts.show(text, "warn"))
        self.entered()

    def _talk_page(self) -> QWidget:
        theme, space = self._themes.theme, self._themes.theme.space
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(space.section, space.m, space.section, space.m)
        column.setSpacing(space.s)
        head = QHBoxLayout()
        self.title = label("新对话", "title")
        head.addWidget(self.title, 1)
        self.more = IconButton(self._themes, "more", "对话操作")
        self.more.clicked.connect(self._menu)
        head.addWidget(self.more)
        column.addLayout(head)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("对话")
        self.body = surface("content")
        self._turns = QVBoxLayout(self.body)
        self._turns.setContentsMargins(0, 0, space.s, 0)
        self.start = self._start_page(theme.space.page)
        self._turns.addWidget(self.start)
        self._turns.addStretch(1)
        self.area.setWidget(self.body)
        self.area.verticalScrollBar().rangeChanged.connect(self._grown)
        self._follow = True
        column.addWidget(self.area, 1)
        self.composer = Composer(self._themes)
        self.composer.sent.connect(self._sent)
        self.composer.stopped.connect(self.stop)
        self.composer.told.connect(lambda text: self.toasts.show(text, "warn"))
        column.addWidget(self.composer)
        column.addWidget(label(_NOTICE, "caption", "weak"))
        return host

    def _start_page(self, margin: int) -> QWidget:
        host = QWidget()
        self._starters = QVBoxLayout(host)
        self._starters.setContentsMargins(0, margin, 0, 0)
        self._starters.setSpacing(self._themes.theme.space.s)
        return host

    # Entering.

    def entered(self) -> None:
        """The page is shown: ask what there is."""
        self.tasks.start(self._enter(), "打开智能助手", on_error=self._not_entered)

    def renew(self) -> None:
        """Something of the assistant changed on the server; what is being answered is not disturbed."""
        self._stale = True
        if self.isVisible() and not self.is_busy:
            self._stale = False
            self.entered()
            if self.talk is not None and any(
                key.startswith(KNOWLEDGE) for view in self.views for key in view.turn.material
            ):
                # A right to a knowledge base may have ended: what is shown of it goes now.
                self.tasks.start(self._open(self.talk), "打开历史记录")

    def hideEvent(self, event: QHideEvent) -> None:
        # Nobody is listened to who has gone to another page.
        self.speaking.cancel()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.renew()
        if self._suggested is not None:
            # One may come from elsewhere this time.
            self._show_starters(self._suggested)
        self.ready()

    async def _enter(self) -> None:
        setup = await self._service.enter()
        self.composer.set_models(setup.models, self._service.seeing)
        self._suggested = list(setup.policy.starters)
        self._show_starters(self._suggested)
        first = self._stack.currentIndex() != 1
        self._stack.setCurrentIndex(1)
        self._head()
        self.mark.raise_()
        if first and self.isVisible():
            self.composer.field.setFocus()
        await self.history.load()

    def _not_entered(self, error: BaseException, doing: str) -> None:
        refused = isinstance(error, ApiError) and error.code is ErrorCode.FORBIDDEN
        self._stack.setCurrentIndex(0)
        text = "您没有使用智能助手的权限，请联系管理员开通。" if refused else describe(error, doing).text
        self.closed.set_texts("智能助手", text, "" if refused else "重试")
        self.mark.raise_()

    def _show_starters(self, starters: list[str]) -> None:
        while (item := self._starters.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        name = self._service.asker.name
        self._starters.addWidget(label(f"{name}，您好，需要找什么？", "headline"))
        by = "可以向模型提问，也可以在本机的消息、聊天文件和拖入的文件里查找。"
        if not self.composer.by.count() > 1:
            by = "在本机的消息、聊天文件和拖入的文件里查找，按规则与摘录回答；本单位尚未配置模型。"
        self._starters.addWidget(label(by, "secondary", wrap=True))
        self.starters = []
        where = self.routing.where
        here = _HERE.get(where, "")
        if here:
            self._starters.addWidget(label(f"您刚才在“{where}”，可以这样问：", "caption", "weak"))
        for text in dict.fromkeys([here, *starters] if here else starters):
            made = button(text, "secondary")
            made.clicked.connect(lambda _checked=False, one=text: self.ask(one))
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(made)
            line.addStretch(1)
            self._starters.addWidget(row)
            self.starters.append(made)

    # Asking.

    @property
    def is_busy(self) -> bool:
        """Whether an answer is being made."""
        return self._asking is not None

    def _sent(self) -> None:
        text, files = self.composer.take()
        if files or not self.routing.decides:
            self.ask(text, files)
        else:
            self.take(text)

    def take(self, line: str) -> None:
        """A typed line: found, done or answered, as it says (3.2.6.5.1)."""
        if self.is_busy or not line.strip():
            return
        view = self.add_line(line)
        view.say("正在理解…")
        self._follow = True
        self._busy(True)
        self._asking = self.tasks.start(
            self._take(view), "处理输入", on_error=lambda error, doing: self._broke(view, error, doing)
        )

    async def _take(self, view: TurnView) -> None:
        answered = True
        try:
            answered = await self.routing.take(view)
        except asyncio.CancelledError:
            # Stopped before anything came of it: what was typed is given back.
            self.drop_line(view)
            self.composer.field.setPlainText(view.turn.question)
        finally:
            self._asking = None
            self._busy(False)
        if not answered:
            self.answer_line(view, Way.ASK.value)

    def add_line(self, line: str) -> TurnView:
        """A line without anything below it yet."""
        talk_id = self.talk.id if self.talk is not None else ""
        return self._add_view(Turn(id="", talk_id=talk_id, at=0, question=line))

    def drop_line(self, view: TurnView) -> None:
        """Take it out again."""
        if view in self.views:
            self.views.remove(view)
            self._drop_view(view)

    async def kept(self, turn: Turn) -> None:
        """A turn was kept: it stands in the history."""
        await self.history.load()
        if self.talk is None or self.talk.id == turn.talk_id:
            self.talk = self.history.talk(turn.talk_id)
            self._head()

    def ready(self) -> None:
        """The next line can be typed: nothing else is a key press away."""
        if self.isVisible() and not self.is_busy and self._stack.currentIndex() == 1:
            self.composer.field.setFocus()

    def told(self, text: str) -> None:
        """Tell what went wrong."""
        self.toasts.show(text, "warn")

    def ask(self, question: str, files: tuple[Path, ...] = (), instead_of: Turn | None = None) -> None:
        """Ask, in the open talk; nothing happens while an answer is being made."""
        if self.is_busy or not question.strip():
            return
        if instead_of is not None:
            self._take_out(instead_of.id)
        talk_id = self.talk.id if self.talk is not None else ""
        turn = Turn(id="", talk_id=talk_id, at=0, question=question, files=tuple(path.name for path in files))
        way = instead_of.way if instead_of is not None else ""
        self._ask_in(self._add_view(turn), files, instead_of.id if instead_of is not None else "", way)

    def answer_line(self, view: TurnView, way: str) -> None:
        """Answer it as a question, in the view that is there."""
        if not self.is_busy:
            self._ask_in(view, (), "", way)

    def _ask_in(self, view: TurnView, files: tuple[Path, ...], instead_of: str, way: str) -> None:
        talk_id = self.talk.id if self.talk is not None else ""
        wanted = Wanted(
            view.turn.question,
            talk_id,
            files,
            self.composer.model,
            self.composer.share.isChecked(),
            way,
            self.routing.where,
        )
        view.say("正在准备…")
        self._follow = True
        self._busy(True)
        self._asking = self.tasks.start(
            self._answer(wanted, view, instead_of),
            "回答问题",
            on_error=lambda error, doing: self._broke(view, error, doing),
        )

    async def _answer(self, wanted: Wanted, view: TurnView, instead_of: str) -> None:
        try:
            turn = await self._service.ask(
                wanted, Watch(text=view.grow, status=view.say), instead_of=instead_of
            )
        finally:
            self._asking = None
            self._busy(False)
            if self._stale:
                self.renew()
        for other in self.views:
            # A deed that still waits for its yes is not kept.
            if other is not view and other.turn.id:
                other.finish(other.turn, newest=False)
        view.finish(turn, newest=True)
        await self.history.load()
        self.talk = self.history.talk(turn.talk_id)
        self._head()

    def _broke(self, view: TurnView, error: BaseException, doing: str) -> None:
        text = error.message if isinstance(error, OfflineAIError) else describe(error, doing).text
        view.finish(
            msgspec.structs.replace(view.turn, state="failed", problem=text, origin=FIXED), newest=True
        )

    def stop(self) -> None:
        """Stop the answer; what is there stays."""
        if self._asking is not None:
            self._asking.cancel()
            self.composer.stop.setEnabled(False)

    def _busy(self, busy: bool) -> None:
        self.composer.stop.setEnabled(True)
        self.composer.set_busy(busy)
        self.history.set_busy(busy)
        for view in self.views:
            view.busy(busy)

    # The talk.

    def new_talk(self) -> None:
        """An empty talk."""
        if not self.is_busy:
            self.talk = None
            self._show_turns([])
            self.composer.field.setFocus()

    def open_talk(self, talk: Talk) -> None:
        """Show a talk, to go on with it."""
        if not self.is_busy:
            self.talk = talk
            self.tasks.start(self._open(talk), "打开历史记录")

    async def _open(self, talk: Talk) -> None:
        turns = await self._service.history.turns(talk.id)
        if self.talk is not None and self.talk.id == talk.id:
            self._show_turns(turns)

    def _show_turns(self, turns: list[Turn]) -> None:
        for view in self.views:
            self._drop_view(view)
        self.views = []
        for turn in turns:
            self._add_view(turn)
        for view in self.views:
            view.finish(view.turn, newest=view is self.views[-1])
            if view.turn.words:
                self.tasks.start(self.routing.show_found(view), "搜索", on_error=lambda *_: None)
        self._head()
        self._follow = True

    def _head(self) -> None:
        self.title.setText(self.talk.title if self.talk is not None else "新对话")
        self.more.setVisible(self.talk is not None)
        self.history.mark(self.talk.id if self.talk is not None else "")
        self.start.setVisible(not self.views)

    def _add_view(self, turn: Turn) -> TurnView:
        view = TurnView(self._themes, turn)
        view.again.connect(lambda one: self.ask(one.question, (), one))
        view.copied.connect(self._copy)
        view.voted.connect(self._vote)
        view.removed.connect(self._remove_turn)
        view.source_wanted.connect(lambda mark: self.tasks.start(self._show_source(mark), "打开来源"))
        view.asked.connect(self.ask)
        view.link_wanted.connect(self._link)
        view.pictures_wanted.connect(
            lambda one: self.tasks.start(self._show_pictures(one), "读取相关图片", on_error=lambda *_: None)
        )
        view.way_chosen.connect(self.routing.choose)
        view.picture_chosen.connect(lambda one: self.place_wanted.emit(one.conversation_id, one.seq))
        self._turns.insertWidget(self._turns.count() - 1, view)
        self.views.append(view)
        self.start.hide()
        return view

    async def _show_pictures(self, view: TurnView) -> None:
        turn = view.turn
        found = [await self._service.picture(key) for key in turn.pictures]
        # Meanwhile the answer may have been taken out or made again.
        if view in self.views and view.turn is turn:
            view.show_pictures([one for one in found if one is not None])

    def _drop_view(self, view: TurnView) -> None:
        self._turns.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _take_out(self, turn_id: str) -> None:
        for view in [one for one in self.views if one.turn.id == turn_id]:
            self.views.remove(view)
            self._drop_view(view)

    def _grown(self, _least: int, most: int) -> None:
        if self._follow:
            self.area.verticalScrollBar().setValue(most)

    def _copy(self, turn: Turn) -> None:
        words = (
            ""
            if turn.origin == FIXED
            else "\n\n（"
            + "，".join(filter(None, (Origin(turn.origin).label, Origin(turn.origin).notice)))
            + "）"
        )
        markdown = escaped(turn.answer) if turn.origin in (Origin.RULES.value, FIXED) else turn.answer
        QGuiApplication.clipboard().setMimeData(whole_answer(markdown + words, turn.answer + words))
        self.toasts.show("已复制", "ok")

    def _vote(self, turn: Turn, value: int) -> None:
        if value >= 0:
            self.tasks.start(self._voted(turn, value, ""), "评价")
            return
        dialog = ReasonDialog(self._themes, self)
        dialog.accepted.connect(lambda: self.tasks.start(self._voted(turn, -1, dialog.reason), "评价"))
        dialog.rejected.connect(lambda: self._show_vote(turn))
        self._open_dialog(dialog)

    async def _voted(self, turn: Turn, value: int, reason: str) -> None:
        await self._service.vote(turn, value, reason)
        self._show_vote(msgspec.structs.replace(turn, vote=value, reason=reason))
        if value:
            self.toasts.show("谢谢，已收到您的评价", "ok")

    def _show_vote(self, turn: Turn) -> None:
        for view in self.views:
            if view.turn.id == turn.id:
                view.set_vote(turn)

    async def _show_source(self, mark: Mark) -> None:
        found = await self._service.passage(mark)
        if found is None:
            self.toasts.show("来源已撤回、销毁或不再对您可见。", "warn")
            return
        dialog = PassageDialog(self._themes, mark, found, self)
        if mark.key.startswith(MESSAGE):
            place = place_of(mark.key)
            if place is not None:
                dialog.place_wanted.connect(lambda: self.place_wanted.emit(*place))
        self._open_dialog(dialog)

    def _link(self, address: str) -> None:
        dialog = ConfirmDialog(self._themes, "打开网页？", address, accept="打开", parent=self)
        dialog.accepted.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
        self._open_dialog(dialog)

    def _open_dialog(self, dialog: Dialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    # What is done to it.

    def _menu(self) -> None:
        if self.talk is not None:
            self.history.menu(self.talk, self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _renamed(self, talk: Talk) -> None:
        if self.talk is not None and self.talk.id == talk.id:
            self.talk = talk
            self._head()

    def _removed(self, talk: Talk) -> None:
        if self.talk is not None and self.talk.id == talk.id:
            self.new_talk()

    def _remove_turn(self, turn: Turn) -> None:
        dialog = ConfirmDialog(
            self._themes, "删除这条问答？", "删除后无法恢复。", accept="删除", danger=True, parent=self
        )
        dialog.accepted.connect(lambda: self.tasks.start(self._turn_removed(turn), "删除问答"))
        self._open_dialog(dialog)

    async def _turn_removed(self, turn: Turn) -> None:
        await self._service.history.remove_turn(turn.id)
        self._take_out(turn.id)
        if self.views:
            self.views[-1].finish(self.views[-1].turn, newest=True)
        else:
            self.talk = None
        self._head()
        await self.history.load()

    def _failed(self, error: BaseException, doing: str) -> None:
        text = error.message if isinstance(error, OfflineAIError) else describe(error, doing).text
        self.toasts.show(text, "bad")

    async def close_page(self) -> None:
        """Stop what runs; an answer under way is kept as far as it is."""
        self.stop()
        self.speaking.cancel()
        if self._asking is not None:
            await asyncio.gather(self._asking, return_exceptions=True)
        await self.tasks.close()
        await self._service.close()
