"""Playing spoken messages one at a time, and having them written down (E092, 3.1.2.2)."""

from __future__ import annotations

from collections.abc import Callable

from app.shell.tasks import Tasks
from app.store.records import MessageRow
from server_stub.contract.content import VoiceContent

from .conversation_kinds import VoiceLook
from .conversation_rows import RowMapper
from .feed import ConversationFeed
from .service import ChatService
from .sound import NO_TRANSCRIBER, SoundUnavailable
from .tools import ChatTools

Tell = Callable[[str, str], None]


class VoicePlay:
    """What goes on with the spoken messages of the open conversation; leaving it ends the sound."""

    def __init__(self, service: ChatService, tasks: Tasks, tools: ChatTools, tell: Tell) -> None:
        self._service, self._tasks, self._tools, self._tell = service, tasks, tools, tell
        self._feed: ConversationFeed | None = None
        self._mapper: RowMapper | None = None
        self._refresh: Callable[[], None] = lambda: None
        self.current = ""
        """Client id of what plays, or is about to."""
        self._rest: dict[str, float] = {}
        """Where playing was interrupted."""
        self._writing: set[str] = set()

    @property
    def can_write_down(self) -> bool:
        """Whether there is somebody who writes speech down."""
        return self._tools.transcriber is not None

    def attach(
        self, feed: ConversationFeed | None, mapper: RowMapper | None, refresh: Callable[[], None]
    ) -> None:
        """Show in these rows from now on; `refresh` makes them anew."""
        self.stop()
        self._feed, self._mapper, self._refresh = feed, mapper, refresh
        self._rest.clear()

    def toggle(self, row: MessageRow) -> None:
        """Play a message, or pause it."""
        if self.current == row.client_id:
            self._rest[row.client_id] = self._tools.player.stop()
            self.current = ""
            self._show(row.client_id)
            return
        self.stop()
        self.current = row.client_id
        self._tasks.start(self._play(row), "播放语音")

    async def _play(self, row: MessageRow) -> None:
        content = row.content
        if not isinstance(content, VoiceContent):
            return
        try:
            data = await self._service.file_bytes(content.file.file_id)
            if self.current != row.client_id:
                # Something else was begun meanwhile.
                return
            at = self._rest.pop(row.client_id, 0.0)
            self._tools.player.play(
                data,
                content.file.media_type,
                at,
                lambda place: self._moved(row.client_id, place),
                lambda problem: self._ended(row, problem),
            )
            self._moved(row.client_id, at)
        except SoundUnavailable as problem:
            self.current = ""
            self._tell(problem.text, "warn")
        except BaseException:
            self.current = ""
            raise

    def _moved(self, key: str, place: float) -> None:
        if key == self.current and self._mapper is not None:
            self._mapper.voices[key] = VoiceLook(place, playing=True, writing=key in self._writing)
            self._refresh()

    def _ended(self, row: MessageRow, problem: str) -> None:
        if self.current != row.client_id:
            return
        self.current = ""
        self._show(row.client_id)
        if problem:
            self._tell(problem, "warn")

    def stop(self) -> None:
        """Silence."""
        if self.current:
            key, self.current = self.current, ""
            self._tools.player.stop()
            self._show(key)

    def _show(self, key: str) -> None:
        if self._mapper is None:
            return
        place = self._rest.get(key)
        if place is None and key not in self._writing:
            self._mapper.voices.pop(key, None)
        else:
            self._mapper.voices[key] = VoiceLook(place, writing=key in self._writing)
        self._refresh()

    def transcribe(self, row: MessageRow) -> None:
        """Have a message written down below itself."""
        if self._tools.transcriber is None:
            self._tell(NO_TRANSCRIBER, "info")
        elif row.client_id not in self._writing and self._feed is not None:
            self._writing.add(row.client_id)
            self._show(row.client_id)
            self._tasks.start(self._write_down(row, self._feed.conversation_id), "语音转文字")

    async def _write_down(self, row: MessageRow, conversation_id: str) -> None:
        content, transcriber = row.content, self._tools.transcriber
        try:
            if isinstance(content, VoiceContent) and transcriber is not None:
                data = await self._service.file_bytes(content.file.file_id)
                words = (await transcriber.transcribe(data, content.file.media_type)).strip()
                if words:
                    await self._service.kinds.keep_transcript(conversation_id, row.seq, words[:5000])
                else:
                    self._tell("没有听出文字。", "info")
        except SoundUnavailable as problem:
            self._tell(problem.text, "warn")
        finally:
            self._writing.discard(row.client_id)
            self._show(row.client_id)
