"""The meeting page of a signed-in account: meetings, rooms and own seats of the server around the editor (3.1.6)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.shell.problems import describe
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.editor.keeping import Opened
from meeting_seat_designer.engine.errors import SeatingError
from server_stub.contract.meetings import MeetingChange, Room
from widgets.controls import FilterItem, FilterTabs
from widgets.theme import ThemeManager

from .check_in_desk import CheckInDesk
from .check_in_window import CheckInWindow
from .dialogs import ConflictDialog
from .facts_desk import FactsDesk
from .oa_dialog import OaDialog
from .pickers import OrgPickers
from .publish_desk import PublishDesk
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
        self._publishing = PublishDesk(self, service, themes, pickers, self._facts)
        self._checking = CheckInDesk(self, service, themes)
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

    @property
    def check_in(self) -> CheckInWindow | None:
        """The big screen while it is open."""
        return self._checking.window

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

    async def ask_titled(self, title: str) -> None:
        """Ask for a new meeting's facts with its name; who may not make meetings is asked for a plan of his own."""
        await self.reload()
        if self.editor is not None:
            self.back()
        self.choose("meetings")
        if self._server.rooms.clerk:
            self._facts.form(self.make_meeting, title=title)
        else:
            super().ask_new()

    def make_meeting(self, change: MeetingChange, kind: str) -> None:
        """Make a meeting and open its plan."""

        async def save(wanted: MeetingChange) -> None:
            plan = await self._server.create_meeting(wanted, kind)
            await self.open_now(plan)

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

    async def open_now(self, plan: str) -> None:
        room = self._room_desk.known(plan)
        if room is not None:
            await self._room_desk.show(room)
        else:
            await super().open_now(plan)

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
        editor.publish_asked.connect(
            lambda: self.tasks.start(self._publishing.ask(plan, editor), "发布座位图")
        )
        editor.check_in_asked.connect(
            lambda: self.tasks.start(self._checking.begin(plan, editor), "打开签到")
        )
        editor.bar.extras.append(
            ("与通讯录对应人员", lambda: self.tasks.start(self._publishing.match(editor), "与通讯录对应"))
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
            editor.keeper.saved.connect(lambda: self.tasks.start(self.upload(plan, editor), "同步到服务器"))

    # Bringing up, and conflicts.

    async def upload(self, plan: str, editor: SeatEditor) -> Sent:
        """Bring the saved plan to the server, and say how that ended."""
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
                self.drop_editor()
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
        await self._checking.close_down()
        await super().close_down()
