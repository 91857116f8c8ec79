"""Virtualised lists of painted rows."""

from .people_rows import ITEM_ROLE, PeopleDelegate, PeopleItem, PeopleModel, PersonItem, SectionItem
from .row_delegate import Index, RowDelegate
from .row_view import RowView

__all__ = [
    "ITEM_ROLE",
    "Index",
    "PeopleDelegate",
    "PeopleItem",
    "PeopleModel",
    "PersonItem",
    "RowDelegate",
    "RowView",
    "SectionItem",
]
