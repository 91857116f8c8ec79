"""The secret page over the message tab: list, open chat, and what keeps both from staying open unattended."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QWidget

from app.shell.problems import describe
from app.shell.tasks import Tasks
from server_stub.contract.errors import ApiError
from server_stub.contract.secret import (
    SecretChat,
    SecretLevel,
    SecretOverview,
    SecretPolicy,
)
from widgets.controls import Banner, ConfirmDialog, Dialog, EmptyState, SplitLayout, label
from widgets.guard import CaptureGuard
from widgets.theme import ThemeManager

from .chat import PEER_LOST, SecretChatView
from .dialogs import LeaseDialog, UnlockDialog
from .list_view import SecretListView
from .reports import GuardReports
from .service import SecretService
from .voice import SecretVoices

LOST_TEXT = "该用户无密聊权限"
IDLE_S = 60
"""An open chat closes after so long without a key or the pointer, before the lock of the program does."""
_WRONG = 3
"""Wrong unlock codes after which the whole program locks, which counts its attempts for longer."""


class SecretPage(QWidget):
    """`await close_page()` before the session is closed. Signals: `left()` 返回; `person_wanted(begin)` choose a colleague and await
    `begin(person_id)`, which raises NetworkError and ApiError; `unread_changed(int)` what the entry counts;
    `announced()` a message came to a chat of level 标准: show 收到一条消息 and nothing else; `distrusted()` the
    unlock code was wrong too often: lock the program."""

    left = Signal()
    person_wanted = Signal(object)
    unread_changed = Signal(int)
    announced = Signal()
    distrusted = Signal()

    def __init__(
        self,
        service: SecretService,
        guard: CaptureGuard,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        idle_s: float = IDLE_S,
        voices: SecretVoices | None = None,
    ) -> None:
        """`idle_s`: see IDLE_S; `voices`: microphone and loudspeaker."""
        super().__init__(parent)
        self._service, self._guard, self._themes = service, guard, themes
        self._policy = SecretPolicy()
        self._chats: dict[str, SecretChat] = {}
        self._seen_unread: dict[str, int] | None = None
        self._wrong = 0
        self._pending = ""
        self.tasks = Tasks(self._failed)
        self.list = SecretListView(themes)
        self.list.opened.connect(self.open_chat)
        self.list.back.connect(self.left)
        escape = QShortcut(QKeySequence("Esc"), self.list)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.left)
        self.list.new_wanted.connect(self.new_chat)
        self.list.clear_wanted.connect(lambda chat_id: self._do("clear", chat_id))
        self.list.hide_wanted.connect(lambda chat_id: self._do("hide", chat_id))
        self.chat = SecretChatView(service, guard, themes, voices=voices)
        self.chat.peer_lost.connect(self._peer_lost)
        self.chat.closed.connect(self._nothing_open)
        self.chat.changed.connect(self.refresh)
        self.chat.lease_wanted.connect(self._lease)
        self.nothing = EmptyState(
            themes,
            "flame",
            "选择一个密聊",
            "双方头像和名称在聊天页打码，消息查看后定时销毁，不留任何痕迹。",
            "发起密聊",
        )
        self.nothing.acted.connect(self.new_chat)
        self.problem = Banner(themes, "", "bad", "重试", flat=True)
        self.problem.acted.connect(self.refresh)
        self.problem.hide()
        self.middle = QStackedWidget()
        self.middle.setProperty("surface", "content")
        self.middle.addWidget(self.nothing)
        self.middle.addWidget(self.chat)
        self.split = SplitLayout(themes)
        self.split.set_list(self.list)
        self.split.set_content(self.middle)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.split)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(round(idle_s * 1000))
        self._idle.timeout.connect(self.close_chat)
        self._subscriptions = [
            service.on_changed(self._changed),
            service.on_allowed(lambda _allowed: self._permissions()),
        ]
        self.reports = GuardReports(service, guard, self.tasks, self.chat, lambda: self.chat.chat_id, self)

    # Reading.

    def start(self) -> None:
        """Begin to follow the list (for the entry's number and 收到一条消息), also while the page is not shown."""
        self._permissions()
        self.reports.probe()

    def refresh(self) -> None:
        """Ask for the list anew."""
        if self._service.allowed:
            self.tasks.start(self._read(), "读取密聊", on_error=self._not_read)

    async def _read(self) -> None:
        overview = await self._service.overview()
        self.problem.hide()
        self._show(overview)

    def _show(self, overview: SecretOverview) -> None:
        self._policy = overview.policy
        self._chats = {one.id: one for one in overview.chats}
        self.list.show_chats(overview.chats, self._service.now_ms(), self.chat.chat_id)
        self._announce(overview.chats)
        counted = [one for one in overview.chats if one.level is not SecretLevel.HIGHEST]
        self.unread_changed.emit(sum(one.unread for one in counted))

    def _announce(self, chats: list[SecretChat]) -> None:
        """A banner for 标准 only, for what is not under the user's eyes, and not for what lay there at the start."""
        before, self._seen_unread = self._seen_unread, {one.id: one.unread for one in chats}
        if before is None:
            return
        for one in chats:
            watched = one.id == self.chat.chat_id and self.isVisible() and self.isActiveWindow()
            if one.level is SecretLevel.STANDARD and one.unread > before.get(one.id, 0) and not watched:
                self.announced.emit()
                return

    def _changed(self, chat_id: str) -> None:
        self.refresh()
        if not chat_id or chat_id == self.chat.chat_id:
            self.chat.refresh()

    def _permissions(self) -> None:
        if not self._service.allowed:
            self._forget_chat()
            self._chats, self._seen_unread = {}, None
            self.list.show_chats([], 0, "")
            self.unread_changed.emit(0)
            return
        self.refresh()
        self.chat.refresh()

    # Opening.

    def open_chat(self, chat_id: str) -> None:
        """Go to a chat; under 最高 the unlock code is asked for each time."""
        chat = self._chats.get(chat_id)
        if chat is None or chat_id == self.chat.chat_id:
            return
        self.close_chat()
        if chat.level is SecretLevel.HIGHEST:
            self._ask_unlock(chat_id)
        else:
            self._enter(chat_id)

    def open_with(self, person_id: str) -> None:
        """Go to the chat with a person, making it if there is none."""
        self.tasks.start(self._open_with(person_id), "发起密聊", on_error=self._not_begun)

    async def _open_with(self, person_id: str) -> None:
        chat = await self._service.open(person_id)
        await self._read()
        if chat.id != self.chat.chat_id:
            self.open_chat(chat.id)

    def _not_begun(self, error: BaseException, doing: str) -> None:
        if isinstance(error, ApiError) and error.detail == PEER_LOST:
            self._tell_lost("")
            return
        self._failed(error, doing)

    def _enter(self, chat_id: str) -> None:
        self.middle.setCurrentWidget(self.chat)
        self.chat.open(chat_id, self._policy)
        self.list.mark(chat_id)
        self._idle.start()
        self.reports.report()

    def close_chat(self) -> None:
        """Forget the open chat: 返回, the lock, idleness."""
        self._forget_chat()
        self.refresh()

    def _forget_chat(self) -> None:
        self._idle.stop()
        self.chat.close_chat()
        self.middle.setCurrentWidget(self.nothing)
        self.list.mark("")

    def _nothing_open(self) -> None:
        self._forget_chat()
        self.refresh()

    # 最高: unlocked each time.

    def _ask_unlock(self, chat_id: str) -> None:
        dialog = UnlockDialog(self._service, self._themes, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def opened() -> None:
            self._wrong = 0
            self._enter(chat_id)

        def wrong() -> None:
            self._wrong += 1
            if self._wrong >= _WRONG:
                self._wrong = 0
                dialog.reject()
                self.distrusted.emit()

        dialog.accepted.connect(opened)
        dialog.wrong.connect(wrong)
        dialog.finished.connect(lambda _result: setattr(self, "unlock_dialog", None))
        self.unlock_dialog = dialog
        dialog.open()

    unlock_dialog: UnlockDialog | None = None

    # The other side has lost the permission (3.1.1.4).

    def _peer_lost(self, chat_id: str) -> None:
        self.middle.setCurrentWidget(self.nothing)
        self._tell_lost(chat_id)

    def _tell_lost(self, chat_id: str) -> None:
        dialog = Dialog(self._themes, LOST_TEXT, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.content.addWidget(
            label("管理员已收回对方的密聊权限，确定后从列表中移除。", "body", "weak", wrap=True)
        )
        dialog.add_button("确定", "secret", default=True, slot=dialog.accept)
        if chat_id:
            dialog.finished.connect(lambda _result: self._do("hide", chat_id))
        dialog.finished.connect(lambda _result: setattr(self, "lost_dialog", None))
        self.lost_dialog = dialog
        dialog.open()

    lost_dialog: Dialog | None = None

    # Whom to talk with is chosen in clear.

    def new_chat(self) -> None:
        """Have a colleague chosen."""
        self.person_wanted.emit(self._begin_with)

    async def _begin_with(self, person_id: str) -> None:
        """Raises as `_open_with`; a colleague without the permission is told in words, where he was chosen."""
        try:
            await self._open_with(person_id)
        except ApiError as error:
            if error.detail != PEER_LOST:
                raise
            raise ApiError(error.code, error.detail, message=f"{LOST_TEXT}，请选择其他同事。") from error

    def _do(self, what: str, chat_id: str) -> None:
        self.tasks.start(self._doing(what, chat_id), "移除会话" if what == "hide" else "清空聊天记录")

    async def _doing(self, what: str, chat_id: str) -> None:
        if what == "hide":
            if chat_id == self.chat.chat_id:
                self.close_chat()
            await self._service.hide(chat_id)
        else:
            await self._service.clear(chat_id)
            if chat_id == self.chat.chat_id:
                self.chat.refresh()
        await self._read()

    # The exception for assistive tools.

    def _lease(self) -> None:
        if self._guard.active_lease is not None:
            self._guard.end_lease()
            return
        dialog = LeaseDialog(self._guard, self._themes, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _result: setattr(self, "lease_dialog", None))
        self.lease_dialog = dialog
        dialog.open()

    lease_dialog: LeaseDialog | None = None
    # Unattended.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key or movement in this window keeps an open chat open."""
        used = event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress)
        if used and self._idle.isActive():
            self._idle.start()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        self._guard.register(self.chat)
        self.refresh()
        super().showEvent(event)
        # Else the keyboard would be handed to whatever comes first in the window; from here Esc leads back.
        self.list.leave.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._wrong = 0
        self._guard.unregister(self.chat)
        # A minimised or locked window, another tab: whoever comes back opens the chat anew.
        self._forget_chat()
        super().hideEvent(event)

    # Problems and the end.

    def _say(self, words: str) -> None:
        dialog = ConfirmDialog(
            self._themes, "密聊", words, accept="知道了", refuse="关闭", parent=self.window()
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _not_read(self, error: BaseException, doing: str) -> None:
        if isinstance(error, ApiError) and error.detail == "self":
            return
        self.nothing.set_texts("读取密聊没有成功", describe(error, doing).text)

    def _failed(self, error: BaseException, doing: str) -> None:
        self._say(describe(error, doing).text)

    async def close_page(self) -> None:
        """Forget everything and stop listening."""
        for subscription in self._subscriptions:
            subscription.close()
        self.reports.close()
        self._idle.stop()
        await self.chat.close_page()
        await self.tasks.close()
