"""Sign-in: the policy of the second factor, trusted devices, sign-ins by a phone's scan."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_settings",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "trusted_devices",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("device_id", sa.String(36), primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("trusted_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "login_scans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False, server_default=""),
    )
    op.create_index("ix_login_scans_expires_at", "login_scans", ["expires_at"])


def downgrade() -> None:
    for table in ("login_scans", "trusted_devices", "login_settings"):
        op.drop_table(table)
