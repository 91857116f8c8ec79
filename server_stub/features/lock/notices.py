"""The push inbox of the phone pages: what happened to the person's desktops, never any content."""

import time

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.lock import Notice, NoticeList

from .tables import lock_notices

MOST = 100
KEEP_S = 30 * 86400


def add(connection: Connection, person_id: str, kind: str, title: str, text: str) -> None:
    """Put a notice into a person's inbox; old ones go."""
    now = int(time.time() * 1000)
    connection.execute(
        insert(lock_notices).values(person_id=person_id, at=now, kind=kind, title=title[:80], text=text[:300])
    )
    connection.execute(
        delete(lock_notices).where(
            lock_notices.c.person_id == person_id, lock_notices.c.at < now - KEEP_S * 1000
        )
    )


def newest(connection: Connection, person_id: str) -> NoticeList:
    """Return the person's newest notices."""
    mine = lock_notices.c.person_id == person_id
    rows = connection.execute(
        select(lock_notices).where(mine).order_by(lock_notices.c.id.desc()).limit(MOST)
    ).all()
    unread = connection.execute(
        select(func.count()).select_from(lock_notices).where(mine, lock_notices.c.read.is_(False))
    ).scalar_one()
    return NoticeList(
        notices=[
            Notice(id=row.id, at_ms=row.at, kind=row.kind, title=row.title, text=row.text, read=row.read)
            for row in rows
        ],
        unread=unread,
    )


def mark_read(connection: Connection, person_id: str) -> None:
    """The person has seen them all."""
    connection.execute(
        update(lock_notices)
        .where(lock_notices.c.person_id == person_id, lock_notices.c.read.is_(False))
        .values(read=True)
    )
