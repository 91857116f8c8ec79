"""Step 3: what groups are governed by, their file space and join requests; what belongs to the account alone."""

from app.store.connection import Connection

STATEMENTS = (
    "ALTER TABLE conversations ADD COLUMN announcement_version INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN announced_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE conversations ADD COLUMN announced_at INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0",
    # MessagePack of contract.group_rules.GroupRules; NULL for the defaults.
    "ALTER TABLE conversations ADD COLUMN rules BLOB",
    "ALTER TABLE conversations ADD COLUMN member_limit INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN announcement_seen INTEGER NOT NULL DEFAULT 0",
    # The rows of the server whole, as MessagePack; `event_id` decides which of two is the newer.
    """CREATE TABLE join_requests(
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL,
        state TEXT NOT NULL,
        row BLOB NOT NULL,
        event_id INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX join_requests_group ON join_requests(conversation_id, state)",
    # `content` is the opened body; NULL while its key is missing.
    """CREATE TABLE space(
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL,
        row BLOB NOT NULL,
        content BLOB,
        file_id TEXT NOT NULL DEFAULT '',
        pending INTEGER NOT NULL DEFAULT 0,
        event_id INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX space_group ON space(conversation_id)",
    "CREATE INDEX space_file ON space(file_id) WHERE file_id <> ''",
    """CREATE TABLE personal_items(
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        event_id INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE relations(
        person_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        removed INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        event_id INTEGER NOT NULL,
        PRIMARY KEY(kind, person_id)) WITHOUT ROWID""",
    """CREATE TABLE statuses(
        person_id TEXT PRIMARY KEY,
        row BLOB NOT NULL,
        event_id INTEGER NOT NULL) WITHOUT ROWID""",
)


def migrate(connection: Connection) -> None:
    """Add columns and tables."""
    for statement in STATEMENTS:
        connection.execute(statement)
