"""Brings a store's file to the newest schema, each step in one transaction, with a copy made before."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from .connection import Connection
from .errors import StoreTooNew
from .migrations import STEPS, Step

log = logging.getLogger(__name__)


def version_of(connection: Connection) -> int:
    """The schema's number in this file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: Connection, file: Path, steps: Sequence[Step] = STEPS) -> int:
    """Apply the missing steps; return the version found. Raises StoreTooNew and touches nothing then.

    The copy `store.db.before-N` stays until the next migration; it is as encrypted as the file.
    """
    found = version_of(connection)
    if found > len(steps):
        raise StoreTooNew(f"{found} > {len(steps)}")
    if 0 < found < len(steps):
        _copy(connection, file, found)
    for number, step in enumerate(steps[found:], start=found + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        log.info("store migrated", extra={"version": number})
    return found


def _copy(connection: Connection, file: Path, version: int) -> None:
    for old in file.parent.glob(file.name + ".before-*"):
        old.unlink(missing_ok=True)
    # Everything into the main file first, and no writer while it is copied.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    try:
        shutil.copy2(file, file.with_name(f"{file.name}.before-{version}"))
    finally:
        connection.execute("ROLLBACK")
