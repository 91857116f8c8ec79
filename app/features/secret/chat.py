"""One secret chat: head, messages, input. All it knows is in memory and goes when the page does."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.session.secret import Burnt, SecretBody
from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.errors import ApiError
from server_stub.contract.secret import (
    AnySecret,
    SecretChat,
    SecretIncident,
    SecretMessage,
    SecretPage,
    SecretPolicy,
    SecretText,
)
from widgets.controls import Banner, EmptyState, WatermarkOverlay, surface
from widgets.controls.watermark import viewer_mark
from widgets.guard import CaptureGuard
from widgets.theme import ThemeManager

from .bubble import Way
from .head import SecretHead
from .levels import LOOKS
from .row import SecretRow
from .service import SecretService
from .viewer import SecretViewer
from .voice import SecretVoices
from .writing import SecretWriting

TICK_MS = 250
PEER_LOST = "peer"
"""Detail of the server's refusal when the other side has lost the permission."""


class SecretChatView(QWidget):
    """`open(chat_id)` shows a chat, `close_chat()` forgets it. Signals: `peer_lost(chat_id)` when the other side may not use
    secret chat any more, `closed()` when the user removed the row, `changed()` after the server told something new."""

    peer_lost = Signal(str)
    closed = Signal()
    changed = Signal()
    lease_wanted = Signal()

    def __init__(
        self,
        service: SecretService,
        guard: CaptureGuard,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        voices: SecretVoices | None = None,
    ) -> None:
        """`voices`: without it nothing can be said or heard."""
        super().__init__(parent)
        self._voices = voices
        self._service, self._guard, self._themes = service, guard, themes
        self.chat_id = ""
        self._chat: SecretChat | None = None
        self._policy = SecretPolicy()
        self._rows: dict[int, SecretRow] = {}
        self._own_bodies: dict[str, SecretBody] = {}
        self._viewer: SecretViewer | None = None
        self._viewed = 0
        self.tasks = Tasks(self._failed)
        self.head = SecretHead(themes, guard)
        self.head.level_wanted.connect(lambda level: self._change(level=level))
        self.head.burn_wanted.connect(lambda seconds: self._change(burn_s=seconds))
        self.head.clear_wanted.connect(self._clear)
        self.head.hide_wanted.connect(self._hide)
        self.head.lease_wanted.connect(self.lease_wanted)
        self.notice = Banner(themes, "", "warn", closable=True, flat=True)
        self.notice.hide()
        self.problem = Banner(themes, "", "bad", closable=True, flat=True)
        self.problem.hide()
        self._build_messages()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for one in (self.head, self.notice, self.problem):
            column.addWidget(one)
        column.addWidget(self.stack, 1)
        self.writing = SecretWriting(themes, voices)
        self.writing.written.connect(self._send)
        self.writing.refused.connect(self._say)
        column.addWidget(self.writing)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._ticked)
        self.mark = WatermarkOverlay(themes, self.area.viewport(), mark_of(service), style="spread")

    def _build_messages(self) -> None:
        space = self._themes.theme.space
        self.body = surface("content")
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(space.xxl + space.xs, space.l, space.xxl + space.xs, space.l)
        self.column.setSpacing(space.l)
        self.column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidget(self.body)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.verticalScrollBar().rangeChanged.connect(self._to_end)
        self.empty = EmptyState(
            self._themes,
            "flame",
            "没有消息",
            "密聊消息阅后即焚：对方查看后开始计时，到时从双方所有设备消失。",
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.area)
        self.stack.addWidget(self.empty)

    # Opening and forgetting.

    def open(self, chat_id: str, policy: SecretPolicy) -> None:
        """Show a chat; what was open before is forgotten."""
        if chat_id != self.chat_id:
            self.close_chat()
        self.chat_id, self._policy = chat_id, policy
        self.writing.is_open = True
        self._tick.start()
        self.refresh()
        self.writing.edit.setFocus()

    def refresh(self) -> None:
        """Ask the server anew."""
        if self.chat_id:
            self.tasks.start(self._read(self.chat_id), "读取密聊")

    def close_chat(self) -> None:
        """Forget everything, also what was typed."""
        self.close_up()
        self.chat_id, self._chat = "", None
        self.writing.is_open = False
        self._tick.stop()
        self.writing.edit.clear()
        for row in list(self._rows.values()):
            self._drop(row)
        for body in self._own_bodies.values():
            body.burn()
        self._own_bodies.clear()
        for one in (self.notice, self.problem):
            one.hide()

    def close_up(self) -> None:
        """Show nothing any more: the lock, a hidden window, another chat. Timers run on at the server."""
        if self._viewer is not None:
            self._viewer.reject()
        if self._voices is not None:
            self._voices.cancel()
        for row in self._rows.values():
            row.bubble.close_up()

    async def _read(self, chat_id: str) -> None:
        try:
            page = await self._service.page(chat_id)
        except ApiError as error:
            if error.detail == PEER_LOST and chat_id == self.chat_id:
                self.close_chat()
                self.peer_lost.emit(chat_id)
                return
            raise
        if chat_id == self.chat_id:
            self._show(page)

    def _show(self, page: SecretPage) -> None:
        chat = self._chat = page.chat
        self.problem.hide()
        self.head.show_chat(chat, page.devices, self._policy.needs(chat.level))
        self.writing.show_burn(chat.burn_s)
        now, way = self._service.now_ms(), LOOKS[chat.level].way
        there = {one.seq: one for one in page.messages}
        for seq, row in list(self._rows.items()):
            if seq not in there or row.way is not way:
                self._drop(row)
        for message in page.messages:
            row = self._rows.get(message.seq) or self._add(message, way)
            row.show_message(message, chat.burn_s, now)
        self._show_incidents(page.incidents)
        self.stack.setCurrentWidget(self.area if self._rows else self.empty)
        self._fit_rows()
        self.changed.emit()

    def _add(self, message: SecretMessage, way: Way) -> SecretRow:
        own = message.sender_id == self._service.me.id
        row = SecretRow(self._themes, self._guard, message, way, own=own)
        row.bubble.wanted.connect(lambda: self._reveal(row))
        row.bubble.viewer_wanted.connect(lambda: self._view(row))
        row.bubble.played.connect(lambda: self._play(row))
        place = self.column.count() - 1
        later = [one for seq, one in self._rows.items() if seq > message.seq]
        if later:
            place = min(self.column.indexOf(one) for one in later)
        self.column.insertWidget(place, row)
        self._rows[message.seq] = row
        body = self._own_bodies.pop(message.client_id, None)
        if own and way is Way.TAP and body is not None:
            row.bubble.give(body)
            row.bubble.reveal()
        elif body is not None:
            body.burn()
        return row

    def _drop(self, row: SecretRow) -> None:
        if self._viewer is not None and self._viewed == row.message.seq:
            self._viewer.reject()
        if self._voices is not None and self._heard == row.message.seq:
            self._voices.cancel()
        row.bubble.close_up()
        self._rows.pop(row.message.seq, None)
        self.column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _show_incidents(self, incidents: list[SecretIncident]) -> None:
        now = self._service.now_ms()
        running = [one for one in incidents if not one.ended_at]
        told = running[-1:] or incidents[-1:]
        if not told:
            self.notice.hide()
            return
        one = told[0]
        if one.kind == "lease":
            words = "对方正在使用辅助工具例外，内容可能被读屏或远程协助看到。" if not one.ended_at else ""
        else:
            tail = "，内容已隐藏" if not one.ended_at else "，已结束"
            words = f"对方设备检测到{one.words}{tail}。"
        self.notice.say(words, "warn")
        self.notice.setVisible(bool(words) and now >= one.at)

    @property
    def rows(self) -> list[SecretRow]:
        """Messages on the page, oldest first."""
        return [self._rows[seq] for seq in sorted(self._rows)]

    # Reading.

    @property
    def protection(self) -> str:
        """What this device's guard achieves now."""
        return self._guard.protection.level.wire

    def _reveal(self, row: SecretRow) -> None:
        self.tasks.start(self._fetch(row), "打开密聊消息", on_error=lambda e, d: self._not_opened(row, e, d))

    async def _fetch(self, row: SecretRow) -> None:
        try:
            message, body = await self._service.reveal(row.message, self.protection)
        except Burnt:
            self._drop(row)
            self.refresh()
            return
        if self._rows.get(message.seq) is not row:
            body.burn()
            return
        row.bubble.give(body)
        row.show_message(message, self._chat.burn_s if self._chat is not None else 1, self._service.now_ms())

    def _not_opened(self, row: SecretRow, error: BaseException, doing: str) -> None:
        if self._rows.get(row.message.seq) is row:
            row.bubble.failed()
        self._failed(error, doing)

    def _ticked(self) -> None:
        """The clock runs here too: nothing outlives its time because the news is late."""
        now = self._service.now_ms()
        for row in self.rows:
            if row.tick(now):
                self._drop(row)
        if not self._rows:
            self.stack.setCurrentWidget(self.empty)

    def _view(self, row: SecretRow) -> None:
        if row.bubble.body is None or self._viewer is not None:
            return

        def over() -> None:
            self._viewer = None

        self._viewed = row.message.seq
        self._viewer = SecretViewer(
            self._themes,
            self._guard,
            row.bubble.body,
            held=row.way is not Way.TAP,
            mark=mark_of(self._service),
            on_close=over,
            parent=self.window(),
        )
        self._viewer.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._viewer.open()

    def _play(self, row: SecretRow) -> None:
        if self._voices is not None and row.bubble.body is not None:
            self._heard = row.message.seq
            self._voices.play(row.bubble.body)

    _heard = 0

    @property
    def viewer(self) -> SecretViewer | None:
        """The open viewer."""
        return self._viewer

    # Writing.

    def _send(self, content: AnySecret, data: bytes = b"") -> None:
        body = SecretBody(content, data)
        self.writing.set_sending(True)
        self.tasks.start(
            self._sending(self.chat_id, body), "发送密聊", on_error=lambda e, d: self._not_sent(body, e, d)
        )

    async def _sending(self, chat_id: str, body: SecretBody) -> None:
        message = await self._service.send(chat_id, body, self.protection)
        self._sent()
        if chat_id == self.chat_id:
            self._own_bodies[message.client_id] = body
            await self._read(chat_id)
        else:
            body.burn()

    def _sent(self) -> None:
        self.writing.set_sending(False)
        self.problem.hide()

    def _not_sent(self, body: SecretBody, error: BaseException, doing: str) -> None:
        self._sent()
        with contextlib.suppress(Burnt):
            content = body.look().content
            if isinstance(content, SecretText) and self.chat_id:
                self.writing.edit.put(content.text)
        body.burn()
        self._failed(error, doing)

    # The whole chat.

    def _change(self, **changes: object) -> None:
        if self.chat_id:
            self.tasks.start(self._changing(self.chat_id, changes), "更改密聊设置")

    async def _changing(self, chat_id: str, changes: dict[str, object]) -> None:
        await self._service.change(chat_id, **changes)  # type: ignore[arg-type]
        await self._read(chat_id)

    def _clear(self) -> None:
        if self.chat_id:
            self.tasks.start(self._clearing(self.chat_id), "清空聊天记录")

    async def _clearing(self, chat_id: str) -> None:
        for row in self.rows:
            row.bubble.close_up()
        await self._service.clear(chat_id)
        await self._read(chat_id)

    def _hide(self) -> None:
        if self.chat_id:
            self.tasks.start(self._hiding(self.chat_id), "移除会话")

    async def _hiding(self, chat_id: str) -> None:
        await self._service.hide(chat_id)
        if chat_id == self.chat_id:
            self.close_chat()
            self.closed.emit()

    # What is seen.

    def capture_concealed(self, concealed: bool) -> None:
        """The guard covers or uncovers the page: what was revealed is taken away, and asked for anew afterwards."""
        if concealed:
            self.close_up()

    def _to_end(self, _low: int, high: int) -> None:
        self.area.verticalScrollBar().setValue(high)

    def _fit_rows(self) -> None:
        sizes, space = self._themes.theme.sizes, self._themes.theme.space
        room = self.area.viewport().width() - 2 * (sizes.avatar_small + space.xxl) - sizes.bubble_gutter
        for row in self._rows.values():
            row.bubble.set_most(max(sizes.detail, min(sizes.bubble_text_max, room)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()

    def hideEvent(self, event: QHideEvent) -> None:
        self.close_up()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        # Held reading ends by itself; a tapped text does too, when the user turns to another window. Unlike
        # ActivationChange this event comes also to what stands within the window.
        if event.type() == QEvent.Type.WindowDeactivate and self._viewer is None:
            self.close_up()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def _say(self, words: str) -> None:
        self.problem.say(words, "bad")
        self.problem.show()

    def _failed(self, error: BaseException, doing: str) -> None:
        self._say(describe(error, doing).text)

    async def close_page(self) -> None:
        """Forget everything and end what runs."""
        self.close_chat()
        self._guard.unregister(self)
        await self.tasks.close()


def mark_of(service: SecretService) -> str:
    """The viewer's watermark: name and the last four digits of the phone."""
    return viewer_mark(service.me.name, service.me.phone)
