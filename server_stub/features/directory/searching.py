"""Finds people by words, fast in a city: names and numbers are scanned in their indexes only, posts by unit and title.

A person fits when every word fits his name, pinyin, initials, number, or one of his posts ("王 规划 处长"). Either some
word fits the person himself (the scan of the name index finds those), or all fit his posts (the index of posts does).
Letters may also be the syllables of one name, some whole and some by their first letter ("sunlh", "sun li h"): the index of
the initials finds those.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.sql.elements import SQLCoreOperations

from server_stub.contract.directory_admin import SEARCHABLE
from server_stub.contract.spelling import Reading, readings
from server_stub.http.endpoint import Caller

from .access import DirectoryAccess
from .tables import line_members, lines, person_fields, persons, posts, units

DIGITS = re.compile(r"[0-9]{3,}")
_LETTERS = re.compile(r"[a-z]+")
_MOST_TITLES = 500
_MOST_LINE_UNITS = 2000
_LAST = "\U0010ffff"

# One step down the index a title, however many people hold it.
_TITLES = text(
    "WITH RECURSIVE t(x) AS (SELECT min(title) FROM posts UNION ALL"
    " SELECT (SELECT min(title) FROM posts WHERE title > t.x) FROM t WHERE t.x IS NOT NULL)"
    " SELECT x FROM t WHERE x IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with its conditions: on the person, and on a post (None where no post can fit)."""

    text: str
    scan: ColumnElement[bool]
    """Finds the people whom the word fits, from indexes alone."""
    person: ColumnElement[bool]
    """The same, asked of a row that is at hand."""
    post: ColumnElement[bool] | None
    weight: int
    """Roughly how many posts fit; the rarest word leads."""
    branches: tuple[ColumnElement[bool], ...] = ()
    """The parts of `post`, each for an index of its own."""
    in_field: ColumnElement[bool] | None = None
    """Finds the people of whom a searchable field of the organisation holds the word; None without such fields."""
    in_names: bool = False
    """Whether `scan` is the scan of the names and nothing else."""

    @property
    def either(self) -> ColumnElement[bool]:
        """The condition on a person, his posts included."""
        if self.post is None:
            return self.person
        holds = select(posts.c.person_id).where(posts.c.person_id == persons.c.id, self.post).exists()
        return or_(self.person, holds)


