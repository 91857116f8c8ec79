"""Whose card changed last with which event, so that a client that was away can ask for the few that it keeps."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from server_stub.storage.schema import next_event_ids

from .tables import card_changes

MOST_KEPT = 2000
"""More people at once (an import) are kept as everybody: clients fetch anew what they look at."""
EVERYBODY = ""


def note(connection: Connection, person_ids: Sequence[str]) -> int:
    """Keep that these people's cards changed; nobody named: everybody's. Returns the event id."""
    ids = list(dict.fromkeys(person_ids))
    if not 0 < len(ids) <= MOST_KEPT:
        ids = [EVERYBODY]
    event_id = next_event_ids(connection)[0]
    # The counter's row is locked from here on: nobody else writes these rows meanwhile.
    for start in range(0, len(ids), 500):
        connection.execute(delete(card_changes).where(card_changes.c.person_id.in_(ids[start : start + 500])))
    connection.execute(insert(card_changes), [{"person_id": id_, "event_id": event_id} for id_ in ids])
    return event_id


def newest(connection: Connection) -> int:
    """The event of the last change; 0 when there was none."""
    return connection.execute(select(func.max(card_changes.c.event_id))).scalar_one() or 0


def changed(connection: Connection, person_ids: Sequence[str], after: int) -> set[str]:
    """Those of `person_ids` (and EVERYBODY) that changed later than `after`; looked up one by one in the primary key."""
    return set(
        connection.scalars(
            select(card_changes.c.person_id).where(
                card_changes.c.person_id.in_([EVERYBODY, *person_ids]), card_changes.c.event_id > after
            )
        )
    )
