"""The bar in the place of the composer while several messages are being chosen (E104)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from widgets.controls import IconButton, label
from widgets.theme import ThemeManager

ACTIONS = (
    ("forward", "forward", "逐条转发"),
    ("merge", "history", "合并转发"),
    ("copy", "copy", "复制"),
    ("save", "save", "保存文件"),
    ("remove", "trash", "删除"),
)


class ChoiceBar(QFrame):
    """Signals: `acted(name)` of ACTIONS; `left()`."""

    acted = Signal(str)
    left = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        space = themes.theme.space
        self.setProperty("surface", "content")
        self.setProperty("line", "top")
        self.count = label("", "secondary")
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xl, space.m, space.xl, space.m)
        row.setSpacing(space.m)
        row.addWidget(self.count)
        row.addStretch(1)
        for name, icon, text in ACTIONS:
            made = QToolButton()
            made.setText(text)
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            made.setAutoRaise(True)
            made.setAccessibleName(text)
            made.setProperty("icon_name", icon)
            made.clicked.connect(lambda _checked=False, name=name: self.acted.emit(name))
            self.buttons[name] = made
            row.addWidget(made)
        row.addStretch(1)
        self.close_button = IconButton(themes, "close", "退出多选（Esc）")
        self.close_button.clicked.connect(self.left)
        row.addWidget(self.close_button)
        themes.changed.connect(lambda _theme: self._dress())
        self._dress()

    def _dress(self) -> None:
        for name, made in self.buttons.items():
            tone = "bad_text" if name == "remove" else "text"
            made.setIcon(
                self._themes.icons.icon(str(made.property("icon_name")), tone, self._themes.theme.sizes.icon)
            )

    def show_count(self, count: int, *, full: bool, most: int) -> None:
        """How many are chosen; without any nothing can be done."""
        self.count.setText(f"最多选择 {most} 条" if full else f"已选 {count} 条")
        for made in self.buttons.values():
            made.setEnabled(count > 0)
