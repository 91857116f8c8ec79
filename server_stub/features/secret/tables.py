"""Tables of secret chat. Bodies and parts are sealed by clients; keys are wrapped by the HSM."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server_stub.storage.schema import metadata

secret_settings = Table(
    "secret_settings",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

secret_chats = Table(
    "secret_chats",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("low_id", String(36), nullable=False),
    Column("high_id", String(36), nullable=False),
    # The two people in the order of their ids.
    Column("level", String(10), nullable=False),
    Column("burn_s", Integer, nullable=False, server_default="0"),
    # 0: what the policy says.
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("last_at", BigInteger, nullable=False, server_default="0"),
    Column("last_sender", String(36), nullable=False, server_default=""),
    Column("last_read", Boolean, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("low_id", "high_id", name="uq_secret_chats_pair"),
    Index("ix_secret_chats_high", "high_id"),
)

secret_hidden = Table(
    "secret_hidden",
    metadata,
    Column("chat_id", String(36), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    # The row was removed from this person's list; the next message brings it back.
)

secret_messages = Table(
    "secret_messages",
    metadata,
    Column("chat_id", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", String(36), nullable=False, unique=True),
    Column("sender_id", String(36), nullable=False),
    Column("receiver_id", String(36), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_id", Integer, nullable=False),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("sent_at", BigInteger, nullable=False),
    Column("read_at", BigInteger, nullable=False, server_default="0"),
    Column("burn_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_secret_messages_burn", "burn_at"),
    Index("ix_secret_messages_sent", "sent_at"),
)

secret_keys = Table(
    "secret_keys",
    metadata,
    Column("client_id", String(36), primary_key=True),
    Column("chat_id", String(36), nullable=False),
    Column("sender_id", String(36), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_id", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    # Keys of messages that were begun and not sent yet.
)

secret_parts = Table(
    "secret_parts",
    metadata,
    Column("client_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

secret_retained = Table(
    "secret_retained",
    metadata,
    Column("client_id", String(36), primary_key=True),
    Column("chat_id", String(36), nullable=False),
    Column("sender_id", String(36), nullable=False),
    Column("receiver_id", String(36), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_id", Integer, nullable=False),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("sent_at", BigInteger, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("keep_until", BigInteger, nullable=False),
    Index("ix_secret_retained_until", "keep_until"),
)

secret_devices = Table(
    "secret_devices",
    metadata,
    Column("session_id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    Column("protection", String(12), nullable=False),
    Column("words", Text, nullable=False),
    Column("excepted_until", BigInteger, nullable=False, server_default="0"),
    Column("reported_at", BigInteger, nullable=False),
)

secret_incidents = Table(
    "secret_incidents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("chat_id", String(36), nullable=False, server_default=""),
    Column("words", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_secret_incidents_at", "at"),
    Index("ix_secret_incidents_chat", "chat_id", "at"),
)

secret_cases = Table(
    "secret_cases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("other_id", String(36), nullable=False, server_default=""),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("confirmed_by", String(36), nullable=False, server_default=""),
    Column("confirmed_at", BigInteger, nullable=False, server_default="0"),
)
