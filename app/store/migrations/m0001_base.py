"""Step 1: conversations, messages, outbox, transfers, caches, keys, and the search index."""

from app.store.connection import Connection

STATEMENTS = (
    # `number` is the small name of a conversation inside this file; see queries/places.py for message ids.
    """CREATE TABLE conversations(
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        peer_id TEXT NOT NULL DEFAULT '',
        owner_id TEXT NOT NULL DEFAULT '',
        avatar_file TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL DEFAULT 0,
        member_count INTEGER NOT NULL DEFAULT 0,
        sample_members BLOB,
        epoch INTEGER NOT NULL DEFAULT 1,
        first_seq INTEGER NOT NULL DEFAULT 1,
        last_seq INTEGER NOT NULL DEFAULT 0,
        announcement TEXT NOT NULL DEFAULT '',
        muted_all INTEGER NOT NULL DEFAULT 0,
        left INTEGER NOT NULL DEFAULT 0,
        dissolved INTEGER NOT NULL DEFAULT 0,
        event_id INTEGER NOT NULL DEFAULT 0,
        active_at INTEGER NOT NULL DEFAULT 0,
        own_seq INTEGER NOT NULL DEFAULT 0,
        members_at INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX conversations_peer ON conversations(peer_id) WHERE peer_id <> ''",
    """CREATE TABLE members(
        conversation INTEGER NOT NULL,
        person_id TEXT NOT NULL,
        role TEXT NOT NULL,
        nickname TEXT NOT NULL DEFAULT '',
        joined_at INTEGER NOT NULL DEFAULT 0,
        read_seq INTEGER NOT NULL DEFAULT 0,
        delivered_seq INTEGER NOT NULL DEFAULT 0,
        left INTEGER NOT NULL DEFAULT 0,
        event_id INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(conversation, person_id)) WITHOUT ROWID""",
    """CREATE TABLE settings(
        conversation_id TEXT PRIMARY KEY,
        pinned INTEGER NOT NULL DEFAULT 0,
        muted INTEGER NOT NULL DEFAULT 0,
        hidden INTEGER NOT NULL DEFAULT 0,
        marked_unread INTEGER NOT NULL DEFAULT 0,
        event_id INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    # id = conversation number << 40 | seq: a conversation lies together in order, and needs no second index.
    """CREATE TABLE messages(
        id INTEGER PRIMARY KEY,
        event_id INTEGER NOT NULL,
        client_id TEXT NOT NULL,
        sender_id TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        state INTEGER NOT NULL,
        content BLOB,
        sealed BLOB,
        file_ids BLOB,
        recalled_by TEXT,
        recalled_at INTEGER,
        search_id INTEGER)""",
    "CREATE UNIQUE INDEX messages_search ON messages(search_id) WHERE search_id IS NOT NULL",
    "CREATE INDEX messages_sealed ON messages(id) WHERE state = 1",
    """CREATE TABLE mentions(
        message INTEGER PRIMARY KEY)""",
    # Which message brought a file: its key and name are in that message's content.
    "CREATE TABLE file_refs(file_id TEXT PRIMARY KEY, message INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE ranges(
        conversation INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY(conversation, first)) WITHOUT ROWID""",
    """CREATE TABLE drafts(
        conversation_id TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        mentions BLOB,
        quote BLOB,
        updated_at INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE outbox(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        client_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        conversation_id TEXT NOT NULL,
        payload BLOB NOT NULL,
        state INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        error_code TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL)""",
    "CREATE INDEX outbox_conversation ON outbox(conversation_id, id)",
    """CREATE TABLE transfers(
        file_id TEXT PRIMARY KEY,
        direction TEXT NOT NULL,
        conversation_id TEXT NOT NULL DEFAULT '',
        client_id TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        chunks INTEGER NOT NULL,
        file_key BLOB NOT NULL,
        digest BLOB,
        have BLOB,
        done INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL,
        error TEXT NOT NULL DEFAULT '',
        source TEXT NOT NULL DEFAULT '',
        used_at INTEGER NOT NULL DEFAULT 0,
        updated_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    "CREATE INDEX transfers_state ON transfers(state)",
    """CREATE TABLE people(
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        pinyin TEXT NOT NULL DEFAULT '',
        initials TEXT NOT NULL DEFAULT '',
        card BLOB NOT NULL,
        version INTEGER NOT NULL DEFAULT 0,
        fetched_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE units(
        id TEXT PRIMARY KEY,
        children BLOB NOT NULL,
        fetched_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
    """CREATE TABLE conversation_keys(
        conversation_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        key BLOB,
        destroyed INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY(conversation_id, epoch)) WITHOUT ROWID""",
    "CREATE TABLE secrets(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sync_state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE preferences(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    # Tokens are made by bigrams.py; `ascii` takes every other character as part of a token. No positions
    # (detail=none): candidates are checked against the text.
    """CREATE VIRTUAL TABLE search USING fts5(
        tokens, content='', detail=none, columnsize=0, tokenize='ascii')""",
    "INSERT INTO search(search, rank) VALUES('secure-delete', 1)",
    "INSERT INTO search(search, rank) VALUES('automerge', 8)",
)


def migrate(connection: Connection) -> None:
    """Make the schema in an empty file."""
    for statement in STATEMENTS:
        connection.execute(statement)
