"""Step 7: a message is found by its sender's id for it, however old it is: a copy under a later number shows itself."""

from app.store.connection import Connection


def migrate(connection: Connection) -> None:
    """Add the index. The ids begin with their time, so that it grows at its end."""
    connection.execute("CREATE INDEX messages_client ON messages(client_id)")
