"""A window that shows pictures large: zoom to the cursor, fit, turn, move, copy, save, next and previous (E091)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.controls import ElidedLabel, IconButton, button, label, surface
from widgets.theme import ThemeManager

from .canvas import PictureCanvas

KEPT = 3
"""Decoded pictures held at most: each may be hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class PictureItem:
    """One picture: `thumbnail` (bytes) stands in until the whole one is given."""

    key: str
    name: str
    thumbnail: bytes = b""


class PictureViewer(QWidget):
    """Signals: `wanted(key)` the whole picture is needed (answer with `give` or `fail`), `save_wanted(key)`, `closed()`.

    Keys: wheel, + and - zoom; 0 fits, 1 shows 100 %; R turns; arrows go on and back (or move a zoomed picture with Shift);
    Ctrl+C copies, Ctrl+S saves, Esc closes.
    """

    wanted = Signal(str)
    save_wanted = Signal(str)
    closed = Signal()

    def __init__(
        self, themes: ThemeManager, items: Sequence[PictureItem], key: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.themes = themes
        self._items = list(items)
        self._place = next((n for n, item in enumerate(self._items) if item.key == key), 0)
        self._given: dict[str, QImage] = {}
        self.canvas = PictureCanvas(themes)
        self.canvas.changed.connect(self._show_scale)
        self.name = ElidedLabel(themes, "", "secondary", mode=Qt.TextElideMode.ElideMiddle)
        self.count = label("", "caption")
        self.percent = label("", "caption")
        self.note = label("", "secondary", "weak", wrap=True, parent=self.canvas)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.back = self._button("chevron-left", "上一张（←）", lambda: self.go(-1))
        self.forward = self._button("chevron-right", "下一张（→）", lambda: self.go(1))
        self._lay_out()
        self.resize(themes.theme.sizes.picker + themes.theme.sizes.list, themes.theme.sizes.dialog_wide)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _button(self, icon: str, text: str, slot) -> IconButton:
        made = IconButton(self.themes, icon, text)
        made.clicked.connect(lambda _checked=False: slot())
        return made

    def _lay_out(self) -> None:
        space = self.themes.theme.space
        bar = surface("content", "bottom")
        row = QHBoxLayout(bar)
        row.setContentsMargins(space.l, space.s, space.s, space.s)
        row.setSpacing(space.xs)
        row.addWidget(self.name, 1)
        row.addWidget(self.count)
        row.addSpacing(space.m)
        self.actual = button("1:1", "ghost", "small")
        self.actual.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.actual.setToolTip("实际大小（1）")
        self.actual.setAccessibleName("实际大小")
        self.actual.clicked.connect(self.canvas.actual)
        self.minus = self._button("minus", "缩小（-）", lambda: self.canvas.zoom(-1))
        self.buttons: list[QWidget] = [
            self.back,
            self.forward,
            self.minus,
            self._button("plus", "放大（+）", lambda: self.canvas.zoom(1)),
            self._button("fit", "适合窗口（0）", self.canvas.fit),
            self.actual,
            self._button("rotate", "旋转（R）", self.canvas.rotate),
            self._button("copy", "复制（Ctrl+C）", self.copy),
            self._button("save", "另存为（Ctrl+S）", self._save),
        ]
        for one in self.buttons:
            row.addWidget(one)
            if one is self.minus:
                row.addWidget(self.percent)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.percent.setMinimumWidth(space.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.canvas, 1)

    @property
    def key(self) -> str:
        """Key of the picture shown."""
        return self._items[self._place].key

    def open(self) -> None:
        """Show the window with its first picture."""
        self.show()
        self.raise_()
        self.activateWindow()
        # The keys are the window's; a button with the focus would take the arrows.
        self.setFocus()
        self._show_item()

    def give(self, key: str, image: QImage) -> None:
        """Hand in the whole picture."""
        self._given.pop(key, None)
        self._given[key] = image
        while len(self._given) > KEPT:
            del self._given[next(iter(self._given))]
        if key == self.key:
            self._say("")
            self.canvas.show_image(image)

    def fail(self, key: str, text: str) -> None:
        """Say why it cannot be had."""
        if key == self.key:
            self._say(text)

    def go(self, by: int) -> None:
        """The next or the previous one; stops at the ends."""
        place = max(0, min(len(self._items) - 1, self._place + by))
        if place != self._place:
            self._place = place
            self._show_item()

    def _show_item(self) -> None:
        item = self._items[self._place]
        self.setWindowTitle(item.name)
        self.setAccessibleName(f"图片 {item.name}")
        self.name.setText(item.name)
        self.count.setText(f"{self._place + 1} / {len(self._items)}" if len(self._items) > 1 else "")
        self.back.setEnabled(self._place > 0)
        self.forward.setEnabled(self._place < len(self._items) - 1)
        self._say("")
        image = self._given.get(item.key)
        if image is not None:
            self.canvas.show_image(image)
            return
        self.canvas.show_image(QImage())
        preview = QImage.fromData(item.thumbnail) if item.thumbnail else QImage()
        if preview.isNull():
            self._say("正在读取图片…")
        else:
            self.canvas.show_image(preview, preview=True)
        self.wanted.emit(item.key)

    @property
    def whole(self) -> bool:
        """Whether the whole picture is shown, not its preview."""
        return self.key in self._given

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if text:
            self.note.setFixedWidth(max(1, self.canvas.width() - 2 * self.themes.theme.space.page))
            self.note.adjustSize()
            middle = self.canvas.rect().center()
            self.note.move(middle.x() - self.note.width() // 2, middle.y() - self.note.height() // 2)
        self._show_scale()

    def _show_scale(self) -> None:
        self.percent.setText(f"{round(self.canvas.scale * 100)}%" if self.whole else "")

    def copy(self) -> None:
        """Put the whole picture, as it is turned, on the clipboard."""
        if self.whole:
            QGuiApplication.clipboard().setImage(self.canvas.turned_image())

    def _save(self) -> None:
        self.save_wanted.emit(self.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        arrows = {
            Qt.Key.Key_Left: QPointF(1, 0),
            Qt.Key.Key_Right: QPointF(-1, 0),
            Qt.Key.Key_Up: QPointF(0, 1),
            Qt.Key.Key_Down: QPointF(0, -1),
        }
        if key == Qt.Key.Key_Escape:
            self.close()
        elif held & Qt.KeyboardModifier.ShiftModifier and key in arrows:
            self.canvas.move_by(arrows[Qt.Key(key)] * self.themes.theme.space.page)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_PageUp):
            self.go(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            self.go(1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.zoom(1)
        elif key == Qt.Key.Key_Minus:
            self.canvas.zoom(-1)
        elif key == Qt.Key.Key_0:
            self.canvas.fit()
        elif key == Qt.Key.Key_1:
            self.canvas.actual()
        elif key == Qt.Key.Key_C and control:
            self.copy()
        elif key == Qt.Key.Key_S and control:
            self._save()
        elif key == Qt.Key.Key_R:
            # After a failure the same key asks again: there is nothing to turn.
            self.canvas.rotate() if self.whole else self.wanted.emit(self.key)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)
