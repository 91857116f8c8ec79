"""Own fields of people."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_fields",
        sa.Column("person_id", sa.String(36), sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("field_id", sa.String(36), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("ix_person_fields_field", "person_fields", ["field_id", "value"])


def downgrade() -> None:
    op.drop_index("ix_person_fields_field", "person_fields")
    op.drop_table("person_fields")
