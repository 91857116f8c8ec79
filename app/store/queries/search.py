"""The full-text index over messages: character bigrams, newest first."""

from typing import Any

from app.store.bigrams import document, matches, query_of
from app.store.database import Reader, Writer
from app.store.records import MessageRow, SearchHit
from server_stub.contract.content import (
    AnyContent,
    CardContent,
    FileContent,
    FolderContent,
    ImageContent,
    LocationContent,
    MarkdownContent,
    MergedContent,
    NoticeContent,
    TextContent,
    Unknown,
    VideoContent,
    decode_content,
)
from server_stub.contract.content_kinds import MAX_MERGED_DEPTH

from .places import number_of, split

_TIE_BITS = 20
_PAGE = 200
_MOST_CANDIDATES = 20_000


def text_of(content: AnyContent | Unknown | None, depth: int = MAX_MERGED_DEPTH) -> str:
    """What of a message can be found; what a forwarded record holds is found through the record."""
    match content:
        case TextContent(preview=None):
            return content.text
        case TextContent():
            return f"{content.text}\n{content.preview.title}" if content.preview else content.text
        case FileContent() | ImageContent() | VideoContent():
            return content.file.name
        case FolderContent():
            names = "\n".join(entry.path.rsplit("/", 1)[-1] for entry in content.entries)
            return f"{content.file.name}\n{names}"
        case CardContent():
            return f"{content.name} {content.note}".strip()
        case LocationContent():
            return f"{content.name} {content.address}".strip()
        case MarkdownContent() | NoticeContent():
            return f"{content.title}\n{content.text}"
        case MergedContent() if depth > 0:
            inside = (text_of(decode_content(item.content), depth - 1) for item in content.items)
            return "\n".join([content.title, *filter(None, inside)])
        case _:
            return ""


def body_of(row: MessageRow) -> str:
    """What of a kept message can be found: its text, or what a voice message says once it was written down."""
    return "\n".join(filter(None, (text_of(row.content), row.transcript)))


def _body(db: Reader, row_id: int, content: AnyContent | Unknown | None) -> str:
    said = db.value("SELECT text FROM transcripts WHERE message = ?", (row_id,), "")
    return "\n".join(filter(None, (text_of(content), said)))


def add(db: Writer, row_id: int, sent_at: int, content: AnyContent | Unknown) -> None:
    """Index a message. Ids in the index grow with the time of sending, so that the newest come first."""
    text = _body(db, row_id, content)
    if not text:
        return
    search_id = (max(sent_at, 0) << _TIE_BITS) | (row_id & ((1 << _TIE_BITS) - 1))
    while db.one("SELECT 1 FROM messages WHERE search_id = ?", (search_id,)):
        search_id += 1
    db.run("UPDATE messages SET search_id = ? WHERE id = ?", (search_id, row_id))
    db.run("INSERT INTO search(rowid, tokens) VALUES(?, ?)", (search_id, document(text, split(row_id)[0])))


def remove(db: Writer, row_id: int) -> None:
    """Take a message out of the index, before its transcript goes; its tokens are wiped, not only marked."""
    row = db.one("SELECT search_id, content FROM messages WHERE id = ?", (row_id,))
    if row is None or row[0] is None:
        return
    text = _body(db, row_id, decode_content(row[1]))
    db.run(
        "INSERT INTO search(search, rowid, tokens) VALUES('delete', ?, ?)",
        (row[0], document(text, split(row_id)[0])),
    )
    db.run("UPDATE messages SET search_id = NULL WHERE id = ?", (row_id,))


def find(
    db: Reader, text: str, *, conversation_id: str = "", limit: int = 50, before: int = 0
) -> list[tuple[int, MessageRow, str]]:
    """Messages that hold every word of `text`: (position, message, searched text), newest first.

    `before`: the position of the last hit shown, to go on from there. Candidates from the index are checked
    against the text, because the index keeps no positions.
    """
    from . import messages

    number = number_of(db, conversation_id) if conversation_id else None
    if conversation_id and number is None:
        return []
    query = query_of(text, number)
    if not query:
        return []
    found: list[tuple[int, MessageRow, str]] = []
    position = before or (1 << 62)
    seen = 0
    while len(found) < limit and seen < _MOST_CANDIDATES:
        page = db.all(
            "SELECT rowid FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (query, position, _PAGE if seen else max(limit, 20)),
        )
        if not page:
            break
        seen += len(page)
        for (search_id,) in page:
            position = search_id
            place: tuple[Any, ...] | None = db.one(
                """SELECT m.id, c.id FROM messages m JOIN conversations c ON c.number = m.id >> 40
                   WHERE m.search_id = ?""",
                (search_id,),
            )
            if place is None:
                continue
            rows = messages.select(db, place[1], "id = ?", (place[0],))
            body = body_of(rows[0]) if rows else ""
            if rows and matches(body, text):
                found.append((search_id, rows[0], body))
                if len(found) >= limit:
                    break
    return found


def hits(db: Reader, text: str, *, conversation_id: str = "", limit: int = 50) -> list[SearchHit]:
    """The same with titles, for views."""
    from . import conversations, people

    found = find(db, text, conversation_id=conversation_id, limit=limit)
    ids = {message.conversation_id for _, message, _ in found}
    titles = {row.id: row.title for row in conversations.overview(db, ids, hidden=True)} if ids else {}
    names = people.names(db, {message.sender_id for _, message, _ in found})
    return [
        SearchHit(message, titles.get(message.conversation_id, ""), body, names.get(message.sender_id, ""))
        for _, message, body in found
    ]


def rebuild(db: Writer) -> int:
    """Index every message again; returns how many."""
    db.run("INSERT INTO search(search) VALUES('delete-all')")
    db.run("UPDATE messages SET search_id = NULL WHERE search_id IS NOT NULL")
    count = 0
    last = -1
    while True:
        rows = db.all(
            "SELECT id, sent_at, content FROM messages WHERE id > ? AND content IS NOT NULL ORDER BY id LIMIT 1000",
            (last,),
        )
        if not rows:
            return count
        for row_id, sent_at, content in rows:
            add(db, row_id, sent_at, decode_content(content))
            count += 1
        last = rows[-1][0]
