"""Who may write to whom: joins the directory's leaders, the permission for them, and the blacklists (E145, E161)."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import Connection

from server_stub.contract.permissions import CONTACT_LEADERS
from server_stub.contract.personal import RelationKind

VIP_TEXT = "对方是 VIP 领导，您没有联系的权限。"
BLOCKED_TEXT = "消息已被对方拒收。"

# On the hot path of sending, so written out for the driver and asked in one go: who is a leader, who blocked whom.
_ASK = (
    "SELECT id, '' FROM persons WHERE id IN (:people) AND vip"
    " UNION ALL SELECT person_id, owner_id FROM relations"
    " WHERE owner_id IN (:to) AND kind = :kind AND NOT removed AND person_id IN (:from)"
)


class Allowed(Protocol):
    """Feature permissions inside a transaction."""

    def allowed_now(self, connection: Connection, person_ids: Collection[str], feature: str) -> set[str]:
        """Return those of `person_ids` who may use the feature."""
        ...


class ContactRules:
    """See conversations.ports.ContactGate. One small query a batch, and the permissions where leaders are written to.

    Leaders reach each other; everybody else needs the permission (联系领导), administrators of the system too.
    """

    def __init__(self, permissions: Allowed) -> None:
        self._permissions = permissions

    def refused(
        self, connection: Connection, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return those of `pairs` (from, to) that are refused, each with a sentence for the user."""
        if not pairs:
            return {}
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        senders, receivers = {from_ for from_, _to in pairs}, {to for _from, to in pairs}
        people = senders | receivers
        question = (
            _ASK.replace(":people", ",".join([mark] * len(people)))
            .replace(":to", ",".join([mark] * len(receivers)))
            .replace(":kind", mark)
            .replace(":from", ",".join([mark] * len(senders)))
        )
        rows = connection.exec_driver_sql(
            question, (*people, *receivers, RelationKind.BLOCKED.value, *senders)
        ).all()
        wanted = set(pairs)
        leaders = {person for person, owner in rows if not owner}
        found = {(person, owner): BLOCKED_TEXT for person, owner in rows if (person, owner) in wanted}
        asked = {from_ for from_, to in pairs if to in leaders and from_ not in leaders}
        if asked:
            allowed = self._permissions.allowed_now(connection, asked, CONTACT_LEADERS)
            for from_, to in pairs:
                if to in leaders and from_ in asked - allowed:
                    found[(from_, to)] = VIP_TEXT
        return found
