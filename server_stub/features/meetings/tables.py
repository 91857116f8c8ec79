"""Tables of meetings. Documents are JSON text; times Unix milliseconds."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from server_stub.storage.schema import metadata

buildings = Table(
    "meeting_buildings",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit_id", String(36), nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Index("ix_meeting_buildings_unit", "unit_id"),
)

rooms = Table(
    "meeting_rooms",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit_id", String(36), nullable=False),
    Column("building_id", String(36), nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("floor", Text, nullable=False, server_default=""),
    Column("layouts", Text, nullable=False),
    # [[id, name, seats]…], so that the list needs no document.
    Column("version", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", String(36), nullable=False),
    Column("active", Boolean, nullable=False, server_default="1"),
    Index("ix_meeting_rooms_unit", "unit_id"),
)

room_versions = Table(
    "meeting_room_versions",
    metadata,
    Column("room_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(36), nullable=False),
    Column("document", Text, nullable=False),
)

meetings = Table(
    "meetings",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("unit_id", String(36), nullable=False),
    Column("title", Text, nullable=False),
    Column("room_id", String(36), nullable=False, server_default=""),
    Column("room_name", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Column("starts_at", BigInteger, nullable=False, server_default="0"),
    Column("ends_at", BigInteger, nullable=False, server_default="0"),
    Column("organiser", Text, nullable=False, server_default=""),
    Column("oa_id", String(120), nullable=False, server_default=""),
    Column("cancelled", Boolean, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False),
    Column("plan_version", Integer, nullable=False, server_default="0"),
    Column("plan_at", BigInteger, nullable=False, server_default="0"),
    Column("plan_by", String(36), nullable=False, server_default=""),
    Column("published", Integer, nullable=False, server_default="0"),
    Column("published_plan", Integer, nullable=False, server_default="0"),
    Column("published_at", BigInteger, nullable=False, server_default="0"),
    Column("told_starts_at", BigInteger, nullable=False, server_default="0"),
    Column("told_ends_at", BigInteger, nullable=False, server_default="0"),
    Column("told_place", Text, nullable=False, server_default=""),
    # The time and place that the attendees were told of last.
    Column("created_by", String(36), nullable=False),
    Column("checkin_open", Boolean, nullable=False, server_default="1"),
    Column("checkin_round", Integer, nullable=False, server_default="1"),
    # Part of the signed link: a higher round voids the older links.
    Column("checkin_revision", BigInteger, nullable=False, server_default="0"),
    Index("ix_meetings_unit", "unit_id", "starts_at"),
    Index("ix_meetings_room", "room_id", "starts_at"),
    Index("ix_meetings_time", "starts_at"),
)

plans = Table(
    "meeting_plans",
    metadata,
    Column("meeting_id", String(36), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", String(36), nullable=False),
    Column("document", Text, nullable=False),
)

attendees = Table(
    "meeting_attendees",
    metadata,
    Column("meeting_id", String(36), primary_key=True),
    Column("attendee_id", String(120), primary_key=True),
    Column("user_id", String(36), nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=""),
    Column("phone", String(40), nullable=False, server_default=""),
    # Digits only; of people in the system the registered one.
    Column("external", Boolean, nullable=False, server_default="0"),
    Column("attending", Boolean, nullable=False, server_default="1"),
    Column("channel", String(8), nullable=False, server_default="paper"),
    Column("seat_id", String(120), nullable=False, server_default=""),
    Column("seat", Text, nullable=False, server_default=""),
    # As in the newest saved plan.
    Column("told_seat_id", String(120), nullable=False, server_default=""),
    Column("told_seat", Text, nullable=False, server_default=""),
    Column("told", Boolean, nullable=False, server_default="0"),
    # As in the published plan, and whether the person was told of it.
    Column("removed", Boolean, nullable=False, server_default="0"),
    Column("message", String(8), nullable=False, server_default=""),
    # new, moved, gone, time, place or both: what the message in `state` says.
    Column("state", String(8), nullable=False, server_default=""),
    # "", waiting, sending, sent, failed.
    Column("state_at", BigInteger, nullable=False, server_default="0"),
    Column("present_at", BigInteger, nullable=False, server_default="0"),
    Column("present_way", String(8), nullable=False, server_default=""),
    Column("present_by", String(36), nullable=False, server_default=""),
    Column("present_revision", BigInteger, nullable=False, server_default="0"),
    Index("ix_meeting_attendees_user", "user_id"),
    Index("ix_meeting_attendees_phone", "meeting_id", "phone"),
    Index("ix_meeting_attendees_revision", "meeting_id", "present_revision"),
    Index("ix_meeting_attendees_state", "state"),
)
