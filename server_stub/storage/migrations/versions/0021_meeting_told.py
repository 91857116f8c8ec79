"""Meetings: the time and place that the attendees were told of."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("told_starts_at", "told_ends_at"):
        op.add_column("meetings", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("meetings", sa.Column("told_place", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE meetings SET told_starts_at = starts_at, told_ends_at = ends_at,"
        " told_place = CASE WHEN place <> '' THEN place ELSE room_name END WHERE published > 0"
    )


def downgrade() -> None:
    for name in ("told_place", "told_ends_at", "told_starts_at"):
        op.drop_column("meetings", name)
