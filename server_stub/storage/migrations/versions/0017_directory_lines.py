"""Functional lines, visibility rules, and how the directory is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lines",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("parent_id", sa.String(36), nullable=False, server_default=""),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sort_order", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "line_members",
        sa.Column("line_id", sa.String(36), sa.ForeignKey("lines.id"), primary_key=True),
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("subject_id", sa.String(36), primary_key=True),
        sa.Column("sort_order", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("ix_line_members_subject", "line_members", ["subject_id"])
    op.create_table(
        "visibility_rules",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("rule", sa.LargeBinary, nullable=False),
        sa.Column("set_by", sa.String(36), nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "directory_settings",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("directory_settings")
    op.drop_table("visibility_rules")
    op.drop_index("ix_line_members_subject", "line_members")
    op.drop_table("line_members")
    op.drop_table("lines")
