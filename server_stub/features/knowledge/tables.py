"""Tables of the knowledge bases. Texts are sealed; names are not."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from server_stub.storage.schema import metadata

knowledge_bases = Table(
    "knowledge_bases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(80), nullable=False),
)

knowledge_viewers = Table(
    "knowledge_viewers",
    metadata,
    Column("base_id", String(36), primary_key=True),
    Column("subject", String(10), primary_key=True),
    Column("subject_id", String(36), primary_key=True),
    # "" for everyone.
    Index("ix_knowledge_viewers_subject", "subject", "subject_id"),
)

knowledge_documents = Table(
    "knowledge_documents",
    metadata,
    Column("id", String(36), primary_key=True),
    # A document that changes is another one: texts are kept by id.
    Column("base_id", String(36), nullable=False),
    Column("name", String(80), nullable=False),
    Column("characters", BigInteger, nullable=False),
    Column("added_by", String(36), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Index("ix_knowledge_documents_base", "base_id"),
)

knowledge_vectors = Table(
    "knowledge_vectors",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("model", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # One row of numbers for each passage, as passages.passages cuts the text.
)
