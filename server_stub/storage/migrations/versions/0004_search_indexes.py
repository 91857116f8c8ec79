"""Indexes from which people are found by unit and title alone."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_posts_place", "posts", ["unit_id", "person_id"])
    op.create_index("ix_posts_title", "posts", ["title", "person_id"])


def downgrade() -> None:
    op.drop_index("ix_posts_title", "posts")
    op.drop_index("ix_posts_place", "posts")
