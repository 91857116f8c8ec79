"""Virtualised lists of painted rows."""

from .conversation_rows import ConversationDelegate, ConversationItem
from .people_rows import ITEM_ROLE, PeopleDelegate, PeopleItem, PeopleModel, PersonItem, SectionItem
from .row_delegate import Index, RowDelegate
from .row_view import RowView

__all__ = [
    "ITEM_ROLE",
    "ConversationDelegate",
    "ConversationItem",
    "Index",
    "PeopleDelegate",
    "PeopleItem",
    "PeopleModel",
    "PersonItem",
    "RowDelegate",
    "RowView",
    "SectionItem",
]
