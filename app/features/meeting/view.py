"""The meeting page: the list of seating plans, and the editor over the chosen one (3.1.6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.shell.tasks import Tasks
from meeting_seat_designer.editor.directory import Directory
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.templates import TEMPLATES
from widgets.controls import (
    ConfirmDialog,
    Dialog,
    EmptyState,
    IconButton,
    SearchField,
    Skeleton,
    ToastHost,
    button,
    label,
)
from widgets.controls.painted import round_rect
from widgets.theme import ThemeManager

from .model import PlanListModel
from .service import MeetingService, PlanEntry


class _Rows(QStyledItemDelegate):
    """Title and place at the left, how far the seating is at the right."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        theme = self._themes.theme
        return QSize(theme.sizes.list, theme.grow(theme.sizes.row) + theme.space.s)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._themes.theme
        entry: PlanEntry = index.data(PlanListModel.ENTRY)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        box = area.adjusted(0, theme.space.half, 0, -theme.space.half)
        ground = "raised"
        if state & QStyle.StateFlag.State_Selected:
            ground = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = "hover"
        round_rect(painter, box, theme.radius.card, theme.color(ground), theme.color("line"))
        inner = box.adjusted(theme.space.l, theme.space.s, -theme.space.l, -theme.space.s)
        side = theme.sizes.file_icon
        icon = QRectF(inner.left(), inner.center().y() - side / 2, side, side)
        round_rect(painter, icon, theme.radius.control, theme.color("brand_weak"))
        self._themes.icons.paint(painter, "chair", icon.adjusted(8, 8, -8, -8), "brand_text")
        words = inner.adjusted(side + theme.space.m, 0, 0, 0)
        high = words.height() / 2
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        top = QRectF(words.left(), words.top(), words.width(), high)
        low = top.translated(0, high)
        state_text, tone = _state(entry)
        painter.setFont(theme.font("secondary"))
        painter.setPen(theme.color(tone))
        painter.drawText(top, right, state_text)
        used = painter.fontMetrics().horizontalAdvance(state_text) + theme.space.l
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text_2"))
        changed = time.strftime("%m-%d %H:%M", time.localtime(entry.changed))
        painter.drawText(low, right, f"修改于 {changed}")
        about = " · ".join(part for part in (entry.place, entry.when.replace("T", " ")) if part)
        wide = int(low.width() - painter.fontMetrics().horizontalAdvance(f"修改于 {changed}") - theme.space.l)
        painter.drawText(
            low, left, painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, wide)
        )
        painter.setFont(theme.font("body", 600))
        painter.setPen(theme.color("text"))
        title = painter.fontMetrics().elidedText(
            entry.title, Qt.TextElideMode.ElideRight, int(top.width() - used)
        )
        painter.drawText(top, left, title)
        painter.restore()


def _state(entry: PlanEntry) -> tuple[str, str]:
    if entry.damaged:
        return "无法打开", "bad_text"
    if entry.unsaved:
        return "有未保存的修改", "warn_text"
    if entry.published:
        return f"已发布第 {entry.published} 版", "ok_text"
    if entry.people and entry.seated >= entry.people:
        return f"{entry.people} 人已排好", "text_2"
    return (f"已排 {entry.seated} / {entry.people} 人" if entry.people else "未导入名单"), "text_2"


