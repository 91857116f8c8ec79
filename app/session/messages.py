"""Messages that are there: fetched where they are missing, found, taken back, sent again, given up."""

from collections.abc import Callable

from app.session.files import Files
from app.session.gaps import Gaps
from app.session.outbox import Outbox
from app.session.states import NetworkError
from app.store.commands import RecallCommand, SendCommand
from app.store.database import Writer
from app.store.queries import conversations, outbox, search
from app.store.records import Command, CommandState, SearchHit
from app.store.store import Store


class Messages:
    """Part of a session. New ones are sent by `Sending` and `MessageKinds`."""

    def __init__(
        self,
        store: Store,
        queue: Outbox,
        gaps: Gaps,
        files: Files,
        connected: Callable[[], bool],
    ) -> None:
        self._store, self._queue, self._gaps, self._files = store, queue, gaps, files
        self._connected = connected

    # Reading.

    async def ensure_window(self, conversation_id: str, first_seq: int, last_seq: int) -> None:
        """Fetch what is missing between two seqs (inclusive); quiet when nothing is or when offline."""
        if not self._connected():
            return
        try:
            await self._gaps.fill(conversation_id, first_seq, last_seq)
        except NetworkError:
            return

    async def load_older(self, conversation_id: str, before_seq: int, limit: int = 50) -> bool:
        """Make the `limit` messages before `before_seq` present; False when there are none before it."""
        bounds = await self._store.read(lambda db: conversations.bounds(db, conversation_id))
        if bounds is None or before_seq <= bounds[0]:
            return False
        await self._gaps.fill(conversation_id, max(bounds[0], before_seq - limit), before_seq - 1)
        return True

    async def search(self, text: str, *, conversation_id: str = "", limit: int = 50) -> list[SearchHit]:
        """Messages on this machine that hold `text`, newest first."""
        return await self._store.read(
            lambda db: search.hits(db, text, conversation_id=conversation_id, limit=limit), background=True
        )

    # Acting.

    async def recall(self, conversation_id: str, seq: int) -> None:
        """Take a message back; a refusal (too late) comes through `Session.command_refused`."""
        await self._queue.put(conversation_id, RecallCommand(seq))

    async def retry(self, client_id: str) -> None:
        """Send a failed message again."""

        def work(db: Writer) -> list[str]:
            command = outbox.get(db, client_id)
            if command is None:
                return []
            outbox.set_state(db, command, CommandState.PENDING)
            return _uploads_of(command)

        for file_id in await self._store.write(work):
            await self._files.resume(file_id)
        await self._queue.kick_client(client_id)

    async def discard(self, client_id: str) -> None:
        """Give up a pending or failed message (and its upload)."""

        def work(db: Writer) -> tuple[str, list[str]]:
            command = outbox.get(db, client_id)
            if command is None:
                return "", []
            outbox.finish(db, command)
            return command.conversation_id, _uploads_of(command)

        conversation_id, file_ids = await self._store.write(work)
        for file_id in file_ids:
            await self._files.cancel(file_id)
        if conversation_id:
            # What stood behind it need not wait any more.
            self._queue.kick(conversation_id)


def _uploads_of(command: Command) -> list[str]:
    """The files that go up with a message; none of a forwarded one."""
    payload = outbox.payload_of(command)
    return list(payload.file_ids) if isinstance(payload, SendCommand) and not payload.forwarded else []
