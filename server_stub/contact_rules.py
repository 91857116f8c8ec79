"""Who may write to whom: joins the directory's leaders, the permission for them, and the blacklists (E145, E161)."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import Connection, select

from server_stub.contract.permissions import CONTACT_LEADERS
from server_stub.features.directory.tables import persons
from server_stub.features.personal.service import blocked

VIP_TEXT = "对方是 VIP 领导，您没有联系的权限。"
BLOCKED_TEXT = "消息已被对方拒收。"


class Allowed(Protocol):
    """Feature permissions inside a transaction."""

    def allowed_now(self, connection: Connection, person_ids: Collection[str], feature: str) -> set[str]:
        """Return those of `person_ids` who may use the feature."""
        ...


class ContactRules:
    """See conversations.ports.ContactGate. Two small queries a batch, and the permissions where leaders are written to.

    Leaders reach each other; everybody else needs the permission (联系领导), administrators of the system too.
    """

    def __init__(self, permissions: Allowed) -> None:
        self._permissions = permissions

    def refused(
        self, connection: Connection, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return those of `pairs` (from, to) that are refused, each with a sentence for the user."""
        found = dict.fromkeys(blocked(connection, pairs), BLOCKED_TEXT)
        people = {one for pair in pairs for one in pair}
        leaders = set(
            connection.scalars(select(persons.c.id).where(persons.c.id.in_(people), persons.c.vip.is_(True)))
        )
        asked = {from_ for from_, to in pairs if to in leaders and from_ not in leaders}
        if asked:
            allowed = self._permissions.allowed_now(connection, asked, CONTACT_LEADERS)
            for from_, to in pairs:
                if to in leaders and from_ in asked - allowed:
                    found[(from_, to)] = VIP_TEXT
        return found
