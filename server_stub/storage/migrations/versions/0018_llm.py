"""The assistant: settings, providers, quotas, daily counts, feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "llm_settings",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "llm_providers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("setting", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "llm_quotas",
        sa.Column("subject", sa.String(10), primary_key=True),
        sa.Column("subject_id", sa.String(36), primary_key=True),
        sa.Column("tokens_per_day", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "llm_daily",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(10), primary_key=True),
        sa.Column("subject_id", sa.String(80), primary_key=True),
        sa.Column("requests", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("local", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("blocked", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("prompt_tokens", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("completion_tokens", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("reserved", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_llm_daily_subject", "llm_daily", ["subject", "day"])
    op.create_table(
        "llm_feedback",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("answer_id", sa.String(36), primary_key=True),
        sa.Column("up", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_llm_feedback_at", "llm_feedback", ["at"])


def downgrade() -> None:
    for table in ("llm_feedback", "llm_daily", "llm_quotas", "llm_providers", "llm_settings"):
        op.drop_table(table)
