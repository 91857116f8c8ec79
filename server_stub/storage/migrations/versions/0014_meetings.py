"""Meetings: buildings, rooms with versions, meetings, plans with versions, attendees."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _text(name: str, kind: sa.types.TypeEngine[str] | None = None) -> "sa.Column[str]":
    return sa.Column(name, kind or sa.Text(), nullable=False, server_default="")


def _number(name: str, kind: sa.types.TypeEngine[int] | None = None, default: str = "0") -> "sa.Column[int]":
    return sa.Column(name, kind or sa.BigInteger(), nullable=False, server_default=default)


def _flag(name: str, default: str = "0") -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default)


def upgrade() -> None:
    ident = sa.String(36)
    op.create_table(
        "meeting_buildings",
        sa.Column("id", ident, primary_key=True),
        sa.Column("unit_id", ident, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _text("address"),
    )
    op.create_index("ix_meeting_buildings_unit", "meeting_buildings", ["unit_id"])
    op.create_table(
        "meeting_rooms",
        sa.Column("id", ident, primary_key=True),
        sa.Column("unit_id", ident, nullable=False),
        _text("building_id", ident),
        sa.Column("name", sa.Text, nullable=False),
        _text("floor"),
        sa.Column("layouts", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_by", ident, nullable=False),
        _flag("active", "1"),
    )
    op.create_index("ix_meeting_rooms_unit", "meeting_rooms", ["unit_id"])
    op.create_table(
        "meeting_room_versions",
        sa.Column("room_id", ident, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", ident, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "meetings",
        sa.Column("id", ident, primary_key=True),
        sa.Column("unit_id", ident, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        _text("room_id", ident),
        _text("room_name"),
        _text("place"),
        _number("starts_at"),
        _number("ends_at"),
        _text("organiser"),
        _text("oa_id", sa.String(120)),
        _flag("cancelled"),
        sa.Column("version", sa.Integer, nullable=False),
        _number("plan_version", sa.Integer()),
        _number("plan_at"),
        _text("plan_by", ident),
        _number("published", sa.Integer()),
        _number("published_plan", sa.Integer()),
        _number("published_at"),
        sa.Column("created_by", ident, nullable=False),
        _flag("checkin_open", "1"),
        _number("checkin_round", sa.Integer(), "1"),
        _number("checkin_revision"),
    )
    op.create_index("ix_meetings_unit", "meetings", ["unit_id", "starts_at"])
    op.create_index("ix_meetings_room", "meetings", ["room_id", "starts_at"])
    op.create_index("ix_meetings_time", "meetings", ["starts_at"])
    op.create_table(
        "meeting_plans",
        sa.Column("meeting_id", ident, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", ident, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "meeting_attendees",
        sa.Column("meeting_id", ident, primary_key=True),
        sa.Column("attendee_id", sa.String(120), primary_key=True),
        _text("user_id", ident),
        sa.Column("name", sa.Text, nullable=False),
        _text("unit"),
        _text("phone", sa.String(40)),
        _flag("external"),
        _flag("attending", "1"),
        sa.Column("channel", sa.String(8), nullable=False, server_default="paper"),
        _text("seat_id", sa.String(120)),
        _text("seat"),
        _text("told_seat_id", sa.String(120)),
        _text("told_seat"),
        _flag("told"),
        _flag("removed"),
        _text("message", sa.String(8)),
        _text("state", sa.String(8)),
        _number("state_at"),
        _number("present_at"),
        _text("present_way", sa.String(8)),
        _text("present_by", ident),
        _number("present_revision"),
    )
    op.create_index("ix_meeting_attendees_user", "meeting_attendees", ["user_id"])
    op.create_index("ix_meeting_attendees_phone", "meeting_attendees", ["meeting_id", "phone"])
    op.create_index("ix_meeting_attendees_revision", "meeting_attendees", ["meeting_id", "present_revision"])
    op.create_index("ix_meeting_attendees_state", "meeting_attendees", ["state"])


def downgrade() -> None:
    for table in (
        "meeting_attendees",
        "meeting_plans",
        "meetings",
        "meeting_room_versions",
        "meeting_rooms",
        "meeting_buildings",
    ):
        op.drop_table(table)
