"""Who shares a conversation with whom: their names must be told even where the directory hides them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from .tables import members

_AT_ONCE = 500


def acquainted(connection: Connection, person_id: str, others: Sequence[str]) -> set[str]:
    """Return those of `others` who are or were in a conversation together with the person."""
    mine, theirs = members.alias("mine"), members.alias("theirs")
    found: set[str] = set()
    for start in range(0, len(others), _AT_ONCE):
        found |= set(
            connection.scalars(
                select(theirs.c.person_id)
                .join(mine, mine.c.conversation_no == theirs.c.conversation_no)
                .where(
                    mine.c.person_id == person_id, theirs.c.person_id.in_(others[start : start + _AT_ONCE])
                )
                .distinct()
            )
        )
    return found
