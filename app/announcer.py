"""Turns messages that arrive into notifications, and takes them away when they have been read (E162, E175, E176)."""

from __future__ import annotations

from collections.abc import Callable

from app.features.chat.session_service import SessionChat
from app.preferences import Preferences
from app.session.arrivals import Arrival
from app.session.session import Session
from app.shell.notifications import Note, NotificationCentre, Notifier
from app.shell.tasks import Tasks
from app.store.changes import Change

TRAY_TOLD = "tray_told"
PROGRAM = "program"
"""Target of notes that belong to no conversation."""


def note_of(arrival: Arrival) -> Note:
    """The words of a note: in a group, who wrote stands before the text."""
    group = arrival.conversation_title != arrival.sender_name
    text = f"{arrival.sender_name}：{arrival.text}" if group and arrival.sender_name else arrival.text
    if arrival.mentioned:
        text = f"[有人@我] {text}"
    elif arrival.special:
        text = f"[特别关注] {text}"
    return Note(
        arrival.message.conversation_id,
        arrival.conversation_title or "政钉",
        text,
        answerable=arrival.answerable,
    )


def _own(title: str, text: str) -> Note:
    """What the program itself says."""
    return Note(PROGRAM, title, text, answerable=False, private=False)


class Announcer:
    """Listens to the session from construction to `close`. `alert` makes the task bar's entry blink."""

    def __init__(
        self,
        session: Session,
        chat: SessionChat,
        tasks: Tasks,
        centres: list[NotificationCentre],
        *,
        preferences: Preferences,
        is_watched: Callable[[str], bool],
        alert: Callable[[], object],
    ) -> None:
        self._session = session
        self._chat = chat
        self._tasks = tasks
        self._is_watched = is_watched
        self._alert = alert
        self._shown: set[str] = set()
        self._notifier = Notifier(
            centres,
            enabled=lambda: preferences.values.notifications,
            with_text=lambda: preferences.values.notification_text,
            is_watched=is_watched,
        )
        self._subscriptions = [
            session.arrived.connect(self._arrived),
            session.store.changes.listen(self._changed),
        ]

    def _arrived(self, arrival: Arrival) -> None:
        self._tasks.start(self._tell(arrival), "显示通知", on_error=lambda _error, _doing: None)

    async def _tell(self, arrival: Arrival) -> None:
        note = note_of(arrival)
        told = await self._notifier.tell(
            note, muted=arrival.muted, mentioned=arrival.mentioned or arrival.special
        )
        if told:
            self._shown.add(note.target)
            self._alert()

    def _changed(self, change: Change) -> None:
        if change.conversation_id in self._shown and change.table in ("members", "conversations"):
            self._tasks.start(self._withdraw_read([change.conversation_id]), "收回通知")

    def looked(self) -> None:
        """The user went somewhere: what he looks at needs no note any more."""
        watched = [target for target in self._shown if self._is_watched(target)]
        if watched:
            self._tasks.start(self._withdraw(watched), "收回通知")

    async def _withdraw_read(self, ids: list[str]) -> None:
        rows = await self._chat.overview(ids)
        await self._withdraw([row.id for row in rows if not row.unread])

    async def _withdraw(self, ids: list[str]) -> None:
        for target in ids:
            if target in self._shown:
                self._shown.discard(target)
                await self._notifier.withdraw(target)

    async def tell_secret(self, line: str) -> None:
        """The line of a secret message: no name, no chat, no text; it goes when the user comes."""
        self._shown.add(PROGRAM)
        await self._notifier.tell(_own("政钉", line))
        self._alert()

    async def explain_tray(self) -> None:
        """Once per account: say that the program still runs in the tray."""
        from app.store.queries import preferences

        if await self._session.store.read(lambda db: preferences.get(db, TRAY_TOLD, False)):
            return
        await self._session.set_preference(TRAY_TOLD, True)
        await self._notifier.tell(_own("政钉仍在运行", "新消息会继续提醒；退出请右击托盘图标。"))

    async def close(self) -> None:
        """Stop, and take all notes away."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._notifier.close()
