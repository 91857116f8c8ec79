"""The words of files of the chats, cut into passages, and an index over them. Everything lies in the encrypted store.

A text lives as long as the file is on this machine and a message that may still be seen brings it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import msgspec

from app.store.bigrams import matches, query_of, tokens_of
from app.store.database import Reader, Writer
from server_stub.contract.content import FileRef

from .places import MAX_SEQ, message_id, number_of, split

MOST_CHARACTERS = 200_000
"""Of one file: some 250 pages."""
MOST_OF_ALL = 30_000_000
"""Of all files; the words read first go first."""
LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is read."""
_PAGE = 200
_MOST_CANDIDATES = 5_000


class TextState(IntEnum):
    """What is known of a file's words."""

    READ = 0
    NOTHING = 1
    """No text, an unknown or protected format, or it took too long."""
    LEFT_OUT = 2
    """Was read; dropped because all texts together became too many."""


class Passage(msgspec.Struct, frozen=True):
    """`text[start:stop]` of a file; `page` from 1, 0 where the file knows none."""

    start: int
    stop: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage that holds the words. `position` grows with the time of reading."""

    file_id: str
    position: int
    start: int
    page: int
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file on this machine whose words are not known yet."""

    file: FileRef
    conversation_id: str
    seq: int


def put(db: Writer, file_id: str, state: TextState, text: str = "", passages: Iterable[Passage] = ()) -> bool:
    """Keep the words of a file; False when it went away, or lost its last message, while it was read."""
    forget(db, file_id)
    if not places_of(db, file_id) or db.one("SELECT 1 FROM transfers WHERE file_id = ?", (file_id,)) is None:
        return False
    db.run("INSERT INTO file_texts(file_id, state, text) VALUES(?, ?, ?)", (file_id, state, text))
    number = db.value("SELECT number FROM file_texts WHERE file_id = ?", (file_id,))
    for one in passages:
        db.run(
            "INSERT INTO file_passages(file, start, stop, page) VALUES(?, ?, ?, ?)",
            (number, one.start, one.stop, one.page),
        )
        db.run(
            "INSERT INTO file_search(rowid, tokens) VALUES(last_insert_rowid(), ?)",
            (_tokens(text[one.start : one.stop]),),
        )
    _make_room(db, number)
    db.changed("file_texts", keys=[file_id])
    return True


def _make_room(db: Writer, newest: int) -> None:
    over = db.value("SELECT sum(length(text)) FROM file_texts", (), 0) - MOST_OF_ALL
    if over <= 0:
        return
    for number, file_id, length in db.all(
        "SELECT number, file_id, length(text) FROM file_texts WHERE text <> '' AND number <> ? ORDER BY number",
        (newest,),
    ):
        _drop_words(db, number)
        db.run("UPDATE file_texts SET state = ?, text = '' WHERE file_id = ?", (TextState.LEFT_OUT, file_id))
        over -= length
        if over <= 0:
            return


def forget(db: Writer, file_id: str) -> None:
    """Take a file's words out; the tokens are wiped, not only marked."""
    number = db.value("SELECT number FROM file_texts WHERE file_id = ?", (file_id,))
    if number is None:
        return
    _drop_words(db, number)
    db.run("DELETE FROM file_texts WHERE number = ?", (number,))
    db.changed("file_texts", keys=[file_id])


def forget_all(db: Writer) -> None:
    """The user does not want it any more: nothing stays."""
    db.run("INSERT INTO file_search(file_search) VALUES('delete-all')")
    db.run("DELETE FROM file_passages")
    db.run("DELETE FROM file_texts")
    db.changed("file_texts")


def _drop_words(db: Writer, number: int) -> None:
    for row_id, words in db.all(
        """SELECT p.id, substr(f.text, p.start + 1, p.stop - p.start)
           FROM file_passages p JOIN file_texts f ON f.number = p.file WHERE p.file = ?""",
        (number,),
    ):
        db.run(
            "INSERT INTO file_search(file_search, rowid, tokens) VALUES('delete', ?, ?)",
            (row_id, _tokens(words)),
        )
    db.run("DELETE FROM file_passages WHERE file = ?", (number,))


