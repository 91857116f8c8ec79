"""The gallery's pages: each builds one widget (or a family) with plausible fake data."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from widgets.theme import ThemeManager

from . import basics, chat, composer, frames, guard, lists, mindmap

Page = Callable[[ThemeManager], QWidget]

PAGES: dict[str, Page] = {
    "buttons": basics.buttons,
    "fields": basics.fields,
    "containers": basics.containers,
    "small": basics.small,
    "states": basics.states,
    "icons": basics.icons,
    "shell": frames.shell,
    "toasts": frames.toasts,
    "confirm": frames.confirm,
    "danger": frames.danger,
    "error": frames.error,
    "messages": chat.messages,
    "messages-top": chat.messages_top,
    "messages-many": chat.messages_many,
    "composer": composer.composer,
    "emoji": composer.emoji,
    "lists": lists.lists,
    "mindmap": mindmap.mindmap,
    "secret": guard.secret,
    "secret-covered": guard.secret_covered,
    "protection": guard.protection,
}

__all__ = ["PAGES", "Page"]
