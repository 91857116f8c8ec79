"""Keeps the conversation list's model as the store is: reads what a change names, many changes at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.tasks import Tasks
from app.store.changes import Change

from .list_model import ConversationListModel
from .service import ChatReads
from .times import until_midnight_ms

GATHER_MS = 16
"""Changes of one frame are read together."""
RELEVANT = frozenset({"messages", "conversations", "members", "settings", "drafts", "*"})


class ListFeed(QObject):
    """Signals: `loaded` once after the first read; `unread_changed(count)`."""

    loaded = Signal()
    unread_changed = Signal(int)

    def __init__(
        self, reads: ChatReads, model: ConversationListModel, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reads = reads
        self._model = model
        self._tasks = tasks
        self._changed: set[str] = set()
        self._everything = True
        self._busy = False
        self._first = True
        self._unread = -1
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._read)
        self._midnight = QTimer(self)
        self._midnight.setSingleShot(True)
        self._midnight.timeout.connect(self._new_day)
        self._subscription = reads.listen(self._heard)
        # A window that goes without a word must not be told of changes any more.
        self.destroyed.connect(self._subscription.close)

    @property
    def has_loaded(self) -> bool:
        """Whether the list was read at least once."""
        return not self._first

    def start(self) -> None:
        """Read the list for the first time."""
        self._read()
        self._midnight.start(until_midnight_ms(self._reads.now_ms()))

    def close(self) -> None:
        """Stop listening."""
        self._subscription.close()
        self._timer.stop()
        self._midnight.stop()

    def _heard(self, change: Change) -> None:
        if change.table == "people" or change.table == "*":
            # A name may stand in any title.
            self._everything = True
        elif change.table not in RELEVANT:
            return
        elif change.conversation_id:
            self._changed.add(change.conversation_id)
        else:
            self._everything = True
        if not self._timer.isActive():
            self._timer.start()

    def _read(self) -> None:
        if self._busy:
            return
        self._busy = True
        if self._tasks.start(self._refresh(), "读取会话列表") is None:
            self._busy = False

    async def _refresh(self) -> None:
        try:
            while self._everything or self._changed:
                ids, everything = sorted(self._changed), self._everything
                self._changed, self._everything = set(), False
                if everything:
                    self._model.replace_all(await self._reads.overview())
                else:
                    self._model.update_rows(ids, await self._reads.overview(ids))
        finally:
            self._busy = False
        if self._model.unread != self._unread:
            self._unread = self._model.unread
            self.unread_changed.emit(self._unread)
        if self._first:
            self._first = False
            self.loaded.emit()

    def _new_day(self) -> None:
        self._model.refresh_times()
        self._midnight.start(until_midnight_ms(self._reads.now_ms()))
