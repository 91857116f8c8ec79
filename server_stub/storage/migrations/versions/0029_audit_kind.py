"""Audit: one action is found among millions of sign-ins without reading them all."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_kind", "audit", ["kind", "at"])


def downgrade() -> None:
    op.drop_index("ix_audit_kind", "audit")
