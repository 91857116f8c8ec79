"""Groups: rules, mutes, codes, join requests, file space, limits; what belongs to one account alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_CONVERSATIONS = (
    "muted_until",
    "rules",
    "member_limit",
    "announcement_version",
    "announced_by",
    "announced_at",
)
_MEMBERS = ("muted_until", "announcement_seen")


def _number() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("muted_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("rules", sa.Text, nullable=False, server_default=""),
        sa.Column("member_limit", sa.Integer, nullable=False, server_default="0"),
        sa.Column("announcement_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("announced_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("announced_at", sa.BigInteger, nullable=False, server_default="0"),
    ):
        op.add_column("conversations", column)
    for column in (
        sa.Column("muted_until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("announcement_seen", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("conversation_members", column)
    op.create_table(
        "group_codes",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("conversation_no", _number(), nullable=False),
        sa.Column("face", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.String(36), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_group_codes_group", "group_codes", ["conversation_no"])
    op.create_table(
        "group_code_tries",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "group_join_requests",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_no", _number(), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("inviter_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", sa.String(36), nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_join_requests_group", "group_join_requests", ["conversation_no", "event_id"])
    op.create_index("ix_join_requests_person", "group_join_requests", ["person_id", "event_id"])
    op.create_table(
        "group_space",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("conversation_no", _number(), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("folder", sa.Boolean, nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("file_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("write", sa.String(10), nullable=False, server_default="all"),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_group_space_group", "group_space", ["conversation_no", "event_id"])
    op.create_index("ix_group_space_file", "group_space", ["file_id"])
    op.create_table(
        "group_limits",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )
    op.create_table(
        "personal_items",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_personal_items_event", "personal_items", ["person_id", "event_id"])
    op.create_table(
        "relations",
        sa.Column("owner_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("removed", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_relations_event", "relations", ["owner_id", "event_id"])
    op.create_table(
        "person_statuses",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False, server_default=""),
        sa.Column("until", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "avatars",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner", sa.String(36), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "avatars",
        "person_statuses",
        "relations",
        "personal_items",
        "group_limits",
        "group_space",
        "group_join_requests",
        "group_code_tries",
        "group_codes",
    ):
        op.drop_table(table)
    for name in reversed(_MEMBERS):
        op.drop_column("conversation_members", name)
    for name in reversed(_CONVERSATIONS):
        op.drop_column("conversations", name)
