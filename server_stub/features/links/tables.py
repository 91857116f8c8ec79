"""The rules for links, one row."""

from sqlalchemy import BigInteger, Column, String, Table, Text

from server_stub.storage.schema import metadata

link_settings = Table(
    "link_settings",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_by", String(36), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
