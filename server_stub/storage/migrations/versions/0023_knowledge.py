"""Knowledge bases of the assistant: who may see them, and their sealed documents."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_bases",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
    )
    op.create_table(
        "knowledge_viewers",
        sa.Column("base_id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(10), primary_key=True),
        sa.Column("subject_id", sa.String(36), primary_key=True),
    )
    op.create_index("ix_knowledge_viewers_subject", "knowledge_viewers", ["subject", "subject_id"])
    op.create_table(
        "knowledge_documents",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("base_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("characters", sa.BigInteger, nullable=False),
        sa.Column("added_by", sa.String(36), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_knowledge_documents_base", "knowledge_documents", ["base_id"])


def downgrade() -> None:
    for table in ("knowledge_documents", "knowledge_viewers", "knowledge_bases"):
        op.drop_table(table)
