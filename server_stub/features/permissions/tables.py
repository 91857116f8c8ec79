"""Grants of features."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table

from server_stub.storage.schema import metadata

feature_grants = Table(
    "feature_grants",
    metadata,
    Column("feature", String(40), primary_key=True),
    Column("subject", String(10), primary_key=True),
    Column("subject_id", String(36), primary_key=True),
    # "" for everyone.
    Column("allow", Boolean, nullable=False),
    Column("set_by", String(36), nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Index("ix_feature_grants_subject", "subject", "subject_id"),
)
