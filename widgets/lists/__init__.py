"""Virtualised lists of painted rows."""

from .avatar_cache import AvatarCache
from .conversation_rows import ConversationDelegate, ConversationItem
from .people_rows import ITEM_ROLE, PeopleDelegate, PeopleItem, PeopleModel, PersonItem, SectionItem
from .row_delegate import Index, RowDelegate
from .row_view import RowView

__all__ = [
    "ITEM_ROLE",
    "AvatarCache",
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
