"""Emoji that people put to messages (表情回复, E103): one sealed row per person and message, replaced whole."""

import time

from sqlalchemy import Connection, insert, select, update

from server_stub.contract.conversations import Reaction, SetReaction
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import ReactionEvent
from server_stub.contract.sm.ports import SealError
from server_stub.contract.sm.sealed import sealed_epoch
from server_stub.gateway.outgoing import Outgoing, Publisher
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database
from server_stub.storage.schema import next_event_ids

from .access import AccessControl, Right
from .rooms import RoomCache, load_rooms
from .tables import messages, reactions
from .views import reaction_view
from .writer import good_id

MAX_REACTION_BYTES = 2048


class Reacting:
    """Sets reactions; reading them is part of pages and of sync."""

    def __init__(
        self, *, database: Database, access: AccessControl, cache: RoomCache, publisher: Publisher
    ) -> None:
        self._database = database
        self._access = access
        self._cache = cache
        self._publisher = publisher

    async def set(self, caller: Caller, conversation_id: str, seq: int, wanted: SetReaction) -> Reaction:
        """Replace the caller's emoji at a message that he may see, in a conversation that he may write in.

        The server sees only sealed bytes. A repeat with the same client id changes nothing and gets the same answer.
        """
        if not good_id(wanted.client_id):
            raise ApiError(ErrorCode.BAD_REQUEST, "client_id")
        if len(wanted.body) > MAX_REACTION_BYTES:
            raise ApiError(ErrorCode.TOO_LARGE, f"body > {MAX_REACTION_BYTES}")

        def work(connection: Connection) -> tuple[Reaction, bool]:
            granted = self._access.access_conversation(
                connection, caller, conversation_id, Right.SEND, lock=True
            )
            message = connection.execute(
                select(messages.c.recalled_at).where(
                    messages.c.conversation_no == granted.number, messages.c.seq == seq
                )
            ).one_or_none()
            if (
                message is None
                or message.recalled_at
                or not granted.seat.first_seq <= seq <= granted.visible_last_seq
            ):
                raise ApiError(ErrorCode.NOT_FOUND)
            if wanted.body:
                _check_epoch(wanted.body, granted.row.epoch)
            mine = (
                (reactions.c.conversation_no == granted.number)
                & (reactions.c.seq == seq)
                & (reactions.c.person_id == caller.person_id)
            )
            before = connection.execute(select(reactions).where(mine)).one_or_none()
            if before is not None and before.client_id == wanted.client_id:
                return reaction_view(before, conversation_id), False
            values = {
                "client_id": wanted.client_id,
                "body": wanted.body,
                "at": int(time.time() * 1000),
                "event_id": next_event_ids(connection)[0],
            }
            if before is None:
                keys = {"conversation_no": granted.number, "seq": seq, "person_id": caller.person_id}
                connection.execute(insert(reactions).values(**keys, **values))
            else:
                connection.execute(update(reactions).where(mine).values(**values))
            row = connection.execute(select(reactions).where(mine)).one()
            return reaction_view(row, conversation_id), True

        reaction, changed = await self._database.write(work)
        if changed:
            rooms = await self._database.read(lambda connection: load_rooms(connection, [conversation_id]))
            room = rooms[conversation_id]
            self._cache.put(room)
            readers = [one for one, seat in room.seats.items() if seat.first_seq <= seq]
            everyone = len(readers) == len(room.seats)
            self._publisher.publish(
                [
                    Outgoing(
                        ReactionEvent(event_id=reaction.event_id, reaction=reaction),
                        readers,
                        room=(room.id, room.version) if everyone else None,
                    )
                ]
            )
        return reaction


def _check_epoch(body: bytes, current: int) -> None:
    try:
        epoch = sealed_epoch(body)
    except SealError:
        raise ApiError(ErrorCode.BAD_REQUEST, "body") from None
    if epoch != current:
        raise ApiError(ErrorCode.CONFLICT, f"epoch {current}", message="会话密钥已更新，正在重新发送。")
