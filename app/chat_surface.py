"""What the rest of the window needs of the chat page, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from app.features.chat.contributed import MessageActionSource, PlusSource
from app.features.chat.service import ChatService
from app.shell.tasks import Tasks


class ChatMaker(Protocol):
    """Builds the chat page (a ChatSurface) with what other features add to its menus."""

    def __call__(
        self,
        service: ChatService,
        tasks: Tasks,
        parent: QWidget,
        message_actions: Sequence[MessageActionSource],
        plus: Sequence[PlusSource],
    ) -> QWidget:
        """Called at the page's first visit."""
        ...


class ChatSurface(Protocol):
    """What the rest of the window needs of the chat page, which is a QWidget."""

    unread_changed: Any
    """Signal(int)."""
    search_wanted: Any
    """Signal(str): look for something in this conversation."""
    notice_wanted: Any
    """Signal(str): the address behind the button of a work notice."""
    unit_group_wanted: Any
    """Signal(): a group of a whole unit is asked for."""

    @property
    def current_conversation(self) -> str:
        """The conversation under the user's eyes, or ""."""
        ...

    def open_conversation(self, conversation_id: str, seq: int = 0) -> None:
        """Go to a conversation, ready to type; at message `seq` where it is not 0."""
        ...

    def set_link_text(self, text: str) -> None:
        """The quiet word about the connection over the list."""
        ...

    def guard_links(self, open_link: Callable[..., object]) -> None:
        """Web addresses are judged before they open."""
        ...

    def share(self, files: Sequence[Path], text: str, *, left_out: int = 0) -> object:
        """Ask for conversations and send them files and words from outside."""
        ...

    def join_by(self, link: str) -> None:
        """Look at what a group's or a person's link leads to."""
        ...

    async def close_page(self) -> None:
        """Keep the drafts and end what still runs."""
        ...
