"""What can be done with a conversation of the list, as a menu (E071, E074, E075, E084, E085)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.store.records import ConversationRow

from .list_arrangement import Folder
from .service import ChatService

Do = Callable[[Coroutine[Any, Any, Any], str], object]
"""Starts a piece of work; the second argument says what it does."""


class Folders(Protocol):
    """The user's groupings, as far as the menu needs them."""

    def all(self) -> Sequence[Folder]:
        """In their order."""
        ...

    def put(self, folder: Folder, conversation_id: str, *, inside: bool) -> None:
        """Put a conversation in, or take it out."""
        ...

    def make(self, conversation_id: str) -> None:
        """Ask for a new grouping with the conversation in it."""
        ...


def conversation_menu(
    row: ConversationRow, service: ChatService, do: Do, parent: QWidget, folders: Folders | None = None
) -> QMenu:
    """The menu of one row; it deletes itself when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    change, id = service.change_setting, row.id

    def add(text: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        menu.addAction(text).triggered.connect(lambda: do(work(), text))

    add("取消置顶" if row.pinned else "置顶", lambda: change(id, pinned=not row.pinned))
    add("取消免打扰" if row.muted else "免打扰", lambda: change(id, muted=not row.muted))
    if row.unread or row.marked_unread:
        add("标为已读", lambda: service.mark_read(id))
    else:
        add("标为未读", lambda: change(id, marked_unread=True))
    if folders is not None:
        menu.addSeparator()
        inner = menu.addMenu("分组")
        for folder in folders.all():
            action = inner.addAction(folder.title)
            action.setCheckable(True)
            action.setChecked(id in folder.members)
            action.triggered.connect(lambda on, folder=folder: folders.put(folder, id, inside=on))
        if not inner.isEmpty():
            inner.addSeparator()
        inner.addAction("新建分组…").triggered.connect(lambda: folders.make(id))
    menu.addSeparator()
    add("从列表移除", lambda: change(id, hidden=True))
    return menu
