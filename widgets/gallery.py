"""A page per widget, filled with fakes: `python -m widgets.gallery [--theme dark] [--page NAME] [--shots DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from widgets.controls import Switch, label, surface
from widgets.showroom import PAGES, Page
from widgets.theme import FONT_SCALE_NAMES, ThemeManager

SHOT_SIZE = (1100, 720)
SETTLE_MS = 250


class Gallery(QWidget):
    """Names at the left, the chosen page at the right, theme and font size above."""

    def __init__(self, themes: ThemeManager, app: QApplication) -> None:
        super().__init__()
        self._themes = themes
        self.setWindowTitle("控件陈列")
        names = QListWidget()
        names.addItems(list(PAGES))
        names.setFixedWidth(themes.theme.sizes.list_min)
        names.setProperty("plain", True)
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        names.currentTextChanged.connect(self.open)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        column.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(names)
        row.addLayout(column, 1)
        names.setCurrentRow(0)

    def _bar(self) -> QWidget:
        bar = surface("list", "bottom")
        row = QHBoxLayout(bar)
        theme = QComboBox()
        for name, key in (
            ("浅色", "light"),
            ("深色", "dark"),
            ("高对比", "contrast"),
            ("跟随系统", "system"),
        ):
            theme.addItem(name, key)
        theme.setCurrentIndex(theme.findData(self._themes.choice))
        theme.currentIndexChanged.connect(lambda _: self._themes.set_theme(theme.currentData()))
        size = QComboBox()
        for key, name in FONT_SCALE_NAMES.items():
            size.addItem(name, key)
        size.setCurrentIndex(size.findData(self._themes.theme.font_scale))
        size.currentIndexChanged.connect(lambda _: self._themes.set_font_scale(size.currentData()))
        motion = Switch(self._themes, "动画", True)
        motion.toggled.connect(self._themes.set_animations)
        for text, widget in (("主题", theme), ("字号", size), ("动画", motion)):
            row.addWidget(label(text, "secondary"))
            row.addWidget(widget)
        row.addStretch(1)
        return bar

    def open(self, name: str) -> None:
        """Show a page; it is built at the first time."""
        if name not in self._pages:
            self._pages[name] = build(PAGES[name], self._themes)
            self._stack.addWidget(self._pages[name])
        self._stack.setCurrentWidget(self._pages[name])


def build(page: Page, themes: ThemeManager) -> QWidget:
    """One page on the content's ground."""
    made = page(themes)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if made.property("surface") is None:
        made.setProperty("surface", "content")
    return made


def draw_all(app: QApplication, themes: ThemeManager, folder: Path, only: list[str]) -> None:
    """Write one picture per page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        if only and name not in only:
            continue
        widget = build(page, themes)
        widget.resize(*SHOT_SIZE)
        widget.show()
        done: list[bool] = []
        QTimer.singleShot(SETTLE_MS, lambda done=done: done.append(True))
        while not done:
            app.processEvents()
        widget.grab().save(str(folder / f"{name}.png"))
        widget.close()
        widget.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def main(arguments: list[str]) -> int:
    """Show the gallery or draw it."""
    parser = argparse.ArgumentParser(prog="widgets.gallery", description="控件陈列")
    parser.add_argument("--theme", choices=("light", "dark", "contrast", "system"), default="light")
    parser.add_argument("--font", choices=tuple(FONT_SCALE_NAMES), default="standard")
    parser.add_argument("--page", action="append", default=[])
    parser.add_argument("--shots", type=Path, metavar="目录")
    options = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(["widgets-gallery"])
    if not isinstance(app, QApplication):
        return 1
    themes = ThemeManager(options.theme, options.font, animations=options.shots is None)
    themes.apply(app)
    if options.shots is not None:
        draw_all(app, themes, options.shots, options.page)
        return 0
    window = Gallery(themes, app)
    window.resize(*SHOT_SIZE)
    window.show()
    if options.page:
        window.open(options.page[0])
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
