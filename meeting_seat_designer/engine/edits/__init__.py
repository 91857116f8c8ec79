"""Edits: one command class per user action, with undo and redo."""
