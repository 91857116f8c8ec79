"""Relations are looked up by whom they name: who gave somebody his number (E160)."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_relations_person", "relations", ["person_id", "kind"])


def downgrade() -> None:
    op.drop_index("ix_relations_person", "relations")
