"""Accounts: when the password was set. For those that are there now time begins to count with this migration."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_at", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(sa.text("UPDATE accounts SET password_at = :now").bindparams(now=int(time.time() * 1000)))


def downgrade() -> None:
    op.drop_column("accounts", "password_at")
