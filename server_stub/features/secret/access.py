"""The one way to a secret chat: the room is the caller's, secret chat is on, both may use it and he may write to
the other; else denied."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.permissions import SECRET_CHAT
from server_stub.contract.secret import SecretPolicy
from server_stub.features.accounts.tables import sessions
from server_stub.http.endpoint import Caller

from .policy import read_policy
from .ports import ContactGate, Permissions, Refusals
from .tables import secret_chats, secret_devices

PEER_LOST = "peer"
"""Detail of the refusal when the other side may not use secret chat (3.1.1.4)."""
SELF_LOST = "self"
LOST_TEXT = "该用户无密聊权限"
NO_CONTACT = "contact"
"""Detail of the refusal when the caller may not write to the other side at all (E145, E161)."""


@dataclass(frozen=True, slots=True)
class ChatAccess:
    """A granted access."""

    row: Any
    me: str
    peer_id: str
    policy: SecretPolicy

    @property
    def burn_s(self) -> int:
        """Seconds from opening to burning."""
        return self.row.burn_s or self.policy.burn_s


FRESH_MS = 30 * 86_400_000
"""A device that has not been heard of for longer is not counted."""


def signed_in_devices(person_id: str, now: int) -> Select[Any]:
    """Return the query for what a person's devices reported, of those that are signed in still, the newest first."""
    alive = select(sessions.c.id).where(sessions.c.person_id == person_id, sessions.c.ended_at.is_(None))
    table = secret_devices.c
    return (
        select(secret_devices)
        .where(table.person_id == person_id, table.reported_at > now - FRESH_MS, table.session_id.in_(alive))
        .order_by(table.reported_at.desc())
    )


class SecretAccess:
    """Deny by default. Refusals are in the audit trail."""

    def __init__(self, permissions: Permissions, gate: ContactGate, refusals: Refusals) -> None:
        self._permissions = permissions
        self._gate = gate
        self._refusals = refusals

    def access_feature(self, connection: Connection, caller: Caller) -> SecretPolicy:
        """Whether the caller may use secret chat at all; FORBIDDEN otherwise."""
        policy = read_policy(connection)
        if not policy.enabled or not self._may(connection, caller.person_id):
            self._refusals.refused(caller, "secret", caller.person_id, "use")
            raise ApiError(ErrorCode.FORBIDDEN, SELF_LOST, message="您没有密聊权限，请联系管理员。")
        return policy

    def access_peer(self, connection: Connection, caller: Caller, person_id: str) -> SecretPolicy:
        """Whether the caller may talk secretly with a person; FORBIDDEN with detail "peer" when that one may not."""
        policy = self.access_feature(connection, caller)
        if person_id == caller.person_id:
            raise ApiError(ErrorCode.BAD_REQUEST, "person_id", message="不能与自己密聊。")
        if not self._may(connection, person_id):
            self._refusals.refused(caller, "secret", person_id, "peer")
            raise ApiError(ErrorCode.FORBIDDEN, PEER_LOST, message=LOST_TEXT)
        self._reach(connection, caller, person_id)
        return policy

    def access_sending(self, connection: Connection, caller: Caller, chat_id: str) -> ChatAccess:
        """The caller's room for a message of his; FORBIDDEN with detail "contact" where he may not write to the other side:
        secret chat is no way around what holds for every other message."""
        found = self.access_chat(connection, caller, chat_id)
        self._reach(connection, caller, found.peer_id)
        return found

    def _reach(self, connection: Connection, caller: Caller, person_id: str) -> None:
        pair = (caller.person_id, person_id)
        words = self._gate.refused(connection, [pair]).get(pair)
        if words is not None:
            self._refusals.refused(caller, "secret", person_id, NO_CONTACT)
            raise ApiError(ErrorCode.FORBIDDEN, NO_CONTACT, message=words)

    def access_chat(
        self, connection: Connection, caller: Caller, chat_id: str, *, with_peer: bool = True
    ) -> ChatAccess:
        """The caller's room; NOT_FOUND where it is not his. `with_peer`: the other side must still be allowed."""
        policy = self.access_feature(connection, caller)
        row = connection.execute(select(secret_chats).where(secret_chats.c.id == chat_id)).one_or_none()
        if row is None or caller.person_id not in (row.low_id, row.high_id):
            self._refusals.refused(caller, "secret", chat_id[:36], "chat")
            raise ApiError(ErrorCode.NOT_FOUND)
        peer_id = row.high_id if row.low_id == caller.person_id else row.low_id
        if with_peer and not self._may(connection, peer_id):
            raise ApiError(ErrorCode.FORBIDDEN, PEER_LOST, message=LOST_TEXT)
        return ChatAccess(row, caller.person_id, peer_id, policy)

    def _may(self, connection: Connection, person_id: str) -> bool:
        return bool(self._permissions.allowed_now(connection, [person_id], SECRET_CHAT))
