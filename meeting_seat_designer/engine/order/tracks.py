"""Tracks: the seat paths of a region by party, for rows and for every kind of table."""

from __future__ import annotations

from typing import NamedTuple

from meeting_seat_designer.engine.model.layout import Region, Seat
from meeting_seat_designer.engine.model.rules import RuleSet
from meeting_seat_designer.engine.order.paths import Setting, centre_line, row_path, setting, toward, usable


class Track(NamedTuple):
    """A path and the party it seats: guest, host, or empty for everyone."""

    seats: list[Seat]
    party: str


PARTY_KINDS = ("talks", "sofas", "signing", "rounds")


def tracks(region: Region, rules: RuleSet, counts: dict[str, int]) -> list[Track]:
    """The tracks of a region for this many people per party ("" for all); together they cover every seat.

    With no guest and no host among the people a party table gives one track: the far side, then the near one.
    Seats added by hand that belong to no side come last.
    """
    found = _tracks(region, rules, counts)
    covered = {seat.id for track in found for seat in track.seats}
    loose = [seat for seat in usable(region) if seat.id not in covered]
    if loose:
        found[-1] = Track([*found[-1].seats, *loose], found[-1].party)
    return found


def _tracks(region: Region, rules: RuleSet, counts: dict[str, int]) -> list[Track]:
    conf = setting(region, rules)
    kind = region.recipe.kind
    total = sum(counts.values())
    split = bool(counts.get("guest") or counts.get("host"))
    if kind in ("talks", "sofas", "signing") and conf.mode == "honour":
        guest, host = _parties(region, conf, counts, split)
        if split:
            return [Track(guest, "guest"), Track(host, "host")]
        if kind == "talks":
            return [Track(guest + host, "")]
        return [Track(_interleave(host, guest), "")]
    if kind in ("u", "hollow", "conference") and conf.mode == "honour":
        return [Track(_ring_path(region, conf, total), "")]
    if kind == "rounds" and conf.mode == "honour":
        return _rounds(region, conf, split)
    return [Track(row_path(region, conf, total), "")]


def _parties(
    region: Region, conf: Setting, counts: dict[str, int], split: bool
) -> tuple[list[Seat], list[Seat]]:
    kind = region.recipe.kind
    names = (("far", "guest"), ("near", "host"))
    paths: list[list[Seat]] = []
    seats = usable(region)
    for side, party in names:
        path: list[Seat] = []
        people = counts.get(party, 0) if split else sum(counts.values())
        for ring in sorted({seat.ring for seat in seats}):
            line = [seat for seat in seats if seat.ring == ring and seat.side in (side, party)]
            if kind == "talks":
                path += centre_line(line, region, conf, max(people - len(path), 0))
                if not split:
                    people = max(people - len(line), 0)
            else:
                path += sorted(line, key=lambda seat: (seat.row, seat.col))
        paths.append(path)
    if not split and kind == "talks":
        far = paths[0]
        near_people = max(sum(counts.values()) - len(far), 0)
        near: list[Seat] = []
        for ring in sorted({seat.ring for seat in seats}):
            line = [seat for seat in seats if seat.ring == ring and seat.side in ("near", "host")]
            near += centre_line(line, region, conf, max(near_people - len(near), 0))
        return far, near
    return paths[0], paths[1]


def _interleave(first: list[Seat], second: list[Seat]) -> list[Seat]:
    path: list[Seat] = []
    for index in range(max(len(first), len(second))):
        path += first[index : index + 1] + second[index : index + 1]
    return path


def _ring_path(region: Region, conf: Setting, people: int) -> list[Seat]:
    """Head centre-out, sides alternately away from the head, bottom centre-out; then the next ring (列席)."""
    path: list[Seat] = []
    seats = usable(region)
    for ring in sorted({seat.ring for seat in seats}):
        sides: dict[str, list[Seat]] = {"head": [], "left": [], "right": [], "bottom": []}
        for seat in seats:
            if seat.ring == ring:
                sides.setdefault(seat.side, []).append(seat)
        path += centre_line(sides["head"], region, conf, max(people - len(path), 0))
        # The chair faces the door, so the chair's left hand is the plan's right.
        honoured, other = ("right", "left") if conf.honour == "left" else ("left", "right")
        arms = [sorted(sides[side], key=lambda seat: seat.col) for side in (honoured, other)]
        path += _interleave(arms[0], arms[1])
        path += centre_line(sides["bottom"], region, conf, max(people - len(path), 0))
    return path


def _rounds(region: Region, conf: Setting, split: bool) -> list[Track]:
    """Round tables, table by table. Banquet: host facing the door, second host opposite, guests beside them."""
    seats = usable(region)
    by_table: dict[int, list[Seat]] = {}
    for seat in seats:
        by_table.setdefault(seat.table, []).append(seat)
    banquet = region.recipe.params.get("protocol", "banquet") == "banquet"
    guests: list[Seat] = []
    hosts: list[Seat] = []
    everyone: list[Seat] = []
    for table in sorted(by_table):
        circle = sorted(by_table[table], key=lambda seat: seat.col)
        if banquet and split:
            host_seats, guest_seats = banquet_order(circle)
            hosts += host_seats
            guests += guest_seats
        else:
            everyone += _round_rank(circle, region, conf)
    if banquet and split:
        return [Track(guests, "guest"), Track(hosts, "host")]
    return [Track(everyone, "")]


def banquet_order(circle: list[Seat]) -> tuple[list[Seat], list[Seat]]:
    """(host seats, guest seats) of one table whose first seat faces the door; `circle` goes clockwise.

    Facing the centre, an occupant's right hand is the next seat counter-clockwise as drawn for the top seat.
    Guests 1 and 2 sit right and left of 主陪, 3 and 4 right and left of 副主陪; the rest go on outwards in turn,
    hosts and guests alternately.
    """
    count = len(circle)
    half = count // 2
    order: list[int] = []
    for step in range(1, half + 1):
        for index in (-step % count, step % count, (half - step) % count, (half + step) % count):
            if index not in (0, half) and index not in order:
                order.append(index)
    guest_first, rest = order[:4], order[4:]
    guest_seats = [circle[i] for i in guest_first + rest[1::2]]
    host_seats = [circle[i] for i in [0, half, *rest[0::2]]]
    return host_seats, guest_seats


def _round_rank(circle: list[Seat], region: Region, conf: Setting) -> list[Seat]:
    """One table by rank: first the seat facing the door, then both sides in turn, honoured side first."""
    count = len(circle)
    direction = toward(circle[:1], region, conf.honour)
    order = [0]
    for step in range(1, count // 2 + 1):
        for index in ((direction * step) % count, (-direction * step) % count):
            if index not in order:
                order.append(index)
    return [circle[i] for i in order]
