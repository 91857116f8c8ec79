"""People from the OA meeting system: full lists and changes, as one edit. Source: 3.1.6.3.1, 3.1.6.3.2.

The HTTP side lives in `oa/`; this module knows only the payloads described in docs/seating.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.edits.base import Batch, Command
from meeting_seat_designer.engine.edits.people import AddPeople, SetPerson
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.people import Person

_FIELDS = ("name", "unit", "post", "rank", "level", "leadership", "phone", "external", "user_id", "party")


class Synced(NamedTuple):
    """What a payload changes: the edit (None when nothing), and people by kind of change."""

    edit: Command | None
    added: list[str]
    cancelled: list[str]
    changed: list[str]


def sync_full(document: Document, payload: Any) -> Synced:
    """A full list {"people": [...]}: newcomers are added, the missing are cancelled, others brought up to date."""
    incoming = _people(payload)
    known = document.people_map()
    added = [person for name, person in incoming.items() if name not in known]
    changed = {name: person for name, person in incoming.items() if name in known}
    cancelled = [p.id for p in document.people if p.id not in incoming and p.status != "cancelled"]
    return _synced(document, added, changed, cancelled)


def sync_changes(document: Document, payload: Any) -> Synced:
    """Changes {"changes": [{"type": "added|cancelled|changed", "person": {...}}]} in their order.

    Applying the same changes twice is harmless. FormatError for an unknown type or person.
    """
    if not isinstance(payload, dict) or not isinstance(cast(dict[str, Any], payload).get("changes"), list):
        raise FormatError("应含 changes 列表", where="OA 变更")
    known = document.people_map()
    added: dict[str, Person] = {}
    changed: dict[str, Person] = {}
    cancelled: list[str] = []
    for number, item in enumerate(cast(list[dict[str, Any]], payload["changes"]), 1):
        where = f"OA 变更第 {number} 条"
        kind = item.get("type")
        plain: Any = item.get("person")
        if kind == "cancelled":
            name = str(cast(dict[str, Any], plain or {}).get("id", ""))
            if name in added:
                del added[name]
            elif name in known:
                cancelled.append(name)
                changed.pop(name, None)
            continue
        person = from_plain(Person, plain, where)
        if kind not in ("added", "changed"):
            raise FormatError(f"未知的变更类型“{kind}”", where=where)
        if person.id in cancelled:
            cancelled.remove(person.id)
        if person.id in known:
            changed[person.id] = person
        else:
            added[person.id] = person
    return _synced(document, list(added.values()), changed, cancelled)


def _people(payload: Any) -> dict[str, Person]:
    if not isinstance(payload, dict) or not isinstance(cast(dict[str, Any], payload).get("people"), list):
        raise FormatError("应含 people 列表", where="OA 名单")
    people = [
        from_plain(Person, item, f"OA 名单第 {number} 条")
        for number, item in enumerate(cast(list[Any], payload["people"]), 1)
    ]
    return {person.id: person for person in people}


def _synced(
    document: Document, added: list[Person], changed: dict[str, Person], cancelled: list[str]
) -> Synced:
    commands: list[Command] = []
    if added:
        commands.append(AddPeople(added))
    really: list[str] = []
    known = document.people_map()
    for name, person in changed.items():
        old = known[name]
        fields = {key: getattr(person, key) for key in _FIELDS if getattr(person, key) != getattr(old, key)}
        if old.status == "cancelled" and person.status == "attending":
            fields["status"] = "attending"
        if fields:
            commands.append(SetPerson(name, **fields))
            really.append(name)
    gone = [name for name in cancelled if known[name].status != "cancelled"]
    commands += [SetPerson(name, status="cancelled") for name in gone]
    edit = Batch("同步参会人员", commands) if commands else None
    return Synced(edit, [person.id for person in added], gone, really)
