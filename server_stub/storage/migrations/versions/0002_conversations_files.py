"""Conversations, members, settings, key epochs, messages, files and their chunks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("number", BigKey, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("unique_key", sa.String(120), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False, server_default=""),
        sa.Column("announcement", sa.Text, nullable=False, server_default=""),
        sa.Column("avatar_file", sa.String(36), nullable=False, server_default=""),
        sa.Column("owner_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("member_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sample_members", sa.Text, nullable=False, server_default=""),
        sa.Column("muted_all", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("dissolved", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "conversation_heads",
        _conversation(),
        sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="1"),
    )
    op.create_table(
        "conversation_members",
        _conversation(),
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("nickname", sa.Text, nullable=False, server_default=""),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("last_seq", sa.BigInteger),
        sa.Column("first_epoch", sa.Integer, nullable=False),
        sa.Column("last_epoch", sa.Integer),
        sa.Column("left", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("read_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("delivered_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("membership_event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_members_person", "conversation_members", ["person_id", "conversation_no"])
    op.create_index("ix_members_event", "conversation_members", ["conversation_no", "event_id"])
    op.create_table(
        "conversation_settings",
        _conversation(),
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("pinned", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("muted", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("hidden", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("marked_unread", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_settings_event", "conversation_settings", ["person_id", "event_id"])
    op.create_table(
        "conversation_epochs",
        _conversation(),
        sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("kek_id", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("destroyed_at", sa.BigInteger),
    )
    op.create_table(
        "messages",
        sa.Column("id", BigKey, primary_key=True, autoincrement=False),
        sa.Column("conversation_no", BigKey, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("sender_id", sa.String(36), nullable=False),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("file_ids", sa.Text, nullable=False, server_default=""),
        sa.Column("recalled_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("recalled_at", sa.BigInteger, nullable=False, server_default="0"),
        sa.UniqueConstraint("client_id", "sender_id", name="uq_messages_client"),
    )
    op.create_index("ix_messages_seq", "messages", ["conversation_no", "seq"], unique=True)
    op.create_index("ix_messages_event", "messages", ["conversation_no", "event_id"])
    op.create_table(
        "message_files",
        sa.Column("file_id", sa.String(36), primary_key=True),
        sa.Column("conversation_no", BigKey, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_message_files_message", "message_files", ["conversation_no", "seq"])
    op.create_table(
        "files",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("uploader_id", sa.String(36), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("extension", sa.String(20), nullable=False, server_default=""),
        sa.Column("complete", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("touched_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_files_uploader_id", "files", ["uploader_id"])
    op.create_index("ix_files_touched", "files", ["complete", "touched_at"])
    op.create_table(
        "file_chunks",
        sa.Column("file_id", sa.String(36), sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("chunk_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
    )
    op.create_index("ix_file_chunks_digest", "file_chunks", ["digest"])


def downgrade() -> None:
    for table in (
        "file_chunks",
        "files",
        "message_files",
        "messages",
        "conversation_epochs",
        "conversation_settings",
        "conversation_members",
        "conversation_heads",
        "conversations",
    ):
        op.drop_table(table)


def _conversation() -> sa.Column:
    return sa.Column(
        "conversation_no",
        BigKey,
        sa.ForeignKey("conversations.number"),
        primary_key=True,
        autoincrement=False,
    )
