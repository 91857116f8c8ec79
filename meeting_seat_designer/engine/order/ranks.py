"""Ranks looked up by name or alias, and the standing of a person. Source: 3.1.6.2.1."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Rank, RankTable

_DATA = Path(__file__).parent.parent / "data" / "ranks.json"


def standard_ranks() -> RankTable:
    """The civil service tables shipped with the product (a fresh copy each time)."""
    return from_plain(RankTable, json.loads(_DATA.read_text("utf-8")), "职级表")


class Standing(NamedTuple):
    """Where a person stands: tier index, leading post or not, rank position, 级别 range; `known` false warns."""

    level: int
    leading: bool
    position: int
    range: tuple[int, int]
    known: bool


class RankIndex:
    """Lookups over one rank table; rebuild it when the table changes."""

    def __init__(self, table: RankTable) -> None:
        self._levels = {name: index for index, name in enumerate(table.levels)}
        self._names: dict[str, Rank] = {}
        self._positions: dict[str, int] = {}
        self._cache: dict[tuple[str, str, str, bool], Standing] = {}
        for index, rank in enumerate(table.ranks):
            self._positions[rank.name] = index
            for name in (rank.name, *rank.aliases):
                self._names.setdefault(name, rank)
        for rank in table.ranks:
            if rank.equal in self._positions:
                self._positions[rank.name] = self._positions[rank.equal]

    def find(self, name: str) -> Rank | None:
        """The rank with this name or alias."""
        return self._names.get(name.strip().replace(" ", ""))

    def guess(self, text: str) -> str:
        """The nearest known rank name to a misspelt one, or an empty text."""
        hits = get_close_matches(text.strip(), list(self._names), n=1, cutoff=0.6)
        return self._names[hits[0]].name if hits else ""

    def level_name(self, person: Person) -> str:
        """The tier a person sits in, as text; empty when unknown."""
        standing = self.standing(person)
        return next((name for name, index in self._levels.items() if index == standing.level), "")

    def standing(self, person: Person) -> Standing:
        """The standing of a person from level, rank and (where it names a rank) post."""
        key = (person.level, person.rank, person.post, person.external)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._standing(person)
        return found

    def _standing(self, person: Person) -> Standing:
        level_rank = self.find(person.level) if person.level else None
        rank = self.find(person.rank) if person.rank else None
        unknown = bool(person.rank and rank is None) or bool(
            person.level and level_rank is None and person.level not in self._levels
        )
        if rank is None and level_rank is None and not person.rank:
            rank = self.find(person.post) or (self.find("外部") if person.external else None)
        if rank is not None and rank.leading and level_rank is None:
            level_rank, rank = rank, None
        level = self._levels.get(person.level, -1)
        if level_rank is not None:
            level = self._levels.get(level_rank.level, -1)
        if level < 0 and rank is not None:
            level = self._levels.get(rank.level, -1)
        placed = rank or level_rank
        position = self._positions[placed.name] if placed else len(self._positions)
        ranged = [r for r in (rank, level_rank) if r is not None and r.high]
        span = min(((r.low, r.high) for r in ranged), default=(99, 99))
        leading = level_rank is not None and level_rank.leading
        if level < 0:
            return Standing(len(self._levels), False, position, span, False)
        return Standing(level, leading, position, span, not unknown)
