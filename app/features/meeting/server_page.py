"""The meeting page of a signed-in account: meetings, rooms and own seats of the server around the editor (3.1.6)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.session.states import NetworkError
from app.shell.problems import describe
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.editor.keeping import Opened
from meeting_seat_designer.engine.edits.seating import FillAbsences, Publish
from meeting_seat_designer.engine.errors import SeatingError
from server_stub.contract.meetings import MeetingChange, Recipients, Room
from widgets.controls import ConfirmDialog, FilterItem, FilterTabs
from widgets.theme import ThemeManager

from .check_in_window import CheckInWindow
from .dialogs import ConflictDialog
from .facts_desk import FactsDesk
from .matching import match, unmatched
from .oa_dialog import OaDialog
from .pickers import OrgPickers
from .publish_dialog import PublishDialog
from .room_desk import RoomDesk
from .rooms_view import RoomsView
from .seats_view import SeatsView
from .server_service import Sent, ServerPlans
from .service import PlanEntry
from .versions import VersionsDialog
from .view import MeetingPage

_PROGRESS_S = 0.4


class ServerMeetingPage(MeetingPage):
    """Adds to the plans of this machine what the server has. `unit`: id and name of the user's own unit, for new things."""

    def __init__(
        self,
        service: ServerPlans,
        themes: ThemeManager,
        pickers: OrgPickers,
        unit: tuple[str, str],
        rooms_folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        self._server = service
        self._pickers = pickers
        self._unit = unit
        self._facts = FactsDesk(self, service, themes, pickers, unit)
        self._room_desk = RoomDesk(self, service, themes, pickers, unit, rooms_folder)
        self.check_in: CheckInWindow | None = None
        self._asked_match: set[str] = set()
        self._asking: set[str] = set()
        super().__init__(service, themes, parent, directory=pickers)
        self._connected = service.on_connected(self._again)

    def _build(self) -> None:
        super()._build()
        themes, space = self._themes, self._themes.theme.space
        self.tabs = FilterTabs(
            themes,
            [FilterItem("meetings", "会议"), FilterItem("rooms", "会议室"), FilterItem("seats", "我的座位")],
        )
        self.tabs.current_changed.connect(self.choose)
        self.rooms = RoomsView(themes)
        self.rooms.open_wanted.connect(self._room_desk.open)
        self.rooms.meeting_wanted.connect(self.ask_meeting)
        self.rooms.versions_wanted.connect(self._room_desk.ask_versions)
        self.rooms.remove_wanted.connect(self._room_desk.ask_remove)
        self.rooms.new_wanted.connect(self._room_desk.ask)
        self.seats = SeatsView(
            self._server,
            themes,
            self.tasks,
            self.toasts.show,  # type: ignore[arg-type]
        )
        self.body.addWidget(self.rooms)
        self.body.addWidget(self.seats)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addWidget(self.tabs)
        self.column.insertLayout(1, row)

    def _again(self) -> None:
        self.tasks.start(self.reload(), "读取会议")

    # The three lists.

    def choose(self, key: str) -> None:
        """Show meetings, rooms or seats."""
        self.tabs.set_current(key)
        texts = {"meetings": "新建会议", "rooms": "新建会议室", "seats": ""}
        clerk = self._server.rooms.clerk
        self.new.setText(texts[key] if clerk else "新建排座方案")
        self.new.setVisible(bool(texts[key]) and (clerk or key == "meetings"))
        self._show()

    async def reload(self) -> None:
        """Read everything again; what was done offline is brought up on the way."""
        entries = await self._server.plans()
        waiting = [one for one in entries if one.sync == "waiting" and one.id != self.plan]
        if waiting and not self._server.offline:
            await self._server.upload_waiting(waiting)
            entries = await self._server.plans()
        if not self._server.offline:
            await self._room_desk.send_waiting()
        self.model.set_entries(entries)
        self.rooms.put(self._server.rooms)
        self.choose(self.tabs.current or "meetings")
        if not self._server.offline:
            await self.seats.reload()
            self._show()

    def _nothing(self) -> tuple[str, str, str]:
        if not self._server.rooms.clerk:
            return super()._nothing()
        return "还没有会议", "新建会议、选会议室，再导入参会名单，即可一键排座。", "新建会议"

    def _filter(self, text: str) -> None:
        self.rooms.filter(text)
        self.seats.filter(text)
        super()._filter(text)

    def _show(self) -> None:
        key = self.tabs.current
        if key == "rooms":
            self.body.setCurrentWidget(self.rooms)
        elif key == "seats":
            self.body.setCurrentWidget(self.seats)
        else:
            super()._show()

    def open_seat(self, meeting_id: str) -> None:
        """Show the published plan of a meeting with the own seat (a seat notice was opened)."""
        if self.editor is not None:
            self.back()
        self.choose("seats")
        self.seats.open_meeting(meeting_id)

    # Meetings.

    def ask_new(self) -> None:
        """Ask for whatever the chosen list holds."""
        if not self._server.rooms.clerk:
            super().ask_new()
        elif self.tabs.current == "rooms":
            self._room_desk.ask()
        else:
            self.ask_meeting()

    def ask_meeting(self, room: Room | None = None) -> None:
        """Ask for a new meeting's facts."""
        self._facts.form(self.make_meeting, room=room)

    def make_meeting(self, change: MeetingChange, kind: str) -> None:
        """Make a meeting and open its plan."""

        async def save(wanted: MeetingChange) -> None:
            plan = await self._server.create_meeting(wanted, kind)
            await self._open(plan)

        self._facts.book(change, save, "新建会议")

    def open_plan(self, plan: str) -> None:
        """Open a plan; one in conflict asks first."""
        entry = next((one for one in self.model.all() if one.id == plan), None)
        if entry is not None and entry.sync == "conflict":
            self.tasks.start(self._ask_conflict(plan), "打开方案")
            return
        if entry is not None and entry.meeting is not None and entry.meeting.cancelled:
            self._facts.ask_restore(entry.meeting)
            return
        super().open_plan(plan)

    async def _open(self, plan: str) -> None:
        room = self._room_desk.known(plan)
        if room is not None:
            await self._room_desk.show(room)
        else:
            await super()._open(plan)

    def _make_editor(self, plan: str, path: Path, opened: Opened) -> SeatEditor:
        clerk = self._server.can_publish
        return SeatEditor(
            opened.document,
            self._themes,
            path,
            recovered=opened.recovered,
            back=True,
            publish=clerk,
            check_in=clerk and self._server.is_meeting(plan),
            directory=self._directory,
        )

    def _opened(self, plan: str, editor: SeatEditor) -> None:
        editor.publish_asked.connect(lambda: self.tasks.start(self._ask_publish(plan, editor), "发布座位图"))
        editor.check_in_asked.connect(lambda: self.tasks.start(self._check_in(plan, editor), "打开签到"))
        editor.bar.extras.append(
            ("与通讯录对应人员", lambda: self.tasks.start(self.match(editor), "与通讯录对应"))
        )
        editor.bar.extras.append(
            ("从 OA 同步参会人员…", lambda: self.tasks.start(self._oa(plan, editor), "OA 同步"))
        )
        if not self._server.is_meeting(plan):
            return
        editor.bar.extras.append(("历史版本…", lambda: self.tasks.start(self._versions(plan), "历史版本")))
        # The server keeps time and room: the form that knows both takes the place of the editor's own.
        editor.bar.meeting_asked.disconnect(editor.dialogs.meeting)
        editor.bar.meeting_asked.connect(lambda: self._facts.ask(plan, editor))
        if editor.keeper is not None:
            editor.keeper.saved.connect(lambda: self.tasks.start(self._upload(plan, editor), "同步到服务器"))

    # Bringing up, and conflicts.

    async def _upload(self, plan: str, editor: SeatEditor) -> Sent:
        outcome = await self._server.upload(plan)
        if self.editor is editor:
            words = {
                Sent.SAVED: "已保存到服务器",
                Sent.NOTHING: "已保存",
                Sent.OFFLINE: "已保存在本机，联网后同步",
                Sent.CONFLICT: "与他人的修改冲突",
            }
            editor.bar.say_kept(words[outcome])
            if outcome is Sent.SAVED:
                await self._facts.warn_overlaps(plan, editor)
                await self._facts.settle(plan)
            elif outcome is Sent.CONFLICT:
                await self._ask_conflict(plan)
        return outcome

    async def _left(self, plan: str) -> None:
        if self._room_desk.is_open(plan):
            await self._room_desk.left(plan)
            return
        if self.check_in is not None:
            await self.check_in.close_down()
        if await self._server.upload(plan) is Sent.CONFLICT:
            await self._ask_conflict(plan)
        else:
            await self._facts.settle(plan)

    async def _ask_conflict(self, plan: str) -> None:
        if plan in self._asking:
            return
        self._asking.add(plan)
        try:
            meeting = await self._server.whose(plan)
        except BaseException:
            self._asking.discard(plan)
            raise

        def mine() -> None:
            self.tasks.start(self._settle(plan, mine=True), "同步到服务器")

        def theirs() -> None:
            self.tasks.start(self._settle(plan, mine=False), "同步到服务器")

        dialog = ConflictDialog(self._themes, ConflictDialog.plan_words(meeting), mine, theirs, self.window())
        dialog.finished.connect(lambda _result: self._asking.discard(plan))
        dialog.open()

    async def _settle(self, plan: str, *, mine: bool) -> None:
        if mine:
            await self._server.keep_mine(plan)
            self.toasts.show("已以您的修改为准，对方的版本在历史版本中", "ok")
            if self.editor is not None and self.plan == plan:
                self.editor.bar.say_kept("已保存到服务器")
        else:
            if self.editor is not None and self.plan == plan:
                await self.save(self.editor)
                self._drop_editor()
                self.setCurrentIndex(0)
            await self._server.take_theirs(plan)
            self.toasts.show("已改用服务器上的版本，您的修改另存为一份方案", "ok")
        await self.reload()

    async def _versions(self, plan: str) -> None:
        found = await self._server.calls.versions(plan)

        def take(version: int) -> None:
            async def work() -> None:
                await self._server.copy_version(plan, version)
                self.toasts.show(f"第 {version} 版已另存为一份方案，可在会议列表中打开", "ok")

            self.tasks.start(work(), "取出历史版本")

        VersionsDialog(self._themes, found, take, self.window()).open()

    # Publishing.

    async def _ask_publish(self, plan: str, editor: SeatEditor) -> None:
        if not self._server.is_meeting(plan):
            self._ask_adopt(plan, editor)
            return
        open_names = unmatched(editor.editing.document)
        if open_names and plan not in self._asked_match:
            self._ask_match(plan, editor, len(open_names))
            return
        await self.save(editor)
        outcome = await self._upload(plan, editor)
        if outcome is Sent.OFFLINE:
            editor.toasts.show("当前没有网络，座位图已保存在本机，联网后再发布。", "warn")
        if outcome in (Sent.OFFLINE, Sent.CONFLICT):
            return
        found = await self._server.recipients(plan)

        def done(removed: list[str], everyone: bool, sms: bool) -> None:
            self.tasks.start(
                self.publish(plan, editor, found, removed, everyone=everyone, sms=sms), "发布座位图"
            )

        PublishDialog(self._themes, found, done, self.window()).open()

    def _ask_match(self, plan: str, editor: SeatEditor, count: int) -> None:
        """Names from a spreadsheet are joined with the directory before they are published, if the clerk likes."""
        self._asked_match.add(plan)
        text = f"有 {count} 人还没有与通讯录对应，他们收不到聊天消息，也看不到座位图。现在按姓名、单位和手机号对应吗？可撤销。"
        dialog = ConfirmDialog(
            self._themes, "与通讯录对应", text, "对应后发布", "直接发布", parent=self.window()
        )

        async def work(wanted: bool) -> None:
            if wanted:
                await self.match(editor)
            await self._ask_publish(plan, editor)

        dialog.finished.connect(
            lambda result: self.tasks.start(work(result == ConfirmDialog.DialogCode.Accepted), "发布座位图")
        )
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
            await self.save(editor)
            meeting = await self._server.adopt(plan, change)
            self._drop_editor()
            await self._open(meeting)
            if self.editor is not None:
                await self._ask_publish(meeting, self.editor)

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
            await self.save(editor)
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
        if done.failed and self.editor is editor:
            editor.toasts.show(f"{done.failed} 人的消息没有送达，可再次发布重试。", "warn")

    # Check-in.

    async def _check_in(self, plan: str, editor: SeatEditor) -> None:
        await self.save(editor)
        await self._server.upload(plan)
        self.open_check_in(plan, editor)

    def open_check_in(self, plan: str, editor: SeatEditor) -> None:
        """The big screen for a plan; one at a time."""
        if self.check_in is not None:
            self.check_in.raise_()
            self.check_in.activateWindow()
            return
        window = CheckInWindow(self._server, self._themes, plan, editor.editing.document)
        window.closed.connect(self._check_in_closed)
        window.absences_filled.connect(lambda absent: self._fill_absences(plan, editor, absent))
        if editor.keeper is not None:
            editor.keeper.kept.connect(window.refresh_from(lambda: editor.editing.document))
        window.resize(self.window().size())
        self.check_in = window
        window.show()

    def _check_in_closed(self) -> None:
        window, self.check_in = self.check_in, None
        if window is not None:
            self.tasks.start(window.tasks.close(), "关闭签到")

    def _fill_absences(self, plan: str, editor: SeatEditor, absent: list[str]) -> None:
        command = FillAbsences(absent)
        editor.editing.close_merge()
        if not editor.editing.run(command):
            return
        words = f"已递补 {len(absent)} 个缺席座位"
        if command.sides:
            words += f"，{len(command.sides)} 人换边"
        if self.check_in is not None:
            self.check_in.put(editor.editing.document)
            self.check_in.toasts.show(f"{words}。发布后只通知座位有变化的人。", "ok")

        async def work() -> None:
            await self.save(editor)
            await self._upload(plan, editor)

        self.tasks.start(work(), "保存递补")

    # OA.

    async def _oa(self, plan: str, editor: SeatEditor) -> None:
        address, token = await self._server.oa_access()
        meeting = self._server.meeting(plan)

        async def keep(address: str, token: str, number: str) -> None:
            await self._server.keep_oa_access(address, token)
            await self._server.set_oa_number(plan, number)

        def applied(seats_concerned: bool) -> None:
            if seats_concerned:
                editor.dialogs.arrange("least")

        known = (address, token, meeting.oa_id if meeting is not None else "")
        OaDialog(self._themes, editor.editing, known, keep, applied, self.window()).open()

    def ask_remove(self, entry: PlanEntry) -> None:
        """A meeting is cancelled for everybody; a plan of this machine is put away."""
        if entry.meeting is None:
            super().ask_remove(entry)
            return
        self._facts.ask_cancel(entry.meeting)

    def menu_for(self, entry: PlanEntry) -> QMenu:
        """The commands of one plan; what attendees were not told can be told from here."""
        menu = super().menu_for(entry)
        meeting = entry.meeting
        if meeting is None:
            return menu
        if meeting.cancelled:
            menu.clear()
            menu.addAction("恢复会议…", lambda: self._facts.ask_restore(meeting))
            return menu
        menu.actions()[-1].setText("取消会议…")
        if meeting.untold:
            tell = menu.addAction("通知时间地点变更…")
            tell.triggered.connect(
                lambda: self.tasks.start(self._facts.ask_announce(meeting.id), "通知会议变更")
            )
            menu.insertAction(menu.actions()[0], tell)
        return menu

    def _failed(self, error: BaseException, doing: str) -> None:
        text = error.text if isinstance(error, SeatingError) else describe(error, doing).text
        host = self.editor.toasts if self.editor is not None else self.toasts
        host.show(text, "bad")

    async def close_down(self) -> None:
        """Save and end; called before the window goes away."""
        self._connected.close()
        if self.check_in is not None:
            window, self.check_in = self.check_in, None
            await window.close_down()
        await super().close_down()
