"""Tables of accounts, devices, sessions, codes, throttles and outgoing text messages."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from server_stub.storage.schema import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    # Lower case.
    Column("phone", String(20), nullable=False, server_default="", index=True),
    Column("password_hash", Text, nullable=False, server_default=""),
    # Argon2id; empty until activation.
    Column("password_at", BigInteger, nullable=False, server_default="0"),
    # When it was set; 0 for an account that setup made.
    Column("is_admin", Boolean, nullable=False, server_default="0"),
    Column("disabled", Boolean, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("platform", String(20), nullable=False),
    Column("app_version", String(40), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    Column("device_id", String(36), nullable=False),
    Column("signed_in_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("counter", Integer, nullable=False, server_default="1"),
    # Number of the refresh token that is valid now; tokens are derived from it (tokens.py), not stored.
    Column("rotated_at", BigInteger, nullable=False, server_default="0"),
    Column("ended_at", BigInteger),
    Column("end_reason", String(20), nullable=False, server_default=""),
    Index("ix_sessions_ended", "ended_at"),
)

throttles = Table(
    "throttles",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("purpose", String(10), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
)

login_settings = Table(
    "login_settings",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_by", String(36), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

trusted_devices = Table(
    "trusted_devices",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("device_id", String(36), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("trusted_at", BigInteger, nullable=False),
)

login_scans = Table(
    "login_scans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("device", Text, nullable=False),
    # contract.accounts.DeviceInfo as JSON.
    Column("code", String(4), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("person_id", String(36), nullable=False, server_default=""),
)

sms_outbox = Table(
    "sms_outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("phone", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("state", String(10), nullable=False),
)

server_secrets = Table(
    "server_secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