def brought_in(db: Reader, first: int, last: int) -> list[str]:
    """Files with known words that messages between two row ids bring: asked before these go."""
    rows = db.all(
        """SELECT DISTINCT r.file_id FROM file_refs r JOIN file_texts f ON f.file_id = r.file_id
           WHERE r.message BETWEEN ? AND ?""",
        (first, last),
    )
    return [row[0] for row in rows]


def forget_unbrought(db: Writer, file_ids: Iterable[str]) -> None:
    """Drop the words of those that no message of a conversation that one is in brings any more."""
    for file_id in file_ids:
        if not places_of(db, file_id):
            forget(db, file_id)


def forget_conversation(db: Writer, conversation_id: str) -> None:
    """The user is no longer in it."""
    number = number_of(db, conversation_id)
    if number is not None:
        forget_unbrought(db, brought_in(db, message_id(number, 0), message_id(number, MAX_SEQ)))


def places_of(db: Reader, file_id: str) -> list[tuple[str, int]]:
    """(conversation id, seq) of the messages that bring it, of conversations that one is in; newest first."""
    rows = db.all(
        """SELECT c.id, r.message FROM file_refs r JOIN conversations c ON c.number = r.message >> 40
           WHERE r.file_id = ? AND NOT c.left AND NOT c.dissolved ORDER BY r.message DESC""",
        (file_id,),
    )
    return [(conversation_id, split(row_id)[1]) for conversation_id, row_id in rows]


def text_of(db: Reader, file_id: str) -> str:
    """The words of a file; empty where none are known."""
    return db.value("SELECT text FROM file_texts WHERE file_id = ?", (file_id,), "")


def waiting(db: Reader, endings: Sequence[str], limit: int = 50) -> list[Waiting]:
    """Files here whose names end so and whose words are not known, the newest first."""
    rows = db.all(
        """SELECT t.file_id, t.file_key, t.name, t.size, t.digest, max(r.message)
           FROM transfers t JOIN file_refs r ON r.file_id = t.file_id
           JOIN conversations c ON c.number = r.message >> 40 AND NOT c.left AND NOT c.dissolved
           LEFT JOIN file_texts x ON x.file_id = t.file_id
           WHERE t.state = 'done' AND x.file_id IS NULL AND t.size BETWEEN 1 AND ?
           GROUP BY t.file_id ORDER BY max(r.message) DESC""",
        (LARGEST,),
    )
    found: list[Waiting] = []
    for file_id, key, name, size, digest, _row_id in rows:
        if not name.lower().endswith(tuple(endings)):
            continue
        conversation_id, seq = places_of(db, file_id)[0]
        ref = FileRef(file_id=file_id, key=key, name=name, size=size, digest=digest or b"")
        found.append(Waiting(ref, conversation_id, seq))
        if len(found) >= limit:
            break
    return found


def find(db: Reader, text: str, *, limit: int = 50) -> list[PassageHit]:
    """Passages that hold every word of `text`, those read last first. Nothing is said of who may see them."""
    query = query_of(text)
    if not query:
        return []
    found: list[PassageHit] = []
    position, seen = 1 << 62, 0
    while len(found) < limit and seen < _MOST_CANDIDATES:
        rows = db.all(
            """SELECT s.rowid, f.file_id, p.start, p.page, substr(f.text, p.start + 1, p.stop - p.start)
               FROM (SELECT rowid FROM file_search WHERE file_search MATCH ? AND rowid < ?
                     ORDER BY rowid DESC LIMIT ?) s
               JOIN file_passages p ON p.id = s.rowid JOIN file_texts f ON f.number = p.file
               ORDER BY s.rowid DESC""",
            (query, position, _PAGE),
        )
        for position, file_id, start, page, words in rows:
            if matches(words, text):
                found.append(PassageHit(file_id, position, start, page, words))
        seen += len(rows)
        if len(rows) < _PAGE:
            break
    return found[:limit]


def _tokens(text: str) -> str:
    return " ".join(sorted(tokens_of(text)))
