"""Publishing a plan from the meeting page: a meeting first, names joined with the directory, who is told (3.1.6.4.4)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from PySide6.QtWidgets import QWidget

from app.session.states import NetworkError
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.edits.seating import Publish
from server_stub.contract.meetings import MeetingChange, Recipients
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

from .facts_desk import FactsDesk
from .matching import match, unmatched
from .pickers import OrgPickers
from .publish_dialog import PublishDialog
from .server_service import Sent, ServerPlans

_PROGRESS_S = 0.4


class Host(Protocol):
    """The page, as far as publishing needs it."""

    tasks: Tasks
    editor: SeatEditor | None

    def window(self) -> QWidget:
        """Dialogs stand over it."""
        ...

    async def save(self, editor: SeatEditor) -> None:
        """Save the editor's plan and wait for the disk."""
        ...

    async def upload(self, plan: str, editor: SeatEditor) -> Sent:
        """Bring the saved plan to the server."""
        ...

    def drop_editor(self) -> None:
        """Take the editor away; its plan is saved."""
        ...

    async def open_now(self, plan: str) -> None:
        """Open a plan."""
        ...


class PublishDesk:
    """What the page does until a plan is published."""

    def __init__(
        self,
        page: Host,
        server: ServerPlans,
        themes: ThemeManager,
        pickers: OrgPickers,
        facts: FactsDesk,
    ) -> None:
        self._page, self._server, self._themes = page, server, themes
        self._pickers, self._facts = pickers, facts
        self._asked_match: set[str] = set()

    async def ask(self, plan: str, editor: SeatEditor) -> None:
        """Publish after the questions: a meeting first, names joined with the directory, who is told."""
        if not self._server.is_meeting(plan):
            self._ask_adopt(plan, editor)
            return
        open_names = unmatched(editor.editing.document)
        if open_names and plan not in self._asked_match:
            self._ask_match(plan, editor, len(open_names))
            return
        await self._page.save(editor)
        outcome = await self._page.upload(plan, editor)
        if outcome is Sent.OFFLINE:
            editor.toasts.show("当前没有网络，座位图已保存在本机，联网后再发布。", "warn")
        if outcome in (Sent.OFFLINE, Sent.CONFLICT):
            return
        found = await self._server.recipients(plan)

        def done(removed: list[str], everyone: bool, sms: bool) -> None:
            self._page.tasks.start(
                self.publish(plan, editor, found, removed, everyone=everyone, sms=sms), "发布座位图"
            )

        PublishDialog(self._themes, found, done, self._page.window()).open()

    def _ask_match(self, plan: str, editor: SeatEditor, count: int) -> None:
        """Names from a spreadsheet are joined with the directory before they are published, if the clerk likes."""
        text = f"有 {count} 人还没有与通讯录对应，他们收不到聊天消息，也看不到座位图。现在按姓名、单位和手机号对应吗？可撤销。"
        dialog = ConfirmDialog(
            self._themes, "与通讯录对应", text, "对应后发布", "直接发布", parent=self._page.window()
        )

        async def work(wanted: bool) -> None:
            self._asked_match.add(plan)
            if wanted:
                await self.match(editor)
            await self.ask(plan, editor)

        def start(wanted: bool) -> None:
            self._page.tasks.start(work(wanted), "发布座位图")

        # Escape and the window's cross publish nothing, and the next time asks again.
        dialog.refuse_button.clicked.connect(lambda _checked=False: start(False))
        dialog.accepted.connect(lambda: start(True))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def match(self, editor: SeatEditor) -> None:
        """Join open names with people of the directory, as one step."""
        found = await match(self._pickers.source, editor.editing.document)
        if found.edit is not None:
            editor.editing.close_merge()
            editor.editing.run(found.edit)
        editor.toasts.show(found.words(), "ok" if found.count else "warn")

    def _ask_adopt(self, plan: str, editor: SeatEditor) -> None:
        """A plan of this machine becomes a meeting on the server first."""

        async def save(change: MeetingChange) -> None:
            await self._page.save(editor)
            meeting = await self._server.adopt(plan, change)
            self._page.drop_editor()
            await self._page.open_now(meeting)
            if self._page.editor is not None:
                await self.ask(meeting, self._page.editor)

        self._facts.form(
            lambda change, _kind: self._facts.book(change, save, "建立会议"),
            title=editor.editing.document.meeting.title,
            with_plan=True,
        )

    async def publish(
        self,
        plan: str,
        editor: SeatEditor,
        found: Recipients,
        removed: list[str],
        *,
        everyone: bool = False,
        sms: bool = True,
    ) -> None:
        """Publish the plan as it stands; the file records it, and a failure leaves it unpublished."""
        gone = set(removed)
        told = [
            one.attendee_id
            for one in found.recipients
            if one.channel == "chat" and one.attendee_id not in gone
        ]
        editor.editing.close_merge()
        editor.editing.run(Publish(datetime.now().isoformat(timespec="seconds"), told))
        try:
            await self._page.save(editor)
            meeting = self._server.meeting(plan)
            if await self._server.upload(plan) in (Sent.OFFLINE, Sent.CONFLICT):
                raise NetworkError
            meeting = self._server.meeting(plan)
            version = meeting.plan_version if meeting is not None else 0
            done = await self._server.publish(plan, version, removed, everyone=everyone, sms=sms)
        except BaseException:
            editor.editing.undo()
            raise
        editor.bar.refresh()
        parts = [f"{done.chat} 人收到聊天消息"] + ([f"{done.sms} 人收到短信"] if done.sms else [])
        editor.toasts.show(f"第 {done.number} 版已发布：" + "，".join(parts), "ok")
        self._server.remember(await self._server.calls.meeting(plan))
        while done.waiting:
            await asyncio.sleep(_PROGRESS_S)
            done = await self._server.calls.publication(plan)
        if done.failed and self._page.editor is editor:
            editor.toasts.show(f"{done.failed} 人的消息没有送达，可再次发布重试。", "warn")
