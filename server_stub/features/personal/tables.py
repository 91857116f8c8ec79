"""Tables of what belongs to one account alone, and of pictures."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text

from server_stub.storage.schema import metadata

personal_items = Table(
    "personal_items",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_personal_items_event", "person_id", "event_id"),
)

relations = Table(
    "relations",
    metadata,
    Column("owner_id", String(36), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("person_id", String(36), primary_key=True),
    Column("removed", Boolean, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Index("ix_relations_event", "owner_id", "event_id"),
    Index("ix_relations_person", "person_id", "kind"),
)

person_statuses = Table(
    "person_statuses",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("until", BigInteger, nullable=False, server_default="0"),
    Column("event_id", BigInteger, nullable=False),
)

avatars = Table(
    "avatars",
    metadata,
    # Small pictures of people and groups. They are shown to whoever sees the name, so they are not sealed.
    Column("id", String(36), primary_key=True),
    Column("owner", String(36), nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
