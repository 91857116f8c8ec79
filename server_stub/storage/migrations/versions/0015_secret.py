"""Secret chat: rooms, messages with a key each, sealed copies, protections, incidents, lawful access."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secret_settings",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "secret_chats",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("low_id", sa.String(36), nullable=False),
        sa.Column("high_id", sa.String(36), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("burn_s", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_sender", sa.String(36), nullable=False, server_default=""),
        sa.Column("last_read", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("low_id", "high_id", name="uq_secret_chats_pair"),
    )
    op.create_table(
        "secret_hidden",
        sa.Column("chat_id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), primary_key=True),
    )
    op.create_table(
        "secret_messages",
        sa.Column("chat_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("client_id", sa.String(36), nullable=False, unique=True),
        sa.Column("sender_id", sa.String(36), nullable=False),
        sa.Column("receiver_id", sa.String(36), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek_id", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("burn_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "secret_keys",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("chat_id", sa.String(36), nullable=False),
        sa.Column("sender_id", sa.String(36), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek_id", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "secret_parts",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "secret_retained",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("chat_id", sa.String(36), nullable=False),
        sa.Column("sender_id", sa.String(36), nullable=False),
        sa.Column("receiver_id", sa.String(36), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek_id", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sa.Column("keep_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "secret_devices",
        sa.Column("session_id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("protection", sa.String(12), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("excepted_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "secret_incidents",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("chat_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "secret_cases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("other_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("to_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("confirmed_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_secret_chats_high", "secret_chats", ["high_id"])
    op.create_index("ix_secret_messages_burn", "secret_messages", ["burn_at"])
    op.create_index("ix_secret_messages_sent", "secret_messages", ["sent_at"])
    op.create_index("ix_secret_retained_until", "secret_retained", ["keep_until"])
    op.create_index("ix_secret_devices_person_id", "secret_devices", ["person_id"])
    op.create_index("ix_secret_incidents_at", "secret_incidents", ["at"])
    op.create_index("ix_secret_incidents_chat", "secret_incidents", ["chat_id", "at"])


def downgrade() -> None:
    op.drop_table("secret_cases")
    op.drop_table("secret_incidents")
    op.drop_table("secret_devices")
    op.drop_table("secret_retained")
    op.drop_table("secret_parts")
    op.drop_table("secret_keys")
    op.drop_table("secret_messages")
    op.drop_table("secret_hidden")
    op.drop_table("secret_chats")
    op.drop_table("secret_settings")
