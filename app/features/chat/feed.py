"""One open conversation as the store has it: the window of messages, people, members and transfers, kept current."""

from __future__ import annotations

from collections.abc import Coroutine
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.tasks import Tasks
from app.store.changes import Change
from app.store.records import ConversationRow, MemberRow, MessageRow, TransferRow
from server_stub.contract.content import SystemContent
from server_stub.contract.directory import Person

from .receipts import Receipts
from .service import ChatReads
from .window import MessageWindow

PAGE = 60
GATHER_MS = 16
MOST_REACTORS = 40
"""People whose names are shown at one emoji."""


class Why(Enum):
    """What kind of change the view is told of, so that it keeps the right place."""

    OPENED = "opened"
    """Begin anew: at the bottom, or at the first unread message."""
    JUMPED = "jumped"
    """Begin anew around `target`."""
    OLDER = "older"
    """Rows came on top: keep what is in view where it is."""
    NEWER = "newer"
    """Rows came below while the bottom was not loaded."""
    LIVE = "live"
    """Messages arrived, changed or went: stay at the bottom if there."""
    DETAILS = "details"
    """Names, marks or progress changed; no row came or went."""


class ConversationFeed(QObject):
    """Signals: `changed(Why)`; `head_changed()` when title, announcement or the own rights changed."""

    changed = Signal(object)
    head_changed = Signal()

    def __init__(
        self, reads: ChatReads, conversation_id: str, tasks: Tasks, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.conversation_id = conversation_id
        self.window = MessageWindow()
        self.row: ConversationRow | None = None
        self.people: dict[str, Person] = {}
        self.members: list[MemberRow] = []
        self.transfers: dict[str, TransferRow] = {}
        self.receipts = Receipts([], "")
        self.unread_after = -1
        """The read cursor when the conversation was opened with unread messages; -1 when there were none."""
        self.target = 0
        self.opened = False
        self._reads = reads
        self._tasks = tasks
        self._subscription = None
        self._dirty: set[str] = set()
        self._dirty_ids: set[str] = set()
        self._all_messages = False
        self._busy = False
        self._paging = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def me(self) -> str:
        """Own person id."""
        return self._reads.me.id

    @property
    def first_visible(self) -> int:
        """The first seq that the user may see."""
        return self.row.first_seq if self.row else 1

    @property
    def newest_seq(self) -> int:
        """The newest seq that the store knows of."""
        return max(self.row.last_seq if self.row else 0, self.window.last_seq)

    @property
    def first_unread(self) -> int:
        """The first seq after the read cursor that the user may see; 0 when nothing was unread."""
        return max(self.unread_after + 1, self.first_visible) if self.unread_after >= 0 else 0

    @property
    def holds_first_unread(self) -> bool:
        """Whether what comes before the first unread message is known: only then can a line stand between."""
        return self.window.at_top or self.window.first_seq <= self.first_unread

    def _many_unread(self) -> bool:
        """More than the newest page holds: the first of them would not be in view."""
        return self.unread_after >= 0 and self.newest_seq - self.first_unread >= PAGE - 1

    async def open(self, seq: int = 0) -> None:
        """Read what is to be seen first: around `seq`, else the first unread message, else the newest."""
        if self._subscription is None:
            self._subscription = self._reads.listen(self._heard)
        await self._read_head()
        if self.row is not None and self.row.unread and self.row.read_seq < self.row.last_seq:
            self.unread_after = self.row.read_seq
        await self._read_members()
        self.transfers = {row.file_id: row for row in await self._reads.transfers(self.conversation_id)}
        why = Why.OPENED
        if seq and await self._show_around(seq):
            why = Why.JUMPED
        elif not (self._many_unread() and await self._show_around(self.first_unread)):
            await self._show_newest()
        self.opened = True
        self.changed.emit(why)
        self.head_changed.emit()
        self._tasks.start(self._reads.refresh_members(self.conversation_id), "读取群成员", on_error=_ignore)

    def close(self) -> None:
        """Stop listening."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        self._timer.stop()

    # Pages.

    def load_older(self) -> None:
        """The view nears the top."""
        if not self._paging and self.opened and self.window.rows and not self.window.at_top:
            self._page(self._older())

    def load_newer(self) -> None:
        """The view nears the bottom of what is loaded."""
        if not self._paging and self.opened and not self.window.at_bottom:
            self._page(self._newer())

    def jump_to_newest(self) -> None:
        """Leave where the view is for the bottom."""
        self._tasks.start(self._to_newest(), "读取最新消息")

    def jump_to(self, seq: int) -> None:
        """Show message `seq` with its surroundings."""
        self._tasks.start(self._to(seq), "读取消息")

    def _page(self, work: Coroutine[Any, Any, None]) -> None:
        self._paging = True
        task = self._tasks.start(work, "读取消息")
        if task is None:
            self._paging = False
        else:
            task.add_done_callback(lambda _done: setattr(self, "_paging", False))

    async def _older(self) -> None:
        rows = await self._reads.before(self.conversation_id, self.window.first_seq, PAGE)
        if self.window.add_older(rows, self.first_visible):
            await self._read_people()
            self.changed.emit(Why.OLDER)

    async def _newer(self) -> None:
        rows = await self._reads.after(self.conversation_id, self.window.last_seq, PAGE)
        self.window.add_newer(rows, self.newest_seq)
        await self._read_people()
        self.changed.emit(Why.NEWER)

    async def _to_newest(self) -> None:
        await self._show_newest()
        self.changed.emit(Why.OPENED)

    async def _to(self, seq: int) -> None:
        if self.window.first_seq <= seq <= self.window.last_seq and self.window.rows:
            self.target = seq
        elif not await self._show_around(seq):
            return
        self.changed.emit(Why.JUMPED)

    async def _show_newest(self) -> None:
        rows = await self._reads.newest(self.conversation_id, PAGE)
        unsent = await self._reads.pending(self.conversation_id)
        self.window.show_newest(rows, unsent, self.first_visible)
        await self._read_people()

    async def _show_around(self, seq: int) -> bool:
        rows = await self._reads.around(self.conversation_id, seq, PAGE)
        newest = self.row.last_seq if self.row else 0
        if not self.window.show_around(rows, seq, newest, self.first_visible):
            return False
        self.window.unsent = await self._reads.pending(self.conversation_id)
        self.target = seq
        await self._read_people()
        return True

    # Changes.

    def _heard(self, change: Change) -> None:
        if change.table == "*":
            self._dirty |= {"messages", "conversations", "members", "transfers", "people"}
            self._all_messages = True
        elif change.conversation_id not in ("", self.conversation_id):
            return
        elif change.table == "messages":
            self._dirty.add("messages")
            self._dirty_ids |= change.keys
            self._all_messages |= not change.keys
        elif change.table in ("conversations", "settings", "members", "transfers", "people"):
            self._dirty.add(change.table)
        else:
            return
        if self.opened and not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        if not self._busy:
            self._busy = True
            if self._tasks.start(self._take_changes(), "读取消息") is None:
                self._busy = False

    async def _take_changes(self) -> None:
        try:
            while self._dirty:
                dirty, ids, everything = self._dirty, self._dirty_ids, self._all_messages
                self._dirty, self._dirty_ids, self._all_messages = set(), set(), False
                await self._take(dirty, sorted(ids), everything)
        finally:
            self._busy = False

    async def _take(self, dirty: set[str], ids: list[str], everything: bool) -> None:
        if dirty & {"conversations", "settings", "members", "messages"}:
            await self._read_head()
        if dirty & {"members", "people"}:
            await self._read_members()
        if "transfers" in dirty:
            self.transfers = {row.file_id: row for row in await self._reads.transfers(self.conversation_id)}
        live = "messages" in dirty
        if live and everything and self.window.at_bottom:
            await self._show_newest()
        elif live:
            rows = await self._reads.by_client_ids(self.conversation_id, ids)
            self.window.apply(ids, rows, self.first_visible)
        if live or "people" in dirty:
            await self._read_people(again="people" in dirty)
        self.changed.emit(Why.LIVE if live else Why.DETAILS)
        if dirty & {"conversations", "settings", "members", "people"}:
            self.head_changed.emit()

    async def _read_head(self) -> None:
        found = await self._reads.overview([self.conversation_id])
        self.row = found[0] if found else self.row

    async def _read_members(self) -> None:
        self.members = await self._reads.members(self.conversation_id)
        self.receipts = Receipts(self.members, self.me)

    async def _read_people(self, *, again: bool = False) -> None:
        wanted = {name for row in self.window.all() for name in _people_of(row)}
        if not again:
            wanted -= self.people.keys()
        if wanted:
            self.people.update(await self._reads.people(sorted(wanted)))

    def name(self, person_id: str) -> str:
        """The name to show: the nickname in this group first, then the name."""
        member = next((m for m in self.members if m.person_id == person_id and m.nickname), None)
        if member is not None:
            return member.nickname
        person = self.people.get(person_id)
        if person is not None:
            return person.name
        member = next((m for m in self.members if m.person_id == person_id), None)
        return member.name if member else "同事"


def _people_of(row: MessageRow) -> list[str]:
    ids = [row.sender_id, row.recalled_by]
    if isinstance(row.content, SystemContent):
        ids += row.content.people
    elif (quote := getattr(row.content, "quote", None)) is not None:
        ids.append(quote.sender_id)
    ids += [id for mark in row.reactions for id in mark.people[:MOST_REACTORS]]
    return [id for id in ids if id and id != "system"]


def _ignore(_error: BaseException, _doing: str) -> None:
    """Offline or no longer a member: what the store has is shown."""
