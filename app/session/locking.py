"""What the app lock needs of a session: what receives meanwhile, what came meanwhile, the device's signature and key (3.2.3.1)."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from app.session.applying import Applying
from app.session.inbox import read_inbox
from app.session.receiver import LockedReceiver
from app.session.tokens import DeviceKey, SessionTokens
from app.store.queries import messages
from app.store.store import Store
from server_stub.contract.events import AnyEvent
from server_stub.contract.lock import UNLOCK_PURPOSE, LockReport, report_message
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope

log = logging.getLogger(__name__)

INBOX = "locked-inbox.bin"
"""What came while the client was locked."""
_BATCH = 200


class Locking:
    """Part of a session. Its calls to the server are `LockCalls`."""

    def __init__(
        self,
        store: Store,
        applying: Applying,
        algorithms: Algorithms,
        device: DeviceKey,
        me: str,
        tokens: Callable[[], SessionTokens | None],
    ) -> None:
        self._store, self._applying = store, applying
        self._algorithms, self._device = algorithms, device
        self._me, self._tokens = me, tokens

    async def receiver(self) -> LockedReceiver | None:
        """What goes on receiving after the session is closed, unable to read anything; None when signed out."""
        tokens = self._tokens()
        if tokens is None:
            return None
        file = self._store.folder.path / INBOX
        since = await self._store.read(messages.newest_event_id)
        return LockedReceiver(tokens, self._me, since, file, self._algorithms, self._device.public)

    async def merge_inbox(self) -> int:
        """Take over what came while locked; returns how many events. Whatever is missing the catch-up brings."""
        file = self._store.folder.path / INBOX
        records = await asyncio.to_thread(read_inbox, file, self._algorithms, self._device)
        events: list[AnyEvent] = []
        for record in records:
            try:
                events.append(msgspec.msgpack.decode(record, type=AnyEvent))
            except msgspec.DecodeError:
                log.warning("not an event in the locked inbox")
        for start in range(0, len(events), _BATCH):
            await self._applying.apply(events[start : start + _BATCH], live=False)
        await asyncio.to_thread(file.unlink, True)
        return len(events)

    def signed_report(self, report: LockReport) -> LockReport:
        """The report with the device's signature (about a millisecond)."""
        message = report_message(self._device.id, report)
        return msgspec.structs.replace(
            report, signature=self._algorithms.sm2_sign(self._device.private, message)
        )

    def open_phone_key(self, envelope: bytes) -> bytes:
        """The wrapping key of the phone's slot. Raises SealError."""
        return open_envelope(
            self._algorithms,
            self._device.private,
            conversation_id=f"{UNLOCK_PURPOSE}/{self._device.id}",
            epoch=0,
            envelope=envelope,
        )
