"""Websocket connections, presence and fan-out."""
