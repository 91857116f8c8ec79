"""Tables of the assistant. Nothing of what is asked or answered is in them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from server_stub.storage.schema import metadata

llm_settings = Table(
    "llm_settings",
    metadata,
    Column("name", String(20), primary_key=True),
    # "policy", "words", "providers" (only its version).
    Column("version", BigInteger, nullable=False),
    Column("value", Text, nullable=False),
    Column("changed_by", String(36), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

llm_providers = Table(
    "llm_providers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("setting", Text, nullable=False),
    # ProviderSetting without its key.
    Column("sealed_key", LargeBinary, nullable=False),
)

llm_quotas = Table(
    "llm_quotas",
    metadata,
    Column("subject", String(10), primary_key=True),
    Column("subject_id", String(36), primary_key=True),
    Column("tokens_per_day", BigInteger, nullable=False),
)

llm_daily = Table(
    "llm_daily",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    # Days since 1970-01-01 by the server's clock.
    Column("subject", String(10), primary_key=True),
    # "person", "unit", "model".
    Column("subject_id", String(80), primary_key=True),
    Column("requests", BigInteger, nullable=False, server_default="0"),
    Column("local", BigInteger, nullable=False, server_default="0"),
    Column("blocked", BigInteger, nullable=False, server_default="0"),
    Column("prompt_tokens", BigInteger, nullable=False, server_default="0"),
    Column("completion_tokens", BigInteger, nullable=False, server_default="0"),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    # Tokens of answers under way, given back at their end; after a crash they count until midnight.
    Index("ix_llm_daily_subject", "subject", "day"),
)

llm_feedback = Table(
    "llm_feedback",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("answer_id", String(36), primary_key=True),
    Column("up", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("model", String(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_llm_feedback_at", "at"),
)
