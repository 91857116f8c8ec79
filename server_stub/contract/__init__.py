"""Wire types, error codes and event names: all that the client may import of the server."""
