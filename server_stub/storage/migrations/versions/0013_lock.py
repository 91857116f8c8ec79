"""The app lock: settings, desktops' state, commands, forced locks, phone scans, log, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lock_settings",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "lock_devices",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), primary_key=True),
        sa.Column("locked", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("since", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("trigger", sa.String(20), nullable=False, server_default=""),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("scanned_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("ticket_digest", sa.LargeBinary),
        sa.Column("key_blob", sa.LargeBinary),
        sa.Column("kek_id", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("log_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("log_last", sa.String(64), nullable=False, server_default=""),
    )
    op.create_table(
        "lock_commands",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_lock_commands_device", "lock_commands", ["device_id", "done_at"])
    op.create_table(
        "lock_holds",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("lifted_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lifted_by", sa.String(36), nullable=False, server_default=""),
    )
    op.create_index("ix_lock_holds_person", "lock_holds", ["person_id", "lifted_at"])
    op.create_table(
        "lock_scans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
    )
    op.create_index("ix_lock_scans_expires_at", "lock_scans", ["expires_at"])
    op.create_index("ix_lock_scans_person", "lock_scans", ["person_id", "code"])
    op.create_table(
        "lock_entries",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("window", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("new_chain", sa.Boolean, nullable=False, server_default="0"),
    )
    op.create_index("ix_lock_entries_at", "lock_entries", ["at"])
    op.create_index("ix_lock_entries_person", "lock_entries", ["person_id", "at"])
    op.create_table(
        "lock_notices",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("read", sa.Boolean, nullable=False, server_default="0"),
    )
    op.create_index("ix_lock_notices_person", "lock_notices", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("lock_notices")
    op.drop_table("lock_entries")
    op.drop_table("lock_scans")
    op.drop_table("lock_holds")
    op.drop_table("lock_commands")
    op.drop_table("lock_devices")
    op.drop_table("lock_settings")
