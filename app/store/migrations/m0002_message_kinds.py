"""Step 2: emoji at messages, several messages of one file, written-down voice messages."""

from app.store.connection import Connection

STATEMENTS = (
    # `message` as in messages.id; `emoji` is MessagePack, `sealed` is kept only while its key is missing.
    """CREATE TABLE reactions(
        message INTEGER NOT NULL,
        person_id TEXT NOT NULL,
        client_id TEXT NOT NULL,
        emoji BLOB,
        sealed BLOB,
        at INTEGER NOT NULL DEFAULT 0,
        event_id INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(message, person_id)) WITHOUT ROWID""",
    "CREATE INDEX reactions_sealed ON reactions(message) WHERE sealed IS NOT NULL",
    # A forwarded file is named by several messages.
    "ALTER TABLE file_refs RENAME TO file_refs_before",
    """CREATE TABLE file_refs(
        file_id TEXT NOT NULL,
        message INTEGER NOT NULL,
        PRIMARY KEY(file_id, message)) WITHOUT ROWID""",
    "CREATE INDEX file_refs_message ON file_refs(message)",
    "INSERT INTO file_refs(file_id, message) SELECT file_id, message FROM file_refs_before",
    "DROP TABLE file_refs_before",
    "CREATE TABLE transcripts(message INTEGER PRIMARY KEY, text TEXT NOT NULL)",
)


def migrate(connection: Connection) -> None:
    """Add the tables."""
    for statement in STATEMENTS:
        connection.execute(statement)
