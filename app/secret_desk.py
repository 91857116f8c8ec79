"""Joins secret chat to the message tab: the entries that show only with the permission, and the page over the tab."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.features.secret.service import SecretService
from app.session.http import SessionEnded
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from server_stub.contract.errors import ApiError
from widgets.guard import CaptureGuard
from widgets.theme import ThemeManager

if TYPE_CHECKING:
    from app.features.secret.view import SecretPage


@runtime_checkable
class SecretHost(Protocol):
    """The message tab as secret chat needs it."""

    list: Any
    """Has the entry over the list as `secret`, an IconButton, and `choose_person` for whom to begin with."""
    secret_tool: Any
    """The entry in the open chat's tool bar, an IconButton."""
    secret_wanted: Any
    """Signal(str): the peer, "" for the list."""
    conversation_changed: Any
    """Signal(str)."""

    @property
    def current_peer(self) -> str:
        """The other person of the open single chat, or ""."""
        ...

    def cover(self, widget: QWidget | None) -> None:
        """Show a page in place of the tab's own."""
        ...


class SecretDesk(QObject):
    """Without a guard there is no secret chat. Signals: `unread_changed()`, `announced()`, `distrusted()`,
    `shown_changed(bool)` the page covers the message tab or does not any more."""

    unread_changed = Signal()
    announced = Signal()
    distrusted = Signal()
    shown_changed = Signal(bool)

    def __init__(
        self,
        service: SecretService,
        themes: ThemeManager,
        make_guard: Callable[[], CaptureGuard] | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._themes, self._make_guard = service, themes, make_guard
        self._host: SecretHost | None = None
        self._asked = ""
        self.page: SecretPage | None = None
        self.unread = 0
        self.tasks = Tasks(lambda _error, _doing: None)
        self._subscription = service.on_allowed(lambda _allowed: self._settle())

    def attach(self, host: SecretHost) -> None:
        """The message tab was built."""
        self._host = host
        host.secret_wanted.connect(self.enter)
        host.conversation_changed.connect(lambda _id: self._look_at_peer())
        self._settle()

    @property
    def _usable(self) -> bool:
        return self._host is not None and self._make_guard is not None and self._service.allowed

    def _settle(self) -> None:
        """The permission came or went, or a peer's may have."""
        host = self._host
        if host is None:
            return
        host.list.secret.setVisible(self._usable)
        if not self._usable:
            self.leave()
        elif self.page is None:
            self._build()
        self._look_at_peer()

    def _build(self) -> None:
        if self._make_guard is None or not isinstance(self._host, QWidget):
            return
        from app.chat_tools import LatePlayer, LateRecorder
        from app.features.secret.view import SecretPage
        from app.features.secret.voice import SecretVoices

        voices = SecretVoices(LateRecorder(), LatePlayer(), self)
        page = SecretPage(self._service, self._make_guard(), self._themes, self._host, voices=voices)
        page.hide()
        page.left.connect(self.leave)
        page.person_wanted.connect(self._choose)
        page.unread_changed.connect(self._counted)
        page.announced.connect(self.announced)
        page.distrusted.connect(self.distrusted)
        self.page = page
        page.start()

    def _choose(self, begin: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Whom to begin with is chosen in clear, as everywhere."""
        if self._host is not None:
            self._host.list.choose_person("发起密聊", "发起密聊", begin, self._may_begin)

    async def _may_begin(self, person_id: str) -> bool:
        try:
            return await self._service.allowed_with(person_id)
        except (NetworkError, ApiError, SessionEnded):
            return False

    def _counted(self, count: int) -> None:
        self.unread = count
        if self._host is not None:
            self._host.list.secret.set_badge(count)
        self.unread_changed.emit()

    # The entry in the open chat: both sides need the permission (3.1.1.1).

    def _look_at_peer(self) -> None:
        host = self._host
        if host is None:
            return
        peer = host.current_peer if self._usable else ""
        self._asked = peer
        host.secret_tool.hide()
        if peer:
            self.tasks.start(self._ask_peer(peer), "查询密聊权限")

    async def _ask_peer(self, peer: str) -> None:
        try:
            allowed = await self._service.allowed_with(peer)
        except (NetworkError, ApiError, SessionEnded):
            return
        if self._host is not None and peer == self._asked:
            self._host.secret_tool.setVisible(allowed and self._usable)

    # Coming and going.

    def enter(self, person_id: str) -> None:
        """Show the page; with a person, the chat with him."""
        if self.page is None or self._host is None or not self._usable:
            return
        self._host.cover(self.page)
        self.shown_changed.emit(True)
        if person_id:
            self.page.open_with(person_id)

    def leave(self) -> None:
        """Back to the conversations; everything secret is forgotten."""
        if self.page is not None and self._host is not None and not self.page.isHidden():
            self._host.cover(None)
            self.shown_changed.emit(False)

    @property
    def is_shown(self) -> bool:
        """Whether the page covers the message tab."""
        return self.page is not None and not self.page.isHidden()

    async def close(self) -> None:
        """Before the session is closed."""
        self._subscription.close()
        await self.tasks.close()
        if self.page is not None:
            await self.page.close_page()
