"""Grants of features to everyone, to units and to people."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feature_grants",
        sa.Column("feature", sa.String(40), primary_key=True),
        sa.Column("subject", sa.String(10), primary_key=True),
        sa.Column("subject_id", sa.String(36), primary_key=True),
        sa.Column("allow", sa.Boolean, nullable=False),
        sa.Column("set_by", sa.String(36), nullable=False),
        sa.Column("set_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_feature_grants_subject", "feature_grants", ["subject", "subject_id"])


def downgrade() -> None:
    op.drop_table("feature_grants")
