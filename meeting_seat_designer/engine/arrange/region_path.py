"""The path of a region as the present plan uses it: for explanations, shifts and minimum-move changes."""

from __future__ import annotations

from collections import defaultdict

from meeting_seat_designer.engine.arrange.units import by_unit, unit_columns
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.order.paths import setting
from meeting_seat_designer.engine.order.sorting import Sorter
from meeting_seat_designer.engine.order.tracks import Track, tracks


def seated_in(document: Document, region: Region) -> list[tuple[Seat, Person]]:
    """Seats of a region that are taken, with their people, in stored order."""
    people = document.people_map()
    plan = document.plan.seats
    return [(seat, people[plan[seat.id]]) for seat in region.seats if plan.get(seat.id, "") in people]


def plan_tracks(document: Document, region: Region, sorter: Sorter) -> list[Track]:
    """The tracks of a region as of the last arrangement (so that later edits do not turn the path over)."""
    present = seated_in(document, region)
    counts: dict[str, int] = defaultdict(int)
    for _, person in present:
        counts[person.party] += 1
    total = document.plan.counts.get(region.id)
    if total is not None and not (counts.get("guest") or counts.get("host")):
        counts = defaultdict(int, {"": total})
    result = tracks(region, sorter.rules, dict(counts))
    if region.rules.units == "cols" and len(result) == 1:
        people = sorter.sort(person for _, person in present)
        path, _ = unit_columns(
            region, setting(region, sorter.rules), result[0].seats, by_unit(people, sorter)
        )
        return [Track(path, "")]
    return result


def plan_path(document: Document, region: Region, sorter: Sorter) -> list[Seat]:
    """All tracks of a region one after another."""
    return [seat for track in plan_tracks(document, region, sorter) for seat in track.seats]
