"""One signed-in account: http client, websocket link, sync, outbox, device keys, files."""
