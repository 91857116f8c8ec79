"""Which message numbers of a conversation this machine has verified, as disjoint ranges."""

from app.store.database import Reader, Writer


def add(db: Writer, number: int, first: int, last: int) -> None:
    """Note that first … last (inclusive) are known; touching ranges become one."""
    if first > last:
        return
    low, high = first, last
    touching = db.all(
        "SELECT first, last FROM ranges WHERE conversation = ? AND first <= ? AND last >= ?",
        (number, last + 1, first - 1),
    )
    for known_first, known_last in touching:
        low, high = min(low, known_first), max(high, known_last)
        db.run("DELETE FROM ranges WHERE conversation = ? AND first = ?", (number, known_first))
    db.run("INSERT INTO ranges(conversation, first, last) VALUES(?, ?, ?)", (number, low, high))


def gaps(db: Reader, number: int, first: int, last: int) -> list[tuple[int, int]]:
    """What is missing between first and last (inclusive), ascending."""
    missing: list[tuple[int, int]] = []
    position = first
    for known_first, known_last in db.all(
        "SELECT first, last FROM ranges WHERE conversation = ? AND first <= ? AND last >= ? ORDER BY first",
        (number, last, first),
    ):
        if known_first > position:
            missing.append((position, known_first - 1))
        position = max(position, known_last + 1)
    if position <= last:
        missing.append((position, last))
    return missing


def all_of(db: Reader, number: int) -> list[tuple[int, int]]:
    """Every range of a conversation, ascending."""
    rows = db.all("SELECT first, last FROM ranges WHERE conversation = ? ORDER BY first", (number,))
    return [(first, last) for first, last in rows]


def forget(db: Writer) -> None:
    """Trust no range any more (after a reset): rows stay to be read, and are fetched again when shown."""
    db.run("DELETE FROM ranges")
