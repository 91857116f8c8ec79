"""Sealed vectors of the knowledge bases' passages."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_vectors",
        sa.Column("document_id", sa.String(36), primary_key=True),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("knowledge_vectors")
