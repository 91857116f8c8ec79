"""Tables of the app lock."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from server_stub.storage.schema import metadata

lock_settings = Table(
    "lock_settings",
    metadata,
    Column("name", String(20), primary_key=True),
    # "policy", "page".
    Column("version", BigInteger, nullable=False),
    Column("value", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("changed_by", String(36), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

lock_devices = Table(
    "lock_devices",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("device_id", String(36), primary_key=True),
    Column("locked", Boolean, nullable=False, server_default="0"),
    Column("since", BigInteger, nullable=False, server_default="0"),
    Column("trigger", String(20), nullable=False, server_default=""),
    Column("signature", LargeBinary),
    # The last report's, checked when it came.
    Column("scanned_at", BigInteger, nullable=False, server_default="0"),
    # When a phone opened it last: forced locks from before are over for this device.
    Column("ticket_digest", LargeBinary),
    Column("key_blob", LargeBinary),
    Column("kek_id", BigInteger, nullable=False, server_default="0"),
    # The wrapping key of the phone's slot, wrapped by the HSM.
    Column("log_count", BigInteger, nullable=False, server_default="0"),
    Column("log_last", String(64), nullable=False, server_default=""),
)

lock_commands = Table(
    "lock_commands",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("device_id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=False, server_default="0"),
    Index("ix_lock_commands_device", "device_id", "done_at"),
)

lock_holds = Table(
    "lock_holds",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("device_id", String(36), nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("by", String(36), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("lifted_at", BigInteger, nullable=False, server_default="0"),
    Column("lifted_by", String(36), nullable=False, server_default=""),
    Index("ix_lock_holds_person", "person_id", "lifted_at"),
)

lock_scans = Table(
    "lock_scans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("code", String(8), nullable=False),
    Column("address", String(64), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Index("ix_lock_scans_person", "person_id", "code"),
)

lock_entries = Table(
    "lock_entries",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("device_id", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("action", String(20), nullable=False),
    Column("result", String(20), nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("method", String(20), nullable=False),
    Column("window", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("new_chain", Boolean, nullable=False, server_default="0"),
    Index("ix_lock_entries_at", "at"),
    Index("ix_lock_entries_person", "person_id", "at"),
)

lock_notices = Table(
    "lock_notices",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("person_id", String(36), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("read", Boolean, nullable=False, server_default="0"),
    Index("ix_lock_notices_person", "person_id", "id"),
)
