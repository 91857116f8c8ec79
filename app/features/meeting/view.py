"""The meeting page: the list of seating plans, and the editor over the chosen one (3.1.6)."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListView, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.shell.tasks import Tasks
from meeting_seat_designer.editor.directory import Directory
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.editor.keeping import Opened
from meeting_seat_designer.engine.errors import FormatError, SeatingError
from widgets.controls import (
    ConfirmDialog,
    EmptyState,
    IconButton,
    SearchField,
    Skeleton,
    ToastHost,
    button,
    label,
)
from widgets.theme import ThemeManager

from .model import PlanListModel
from .plan_rows import NewPlanDialog, PlanRows
from .service import MeetingService, PlanEntry


class MeetingPage(QStackedWidget):
    """The list, and above it one open editor at a time. `directory`: the host's pickers of people and units."""

    def __init__(
        self,
        service: MeetingService,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        directory: Directory | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._themes, self._directory = service, themes, directory
        self.tasks = Tasks(self._failed)
        self.editor: SeatEditor | None = None
        self.plan = ""
        """The plan that is open."""
        self._leaving: asyncio.Task[Any] | None = None
        self.model = PlanListModel()
        self.toasts = ToastHost(themes, self)
        self._build()
        self._away: set[SeatEditor] = set()
        """Editors that were left and whose files are being saved."""
        self._first = self.tasks.start(self.reload(), "读取会议")

    def _build(self) -> None:
        themes, space = self._themes, self._themes.theme.space
        page = QWidget()
        page.setProperty("surface", "canvas")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchField(themes, "搜索会议或会场", "Ctrl+F")
        self.search.setMaximumWidth(themes.theme.sizes.list)
        self.search.query_changed.connect(self._filter)
        self.new = button("新建排座方案", "primary")
        self.new.clicked.connect(self.ask_new)
        self.reload_button = IconButton(themes, "refresh", "刷新")
        self.reload_button.clicked.connect(lambda: self.tasks.start(self.reload(), "读取会议"))
        head = QHBoxLayout()
        head.addWidget(label("会议排座", "headline", "strong"))
        head.addStretch(1)
        head.addWidget(self.search)
        head.addWidget(self.reload_button)
        head.addWidget(self.new)
        self.list = QListView()
        self.list.setModel(self.model)
        self._rows = PlanRows(themes)
        self.list.setItemDelegate(self._rows)
        self.list.setProperty("plain", True)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("排座方案")
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.activated.connect(lambda index: self.open_plan(self.model.at(index).id))
        self.list.clicked.connect(lambda index: self.open_plan(self.model.at(index).id))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.empty = EmptyState(themes, "chair", *MeetingPage._nothing(self))
        self.empty.acted.connect(self.ask_new)
        self.loading = Skeleton(themes)
        self.body = QStackedWidget()
        for one in (self.loading, self.list, self.empty):
            self.body.addWidget(one)
        self.column = column = QVBoxLayout(page)
        column.setContentsMargins(space.xxl, space.xl, space.xxl, space.l)
        column.setSpacing(space.l)
        column.addLayout(head)
        column.addWidget(self.body, 1)
        self.addWidget(page)

    async def reload(self) -> None:
        """Read the list again."""
        self.model.set_entries(await self._service.plans())
        self._show()

    def _nothing(self) -> tuple[str, str, str]:
        """What the empty list says: title, what to do, the button."""
        return "还没有排座方案", "选一个会场模板新建，再导入参会名单，即可一键排座。", "新建排座方案"

    def _filter(self, text: str) -> None:
        self.model.filter(text)
        self._show()

    def _show(self) -> None:
        if self.model.rowCount():
            self.body.setCurrentWidget(self.list)
            return
        if self.model.total:
            self.empty.set_texts("没有找到", "换个会议名称或会场试试。")
        else:
            self.empty.set_texts(*self._nothing())
        self.body.setCurrentWidget(self.empty)

    # what the user does

    def ask_new(self) -> None:
        """Ask for title and room."""
        NewPlanDialog(self._themes, self.new_plan, self).open()

    def new_plan(self, title: str, room: str) -> None:
        """Make a plan and open it."""

        async def work() -> None:
            await self.open_now(await self._service.create(title, room))

        self.tasks.start(work(), "新建方案")

    def open_plan(self, plan: str) -> None:
        """Open a plan in the editor."""
        self.tasks.start(self.open_now(plan), "打开方案")

    def reopen(self, plan: str) -> None:
        """Go back to the plan that was open before the window was taken down."""

        async def work() -> None:
            if self._first is not None:
                await asyncio.wait({self._first})
            if self.editor is None:
                await self.open_now(plan)

        self.tasks.start(work(), "打开方案")

    async def open_now(self, plan: str) -> None:
        """Open a plan in the editor, and wait until it is there."""
        await self.leave()
        path, opened = await self._service.open(plan)
        editor = self._make_editor(plan, path, opened)
        self._opened(plan, editor)
        self.show_editor(plan, editor)

    async def leave(self) -> None:
        """Close the open editor, and wait until it is saved."""
        if self.editor is not None:
            self.back()
        if self._leaving is not None:
            await self._leaving

    def show_editor(self, plan: str, editor: SeatEditor) -> None:
        """Show an editor over the lists."""
        editor.back_asked.connect(self.back)
        self.editor, self.plan = editor, plan
        self.addWidget(editor)
        self.setCurrentWidget(editor)
        editor.view.setFocus()

    def _make_editor(self, plan: str, path: Any, opened: Opened) -> SeatEditor:
        """The editor over a plan's file."""
        return SeatEditor(
            opened.document,
            self._themes,
            path,
            recovered=opened.recovered,
            back=True,
            directory=self._directory,
        )

    def _opened(self, plan: str, editor: SeatEditor) -> None:
        """An editor is about to be shown."""

    async def _left(self, plan: str) -> None:
        """A plan was saved and its editor is gone."""

    async def save(self, editor: SeatEditor) -> None:
        """Save the editor's plan and wait for the disk. Raises FormatError where that failed."""
        keeper = editor.keeper
        if keeper is None or not keeper.unsaved:
            return
        wrong: list[str] = []
        keeper.failed.connect(wrong.append)
        editor.save()
        await idle(editor)
        keeper.failed.disconnect(wrong.append)
        if wrong:
            raise FormatError(wrong[0])

    def back(self) -> None:
        """Show the list at once; the editor's file is saved behind it."""
        editor, self.editor = self.editor, None
        plan, self.plan = self.plan, ""
        self.setCurrentIndex(0)
        if editor is not None:
            self._away.add(editor)
            self._leaving = self.tasks.start(self._put_away(editor, plan), "保存方案")

    async def _put_away(self, editor: SeatEditor, plan: str) -> None:
        if editor.keeper is not None and editor.keeper.unsaved:
            editor.keeper.failed.connect(lambda text: self.toasts.show(text, "bad"))
            editor.save()
        await idle(editor)
        self._remove_editor(editor)
        await self._left(plan)
        await self.reload()

    def _remove_editor(self, editor: SeatEditor) -> None:
        self._away.discard(editor)
        editor.close_down()
        self.removeWidget(editor)
        editor.deleteLater()

    def drop_editor(self) -> None:
        """Take the editor away; what is unsaved is saved."""
        editor, self.editor = self.editor, None
        if editor is not None:
            self._remove_editor(editor)

    def _menu(self, at) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            self.menu_for(self.model.at(index)).popup(self.list.viewport().mapToGlobal(at))

    def menu_for(self, entry: PlanEntry) -> QMenu:
        """The commands of one plan."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("打开", lambda: self.open_plan(entry.id))
        menu.addAction("复制一份", lambda: self.tasks.start(self._copy(entry.id), "复制方案"))
        menu.addAction("删除…", lambda: self.ask_remove(entry))
        return menu

    async def _copy(self, plan: str) -> None:
        await self._service.copy(plan)
        await self.reload()

    def ask_remove(self, entry: PlanEntry) -> None:
        """Ask before a plan is put away."""
        text = f"“{entry.title}”将从列表移除。文件会放入数据文件夹的 trash 中，需要时可找回。"
        dialog = ConfirmDialog(self._themes, "删除排座方案", text, "删除", danger=True, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.tasks.start(self._remove(entry.id), "删除方案"))
        dialog.open()

    async def _remove(self, plan: str) -> None:
        await self._service.remove(plan)
        await self.reload()

    def _failed(self, error: BaseException, doing: str) -> None:
        text = error.text if isinstance(error, SeatingError) else f"{doing}没有成功，请稍后重试"
        self.toasts.show(text, "bad")

    async def close_down(self) -> None:
        """Save and end; called before the window goes away."""
        self.drop_editor()
        for editor in list(self._away):
            # Left a moment ago: the file is whole before anything else happens to it.
            self._remove_editor(editor)
        await self.tasks.close()


async def idle(editor: SeatEditor) -> None:
    """Wait until the editor's background work is done."""
    work = editor.editing.work
    if not work.busy:
        return
    done = asyncio.Event()
    work.idle.connect(done.set)
    try:
        if work.busy:
            await done.wait()
    finally:
        work.idle.disconnect(done.set)
