"""What can be done with a conversation of the list, as a menu (E071, E074, E075, E084, E085)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.store.records import ConversationRow

from .service import ChatService

Do = Callable[[Coroutine[Any, Any, Any], str], object]
"""Starts a piece of work; the second argument says what it does."""


def conversation_menu(row: ConversationRow, service: ChatService, do: Do, parent: QWidget) -> QMenu:
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
    menu.addSeparator()
    add("从列表移除", lambda: change(id, hidden=True))
    return menu
