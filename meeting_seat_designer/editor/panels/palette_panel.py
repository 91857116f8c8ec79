"""The palette: regions and facilities to drag onto the plan (or place by Enter). Source: 3.1.6.1.1, 3.1.6.1.2."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from meeting_seat_designer.editor.canvas.fixture_item import ICONS
from meeting_seat_designer.editor.canvas.view import MIME
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.panels.parts import heading
from meeting_seat_designer.engine.edits.layouts import SwitchLayout
from meeting_seat_designer.engine.model.layout import FIXTURE_KINDS
from meeting_seat_designer.engine.recipes.params import RECIPES
from widgets.controls import IconButton, button
from widgets.controls.painted import Painted, focus_frame, round_rect
from widgets.theme import ThemeManager

_RECIPE_ICONS = {
    "grid": "rows",
    "blocks": "workbench",
    "arc": "arc",
    "rostrum": "podium",
    "u": "u-shape",
    "hollow": "stop",
    "conference": "table",
    "talks": "users",
    "sofas": "chair",
    "signing": "edit",
    "photo": "image",
    "rounds": "dot",
}


class PaletteTile(Painted):
    """One thing to place. Signal: `chosen(kind, value)` on click, Enter or Space."""

    chosen = Signal(str, str)

    def __init__(self, themes: ThemeManager, kind: str, value: str, text: str, icon: str) -> None:
        super().__init__(themes)
        self.kind, self.value, self.text, self._icon = kind, value, text, icon
        self._pressed: QPointF | None = None
        self._inside = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"添加{text}")
        self.setToolTip(f"拖到图上放置{text}，或单击放在画面中央")
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.sizes.avatar_large, self.theme.grow(self.theme.sizes.control))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event) -> None:
        self._inside = True
        self.update()

    def leaveEvent(self, event) -> None:
        self._inside = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        if (event.position() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            drag = QDrag(self)
            drag.setMimeData(self.mime())
            drag.setPixmap(self.grab())
            drag.exec(Qt.DropAction.CopyAction)

    def mime(self) -> QMimeData:
        """What a drop of this tile carries."""
        data = QMimeData()
        data.setData(MIME[self.kind], QByteArray(self.value.encode()))
        return data

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.kind, self.value)
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.kind, self.value)
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._inside or self.hasFocus():
            round_rect(painter, rect, theme.radius.control, theme.color("hover"))
        side = theme.sizes.icon_small
        box = QRectF(theme.space.s, (rect.height() - side) / 2, side, side)
        self.themes.icons.paint(painter, self._icon, box, "text_2")
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font("secondary"))
        words = rect.adjusted(theme.space.s + side + theme.space.s, 0, -theme.space.xs, 0)
        shown = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        if self.hasFocus():
            focus_frame(painter, rect, theme.radius.control, theme)


class PalettePanel(QWidget):
    """Signals: `chosen(kind, value)`; `templates_asked()`, `copy_asked()` (another layout), `room_asked()`,
    `background_asked()`, `remove_asked()`."""

    chosen = Signal(str, str)
    templates_asked = Signal()
    copy_asked = Signal()
    room_asked = Signal()
    background_asked = Signal()
    background_dropped = Signal()
    remove_asked = Signal()

    def __init__(self, editing: Editing, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editing = editing
        space = themes.theme.space
        self.tiles: dict[str, PaletteTile] = {}
        self.layouts = QComboBox()
        self.layouts.setAccessibleName("当前布局")
        self.layouts.activated.connect(self._switch)
        self.add = IconButton(themes, "plus", "新建布局（复制当前布局）", size=28, icon_size=16)
        self.add.clicked.connect(self.copy_asked)
        self.remove = IconButton(themes, "trash", "删除当前布局", size=28, icon_size=16)
        self.remove.clicked.connect(self.remove_asked)
        top = QHBoxLayout()
        top.setSpacing(space.half)
        top.addWidget(self.layouts, 1)
        top.addWidget(self.add)
        top.addWidget(self.remove)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(space.m, space.s, space.m, space.m)
        column.setSpacing(space.half)
        column.addWidget(heading("布局方案"))
        column.addLayout(top)
        column.addSpacing(space.s)
        column.addWidget(heading("座位区"))
        for kind, text in RECIPES.items():
            if kind != "free":
                self._tile(themes, column, "region", kind, text.split("（")[0], _RECIPE_ICONS[kind])
        column.addSpacing(space.s)
        column.addWidget(heading("设施"))
        for kind, text in FIXTURE_KINDS.items():
            self._tile(themes, column, "fixture", kind, text, ICONS[kind])
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        foot = QVBoxLayout()
        foot.setContentsMargins(space.m, space.s, space.m, space.m)
        foot.setSpacing(space.xs)
        self.template_button = button("套用会场模板…", size="small")
        self.template_button.clicked.connect(self.templates_asked)
        self.room_button = button("房间尺寸…", size="small")
        self.room_button.clicked.connect(self.room_asked)
        self.background_button = button("描摹底图…", size="small")
        self.background_button.clicked.connect(self._background)
        pair = QHBoxLayout()
        pair.setSpacing(space.xs)
        pair.addWidget(self.room_button)
        pair.addWidget(self.background_button)
        foot.addWidget(self.template_button)
        foot.addLayout(pair)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)
        editing.changed.connect(self._list)
        editing.replaced.connect(self._list)
        self._list()

    def _background(self) -> None:
        if self._editing.document.current().background is None:
            self.background_asked.emit()
        else:
            corner = self.background_button.rect().topLeft()
            menu = self.background_menu()
            menu.popup(self.background_button.mapToGlobal(corner) - QPoint(0, menu.sizeHint().height()))

    def background_menu(self) -> QMenu:
        """What can be done with the picture that lies under the plan."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("更换底图…", self.background_asked.emit)
        menu.addAction("移除底图", self.background_dropped.emit)
        return menu

    def _tile(
        self, themes: ThemeManager, column: QVBoxLayout, kind: str, value: str, text: str, icon: str
    ) -> None:
        tile = PaletteTile(themes, kind, value, text, icon)
        tile.chosen.connect(self.chosen)
        self.tiles[f"{kind}:{value}"] = tile
        column.addWidget(tile)

    def _list(self) -> None:
        document = self._editing.document
        wanted = [(layout.name or layout.id, layout.id) for layout in document.layouts]
        shown = [(self.layouts.itemText(i), self.layouts.itemData(i)) for i in range(self.layouts.count())]
        if wanted != shown:
            self.layouts.clear()
            for name, ident in wanted:
                self.layouts.addItem(name, ident)
        self.layouts.setCurrentIndex(self.layouts.findData(document.current().id))
        self.remove.setEnabled(len(wanted) > 1)

    def _switch(self, _index: int) -> None:
        self._editing.close_merge()
        self._editing.run(SwitchLayout(self.layouts.currentData()))
