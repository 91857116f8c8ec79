"""Configured limits of conversations."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Configured limits of conversations."""

    group_members: int = 2000
    """Until an administrator sets another; so are the two below."""
    large_from: int = 1000
    large_groups: int = 20
    name_length: int = 60
    announcement_length: int = 5000
    cursor_audience: int = 50
    """Cursors of conversations with more members go to their owner's devices only."""
    recall_seconds: int = 120
    nickname_length: int = 20
    note_length: int = 100
    code_days: int = 7
    space_entries: int = 5000