class NewPlanDialog(Dialog):
    """Title and room of a new plan."""

    def __init__(self, themes: ThemeManager, done: Callable[[str, str], object], parent: QWidget) -> None:
        super().__init__(themes, "新建排座方案", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._done = done
        self.title = QLineEdit()
        self.title.setAccessibleName("会议名称")
        self.title.setPlaceholderText("如：全市安全生产工作会议")
        self.room = QComboBox()
        self.room.setAccessibleName("会场")
        for key, (text, _) in TEMPLATES.items():
            self.room.addItem(text, key)
        self.wrong = label("", "caption", "bad")
        form = QFormLayout()
        form.setSpacing(themes.theme.space.m)
        form.addRow(label("会议名称", "secondary", "weak"), self.title)
        form.addRow(label("会场", "secondary", "weak"), self.room)
        self.content.addLayout(form)
        self.content.addWidget(self.wrong)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("新建", "primary", default=True, slot=self.store)
        self.title.setFocus()

    def store(self) -> None:
        """Hand both over."""
        title = self.title.text().strip()
        if not title:
            self.wrong.setText("请填写会议名称")
            self.title.setFocus()
            return
        self._done(title, self.room.currentData())
        self.accept()


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
        self._leaving: asyncio.Task[Any] | None = None
        self.model = PlanListModel()
        self.toasts = ToastHost(themes, self)
        self._build()
        self.tasks.start(self.reload(), "读取会议")

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
        self._rows = _Rows(themes)
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
        self.empty = EmptyState(
            themes,
            "chair",
            "还没有排座方案",
            "选一个会场模板新建，再导入参会名单，即可一键排座。",
            "新建排座方案",
        )
        self.empty.acted.connect(self.ask_new)
        self.loading = Skeleton(themes)
        self.body = QStackedWidget()
        for one in (self.loading, self.list, self.empty):
            self.body.addWidget(one)
        column = QVBoxLayout(page)
        column.setContentsMargins(space.xxl, space.xl, space.xxl, space.l)
        column.setSpacing(space.l)
        column.addLayout(head)
        column.addWidget(self.body, 1)
        self.addWidget(page)

    async def reload(self) -> None:
        """Read the list again."""
        self.model.set_entries(await self._service.plans())
        self._show()

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
            self.empty.set_texts(
                "还没有排座方案", "选一个会场模板新建，再导入参会名单，即可一键排座。", "新建排座方案"
            )
        self.body.setCurrentWidget(self.empty)

    # what the user does

    def ask_new(self) -> None:
        """Ask for title and room."""
        NewPlanDialog(self._themes, self.new_plan, self).open()

    def new_plan(self, title: str, room: str) -> None:
        """Make a plan and open it."""

        async def work() -> None:
            await self._open(await self._service.create(title, room))

        self.tasks.start(work(), "新建方案")

    def open_plan(self, plan: str) -> None:
        """Open a plan in the editor."""
        self.tasks.start(self._open(plan), "打开方案")

    async def _open(self, plan: str) -> None:
        if self.editor is not None:
            self.back()
        if self._leaving is not None:
            await self._leaving
        path, opened = await self._service.open(plan)
        editor = SeatEditor(
            opened.document,
            self._themes,
            path,
            recovered=opened.recovered,
            back=True,
            publish=self._service.can_publish,
            directory=self._directory,
        )
        editor.back_asked.connect(self.back)
        editor.publish_asked.connect(lambda: self.tasks.start(self._publish(editor), "发布座位图"))
        self.editor = editor
        self.addWidget(editor)
        self.setCurrentWidget(editor)
        editor.view.setFocus()

    async def _publish(self, editor: SeatEditor) -> None:
        try:
            text = await self._service.publish(editor.editing.document)
        except RuntimeError as error:
            editor.toasts.show(str(error), "warn")
        else:
            editor.toasts.show(text, "ok")
            editor.bar.refresh()

    def back(self) -> None:
        """Show the list at once; the editor's file is saved behind it."""
        editor, self.editor = self.editor, None
        self.setCurrentIndex(0)
        if editor is not None:
            self._leaving = self.tasks.start(self._put_away(editor), "保存方案")

    async def _put_away(self, editor: SeatEditor) -> None:
        if editor.keeper is not None and editor.keeper.unsaved:
            editor.keeper.failed.connect(lambda text: self.toasts.show(text, "bad"))
            editor.save()
        work = editor.editing.work
        if work.busy:
            done = asyncio.Event()
            work.idle.connect(done.set)
            await done.wait()
        self._remove_editor(editor)
        await self.reload()

    def _remove_editor(self, editor: SeatEditor) -> None:
        editor.close_down()
        self.removeWidget(editor)
        editor.deleteLater()

    def _drop_editor(self) -> None:
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
        self._drop_editor()
        await self.tasks.close()
