"""What of an open conversation the user has seen, and telling the service so (E105)."""

from __future__ import annotations

from collections.abc import Callable

from app.shell.tasks import Tasks

from .feed import ConversationFeed
from .service import ChatService


class ReadMarks:
    """Of one open conversation. `looking` says whether the list is before the user's eyes now."""

    def __init__(
        self, service: ChatService, tasks: Tasks, feed: ConversationFeed, looking: Callable[[], bool]
    ) -> None:
        self._service, self._tasks, self._feed, self._looking = service, tasks, feed, looking
        # Without unread messages everything was seen before.
        self.seen = feed.unread_after if feed.unread_after >= 0 else feed.newest_seq
        self._marked = 0

    def see(self, seq: int) -> None:
        """Everything up to `seq` stood in view."""
        self.seen = max(self.seen, seq)
        self.tell()

    def tell(self) -> None:
        """Move the read cursor to what was seen, if the user is looking."""
        row = self._feed.row
        if row is None or not self._looking():
            return
        if (self.seen > row.read_seq or row.marked_unread) and self.seen > self._marked:
            self._marked = self.seen
            self._tasks.start(self._service.mark_read(row.id, self.seen), "标记已读")

    def fresh(self) -> int:
        """How many messages of others came after what was seen."""
        feed = self._feed
        own = sum(1 for row in feed.window.rows if row.seq > self.seen and row.sender_id == feed.me)
        return max(0, feed.newest_seq - self.seen - own)
