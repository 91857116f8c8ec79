"""Conversation keys on this device: fetched as envelopes, opened with the device's SM2 key, kept in the store."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping

from app.session.api import ApiClient
from app.session.tokens import DeviceKey
from app.store.changes import Change
from app.store.database import Writer
from app.store.queries import keys as key_rows
from app.store.records import MessageState
from app.store.store import Store
from server_stub.contract.content import AnyContent, Unknown, decode_content
from server_stub.contract.content_kinds import ReactionContent, decode_reaction
from server_stub.contract.conversations import EnvelopeWanted, KeyEnvelope, Message, Reaction
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError, SealReason
from server_stub.contract.sm.sealed import open_envelope, open_message, seal_message, sealed_epoch

log = logging.getLogger(__name__)
_AT_ONCE = 200
_ASK_AGAIN = 30.0
_CONVERSATIONS_IN_MEMORY = 2000


class KeyMissing(Exception):
    """The server did not give the key of this epoch (not a member then, or not yet)."""


class KeyDestroyed(Exception):
    """The key was destroyed; nothing can be sealed or opened with it any more."""

    text = "密钥已销毁"


class Keys:
    """`ensure` fetches what is missing; then `seal` and `open` work without the network."""

    def __init__(self, store: Store, api: ApiClient, algorithms: Algorithms, device: DeviceKey) -> None:
        self._store = store
        self._api = api
        self._algorithms = algorithms
        self._device = device
        self._known: dict[str, dict[int, bytes | None]] = {}
        self._refused: dict[tuple[str, int], float] = {}
        self._fetching = asyncio.Lock()
        self._news = store.changes.listen(self._dropped, table="keys")

    def _dropped(self, change: Change) -> None:
        """What the store dropped (紧急销密) is not kept in memory either."""
        self._known.pop(change.conversation_id, None)

    async def ensure(self, wanted: Mapping[str, Iterable[int]]) -> None:
        """Make these epochs' keys available where the server gives them; raises NetworkError, ApiError."""
        missing = await self._missing(wanted)
        if not missing:
            return
        async with self._fetching:
            missing = await self._missing(missing)
            items = [EnvelopeWanted(conversation_id=id_, epochs=sorted(e)) for id_, e in missing.items()]
            for start in range(0, len(items), _AT_ONCE):
                part = items[start : start + _AT_ONCE]
                envelopes = await self._api.envelopes(part)
                await self._take(envelopes)
                given = {(e.conversation_id, e.epoch) for e in envelopes}
                now = time.monotonic()
                for item in part:
                    for epoch in item.epochs:
                        if (item.conversation_id, epoch) not in given:
                            self._refused[item.conversation_id, epoch] = now

    async def ensure_for(self, messages: Iterable[Message | Reaction]) -> None:
        """The keys that these messages and reactions need."""
        wanted: dict[str, set[int]] = {}
        for message in messages:
            if message.body and not (isinstance(message, Message) and message.recalled):
                try:
                    wanted.setdefault(message.conversation_id, set()).add(sealed_epoch(message.body))
                except SealError:
                    continue
        await self.ensure(wanted)

    async def load(self, conversation_ids: Iterable[str]) -> None:
        """Bring keys from the store into memory, so that `open` finds them."""
        absent = [id_ for id_ in dict.fromkeys(conversation_ids) if id_ not in self._known]
        if absent:
            found = await self._store.read(lambda db: {id_: key_rows.of(db, id_) for id_ in absent})
            self._remember(found)

    def open(self, message: Message) -> tuple[MessageState, AnyContent | Unknown | None]:
        """What can be shown of a message with the keys in memory; callable from any thread."""
        if message.recalled:
            return MessageState.RECALLED, None
        known = self._known.get(message.conversation_id, {})
        try:
            epoch = sealed_epoch(message.body)
            if epoch not in known:
                return MessageState.SEALED, None
            plain = open_message(
                self._algorithms,
                known.get,
                conversation_id=message.conversation_id,
                sender_id=message.sender_id,
                client_id=message.client_id,
                sealed=message.body,
            )
        except SealError as error:
            if error.reason is SealReason.KEY_DESTROYED:
                return MessageState.DESTROYED, None
            if error.reason is SealReason.UNKNOWN_VERSION:
                return MessageState.OPENED, Unknown(raw=message.body)
            return MessageState.DAMAGED, None
        return MessageState.OPENED, decode_content(plain)

    def open_reaction(self, reaction: Reaction) -> ReactionContent | None:
        """What somebody put to a message; None while the key is missing. What does not open is shown as nothing."""
        nothing = ReactionContent(seq=reaction.seq, emoji=[])
        if not reaction.body:
            return nothing
        known = self._known.get(reaction.conversation_id, {})
        try:
            if sealed_epoch(reaction.body) not in known:
                return None
            plain = open_message(
                self._algorithms,
                known.get,
                conversation_id=reaction.conversation_id,
                sender_id=reaction.person_id,
                client_id=reaction.client_id,
                sealed=reaction.body,
            )
        except SealError:
            return nothing
        found = decode_reaction(plain)
        # The number inside is under the seal: the server cannot hang it on another message.
        return found if found is not None and found.seq == reaction.seq else nothing

    async def seal(
        self, conversation_id: str, epoch: int, *, sender_id: str, client_id: str, plaintext: bytes
    ) -> bytes:
        """Seal under the key of an epoch. Raises KeyDestroyed, KeyMissing, and what `ensure` raises."""
        await self.ensure({conversation_id: [epoch]})
        known = self._known.get(conversation_id, {})
        if epoch not in known:
            raise KeyMissing
        key = known[epoch]
        if key is None:
            raise KeyDestroyed
        return seal_message(
            self._algorithms,
            key,
            epoch=epoch,
            conversation_id=conversation_id,
            sender_id=sender_id,
            client_id=client_id,
            plaintext=plaintext,
        )

    async def drop(self, conversation_id: str, epochs: Iterable[int]) -> None:
        """The keys were destroyed (紧急销密): forget them here too."""
        gone = list(epochs)

        def work(db: Writer) -> None:
            for epoch in gone:
                key_rows.put(db, conversation_id, epoch, None)

        await self._store.write(work)
        self._known.setdefault(conversation_id, {}).update(dict.fromkeys(gone, None))

    def forget(self) -> None:
        """Drop every key from memory."""
        self._known.clear()
        self._algorithms.sm2_forget(self._device.private)

    # Inner parts.

    async def _missing(self, wanted: Mapping[str, Iterable[int]]) -> dict[str, set[int]]:
        await self.load(wanted)
        now = time.monotonic()
        missing: dict[str, set[int]] = {}
        for id_, epochs in wanted.items():
            known = self._known.get(id_, {})
            absent = {
                epoch
                for epoch in epochs
                if epoch not in known and now - self._refused.get((id_, epoch), -_ASK_AGAIN) >= _ASK_AGAIN
            }
            if absent:
                missing[id_] = absent
        return missing

    async def _take(self, envelopes: list[KeyEnvelope]) -> None:
        def open_all() -> list[tuple[str, int, bytes | None]]:
            found: list[tuple[str, int, bytes | None]] = []
            for e in envelopes:
                try:
                    key = (
                        None
                        if e.destroyed
                        else open_envelope(
                            self._algorithms,
                            self._device.private,
                            conversation_id=e.conversation_id,
                            epoch=e.epoch,
                            envelope=e.envelope,
                        )
                    )
                except SealError as error:
                    # Made for another device key: asking again later may give a good one.
                    log.warning("an envelope does not open", extra={"reason": error.reason.value})
                    continue
                found.append((e.conversation_id, e.epoch, key))
            return found

        opened = await asyncio.to_thread(open_all)

        def work(db: Writer) -> None:
            for id_, epoch, key in opened:
                key_rows.put(db, id_, epoch, key)

        await self._store.write(work)
        for id_, epoch, key in opened:
            self._known.setdefault(id_, {})[epoch] = key

    def _remember(self, found: dict[str, dict[int, bytes | None]]) -> None:
        if len(self._known) > _CONVERSATIONS_IN_MEMORY:
            self._known.clear()
        for id_, keys in found.items():
            self._known.setdefault(id_, {}).update(keys)
