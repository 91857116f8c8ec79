"""Key management: hash-chained audit, requests of two administrators, policy; destroyed epochs of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_audit",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(36), nullable=False),
        sa.Column("second", sa.String(36), nullable=False, server_default=""),
        sa.Column("target", sa.String(120), nullable=False, server_default=""),
        sa.Column("result", sa.Text, nullable=False, server_default=""),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary),
    )
    op.create_index("ix_key_audit_kind", "key_audit", ["kind", "seq"])
    op.create_table(
        "key_requests",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_by", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("confirmed_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("finished_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("preview", sa.Text, nullable=False, server_default=""),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("data", sa.LargeBinary),
    )
    op.create_index("ix_key_requests_created", "key_requests", ["created_at"])
    op.create_table(
        "key_settings",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO counters(name, value) VALUES('key_audit', 0)")
    op.add_column(
        "conversations", sa.Column("destroyed_epoch", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column(
        "conversations", sa.Column("destroyed_seq", sa.BigInteger, nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("conversations", "destroyed_seq")
    op.drop_column("conversations", "destroyed_epoch")
    op.execute("DELETE FROM counters WHERE name = 'key_audit'")
    op.drop_table("key_settings")
    op.drop_table("key_requests")
    op.drop_table("key_audit")
