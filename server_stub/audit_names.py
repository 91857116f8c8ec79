"""What the ids in the audit trail are called: joins people, units, groups, meetings and devices."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from server_stub.features.accounts.tables import devices
from server_stub.features.conversations.tables import conversations
from server_stub.features.directory.tables import persons, units
from server_stub.features.meetings.tables import meetings, rooms
from server_stub.storage.database import Database

_NAMES = (
    (persons.c.id, persons.c.name),
    (units.c.id, units.c.name),
    (conversations.c.id, conversations.c.name),
    (meetings.c.id, meetings.c.title),
    (rooms.c.id, rooms.c.name),
    (devices.c.id, devices.c.name),
)
_AT_ONCE = 500
_MOST_CALLED = 200
"""Of each kind of thing: who looks for one letter gets some."""


class AuditNames:
    """For administrators alone: people who left and groups that were dissolved keep their names here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, ids: Collection[str]) -> dict[str, str]:
        """Names by id; what has none, or is gone, is missing."""
        wanted = sorted({one for one in ids if one})

        def work(connection: Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for start in range(0, len(wanted), _AT_ONCE):
                left = set(wanted[start : start + _AT_ONCE])
                for key, name in _NAMES:
                    rows = connection.execute(select(key, name).where(key.in_(left))).all()
                    found.update({id_: text for id_, text in rows if text})
                    left.difference_update(id_ for id_, _text in rows)
                    if not left:
                        break
            return found

        return await self._database.read(work) if wanted else {}

    async def called(self, text: str) -> list[str]:
        """Ids of those in whose name a text is, in any case; of very many, some."""

        def work(connection: Connection) -> list[str]:
            found: list[str] = []
            for key, name in _NAMES:
                query = select(key).where(name.icontains(text, autoescape=True)).limit(_MOST_CALLED)
                found += connection.scalars(query)
            return found

        return await self._database.read(work)
