"""Audit: results of any length, where forty characters cut reasons and lists of rules off."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit") as table:
        table.alter_column("result", existing_type=sa.String(40), type_=sa.Text, existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("audit") as table:
        table.alter_column("result", existing_type=sa.Text, type_=sa.String(40), existing_nullable=False)
