"""Tables of files and their chunks."""

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
)

from server_stub.storage.schema import metadata

files = Table(
    "files",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("uploader_id", String(36), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("extension", String(20), nullable=False, server_default=""),
    Column("complete", Boolean, nullable=False, server_default="0"),
    Column("digest", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
    # Last call of the uploader; decides when an upload counts as abandoned.
    Index("ix_files_touched", "complete", "touched_at"),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    Column("file_id", String(36), ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    Column("chunk_index", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False, index=True),
    # SM3 of the sealed chunk, the name of its blob. The rows that name a digest are its reference count.
    Column("size", Integer, nullable=False),
)
