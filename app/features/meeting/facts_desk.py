"""A meeting's name, time and place in the meeting page: asked for, checked against others, told, cancelled, restored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from msgspec import structs
from PySide6.QtWidgets import QWidget

from app.session.states import NetworkError
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.edits.layouts import SetMeeting
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import Meeting, MeetingChange, Room
from widgets.controls import ConfirmDialog, ToastHost
from widgets.theme import ThemeManager

from .announce import AnnounceDialog, TakenDialog
from .dialogs import MeetingForm
from .pickers import OrgPickers
from .server_service import ServerPlans, bookings, change_of, minute

Saving = Callable[[MeetingChange], Awaitable[object]]


class Host(Protocol):
    """The page, as far as a meeting's facts need it."""

    tasks: Tasks
    toasts: ToastHost
    editor: SeatEditor | None

    def window(self) -> QWidget:
        """Dialogs stand over it."""
        ...

    async def reload(self) -> Any:
        """Read the lists again."""
        ...

    def open_plan(self, plan: str) -> None:
        """Open a meeting's plan."""
        ...


class FactsDesk:
    """`unit`: id and name for new meetings."""

    def __init__(
        self,
        page: Host,
        server: ServerPlans,
        themes: ThemeManager,
        pickers: OrgPickers,
        unit: tuple[str, str],
    ) -> None:
        self._page, self._server = page, server
        self._themes, self._pickers, self._unit = themes, pickers, unit
        self._asked: dict[str, tuple[int, int, str]] = {}
        """The facts that telling was asked about: not twice."""

    def form(
        self,
        done: Callable[[MeetingChange, str], object],
        *,
        meeting: Meeting | None = None,
        room: Room | None = None,
        title: str = "",
        with_plan: bool = False,
    ) -> None:
        """Ask for a meeting's facts."""
        MeetingForm(
            self._themes,
            self._pickers,
            self._server.rooms.rooms,
            (room.unit_id, room.unit_name) if room is not None else self._unit,
            done,
            self._page.window(),
            meeting=meeting,
            room=room,
            title=title,
            with_plan=with_plan,
        ).open()

    def book(self, change: MeetingChange, save: Saving, doing: str) -> None:
        """Save a meeting's facts; a room that another meeting has at that time is asked about first."""
        self._page.tasks.start(self._book(change, save, doing), doing)

    async def _book(self, change: MeetingChange, save: Saving, doing: str) -> None:
        try:
            await save(change)
        except ApiError as error:
            if error.code is not ErrorCode.CONFLICT or error.detail != "room":
                raise
            self._ask_taken(error.message, change, save, doing)

    def _ask_taken(self, words: str, change: MeetingChange, save: Saving, doing: str) -> None:
        def use(reason: str) -> None:
            self.book(structs.replace(change, override=reason), save, doing)

        TakenDialog(self._themes, words, use, self._page.window()).open()

    def ask(self, plan: str, editor: SeatEditor) -> None:
        """Ask for the facts of the open meeting."""
        meeting = self._server.meeting(plan)
        if meeting is None:
            editor.toasts.show("连接恢复后才能修改会议信息。", "warn")
            return

        async def save(change: MeetingChange) -> None:
            saved = await self._server.calls.save_meeting(plan, change)
            self._server.remember(saved)
            editor.editing.run(
                SetMeeting(
                    title=saved.title,
                    start=minute(saved.starts_at),
                    end=minute(saved.ends_at),
                    place=saved.place or saved.room_name,
                    organiser=saved.organiser,
                ),
                "会议信息已修改",
            )
            await self.warn_overlaps(plan, editor)
            await self.settle(plan)

        self.form(lambda change, _kind: self.book(change, save, "修改会议信息"), meeting=meeting)

    async def warn_overlaps(self, plan: str, editor: SeatEditor) -> None:
        """People and rooms booked twice stand among the plan's warnings."""
        document = editor.editing.document
        try:
            document.bookings = bookings(await self._server.calls.overlaps(plan), document.room.id)
        except (NetworkError, ApiError):
            return
        editor.editing.check()

    # What follows from a change of time or place.

    async def settle(self, plan: str) -> None:
        """After a change was saved: a room that was refused is asked about, and what attendees do not know is told."""
        refused = self._server.refused.pop(plan, None)
        if refused is not None:
            change, words = refused

            async def save(wanted: MeetingChange) -> None:
                self._server.remember(await self._server.calls.save_meeting(plan, wanted))
                await self.settle(plan)

            self._ask_taken(words, change, save, "修改会议信息")
            return
        meeting = self._server.meeting(plan)
        if meeting is None or not meeting.untold:
            return
        facts = (meeting.starts_at, meeting.ends_at, meeting.place or meeting.room_name)
        if self._asked.get(plan) != facts:
            self._asked[plan] = facts
            await self.ask_announce(plan)

    async def ask_announce(self, plan: str) -> None:
        """Say who would be told of the changed time or place, and tell them when the clerk agrees."""
        meeting = await self._server.calls.meeting(plan)
        self._server.remember(meeting)
        found = await self._server.recipients(plan)
        if not meeting.untold:
            return

        def tell(sms: bool) -> None:
            self._page.tasks.start(self._tell(plan, sms=sms), "通知会议变更")

        AnnounceDialog(self._themes, meeting, found, tell, self._page.window()).open()

    async def _tell(self, plan: str, *, sms: bool) -> None:
        done = await self._server.calls.announce(plan, sms=sms)
        self._server.remember(await self._server.calls.meeting(plan))
        parts = [f"{done.chat} 人收到聊天消息"] + ([f"{done.sms} 人收到短信"] if done.sms else [])
        host = self._page.editor.toasts if self._page.editor is not None else self._page.toasts
        host.show("变更已通知：" + "，".join(parts), "ok")
        if self._page.editor is None:
            await self._page.reload()

    # Cancelling.

    def ask_cancel(self, meeting: Meeting) -> None:
        """A meeting is cancelled for everybody, after a question that says who hears of it."""
        self._page.tasks.start(self._ask_cancel(meeting), "取消会议")

    async def _ask_cancel(self, meeting: Meeting) -> None:
        text = f"“{meeting.title}”将取消，签到随之关闭。"
        if meeting.published:
            told = [one for one in (await self._server.recipients(meeting.id)).recipients if one.told]
            reached = sum(one.channel != "paper" for one in told)
            text += f"已知道座位的 {reached} 人会收到取消通知，座位图显示为已取消。"
            if len(told) > reached:
                text += f"另有 {len(told) - reached} 人需纸质通知。"
        text += "会议开始前可以恢复。"
        dialog = ConfirmDialog(
            self._themes, "取消会议", text, "取消会议", "保留", danger=True, parent=self._page.window()
        )

        async def work() -> None:
            await self._server.remove(meeting.id)
            await self._page.reload()

        dialog.accepted.connect(lambda: self._page.tasks.start(work(), "取消会议"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_restore(self, meeting: Meeting) -> None:
        """A cancelled meeting takes place after all."""
        text = f"“{meeting.title}”已取消。恢复后座位图保留；再次发布时，所有参会人员重新收到座位通知。"
        dialog = ConfirmDialog(
            self._themes, "会议已取消", text, "恢复会议", "关闭", parent=self._page.window()
        )

        async def save(change: MeetingChange) -> None:
            self._server.remember(await self._server.calls.save_meeting(meeting.id, change))
            await self._page.reload()
            self._page.toasts.show(f"“{meeting.title}”已恢复，发布座位图后通知参会人员", "ok")

        change = structs.replace(change_of(meeting), cancelled=False)
        dialog.accepted.connect(lambda: self.book(change, save, "恢复会议"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
