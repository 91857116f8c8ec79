"""Why somebody has no seat, as it stands now, and which version of the plan that is, in words."""

from __future__ import annotations

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import WAIT_REASONS
from meeting_seat_designer.engine.order.sorting import Sorter

NOT_ARRANGED = "尚未排座"


def wait_texts(document: Document, sorter: Sorter | None = None) -> dict[str, str]:
    """Person id → reason in Chinese, for everybody on the waiting list, in its order.

    The plan keeps the reason of the last arrangement. Whose rank was filled in since waits for nothing but the next
    one: lists must not go on calling the rank unknown.
    """
    order = sorter or Sorter(document.rules, document.ranks)
    people = document.people_map()
    texts: dict[str, str] = {}
    for item in document.plan.waiting:
        person = people.get(item.person)
        text = WAIT_REASONS.get(item.reason, item.reason)
        if item.reason == "unknown_rank" and person is not None and order.placeable(person):
            text = NOT_ARRANGED
        texts[item.person] = text
    return texts


def version_text(document: Document) -> str:
    """The version as paper names it; what nobody was told yet must not pass for an issued version."""
    plan = document.plan
    if plan.published is None:
        return "草稿（未发布）"
    words = f"第 {plan.published.version} 版"
    return words if plan.published.seats == plan.seats else f"{words}（发布后有改动）"
