"""The main window: rail, the registered pages, keyboard shortcuts, and a place that is remembered."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, QDataStream, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.preferences import Preferences
from widgets.controls import AvatarSpec, NavigationRail, RailItem, ToastHost
from widgets.theme import ThemeManager

from .link_line import LinkLine
from .page import ShellPage

FIRST_SIZE = (1180, 760)
FRAME = 48
"""Room for the title bar that the window manager adds, which Qt knows only when the window is on the screen."""
SMALLEST = (780, 520)


class MainWindow(QMainWindow):
    """Pages are built at their first visit.

    Signals: `page_shown(page_id)`; `hidden_to_tray()` when closing left the program running;
    `closing()` when it did not.
    """

    page_shown = Signal(str)
    hidden_to_tray = Signal()
    closing = Signal()

    def __init__(
        self,
        pages: list[ShellPage],
        themes: ThemeManager,
        preferences: Preferences,
        *,
        title: str,
        user: AvatarSpec | None = None,
        tray_there: Callable[[], bool] = lambda: False,
        actions: Sequence[tuple[RailItem, Callable[[], object]]] = (),
    ) -> None:
        """`actions`: entries at the bottom of the rail that do something instead of leading somewhere (锁定)."""
        super().__init__()
        self._pages = {page.id: page for page in pages}
        self._built: dict[str, QWidget] = {}
        self._preferences = preferences
        self._tray_there = tray_there
        self._quitting = False
        self.current = ""
        self.setWindowTitle(title)
        room = QGuiApplication.primaryScreen().availableGeometry()
        # At 150 % a common notebook's screen is only some 510 pixels high.
        self.setMinimumSize(min(SMALLEST[0], room.width()), min(SMALLEST[1], room.height() - FRAME))
        self.rail = NavigationRail(
            themes,
            [self._rail_item(page, number) for number, page in enumerate(pages, 1) if not page.bottom],
            [
                *(item for item, _ in actions),
                *(self._rail_item(page, number) for number, page in enumerate(pages, 1) if page.bottom),
            ],
            user,
        )
        self._actions = {item.key: action for item, action in actions}
        self.rail.activated.connect(self._activated)
        for page in pages:
            if page.badge is not None:
                page.badge.changed.connect(lambda count, id=page.id: self.rail.set_badge(id, count))
                self.rail.set_badge(page.id, page.badge.count)
        self.stack = QStackedWidget()
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        self.link_line = LinkLine(themes)
        content = QVBoxLayout()
        content.setSpacing(0)
        content.addWidget(self.link_line)
        content.addWidget(self.stack, 1)
        row.addLayout(content, 1)
        self.setCentralWidget(body)
        self.toasts = ToastHost(themes, self)
        self._restore_place()

    def add_shortcut(self, keys: str, action: Callable[[], object], name: str) -> QShortcut:
        """A key for the whole window; `name` says what it does (for the list of shortcuts)."""
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setWhatsThis(name)
        shortcut.activated.connect(action)
        return shortcut

    @staticmethod
    def _rail_item(page: ShellPage, number: int) -> RailItem:
        keys = page.shortcut or (f"Ctrl+{number}" if number < 10 else "")
        return RailItem(page.id, page.icon, page.title, keys)

    # Pages.

    def _activated(self, key: str) -> None:
        action = self._actions.get(key)
        if action is not None:
            action()
        else:
            self.show_page(key)

    def show_page(self, page_id: str) -> QWidget:
        """Show a page, building it first if need be; returns it."""
        widget = self._built.get(page_id)
        if widget is None:
            widget = self._pages[page_id].factory(self.stack)
            self._built[page_id] = widget
            self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)
        focused = self.focusWidget()
        if focused is None or not widget.isAncestorOf(focused):
            # Tab then goes into the page, and no ring stands on the rail before the keyboard was used.
            self.stack.setFocus()
        self.rail.set_current(page_id)
        if self.current != page_id:
            self.current = page_id
            self.page_shown.emit(page_id)
        return widget

    def has(self, page_id: str) -> bool:
        """Whether there is such a page (rights may have changed since it was last shown)."""
        return page_id in self._pages

    def page(self, page_id: str) -> QWidget | None:
        """The page if it has been built."""
        return self._built.get(page_id)

    # Place on the screen.

    def _restore_place(self) -> None:
        try:
            saved = base64.b64decode(self._preferences.values.geometry)
        except ValueError:
            saved = b""  # The file was edited or damaged.
        done = bool(saved) and self.restoreGeometry(QByteArray(saved))
        if done and self._on_a_screen():
            self._exactly_where_it_was(saved)
        else:
            screen = QGuiApplication.primaryScreen().availableGeometry()
            wide, high = min(FIRST_SIZE[0], screen.width()), min(FIRST_SIZE[1], screen.height() - FRAME)
            self.resize(wide, high)
            top = screen.top() + max(0, (screen.height() - FRAME - high) // 2)
            self.move(screen.center().x() - wide // 2, top)

    def _exactly_where_it_was(self, saved: bytes) -> None:
        """`restoreGeometry` guesses how thick the frame is, and pushes a window that stands closer to an edge away from it:
        with a thinner frame than guessed it would come back some pixels lower. A screen that became smaller is left to it, and
        so is a place without a frame."""
        framed, before = _places(saved)
        # What the window is moved by has to stay in reach.
        top = QRect(before.left() + 40, framed.top(), before.width() - 80, 1)
        rooms = [one.availableGeometry() for one in QGuiApplication.screens()]
        fits = any(
            room.intersects(top) and room.width() >= before.width() and room.height() >= before.height()
            for room in rooms
        )
        if fits and framed != before and not self.windowState():
            self.setGeometry(before)

    def _on_a_screen(self) -> bool:
        """A window remembered on a screen that is gone would be out of reach."""
        frame = self.geometry()
        return any(
            screen.availableGeometry().intersects(frame.adjusted(40, 0, -40, -40))
            for screen in QGuiApplication.screens()
        )

    def remember_place(self) -> None:
        """Keep size and place for the next start. Of a hidden window they were kept as it went: without its frame, which the
        window manager takes away some time later, it seems to stand where the frame stood."""
        if self.isVisible():
            self._keep_place()

    def _keep_place(self) -> None:
        saved = base64.b64encode(bytes(self.saveGeometry().data())).decode()
        self._preferences.set(geometry=saved)

    # Coming and going.

    def bring_up(self) -> None:
        """Show the window in front of all others, ready to type."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def quit(self) -> None:
        """Close for good, tray or not."""
        self._quitting = True
        self.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.current and self._pages:
            self.show_page(next(iter(self._pages)))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._keep_place()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember_place()
        if not self._quitting and self._preferences.values.close_to_tray and self._tray_there():
            event.ignore()
            self.hide()
            self.hidden_to_tray.emit()
            return
        event.accept()
        self.closing.emit()


def _places(saved: bytes) -> tuple[QRect, QRect]:
    """The places with and without the frame in what `saveGeometry` wrote: magic number, two version numbers, then these two;
    empty ones where that cannot be read."""
    stream = QDataStream(QByteArray(saved))
    stream.readUInt32()
    stream.readUInt16()
    stream.readUInt16()
    framed, place = QRect(), QRect()
    stream >> framed >> place  # type: ignore[operator]
    return (framed, place) if stream.status() == QDataStream.Status.Ok else (QRect(), QRect())
