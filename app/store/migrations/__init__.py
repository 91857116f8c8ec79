"""The numbered steps of the store's schema, in order. A step that shipped is never edited."""

from collections.abc import Callable

from app.store.connection import Connection

from . import (
    m0001_base,
    m0002_message_kinds,
    m0003_groups,
    m0004_assistant,
    m0005_pictures,
    m0006_file_texts,
    m0007_message_ids,
)

Step = Callable[[Connection], None]
"""Changes the schema and the rows, inside a transaction that the caller holds."""

STEPS: tuple[Step, ...] = (
    m0001_base.migrate,
    m0002_message_kinds.migrate,
    m0003_groups.migrate,
    m0004_assistant.migrate,
    m0005_pictures.migrate,
    m0006_file_texts.migrate,
    m0007_message_ids.migrate,
)
"""Step n (counted from 1) brings user_version n - 1 to n."""
