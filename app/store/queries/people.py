"""The cache of people and units."""

from collections.abc import Iterable

import msgspec

from app.store.database import Reader, Writer
from server_stub.contract.directory import Person, UnitChildren
from server_stub.contract.spelling import readings

_person = msgspec.msgpack.Decoder(Person)
_children = msgspec.msgpack.Decoder(UnitChildren)


def put(db: Writer, people: Iterable[Person], now_ms: int) -> None:
    """Keep cards; an older version never replaces a newer one."""
    changed: list[str] = []
    for p in people:
        if db.run(
            """INSERT INTO people(id, name, pinyin, initials, card, version, fetched_at) VALUES(?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT(id) DO UPDATE SET name = excluded.name, pinyin = excluded.pinyin,
                 initials = excluded.initials, card = excluded.card, version = excluded.version,
                 fetched_at = excluded.fetched_at WHERE excluded.version >= version""",
            (p.id, p.name, p.pinyin, p.initials, msgspec.msgpack.encode(p), p.version, now_ms),
        ):
            changed.append(p.id)
    if changed:
        db.changed("people", keys=changed)


def get(db: Reader, ids: Iterable[str]) -> dict[str, Person]:
    """Cards by id; unknown ones are left out."""
    found: dict[str, Person] = {}
    for part in _parts(ids):
        marks = ",".join("?" * len(part))
        for id_, card in db.all(f"SELECT id, card FROM people WHERE id IN ({marks})", part):  # noqa: S608
            found[id_] = _person.decode(card)
    return found


def names(db: Reader, ids: Iterable[str]) -> dict[str, str]:
    """Names by id; unknown ones are left out."""
    found: dict[str, str] = {}
    for part in _parts(ids):
        marks = ",".join("?" * len(part))
        found.update(db.all(f"SELECT id, name FROM people WHERE id IN ({marks})", part))  # noqa: S608
    return found


def fetched_at(db: Reader, person_id: str) -> int:
    """When the card was fetched, Unix ms; 0 when it is unknown."""
    return db.value("SELECT fetched_at FROM people WHERE id = ?", (person_id,), 0)


def outdate(db: Writer) -> None:
    """All cards are to be fetched anew when they are looked at next; until then nobody is found by them. Units are forgotten:
    who may be seen in them may be others now."""
    db.run("UPDATE people SET fetched_at = 0")
    db.run("DELETE FROM units")


def reduce(db: Writer, ids: Iterable[str], now_ms: int) -> None:
    """Keep nothing but name and picture, for what they wrote: the server does not tell of these people any more."""
    changed: list[str] = []
    for id_, card in get(db, ids).items():
        only = Person(
            id=id_, name=card.name, pinyin="", initials="", posts=[], avatar_file=card.avatar_file,
            active=False, version=card.version,
        )  # fmt: skip
        db.run(
            "UPDATE people SET pinyin = '', initials = '', card = ?, fetched_at = ? WHERE id = ?",
            (msgspec.msgpack.encode(only), now_ms, id_),
        )
        if only != card:
            changed.append(id_)
    if changed:
        db.changed("people", keys=changed)


def newest(db: Reader, limit: int) -> list[str]:
    """Ids of the cards that were fetched last."""
    return [row[0] for row in db.all("SELECT id FROM people ORDER BY fetched_at DESC, id LIMIT ?", (limit,))]


def older(db: Reader, ids: Iterable[str], before_ms: int) -> list[str]:
    """Which of these cards were fetched before a moment, Unix ms."""
    found: list[str] = []
    for part in _parts(ids):
        marks = ",".join("?" * len(part))
        sql = f"SELECT id FROM people WHERE fetched_at < ? AND id IN ({marks})"  # noqa: S608
        found += [row[0] for row in db.all(sql, (before_ms, *part))]
    return found


def missing(db: Reader, ids: Iterable[str]) -> list[str]:
    """Which of these people have no card yet."""
    wanted = [id_ for id_ in dict.fromkeys(ids) if id_ and id_ != "system"]
    known = names(db, wanted)
    return [id_ for id_ in wanted if id_ not in known]


def search(db: Reader, text: str, limit: int = 30) -> list[Person]:
    """Cached people by name, pinyin, initials or a mixture of both ("sunlh", "sun li h"); names first. Neither those who are
    not told of any more, nor those of whom it is not certain (`outdate`)."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    pattern = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    ways = readings(*wanted.split())
    # No value of the caller's is in the statement: only how many ways there are.
    mixed = " OR (initials LIKE ? AND replace(pinyin, ' ', '') LIKE ?)" * len(ways)
    rows = db.all(
        f"""SELECT card FROM people WHERE fetched_at > 0 AND pinyin <> '' AND (name LIKE ?1 ESCAPE '\\'
             OR pinyin LIKE ?1 ESCAPE '\\' OR initials LIKE ?1 ESCAPE '\\'{mixed})
           ORDER BY (name LIKE ?1 ESCAPE '\\') DESC, length(name), pinyin, id LIMIT {limit:d}""",  # noqa: S608
        (pattern, *[part for way in ways for part in (f"{way.initials}%", way.like)]),
    )
    return [_person.decode(row[0]) for row in rows]


def put_unit(db: Writer, unit_id: str, children: UnitChildren, now_ms: int) -> None:
    """Keep the content of a unit; `unit_id` is "" for the root as the user asked for it."""
    db.run(
        "INSERT OR REPLACE INTO units(id, children, fetched_at) VALUES(?, ?, ?)",
        (unit_id, msgspec.msgpack.encode(children), now_ms),
    )
    put(db, children.people, now_ms)


def get_unit(db: Reader, unit_id: str) -> UnitChildren | None:
    """The cached content of a unit, or None."""
    data = db.value("SELECT children FROM units WHERE id = ?", (unit_id,))
    return None if data is None else _children.decode(data)


def _parts(ids: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    wanted = [id_ for id_ in dict.fromkeys(ids) if id_]
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]
