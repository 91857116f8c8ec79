"""The seating editor as one widget: bar, left panel, plan, right panel. Source: 3.1.6.1, 3.1.6.2, 3.1.6.4."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from meeting_seat_designer.editor.canvas.layout_tool import LayoutTool
from meeting_seat_designer.editor.canvas.minimap import MiniMap
from meeting_seat_designer.editor.canvas.scene import PlanScene
from meeting_seat_designer.editor.canvas.seating_tool import SeatingTool
from meeting_seat_designer.editor.canvas.view import PlanView
from meeting_seat_designer.editor.canvas.zoom_bar import ZoomBar
from meeting_seat_designer.editor.dialog_desk import DialogDesk
from meeting_seat_designer.editor.directory import Directory
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.keeping import Keeper, discard_recovery
from meeting_seat_designer.editor.layout_actions import LayoutActions
from meeting_seat_designer.editor.panels.inspector_panel import InspectorPanel
from meeting_seat_designer.editor.panels.palette_panel import PalettePanel
from meeting_seat_designer.editor.panels.people_panel import PeoplePanel
from meeting_seat_designer.editor.panels.seat_panel import SeatPanel
from meeting_seat_designer.editor.panels.warnings_panel import WarningsPanel
from meeting_seat_designer.editor.top_bar import TopBar
from meeting_seat_designer.engine.checkin import counts
from meeting_seat_designer.engine.edits.layouts import RemoveLayout
from meeting_seat_designer.engine.model.document import Document
from widgets.controls import Banner, FilterItem, FilterTabs, ToastHost, label, surface
from widgets.theme import ThemeManager


class SeatEditor(QWidget):
    """Edits one document. `path` is its file (none: nothing is kept); `recovered` the time of unsaved work found
    on opening; `directory` the host's pickers of people and units.

    Signals: `back_asked()`; `publish_asked()`: the host publishes `editing.document`; `check_in_asked()`: the host shows who
    came. `bar.extras` takes further commands of the host.
    """

    back_asked = Signal()
    publish_asked = Signal()
    check_in_asked = Signal()

    def __init__(
        self,
        document: Document,
        themes: ThemeManager,
        path: Path | None = None,
        *,
        recovered: str = "",
        back: bool = False,
        publish: bool = False,
        check_in: bool = False,
        directory: Directory | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.themes = themes
        self.editing = Editing(document, self)
        self.keeper = Keeper(self.editing, path, unsaved=bool(recovered)) if path else None
        self.scene = PlanScene(self.editing, themes)
        self.view = PlanView(self.editing, self.scene, themes)
        self.laying = LayoutActions(self.editing)
        self.seating = SeatingTool(self.view)
        self.layout_tool = LayoutTool(self.view, self.laying)
        self.toasts = ToastHost(themes, self)
        self.dialogs = DialogDesk(self.editing, themes, self, directory)
        self.bar = TopBar(self.editing, themes, back=back, publish=publish, check_in=check_in)
        self.people = PeoplePanel(self.editing, themes, directory=directory is not None)
        self.palette_panel = PalettePanel(self.editing, themes)
        self.seat_panel = SeatPanel(self.editing, themes)
        self.inspector = InspectorPanel(self.editing, self.laying, themes)
        self.warnings = WarningsPanel(self.editing, themes)
        self.zoom_bar = ZoomBar(self.view, themes, self.view)
        self.minimap = MiniMap(self.view, themes, self.view)
        self.recovery = Banner(themes, "", "warn", "放弃恢复", closable=True, flat=True)
        self.modes = FilterTabs(themes, [FilterItem("seating", "排座"), FilterItem("layout", "布置")])
        self.foot = label("", "caption", "weak")
        if publish:
            self.warnings.publish = self.publish_asked.emit
        self._build()
        self._connect()
        if recovered:
            self.recovery.say(f"上次没有正常关闭，已恢复到 {recovered} 的内容。", "warn", "放弃恢复")
        self.recovery.setVisible(bool(recovered))
        self._mode()
        self._count()
        self._opened = False
        self.editing.check()

    def _build(self) -> None:
        theme, space = self.themes.theme, self.themes.theme.space
        self.left = QStackedWidget()
        self.left.addWidget(self.people)
        self.left.addWidget(self.palette_panel)
        left = surface("list", "right")
        left.setFixedWidth(theme.grow(theme.sizes.list_min))
        column = QVBoxLayout(left)
        column.setContentsMargins(0, space.s, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(space.m, 0, space.m, 0)
        head.addWidget(self.modes)
        column.addLayout(head)
        column.addWidget(self.left, 1)
        self.right = QStackedWidget()
        self.right.addWidget(self.seat_panel)
        self.right.addWidget(self.inspector)
        right = surface("panel", "left")
        right.setFixedWidth(theme.grow(theme.sizes.panel + space.s))
        side = QVBoxLayout(right)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.right, 3)
        side.addWidget(self.warnings, 2)
        foot = QHBoxLayout()
        foot.setContentsMargins(space.l, space.s, space.l, space.m)
        foot.addWidget(self.foot, 1)
        side.addLayout(foot)
        self._side = side
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(left)
        middle.addWidget(self.view, 1)
        middle.addWidget(right)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(self.recovery)
        whole.addLayout(middle, 1)
        self.view.installEventFilter(self)
        QWidget.setTabOrder(self.modes, self.people)
        QWidget.setTabOrder(self.people, self.view)

    def _connect(self) -> None:
        editing, dialogs = self.editing, self.dialogs
        editing.mode_changed.connect(self._mode)
        editing.changed.connect(self._count)
        editing.replaced.connect(self._count)
        editing.selection_changed.connect(self._describe)
        editing.said.connect(self._say)
        self.modes.current_changed.connect(self._choose_mode)
        self.bar.back_asked.connect(self.back_asked)
        self.bar.publish_asked.connect(self.publish_asked)
        self.bar.check_in_asked.connect(self.check_in_asked)
        self.bar.arrange_asked.connect(dialogs.arrange)
        self.bar.compare_asked.connect(dialogs.compare)
        self.bar.meeting_asked.connect(dialogs.meeting)
        self.bar.shift_asked.connect(lambda: dialogs.shift(self._seat()))
        self.bar.output_asked.connect(dialogs.output)
        self.bar.cards_asked.connect(dialogs.cards)
        self.seating.shift_asked = dialogs.shift
        self.seating.off_plan = self._over_people
        self.people.seat_wanted.connect(self._seat_person)
        self.people.shown.connect(self.go_to)
        self.people.bind_wanted.connect(self.seating.bind)
        self.people.unbind_wanted.connect(self.seating.unbind)
        self.people.import_asked.connect(dialogs.import_people)
        self.people.add_asked.connect(dialogs.add_person)
        self.people.pick_asked.connect(dialogs.pick_people)
        self.people.edit_asked.connect(dialogs.edit_person)
        self.people.rules_asked.connect(dialogs.rules)
        self.seat_panel.lock_asked.connect(self.seating.lock)
        self.seat_panel.unseat_asked.connect(self.seating.unseat)
        self.seat_panel.edit_asked.connect(dialogs.edit_person)
        self.seat_panel.shift_asked.connect(dialogs.shift)
        self.palette_panel.chosen.connect(self._place)
        self.palette_panel.templates_asked.connect(dialogs.templates)
        self.palette_panel.copy_asked.connect(dialogs.copy_layout)
        self.palette_panel.room_asked.connect(dialogs.room)
        self.palette_panel.background_asked.connect(dialogs.background)
        self.palette_panel.background_dropped.connect(dialogs.drop_background)
        self.palette_panel.remove_asked.connect(
            lambda: editing.run(RemoveLayout(editing.document.current().id), "布局已删除（可撤销）")
        )
        self.warnings.shown.connect(self._show_all)
        self.recovery.acted.connect(self._discard)
        if self.keeper is not None:
            self.keeper.kept.connect(lambda: self.bar.say_kept("已自动保存"))
            self.keeper.saved.connect(self._saved)
            self.keeper.failed.connect(lambda text: self._say(text, "bad"))
        for keys, slot in (
            ("Ctrl+Z", editing.undo),
            ("Ctrl+Shift+Z", editing.redo),
            ("Ctrl+Y", editing.redo),
            ("Ctrl+S", self.save),
            ("Ctrl+A", self._select_all),
            ("Ctrl+D", self.laying.duplicate),
            ("Ctrl+G", lambda: self.laying.group(True)),
            ("Ctrl+Shift+G", lambda: self.laying.group(False)),
            ("Ctrl+L", lambda: self._choose_mode("layout" if editing.mode == "seating" else "seating")),
            ("Ctrl+E", dialogs.output),
            ("Ctrl+R", lambda: dialogs.arrange("all")),
            ("Ctrl+Shift+R", lambda: dialogs.arrange("least")),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda slot=slot: slot())

    # what the user does

    def _choose_mode(self, mode: str) -> None:
        self.editing.set_mode("layout" if mode == "layout" else "seating")

    def _mode(self) -> None:
        laying = self.editing.mode == "layout"
        self.view.tool = self.layout_tool if laying else self.seating
        self.modes.set_current(self.editing.mode)
        self.left.setCurrentWidget(self.palette_panel if laying else self.people)
        self.right.setCurrentWidget(self.inspector if laying else self.seat_panel)
        self._side.setStretch(0, 3 if laying else 0)
        self._side.setStretch(1, 1)

    def _seat(self) -> str:
        return next((ident for ident in self.editing.selection if ident in self.editing.seats), "")

    def _seat_person(self, person: str) -> None:
        seat = self._seat()
        if seat:
            self.seating.seat(person, seat)
        else:
            self._say("请先在图上选一个座位，再按回车", "info")

    def _place(self, kind: str, value: str) -> None:
        middle = self.view.mapToScene(self.view.viewport().rect().center())
        self.layout_tool.place(kind, value, middle)
        self.view.setFocus()

    def _select_all(self) -> None:
        if self.editing.mode == "layout":
            self.laying.select_all()
        else:
            self.editing.select(list(self.scene.looks))

    def go_to(self, seat: str) -> None:
        """Select a seat and bring it into sight."""
        self.editing.set_mode("seating")
        self.editing.select([seat])
        self.view.show_thing(seat)

    def _show_all(self, ids: list[str]) -> None:
        known = [i for i in ids if i in self.editing.things or self.editing.region(i)]
        if any(i not in self.editing.seats for i in known):
            self.editing.set_mode("layout")
        self.editing.select(known)
        if known:
            self.view.show_thing(known[0])

    def _over_people(self, spot: QPoint) -> bool:
        corner = self.left.mapToGlobal(QPoint(0, 0))
        return QRect(corner, self.left.size()).contains(spot)

    def save(self) -> None:
        """Write the file now."""
        if self.keeper is not None:
            self.keeper.save()

    def _saved(self) -> None:
        self.bar.say_kept("已保存")
        self.recovery.hide()

    def _discard(self) -> None:
        keeper = self.keeper
        if keeper is None:
            return

        def put(document: Document) -> None:
            self.editing.replace(document)
            keeper.unsaved = False
            self.recovery.hide()
            self._say("已回到上次保存的内容", "ok")

        def failed(_error: Exception) -> None:
            self._say("上次保存的文件无法读取，已保留恢复的内容", "bad")

        self.editing.work.run(lambda: discard_recovery(keeper.path), put, failed)

    def close_down(self) -> None:
        """Save what is unsaved and end the background work; called before the editor goes away."""
        if self.keeper is not None:
            self.keeper.close()
        self.editing.work.finish()

    # what is shown

    def _say(self, text: str, kind: str) -> None:
        self.toasts.show(text, kind)  # type: ignore[arg-type]

    def _count(self) -> None:
        document = self.editing.document
        count = counts(document)
        seated = sum(1 for person in document.people if person.id in self.editing.places)
        self.foot.setText(f"应到 {count.expected}    已排 {seated}    签到 {count.present}")

    def _describe(self) -> None:
        """Tell a screen reader what is selected."""
        words: list[str] = []
        for ident in self.editing.selection[:3]:
            look = self.scene.looks.get(ident)
            if look is not None:
                words.append(f"{look.code} {look.text or '空座'}")
        more = len(self.editing.selection) - len(words)
        text = "，".join(words) + (f" 等 {len(self.editing.selection)} 个" if words and more else "")
        self.view.setAccessibleDescription(text or "没有选中")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.view and event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._float()
            if not self._opened and event.type() == QEvent.Type.Show:
                self._opened = True
                self.view.setFocus()
                self.view.open_well()
        return super().eventFilter(watched, event)

    def _float(self) -> None:
        """Put the floating parts into the plan's corners."""
        gap = self.themes.theme.space.m
        self.zoom_bar.adjustSize()
        size = self.zoom_bar.sizeHint()
        bottom = self.view.height() - gap
        self.zoom_bar.setGeometry(
            self.view.width() - gap - size.width(), bottom - size.height(), size.width(), size.height()
        )
        self.view.cover(QSize(size.width() + gap, size.height() + gap))
        self.minimap.move(gap, bottom - self.minimap.height())
