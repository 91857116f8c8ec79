"""Changes late in the day: re-arranging with the fewest movers, and letting newcomers fill gaps."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from meeting_seat_designer.engine.arrange.arranger import arrange, fixed_seats
from meeting_seat_designer.engine.arrange.changes import Change, changes
from meeting_seat_designer.engine.arrange.region_path import plan_path, plan_tracks
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.layout import Seat
from meeting_seat_designer.engine.model.plan import Plan, Waiting
from meeting_seat_designer.engine.order.sorting import Sorter


class Rearranged(NamedTuple):
    """A new plan and the people whose seat changes (movers; newcomers and leavers are listed as such)."""

    plan: Plan
    changes: list[Change]

    @property
    def movers(self) -> list[Change]:
        """Those who had a seat and get another."""
        return [change for change in self.changes if change.kind == "moved"]


def keep_most(places: list[int | None], room: int) -> list[int]:
    """Indices on the path for people in rank order so that as many as possible keep their place.

    `places[i]` is person i's present index on the path, None without one; `room` the path's length. The
    result is strictly increasing. Person i may keep place p only if i people fit before and the rest after;
    of those, the longest run with p - i non-decreasing stays (longest non-decreasing subsequence, exact).
    """
    count = len(places)
    slack = room - count
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = [-1] * count
    for index, place in enumerate(places):
        if place is None or not 0 <= place - index <= slack:
            continue
        offset = place - index
        at = bisect_right(tails, offset)
        previous[index] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(offset)
            ends.append(index)
        else:
            tails[at] = offset
            ends[at] = index
    keepers: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        keepers.add(at)
        at = previous[at]
    offset = 0
    result: list[int] = []
    for index, place in enumerate(places):
        if index in keepers and place is not None:
            offset = place - index
        result.append(index + offset)
    return result


def rearrange(document: Document, sorter: Sorter | None = None) -> Rearranged:
    """Seat everyone anew in rank order, moving as few people as possible; empty seats may remain between."""
    order = sorter or Sorter(document.rules, document.ranks)
    fresh = arrange(document, order)
    fixed = fixed_seats(document)
    after = clone(document)
    after.plan = fresh
    held = {person: seat for seat, person in document.plan.seats.items()}
    seats = dict(fixed.seats)
    region_of = {seat.id: region.id for region, seat in document.seats()}
    for region in document.current().regions:
        open_tracks: list[list[Seat]] = []
        for track in plan_tracks(document, region, order):
            path = [s for s in track.seats if s.id not in fixed.seats and s.id not in fixed.closed]
            open_tracks.append(path)
        new_paths = plan_tracks(after, region, order)
        covered: set[str] = set()
        for index, track in enumerate(new_paths):
            people = [fresh.seats[s.id] for s in track.seats if s.id in fresh.seats]
            people = [person for person in people if person not in fixed.seats.values()]
            covered.update(people)
            path = open_tracks[index] if index < len(open_tracks) else track.seats
            if len(new_paths) != len(open_tracks) or len(path) < len(people):
                path = [s for s in track.seats if s.id not in fixed.seats and s.id not in fixed.closed]
            place = {seat.id: number for number, seat in enumerate(path)}
            kept = keep_most([place.get(held.get(person, "")) for person in people], len(path))
            for person, number in zip(people, kept, strict=True):
                seats[path[number].id] = person
        # People on special seats (wheelchair, interpreter …) are outside every path: taken over as arranged.
        for seat, person in fresh.seats.items():
            if region_of.get(seat) == region.id and person not in covered:
                seats[seat] = person
    fresh.seats = dict(sorted(seats.items()))
    fresh.counts = {**fresh.counts, **document.plan.counts}
    return Rearranged(fresh, changes(document.plan.seats, fresh.seats))


def fill_gaps(document: Document, sorter: Sorter | None = None) -> Rearranged:
    """Nobody moves: people without a seat take the empty seat where the fewest stand out of order."""
    order = sorter or Sorter(document.rules, document.ranks)
    attending = {person.id: person for person in document.people if person.status == "attending"}
    seats = {seat: person for seat, person in document.plan.seats.items() if person in attending}
    ranked = {person.id: index for index, person in enumerate(order.sort(attending.values()))}
    locked = set(document.plan.locks)
    plan = clone(document.plan)
    target = arrange(document, order)
    where = {person: seat for seat, person in target.seats.items()}
    region_of = {seat.id: region for region, seat in document.seats()}
    waiting = [item for item in target.waiting if item.person not in seats.values()]
    done = {item.person for item in waiting}
    newcomers = sorted(set(attending) - set(seats.values()) - done, key=lambda p: ranked[p])
    for person in newcomers:
        region = region_of[where[person]]
        path = [seat.id for seat in plan_path(document, region, order)]
        best: tuple[int, int] | None = None
        lower_before = 0
        higher_after = sum(1 for s in path if s in seats and ranked[seats[s]] < ranked[person])
        for index, seat in enumerate(path):
            if seat in seats:
                if ranked[seats[seat]] < ranked[person]:
                    higher_after -= 1
                else:
                    lower_before += 1
            elif seat not in locked and (best is None or lower_before + higher_after < best[0]):
                best = (lower_before + higher_after, index)
        if best is None:
            waiting.append(Waiting(person=person, reason="no_seat"))
        else:
            seats[path[best[1]]] = person
    plan.seats = dict(sorted(seats.items()))
    plan.waiting = waiting
    return Rearranged(plan, changes(document.plan.seats, plan.seats))
