"""Step 4: the talks with the assistant. They stay on this machine, in this encrypted store."""

from app.store.connection import Connection

STATEMENTS = (
    """CREATE TABLE assistant_talks(
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        changed_at INTEGER NOT NULL) WITHOUT ROWID""",
    # `row` is MessagePack of store.queries.assistant.Turn.
    """CREATE TABLE assistant_turns(
        id TEXT PRIMARY KEY,
        talk_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        row BLOB NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX assistant_turns_talk ON assistant_turns(talk_id, at, id)",
    "CREATE INDEX assistant_talks_changed ON assistant_talks(changed_at)",
)


def migrate(connection: Connection) -> None:
    """Add the tables."""
    for statement in STATEMENTS:
        connection.execute(statement)
