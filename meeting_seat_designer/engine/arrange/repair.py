"""Local repair of one lane: constraints move people along the path, the cost in rank inversions is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from meeting_seat_designer.engine.arrange.inversions import inversions
from meeting_seat_designer.engine.arrange.near import are_neighbours, door_distance, lines
from meeting_seat_designer.engine.model.layout import Fixture, Seat
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.plan import Group, Repair


class LaneRepair:
    """People along one path (None = kept empty); `targets` freezes people at an index of the path."""

    def __init__(self, seats: list[Seat], people: list[Person | None], fixed: dict[str, Seat]) -> None:
        self.seats = seats
        self.base = people + [None] * (len(seats) - len(people))
        self.fixed = fixed
        self.repairs: list[Repair] = []
        self._targets: dict[str, int] = {}
        self._rank = {person.id: index for index, person in enumerate(people) if person}
        self._names = {person.id: person.name for person in people if person}
        self.order: list[Person | None] = list(self.base)

    def index(self, person: str) -> int | None:
        """The present index of a person on the path."""
        for index, item in enumerate(self.order):
            if item is not None and item.id == person:
                return index
        return None

    def cost(self) -> int:
        """Rank inversions of the present order."""
        return inversions([self._rank[person.id] for person in self.order if person])

    def _place(self, targets: dict[str, int]) -> None:
        """Freeze people at indices; all others keep their order in the remaining places."""
        self._targets.update(targets)
        by_id = {person.id: person for person in self.base if person}
        order: list[Person | None] = [None] * len(self.base)
        frozen: set[int] = set()
        for person, index in self._targets.items():
            order[index] = by_id[person]
            frozen.add(index)
        rest = iter([person for person in self.base if person is None or person.id not in self._targets])
        for index in range(len(order)):
            if index not in frozen:
                order[index] = next(rest, None)
        self.order = order

    def _apply(self, kind: str, people: list[str], targets: dict[str, int], text: str) -> None:
        before = self.cost()
        self._place(targets)
        self.repairs.append(Repair(kind=kind, people=people, cost=self.cost() - before, text=text))

    def _failed(self, kind: str, people: list[str], text: str) -> None:
        self.repairs.append(Repair(kind=kind, people=people, done=False, text=text))

    def _free(self) -> set[int]:
        return set(range(len(self.seats))) - set(self._targets.values())

    def hold(self, person: str, index: int, kind: str, text: str) -> None:
        """Put one person at an index of the path (used for the presider)."""
        if person in self._rank and index in self._free():
            self._apply(kind, [person], {person: index}, text)

    def move_to(self, person: str, kind: str, suits: Callable[[Seat], bool], goal: str) -> None:
        """Move a person to the nearest place on the path that suits; reported as failed when none does."""
        index = self.index(person)
        if index is None:
            return
        if suits(self.seats[index]):
            self._place({person: index})
            return
        free = [i for i in self._free() if suits(self.seats[i])]
        name = self._names[person]
        if not free:
            self._failed(kind, [person], f"{name}：没有{goal}的空位可用")
            return
        best = _nearest(free, index)
        self._apply(kind, [person], {person: best}, f"{name} 调整到{goal}")

    def near_door(self, person: str, doors: list[Fixture], limit: float) -> None:
        """Move a person to a seat within `limit` mm of a door, or to the nearest one there is."""
        if not doors:
            self._failed("near_door", [person], f"{self._names.get(person, person)}：布局中没有门")
            return
        nearest = min((door_distance(seat, doors) for seat in self.seats), default=limit)
        reach = max(limit, nearest)
        self.move_to(person, "near_door", lambda seat: door_distance(seat, doors) <= reach, "靠近门")

    def together(self, group: Group) -> None:
        """Bring a group into neighbouring seats of one line at the least cost in displacement."""
        here = [person for person in group.people if person in self._rank]
        anchors = [self.fixed[person] for person in group.people if person in self.fixed]
        if not here or len(here) + len(anchors) < 2:
            return
        here.sort(key=lambda person: self._rank[person])
        now = {person: self.index(person) or 0 for person in here}
        place = {seat.id: index for index, seat in enumerate(self.seats)}
        free = self._free() | {self._targets[person] for person in here if person in self._targets}
        best: tuple[int, int, list[int]] | None = None
        anchor_ids = {seat.id for seat in anchors}
        size = len(here) + len(anchors)
        usable = [seat for i, seat in enumerate(self.seats) if i in free] + anchors
        for line in lines(usable):
            for start in range(len(line) - size + 1):
                window = line[start : start + size]
                if len([seat for seat in window if seat.id in anchor_ids]) != len(anchors):
                    continue
                spots = sorted(place[seat.id] for seat in window if seat.id not in anchor_ids)
                cost = sum(abs(now[person] - spot) for person, spot in zip(here, spots, strict=True))
                if best is None or (cost, spots[0]) < best[:2]:
                    best = (cost, spots[0], spots)
        names = "、".join(self._names[person] for person in here)
        if best is None:
            self._failed("together", here, f"{names}：没有 {size} 个相邻的空位")
            return
        targets = dict(zip(here, best[2], strict=True))
        self._apply("together", here, targets, f"{names} 排在一起")

    def apart(self, group: Group) -> None:
        """Separate neighbours of a group; the lower-ranked one moves to the nearest place that is apart."""
        here = sorted((p for p in group.people if p in self._rank), key=lambda p: self._rank[p])
        anchors = [self.fixed[person] for person in group.people if person in self.fixed]
        if not here or len(here) + len(anchors) < 2:
            return
        settled: list[Seat] = list(anchors)
        for person in here:
            index = self.index(person)
            if index is None:
                continue
            if not _touches(self.seats[index], settled):
                settled.append(self.seats[index])
                self._place({person: index})
                continue
            choices = [i for i in self._free() if not _touches(self.seats[i], settled)]
            name = self._names[person]
            if not choices:
                self._failed("apart", here, f"{name}：没有可以分开的空位")
                continue
            best = _nearest(choices, index)
            self._targets.pop(person, None)
            self._apply("apart", [person], {person: best}, f"{name} 与需分开的人员隔开")
            settled.append(self.seats[best])


def _touches(seat: Seat, others: Iterable[Seat]) -> bool:
    return any(are_neighbours(seat, other) for other in others)


def _nearest(choices: list[int], index: int) -> int:
    return min(choices, key=lambda choice: (abs(choice - index), choice))