class PeopleSearch:
    """One search of one caller."""

    def __init__(
        self,
        connection: Connection,
        access: DirectoryAccess,
        caller: Caller,
        words: Sequence[str],
        fields: frozenset[str] = frozenset(SEARCHABLE),
        own: Collection[str] = (),
    ) -> None:
        """`fields`: what may be searched in, of contract.directory_admin.SEARCHABLE. `own`: ids of the organisation's
        own fields that may be searched in (3.1.3.8)."""
        self._own = list(own)
        self._fields = fields
        self._connection = connection
        self._access = access
        self._caller = caller
        self._sqlite = connection.dialect.name == "sqlite"
        self._titles: list[str] | None = None
        self._together = readings(*words) if len(words) > 1 and "pinyin" in fields else ()
        """What the words mean as the syllables of one name."""
        self._words = [self._with_fields(self._word(word)) for word in words]

    def ids(self, most: int) -> list[str]:
        """Return ids of active people, best first: the exact name, the beginning of one, then the rest."""
        found: dict[str, None] = {}
        others = [word.either for word in self._by_weight() if word is not self._words[0]]
        for condition in self._near(self._words[0].text):
            if len(found) < most:
                found.update(self._take(most, condition, *others))
        if self._together and len(found) < most:
            found.update(self._take(most, or_(*self._spelt(self._together))))
        if len(found) < most:
            found.update(self._take(most, *self._any_in_person()))
        if len(found) < most and all(word.post is not None for word in self._words):
            found.update(self._by_posts(most))
        return list(found)[:most]

    def units(self, most: int) -> list:
        """Return rows of the units whose name holds every word, the shortest first."""
        return list(
            self._connection.execute(
                select(units)
                .where(*[self._holds(units.c.name, word.text) for word in self._words])
                .order_by(func.length(units.c.name), units.c.path)
                .limit(most)
            )
        )

    # Steps.

    def _near(self, word: str) -> list[ColumnElement[bool]]:
        lower = word.lower()
        if _LETTERS.fullmatch(lower) and "pinyin" not in self._fields:
            return []
        if _LETTERS.fullmatch(lower):
            return [persons.c.initials == lower, persons.c.pinyin == lower]
        if DIGITS.fullmatch(word):
            return []
        return [persons.c.name == word, self._begins(persons.c.name, word)]

    def _take(self, most: int, *conditions: ColumnElement[bool]) -> dict[str, None]:
        query = select(persons.c.id).where(persons.c.active.is_(True), *conditions).limit(most)
        return dict.fromkeys(self._connection.scalars(query))

    def _any_in_person(self) -> list[ColumnElement[bool]]:
        if len(self._words) == 1:
            return [self._words[0].scan]
        # One scan for all words that can be parts of a name.
        names = [word.text for word in self._words if word.in_names]
        scans = [word.scan for word in self._words if not word.in_names]
        scans += [word.in_field for word in self._words if word.in_names and word.in_field is not None]
        if names:
            scans.append(self._index_only(persons.c.name, *names))
        return [or_(*scans), *[word.either for word in self._by_weight()]]

    def _by_weight(self) -> list[_Word]:
        """The rarest first: where it does not fit, the others are not asked."""
        return sorted(self._words, key=lambda word: word.weight)

    def _by_posts(self, most: int) -> dict[str, None]:
        lead = min(self._words, key=lambda word: word.weight)
        others = [word.either for word in self._words if word is not lead]
        held = union_all(*[select(posts.c.person_id).where(branch) for branch in lead.branches]).subquery()
        query = (
            select(persons.c.id)
            .join(held, held.c.person_id == persons.c.id)
            .where(persons.c.active.is_(True), *others)
            # A person with several fitting posts comes several times.
            .limit(most * 3)
        )
        return dict.fromkeys(self._connection.scalars(query))

    def holders(self, word: str, person_ids: Sequence[str]) -> set[str]:
        """Those of `person_ids` of whom a searchable own field holds the word."""
        if not self._own:
            return set()
        inside = select(person_fields.c.person_id).where(
            person_fields.c.person_id.in_(person_ids), self._in_fields(word)
        )
        return set(self._connection.scalars(inside))

    # Conditions.

    def _in_fields(self, word: str) -> ColumnElement[bool]:
        return and_(person_fields.c.field_id.in_(self._own), self._holds(person_fields.c.value, word))

    def _with_fields(self, word: _Word) -> _Word:
        """The word, found in the organisation's own fields as well."""
        if not self._own:
            return word
        holds = self._in_fields(word.text)
        scan = persons.c.id.in_(select(person_fields.c.person_id).where(holds))
        check = (
            select(person_fields.c.person_id).where(person_fields.c.person_id == persons.c.id, holds).exists()
        )
        return replace(word, scan=or_(word.scan, scan), person=or_(word.person, check), in_field=scan)

    def _word(self, word: str) -> _Word:
        lower = word.lower()
        if DIGITS.fullmatch(word) and "phone" not in self._fields:
            return _Word(word, false(), false(), None, 0)
        if DIGITS.fullmatch(word):
            inside = self._index_only(persons.c.phone, word)
            allowed = self._access.phone_contains(self._connection, self._caller, word)
            return _Word(
                word, and_(inside, allowed), and_(self._holds(persons.c.phone, word), allowed), None, 0
            )
        if _LETTERS.fullmatch(lower):
            if "pinyin" not in self._fields:
                named = self._index_only(persons.c.name, word)
                return _Word(word, named, self._holds(persons.c.name, word), None, 0)
            spelt = or_(
                self._begins(persons.c.pinyin, lower),
                self._begins(persons.c.initials, lower),
                *self._spelt(readings(lower)),
            )
            scan = or_(spelt, self._index_only(persons.c.name, word))
            return _Word(word, scan, or_(spelt, self._holds(persons.c.name, word)), None, 0)
        branches: list[ColumnElement[bool]] = []
        fitting = select(units.c.id).where(self._holds(units.c.name, word))
        places = self._connection.execute(
            select(func.count(), func.coalesce(func.sum(units.c.people_count), 0)).where(
                self._holds(units.c.name, word)
            )
        ).one()
        weight = int(places[1])
        checks: list[ColumnElement[bool]] = []
        if places[0] and "unit" in self._fields:
            branches.append(posts.c.unit_id.in_(fitting))
            checks.append(posts.c.unit_id.concat("").in_(fitting))
        in_posts = "post" in self._fields
        titles = [title for title in self._all_titles() if lower in title.lower()] if in_posts else []
        if len(titles) > _MOST_TITLES:
            branches.append(self._holds(posts.c.title, word))
            checks.append(branches[-1])
        elif titles:
            branches.append(posts.c.title.in_(titles))
            checks.append(posts.c.title.concat("").in_(titles))
        if titles:
            weight += 1_000_000
        if "line" in self._fields:
            inside = self._in_line(word)
            if inside:
                branches.append(posts.c.unit_id.in_(inside))
                checks.append(posts.c.unit_id.concat("").in_(inside))
        # A person's few posts are looked up by the person: the checks hide their columns from the other indexes.
        post = or_(false(), *checks) if checks else None
        scan, person = self._index_only(persons.c.name, word), self._holds(persons.c.name, word)
        return _Word(word, scan, person, post, weight, tuple(branches), in_names=True)

    def _spelt(self, ways: Sequence[Reading]) -> list[ColumnElement[bool]]:
        """The name is spelt so, for each of the ways; the initials lead to the few whose pinyin is looked at."""
        return [
            and_(self._begins(persons.c.initials, way.initials), persons.c.pinyin.like(way.like))
            for way in ways
        ]

    def _in_line(self, word: str) -> list[str]:
        """Ids of the units named in the lines whose name holds the word."""
        return list(
            self._connection.scalars(
                select(line_members.c.subject_id)
                .join(lines, lines.c.id == line_members.c.line_id)
                .where(line_members.c.kind == "unit", self._holds(lines.c.name, word))
                .limit(_MOST_LINE_UNITS)
            )
        )

    def _all_titles(self) -> list[str]:
        if self._titles is None:
            self._titles = list(self._connection.scalars(_TITLES))
        return self._titles

    def _index_only(self, column: SQLCoreOperations[str], *words: str) -> ColumnElement[bool]:
        """`column` holds one of `words`; on SQLite asked of the column's index alone, which is a tenth of the table."""
        if not self._sqlite:
            return or_(*[self._holds(column, word) for word in words])
        key = literal_column("persons.rowid")
        inner = persons.alias("scanned")
        name = "phone" if column is persons.c.phone else "name"
        return key.in_(
            select(literal_column("scanned.rowid"))
            .select_from(inner)
            .where(or_(*[self._holds(inner.c[name], word) for word in words]))
        )

    def _holds(self, column: SQLCoreOperations[str], word: str) -> ColumnElement[bool]:
        place = func.instr if self._sqlite else func.strpos
        lower = word.lower()
        # Chinese has no cases: the scan of a whole index is three times as fast without.
        return place(column if lower == word.upper() else func.lower(column), lower) > 0

    def _begins(self, column: SQLCoreOperations[str], word: str) -> ColumnElement[bool]:
        if self._sqlite:
            return and_(column >= word, column < word + _LAST)
        return column.startswith(word, autoescape=True)
