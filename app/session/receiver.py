"""Receives while the client is locked: counts messages and puts them, sealed, aside. It can read nothing (3.2.3.1)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import msgspec

from app.session.inbox import SealedInbox
from app.session.link import Link
from app.session.listeners import Listeners
from app.session.states import NetworkError
from app.session.tokens import SessionTokens
from server_stub.contract.events import (
    AnyEvent,
    AssistantEvent,
    DirectoryEvent,
    FeaturesEvent,
    LinksEvent,
    MessageEvent,
    SecretEvent,
    SyncPage,
)
from server_stub.contract.frames import AnyServerFrame, EventFrame, LockFrame, Welcome
from server_stub.contract.sm.algorithms import Algorithms

_LIVE_ONLY = SecretEvent | FeaturesEvent | DirectoryEvent | AssistantEvent | LinksEvent
"""Kept nowhere: what they tell of is asked for anew after the unlock."""


class _LentToken:
    """The access token as it was at the lock. It cannot be renewed: that needs the device's key."""

    def __init__(self, tokens: SessionTokens) -> None:
        self.base_url = tokens.server_url
        self._token = tokens.access_token

    async def access_token(self) -> str:
        if not self._token:
            raise NetworkError(detail="the lent token is over")
        return self._token

    async def refresh(self, used: str) -> None:
        self._token = ""
        raise NetworkError(detail="the lent token is over")


class LockedReceiver:
    """Lives from the lock to the unlock. `arrived` tells the number of others' messages so far.

    It holds an access token of at most a quarter of an hour and a public key: no message, no key of the store and no
    device key can be had from it. A connection that is up stays up; what comes later is fetched after the unlock.
    """

    def __init__(
        self, tokens: SessionTokens, me: str, since: int, file: Path, algorithms: Algorithms, public: bytes
    ) -> None:
        """`since`: the newest event id that the store has."""
        self._me = me
        self._since = since
        self._tokens = tokens
        self._catching: asyncio.Task[None] | None = None
        self._inbox = SealedInbox(file, algorithms, public)
        self._encoder = msgspec.msgpack.Encoder()
        self._seen: set[tuple[str, int]] = set()
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(10_000)
        self._writer: asyncio.Task[None] | None = None
        self._link = Link(_LentToken(tokens))
        self._link.on_frame = self._frame
        self._link.on_welcome = self._welcomed
        self.ended = ""
        self._link.on_ended = self._over
        self.arrived: Listeners[int] = Listeners()
        self.lock_news: Listeners[LockFrame] = Listeners()

    @property
    def count(self) -> int:
        """Messages of others that came since the lock."""
        return len(self._seen)

    def start(self) -> None:
        """Connect."""
        self._writer = asyncio.create_task(self._write())
        self._link.start()

    async def close(self) -> None:
        """Disconnect; everything that came is in the file."""
        await self._link.close()
        if self._catching is not None:
            self._catching.cancel()
            await asyncio.gather(self._catching, return_exceptions=True)
        if self._writer is not None:
            await self._queue.join()
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def _over(self, text: str) -> None:
        self.ended = text

    def _welcomed(self, welcome: Welcome) -> None:
        self._link.synced()
        self.lock_news.emit(LockFrame())  # What was told while there was no connection.
        if welcome.event_id > self._since and (self._catching is None or self._catching.done()):
            self._catching = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """What came between the lock and this connection."""
        headers = {"authorization": f"Bearer {self._tokens.access_token}"}
        url = f"{self._tokens.server_url}/api/v1/sync"
        try:
            async with httpx.AsyncClient(headers=headers, timeout=15, trust_env=False) as http:
                more = True
                while more:
                    answer = await http.get(url, params={"after": self._since})
                    if answer.status_code != 200:
                        return
                    page = msgspec.json.decode(answer.content, type=SyncPage)
                    for event in page.events:
                        self._take(event)
                    self._since, more = page.next, page.more and not page.reset
        except (httpx.HTTPError, msgspec.DecodeError):
            return  # The catch-up after the unlock brings it.

    def _frame(self, frame: AnyServerFrame) -> None:
        # Of secret chats nothing is written down, not even that there was something.
        if isinstance(frame, EventFrame) and not isinstance(frame.event, _LIVE_ONLY):
            self._take(frame.event)
        elif isinstance(frame, LockFrame):
            self.lock_news.emit(frame)

    def _take(self, event: AnyEvent) -> None:
        try:
            self._queue.put_nowait(self._encoder.encode(event))
        except asyncio.QueueFull:
            return  # The catch-up after the unlock brings it.
        if isinstance(event, MessageEvent) and event.message.sender_id != self._me:
            before = len(self._seen)
            self._seen.add((event.message.conversation_id, event.message.seq))
            if len(self._seen) != before:
                self.arrived.emit(len(self._seen))

    async def _write(self) -> None:
        while True:
            record = await self._queue.get()
            try:
                await asyncio.to_thread(self._inbox.append, record)
            except OSError:
                pass  # A full disk: the server still has it.
            finally:
                self._queue.task_done()
