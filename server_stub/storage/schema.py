"""What all tables share: the metadata, the counters, and the global event id."""

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, select, update

metadata = MetaData()
"""Every feature's tables.py declares its tables on this; migrations are in storage/migrations."""

counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

EVENT_COUNTER = "event"


def next_event_ids(connection: Connection, count: int = 1) -> range:
    """Reserve `count` global event ids.

    The counter's row stays locked until the commit, so that ids become visible in their order also with several
    server processes on one PostgreSQL: a reader that has seen id n has been able to see every id below n.
    Take ids as the last step of a write, to hold the lock briefly.
    """
    last = connection.execute(
        update(counters)
        .where(counters.c.name == EVENT_COUNTER)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    ).scalar_one()
    return range(last - count + 1, last + 1)


def begin_events(connection: Connection) -> None:
    """Let event 0 never be the newest: a client that has seen it would be taken for one that has seen nothing."""
    connection.execute(
        update(counters).where(counters.c.name == EVENT_COUNTER, counters.c.value == 0).values(value=1)
    )


def newest_event_id(connection: Connection) -> int:
    """Return the newest event id that this snapshot may see."""
    return connection.execute(select(counters.c.value).where(counters.c.name == EVENT_COUNTER)).scalar_one()
