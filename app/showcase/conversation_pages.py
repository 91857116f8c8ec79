"""The open conversation in its states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.features.chat.conversation_receipts import ReceiptDialog
from app.features.chat.conversation_view import ConversationView
from app.preferences import Preferences
from widgets.theme import ThemeManager

from . import chats
from .chat_service import ShowcaseChat

SIZE = (760, 768)


async def opened(
    themes: ThemeManager, data: Path, conversation_id: str, chat: ShowcaseChat | None = None
) -> ConversationView:
    """A view with a conversation open in it."""
    view = ConversationView(chat or ShowcaseChat(), themes, Preferences(data / "preferences.json"))
    view.resize(*SIZE)
    view.show()
    view.open(conversation_id)
    await view.tasks.settle()
    return view


async def group(themes: ThemeManager, data: Path) -> QWidget:
    return await opened(themes, data, chats.FLOOD)


async def single(themes: ThemeManager, data: Path) -> QWidget:
    view = await opened(themes, data, "c-zhao")
    view.composer.set_text("请二七区同步核实泵站备用电源")
    return view


async def service_account(themes: ThemeManager, data: Path) -> QWidget:
    return await opened(themes, data, "c-notice")


async def nothing_yet(themes: ThemeManager, data: Path) -> QWidget:
    return await opened(themes, data, "c-feng")


async def replying(themes: ThemeManager, data: Path) -> QWidget:
    view = await opened(themes, data, chats.FLOOD)
    view.message_actions.act("c-flood-10", "reply")
    view.head.show_typing("王建国")
    view.list.show_row("c-flood-2")
    return view


async def dropping(themes: ThemeManager, data: Path) -> QWidget:
    view = await opened(themes, data, chats.FLOOD)
    view.sheet.cover("城区防汛调度工作群")
    return view


async def receipts(themes: ThemeManager, data: Path) -> QWidget:
    view = await opened(themes, data, chats.FLOOD)
    view.message_actions.act("c-flood-7", "receipt")
    await view.tasks.settle()
    dialog = view.findChild(ReceiptDialog)
    if dialog is None:
        raise RuntimeError("the list of readers did not open")
    dialog.setParent(None)
    dialog.resize(dialog.sizeHint())
    dialog.show()
    view.hide()
    return dialog


async def picture(themes: ThemeManager, data: Path) -> QWidget:
    view = await opened(themes, data, chats.FLOOD)
    view.message_actions.act("c-flood-8", "open")
    await view.tasks.settle()
    if view.files.viewer is None:
        raise RuntimeError("the picture did not open")
    viewer = view.files.viewer
    viewer.setParent(None)
    viewer.show()
    view.hide()
    return viewer


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "chat-conversation": group,
    "chat-single": single,
    "chat-service": service_account,
    "chat-empty": nothing_yet,
    "chat-reply": replying,
    "chat-drop": dropping,
    "chat-receipts": receipts,
    "chat-picture": picture,
}
