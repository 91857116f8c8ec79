"""Tables of conversations, members, settings, key epochs and messages.

Child tables refer to a conversation by its number: three indexes over millions of messages stay a third of the
size that they would have with 36-character ids.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server_stub.storage.schema import metadata

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite gives rowids only to a column that is declared INTEGER."""

conversations = Table(
    "conversations",
    metadata,
    Column("number", BigKey, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("kind", String(10), nullable=False),
    Column("unique_key", String(120), nullable=False, unique=True),
    # "single:A|B" with sorted person ids, "group:CREATOR:CLIENT-ID", "service:NAME:PERSON": what makes repeats
    # return the same conversation.
    Column("name", Text, nullable=False, server_default=""),
    Column("announcement", Text, nullable=False, server_default=""),
    Column("avatar_file", String(36), nullable=False, server_default=""),
    Column("owner_id", String(36), nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("member_count", Integer, nullable=False, server_default="0"),
    Column("sample_members", Text, nullable=False, server_default=""),
    # The first nine person ids, joined with spaces.
    Column("muted_all", Boolean, nullable=False, server_default="0"),
    Column("muted_until", BigInteger, nullable=False, server_default="0"),
    Column("rules", Text, nullable=False, server_default=""),
    # JSON of contract.group_rules.GroupRules; "" for the defaults.
    Column("member_limit", Integer, nullable=False, server_default="0"),
    Column("announcement_version", Integer, nullable=False, server_default="0"),
    Column("announced_by", String(36), nullable=False, server_default=""),
    Column("announced_at", BigInteger, nullable=False, server_default="0"),
    Column("dissolved", Boolean, nullable=False, server_default="0"),
    Column("event_id", BigInteger, nullable=False),
    Column("destroyed_epoch", Integer, nullable=False, server_default="0"),
    Column("destroyed_seq", BigInteger, nullable=False, server_default="0"),
    # Keys up to this epoch, and with them the messages up to this number, were destroyed (紧急销密).
)

conversation_heads = Table(
    "conversation_heads",
    metadata,
    # What every send locks and moves, apart from the wide row: the newest message, the version of membership and
    # rights (caches compare it), and the current key epoch.
    Column(
        "conversation_no", BigKey, ForeignKey("conversations.number"), primary_key=True, autoincrement=False
    ),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="1"),
    Column("epoch", Integer, nullable=False, server_default="1"),
)

members = Table(
    "conversation_members",
    metadata,
    Column(
        "conversation_no", BigKey, ForeignKey("conversations.number"), primary_key=True, autoincrement=False
    ),
    Column("person_id", String(36), primary_key=True),
    Column("role", String(10), nullable=False),
    Column("nickname", Text, nullable=False, server_default=""),
    Column("joined_at", BigInteger, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger),
    # The last message that one who left may see; NULL for members.
    Column("first_epoch", Integer, nullable=False),
    Column("last_epoch", Integer),
    Column("left", Boolean, nullable=False, server_default="0"),
    Column("read_seq", BigInteger, nullable=False, server_default="0"),
    Column("delivered_seq", BigInteger, nullable=False, server_default="0"),
    Column("muted_until", BigInteger, nullable=False, server_default="0"),
    Column("announcement_seen", Integer, nullable=False, server_default="0"),
    Column("event_id", BigInteger, nullable=False),
    # Last change of any kind, cursors included.
    Column("membership_event_id", BigInteger, nullable=False),
    # Last change of role, nickname, joining or leaving.
    Index("ix_members_person", "person_id", "conversation_no"),
    Index("ix_members_event", "conversation_no", "event_id"),
)

settings = Table(
    "conversation_settings",
    metadata,
    Column(
        "conversation_no", BigKey, ForeignKey("conversations.number"), primary_key=True, autoincrement=False
    ),
    Column("person_id", String(36), primary_key=True),
    Column("pinned", Boolean, nullable=False, server_default="0"),
    Column("muted", Boolean, nullable=False, server_default="0"),
    Column("hidden", Boolean, nullable=False, server_default="0"),
    Column("marked_unread", Boolean, nullable=False, server_default="0"),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_settings_event", "person_id", "event_id"),
)

epochs = Table(
    "conversation_epochs",
    metadata,
    Column(
        "conversation_no", BigKey, ForeignKey("conversations.number"), primary_key=True, autoincrement=False
    ),
    Column("epoch", Integer, primary_key=True),
    Column("wrapped_key", LargeBinary),
    # The key under the key-encryption key `kek_id` (see hsm/); NULL once destroyed.
    Column("kek_id", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("destroyed_at", BigInteger),
)

messages = Table(
    "messages",
    metadata,
    # The event id of its writing: rows are appended in the order of their key, which keeps inserts as cheap in a
    # full archive as in an empty one.
    Column("id", BigKey, primary_key=True, autoincrement=False),
    Column("conversation_no", BigKey, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("sender_id", String(36), nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("file_ids", Text, nullable=False, server_default=""),
    Column("recalled_by", String(36), nullable=False, server_default=""),
    Column("recalled_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_messages_seq", "conversation_no", "seq", unique=True),
    Index("ix_messages_event", "conversation_no", "event_id"),
    # Client ids are UUIDv7: with them in front, new keys fall together at the end of the index.
    UniqueConstraint("client_id", "sender_id", name="uq_messages_client"),
)

message_files = Table(
    "message_files",
    metadata,
    Column("file_id", String(36), primary_key=True),
    Column("conversation_no", BigKey, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_message_files_message", "conversation_no", "seq"),
)

reactions = Table(
    "message_reactions",
    metadata,
    Column("conversation_no", BigKey, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", String(36), primary_key=True),
    Column("client_id", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Sealed; empty when the person took everything back (the row stays, so that who was away hears of it).
    Column("at", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_reactions_event", "conversation_no", "event_id"),
)

group_codes = Table(
    "group_codes",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("conversation_no", BigKey, nullable=False),
    Column("face", Boolean, nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_group_codes_group", "conversation_no"),
)

code_tries = Table(
    "group_code_tries",
    metadata,
    # Wrong codes of one person, so that four digits cannot be tried through.
    Column("person_id", String(36), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)

join_requests = Table(
    "group_join_requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_no", BigKey, nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("inviter_id", String(36), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("state", String(10), nullable=False),
    Column("decided_by", String(36), nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_join_requests_group", "conversation_no", "event_id"),
    Index("ix_join_requests_person", "person_id", "event_id"),
)

space_entries = Table(
    "group_space",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("conversation_no", BigKey, nullable=False),
    Column("parent_id", String(36), nullable=False, server_default=""),
    Column("folder", Boolean, nullable=False),
    Column("author_id", String(36), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    # Whose key opens `body`: members may have the keys of what is in the space, whenever they joined.
    Column("file_id", String(36), nullable=False, server_default=""),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Column("write", String(10), nullable=False, server_default="all"),
    Column("changed_at", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False, server_default="0"),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_group_space_group", "conversation_no", "event_id"),
    Index("ix_group_space_file", "file_id"),
)

group_limits = Table(
    "group_limits",
    metadata,
    # Numbers that administrators set: limits of groups, and (keep_…) how long messages are kept.
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)
