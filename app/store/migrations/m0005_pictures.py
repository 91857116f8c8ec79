"""Step 5: the small own pictures of people and groups, kept so that they are there without a connection."""

from app.store.connection import Connection

STATEMENTS = (
    # `data` is PNG or JPEG as it came; a picture never changes, another one has another id.
    """CREATE TABLE pictures(
        id TEXT PRIMARY KEY,
        data BLOB NOT NULL,
        used_at INTEGER NOT NULL)""",
    "CREATE INDEX pictures_used ON pictures(used_at)",
)


def migrate(connection: Connection) -> None:
    """Add the table."""
    for statement in STATEMENTS:
        connection.execute(statement)
