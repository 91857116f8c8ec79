"""Conversations, members, cursors, messages and sync."""
