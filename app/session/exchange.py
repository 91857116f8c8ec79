"""What moves rows and files between the store and the server: link, sync and outbox, with keys and files, as one."""

import time
from collections.abc import Callable

from app.session.api import ApiClient
from app.session.applying import Applied, Applying
from app.session.files import Files
from app.session.gaps import Gaps
from app.session.http import HttpCaller
from app.session.keys import Keys
from app.session.link import Link
from app.session.outbox import Outbox
from app.session.seal_refusals import SealRefusals
from app.session.side_work import SideWork
from app.session.sync import Sync
from app.session.tokens import DeviceKey
from app.store.store import Store
from server_stub.contract.sm.algorithms import Algorithms


class Exchange:
    """Part of a session, which joins the link's frames to it."""

    def __init__(
        self,
        store: Store,
        http: HttpCaller,
        algorithms: Algorithms,
        device: DeviceKey,
        me: str,
        *,
        heartbeat: float | None,
        answer_seconds: float,
        tell: Callable[[str], None],
        on_applied: Callable[[Applied, bool], None],
        on_caught_up: Callable[[], None],
    ) -> None:
        """`tell` takes a sentence for the user; `on_applied`, `on_caught_up`: see Sync."""
        self.api = ApiClient(http)
        self.side = SideWork()
        self.link = Link(http, heartbeat=heartbeat)
        self.keys = Keys(store, self.api, algorithms, device)
        refusals = SealRefusals(self.api, self.side, tell)
        self.applying = Applying(
            store,
            self.api,
            self.keys,
            me,
            on_refused=lambda message, reason: refusals.refused(
                message.conversation_id, str(message.seq), reason
            ),
        )
        self.gaps = Gaps(store, self.api, self.applying)
        self.sync = Sync(
            store, self.api, self.applying, self.gaps, on_applied=on_applied, on_caught_up=on_caught_up
        )
        self.outbox = Outbox(
            store,
            self.api,
            self.link,
            self.applying,
            self.gaps,
            self.sync.catch_up,
            self.keys,
            me,
            now_ms=self.now_ms,
            on_refused=tell,
            answer_seconds=answer_seconds,
        )
        self.files = Files(
            store,
            self.api,
            algorithms,
            wait_connected=self.link.wait_connected,
            released=lambda client_id: self.side.start(self.outbox.kick_client(client_id)),
            upload_failed=self.outbox.fail,
            tampered=lambda conversation_id, file_id: refusals.refused(conversation_id, file_id, "chunk"),
        )
        self.outbox.files = self.files

    async def start(self) -> None:
        """Begin to work in the background."""
        await self.files.start()
        await self.outbox.start()
        self.sync.start()
        self.link.start()

    async def close(self) -> None:
        """Stop in good order; what was not answered or applied comes again after the next start."""
        self.side.refuse()
        await self.link.close()
        await self.outbox.close()
        await self.sync.close()
        await self.files.close()
        await self.side.close()
        self.keys.forget()

    def now_ms(self) -> int:
        """The server's time by our estimate, Unix ms."""
        return int(time.time() * 1000) + self.link.skew_ms

    def is_connected(self) -> bool:
        """Whether the link is signed in."""
        return self.link.connected

    def connected(self) -> None:
        """The link is signed in: catch up, and send what waits."""
        self.sync.connected()
        self.outbox.connected()

    def disconnected(self) -> None:
        """The link is gone: wait for the next one."""
        self.sync.disconnected()
        self.outbox.disconnected()

    def caught_up(self) -> None:
        """Nothing is known to be missing."""
        self.link.synced()
        self.side.start(self.applying.reopen())
        # Lanes that stopped on an unexpected failure get another chance with every connection.
        self.side.start(self.outbox.start())

    def hint(self) -> None:
        """The network changed or the machine woke up: connect, or test the connection, at once."""
        self.link.wake()
        self.sync.hint()
        self.outbox.connected()

    def recovered(self) -> None:
        """The store was mended: fetch everything anew, and take up what was not sent."""
        if self.link.connected:
            self.sync.connected()
        self.side.start(self._take_up())

    async def _take_up(self) -> None:
        await self.files.start(wipe=False)
        await self.outbox.start()
