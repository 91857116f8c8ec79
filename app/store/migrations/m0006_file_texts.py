"""Step 6: the words of files of the chats, for search and assistant; written-down voice messages can be found."""

from app.store.bigrams import document
from app.store.connection import Connection
from app.store.queries.places import split

STATEMENTS = (
    # `state`: store.queries.file_texts.TextState. A row without text keeps a file from being read again.
    """CREATE TABLE file_texts(
        number INTEGER PRIMARY KEY,
        file_id TEXT NOT NULL UNIQUE,
        state INTEGER NOT NULL,
        text TEXT NOT NULL DEFAULT '')""",
    # `start` and `stop` in characters of the text; `page` 0 where the file knows none.
    """CREATE TABLE file_passages(
        id INTEGER PRIMARY KEY,
        file INTEGER NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        page INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX file_passages_file ON file_passages(file)",
    # Like `search`: tokens of bigrams.py, no positions.
    """CREATE VIRTUAL TABLE file_search USING fts5(
        tokens, content='', detail=none, columnsize=0, tokenize='ascii')""",
    "INSERT INTO file_search(file_search, rank) VALUES('secure-delete', 1)",
    "INSERT INTO file_search(file_search, rank) VALUES('automerge', 8)",
)


def migrate(connection: Connection) -> None:
    """Add the tables, and index voice messages that were written down before they could be found."""
    for statement in STATEMENTS:
        connection.execute(statement)
    rows = connection.execute(
        """SELECT m.id, m.sent_at, t.text FROM transcripts t JOIN messages m ON m.id = t.message
           WHERE m.content IS NOT NULL AND m.search_id IS NULL"""
    ).fetchall()
    for row_id, sent_at, text in rows:
        place = (max(sent_at, 0) << 20) | (row_id & ((1 << 20) - 1))
        while connection.execute("SELECT 1 FROM messages WHERE search_id = ?", (place,)).fetchone():
            place += 1
        connection.execute("UPDATE messages SET search_id = ? WHERE id = ?", (place, row_id))
        connection.execute(
            "INSERT INTO search(rowid, tokens) VALUES(?, ?)", (place, document(text, split(row_id)[0]))
        )
