"""Growing delays after failed attempts, per account and per address, kept in the database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from server_stub.contract.errors import ApiError, ErrorCode

from .tables import throttles

FORGET_S = 24 * 3600
LONGEST_S = 15 * 60


@dataclass(frozen=True)
class Rule:
    """`free` attempts without a delay; then 5 s, doubled each time, up to 15 minutes."""

    free: int


ACCOUNT = Rule(free=5)
ADDRESS = Rule(free=40)
"""An office shares one address; a single account is stopped long before."""
SMS = Rule(free=3)


def attempt(connection: Connection, keys: dict[str, Rule]) -> None:
    """Count one attempt against each key, or raise THROTTLED.

    Counted before the secret is checked, so that many guesses sent at once are counted as many; `forgive` takes
    it back after a success.
    """
    now = int(time.time())
    rows = {
        row.key: row
        for row in connection.execute(select(throttles).where(throttles.c.key.in_(keys)).with_for_update())
    }
    waits = [row.until - now for row in rows.values() if row.until > now]
    if waits:
        raise ApiError(ErrorCode.THROTTLED, retry_after=float(max(waits)))
    for key, rule in keys.items():
        row = rows.get(key)
        failures = (row.failures if row is not None and row.updated_at > now - FORGET_S else 0) + 1
        over = failures - rule.free
        delay = min(5 * 2 ** min(over, 12), LONGEST_S) if over >= 0 else 0
        values = {"failures": failures, "until": now + delay, "updated_at": now}
        if row is None:
            connection.execute(throttles.insert().values(key=key, **values))
        else:
            connection.execute(throttles.update().where(throttles.c.key == key).values(**values))


def forgive(connection: Connection, subjects: list[str], addresses: Sequence[str] = ()) -> None:
    """A success: forget the subjects' failures, and of the addresses only this one attempt.

    An address keeps its other failures: else one good account would wash it clean for guessing at all others.
    """
    connection.execute(delete(throttles).where(throttles.c.key.in_(subjects)))
    if addresses:
        connection.execute(
            update(throttles)
            .where(throttles.c.key.in_(addresses), throttles.c.failures > 0)
            .values(failures=throttles.c.failures - 1)
        )


def forget_old(connection: Connection) -> int:
    """Remove the keys that nobody tried for a day; returns how many."""
    old = throttles.c.updated_at < int(time.time()) - FORGET_S
    return connection.execute(delete(throttles).where(old)).rowcount
