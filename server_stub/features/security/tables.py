"""Tables of key management."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from server_stub.storage.schema import metadata

key_audit = Table(
    "key_audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", String(36), nullable=False),
    Column("second", String(36), nullable=False, server_default=""),
    Column("target", String(120), nullable=False, server_default=""),
    Column("result", Text, nullable=False, server_default=""),
    Column("hash", LargeBinary, nullable=False),
    # SM3(hash of the line before ‖ this line's fields, each with its length).
    Column("signature", LargeBinary),
    # By the device's signing key 1 over the hash; NULL for the moment until it is made.
    Index("ix_key_audit_kind", "kind", "seq"),
)

key_requests = Table(
    "key_requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("confirmed_by", String(36), nullable=False, server_default=""),
    Column("confirmed_at", BigInteger, nullable=False, server_default="0"),
    Column("finished_at", BigInteger, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("preview", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Column("data", LargeBinary),
    # The sealed backup: made here, or given for a restore.
    Index("ix_key_requests_created", "created_at"),
)

key_settings = Table(
    "key_settings",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
