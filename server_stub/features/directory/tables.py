"""Tables of the directory, for up to 316,000 people in 207,000 units."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server_stub.storage.schema import metadata

units = Table(
    "units",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("parent_id", String(36), nullable=False, server_default=""),
    Column("path", Text, nullable=False, index=True),
    # Ids from the root to this unit, as "/a/b/c/": a subtree is a prefix.
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False, server_default=""),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("sort_order", Integer, nullable=False, server_default="0"),
    Column("unit_count", Integer, nullable=False, server_default="0"),
    Column("people_count", Integer, nullable=False, server_default="0"),
    # Active people in the whole subtree, each counted once per unit; kept by recount.py.
    Index("ix_units_parent", "parent_id", "sort_order"),
    Index("ix_units_name", "name"),
)

persons = Table(
    "persons",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("pinyin", Text, nullable=False, server_default="", index=True),
    Column("initials", String(40), nullable=False, server_default="", index=True),
    Column("phone", String(20), nullable=False, server_default="", index=True),
    Column("rank", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default="1"),
    Column("vip", Boolean, nullable=False, server_default="0"),
    Column("avatar_file", String(36), nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="1"),
)

posts = Table(
    "posts",
    metadata,
    Column("person_id", String(36), ForeignKey("persons.id"), primary_key=True),
    Column("unit_id", String(36), ForeignKey("units.id"), primary_key=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("main", Boolean, nullable=False, server_default="0"),
    Column("sort_order", Integer, nullable=False, server_default="0"),
    Index("ix_posts_unit", "unit_id", "sort_order"),
    Index("ix_posts_place", "unit_id", "person_id"),
    Index("ix_posts_title", "title", "person_id"),
)

imports = Table(
    "directory_imports",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("person_id", String(36), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("filename", Text, nullable=False),
    Column("create_units", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
    # The uploaded file, until it is applied or a day old: any server process may carry the import out.
)

card_changes = Table(
    "card_changes",
    metadata,
    Column("person_id", String(36), primary_key=True),
    # "" stands for everybody.
    Column("event_id", BigInteger, nullable=False, index=True),
)

lines = Table(
    "lines",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("parent_id", String(36), nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("sort_order", Integer, nullable=False, server_default="0"),
)

line_members = Table(
    "line_members",
    metadata,
    Column("line_id", String(36), ForeignKey("lines.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("subject_id", String(36), primary_key=True),
    Column("sort_order", Integer, nullable=False, server_default="0"),
    Index("ix_line_members_subject", "subject_id"),
)

visibility_rules = Table(
    "visibility_rules",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("rule", LargeBinary, nullable=False),
    # contract.directory_admin.VisibilityRule as JSON.
    Column("set_by", String(36), nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

person_fields = Table(
    "person_fields",
    metadata,
    Column("person_id", String(36), ForeignKey("persons.id"), primary_key=True),
    Column("field_id", String(36), primary_key=True),
    Column("value", Text, nullable=False),
    Index("ix_person_fields_field", "field_id", "value"),
)

directory_settings = Table(
    "directory_settings",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    # One row, "settings": contract.directory_admin.DirectorySettings as JSON.
)
