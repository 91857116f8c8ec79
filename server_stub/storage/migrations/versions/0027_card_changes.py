"""Cards: whose changed last with which event."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_changes",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("event_id", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_card_changes_event_id", "card_changes", ["event_id"])


def downgrade() -> None:
    op.drop_table("card_changes")
