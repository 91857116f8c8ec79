"""Who receives a plan and who is told of a change; pure decisions, sending is done elsewhere. Source: 3.1.6.4.4."""

from __future__ import annotations

from typing import NamedTuple

from meeting_seat_designer.engine.arrange.changes import changes
from meeting_seat_designer.engine.model.document import Document


class Recipients(NamedTuple):
    """People in the system who get the plan, and outsiders who get a text message only."""

    chat: list[str]
    sms: list[str]
    paper: list[str]


def recipients(document: Document, removed: frozenset[str] = frozenset()) -> Recipients:
    """By default every attendee in the system; outsiders with a phone get an SMS and never the plan."""
    chat: list[str] = []
    sms: list[str] = []
    paper: list[str] = []
    for person in document.people:
        if person.status != "attending" or person.id in removed:
            continue
        if person.user_id and not person.external and person.notify != "paper":
            chat.append(person.id)
        elif person.phone and person.notify != "paper":
            sms.append(person.id)
        else:
            paper.append(person.id)
    return Recipients(chat, sms, paper)


def to_notify(document: Document) -> list[str]:
    """After the first publication only those whose seat changed are told again."""
    published = document.plan.published
    if published is None:
        return [person.id for person in document.people if person.status == "attending"]
    attending = {person.id for person in document.people if person.status == "attending"}
    return [c.person for c in changes(published.seats, document.plan.seats) if c.person in attending]


def may_view(document: Document, user_id: str) -> bool:
    """Whether an account may open the published plan: recipients in the system only (3.1.6.4.5)."""
    published = document.plan.published
    if published is None or not user_id:
        return False
    allowed = set(published.recipients)
    return any(
        person.user_id == user_id and person.id in allowed and not person.external
        for person in document.people
    )


def invitation(document: Document, person_id: str) -> str:
    """The text for one attendee: time, place and own seat. EditError when the person is not in the meeting."""
    from meeting_seat_designer.engine.errors import EditError

    person = document.people_map().get(person_id)
    if person is None:
        raise EditError("该人员不在参会名单中")
    meeting, room = document.meeting, document.room
    seats = {who: seat for seat, who in document.plan.seats.items()}
    known = document.seat_map()
    place = meeting.place or " ".join(part for part in (room.building, room.floor, room.name) if part)
    seat = f"，您的座位：{known[seats[person.id]][1].code}" if seats.get(person.id) in known else ""
    when = meeting.start.replace("T", " ")
    return f"{person.name}同志：请参加“{meeting.title or '会议'}”{f'，时间：{when}' if when else ''}，地点：{place}{seat}。"
