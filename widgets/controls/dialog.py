"""Dialogs: a title, content, buttons; Esc refuses, Enter accepts; the buttons stay on the screen however small it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from widgets.theme import ThemeManager

from .labels import button, label


class _Room(QScrollArea):
    """The content of a dialog that is higher than the screen: as large as it would like to be, and scrolled below that."""

    def __init__(self, content: QVBoxLayout, least: int) -> None:
        super().__init__()
        self._least = least
        holder = QWidget()
        holder.setLayout(content)
        # A layout of its own would take the style's margins: everything would move aside.
        content.setContentsMargins(0, 0, 0, 0)
        self.setWidget(holder)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        holder.setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        return self.widget().sizeHint() + QSize(self.verticalScrollBar().sizeHint().width(), 0)

    def minimumSizeHint(self) -> QSize:
        width = self.widget().minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(width, self._least)


class Dialog(QDialog):
    """Put widgets into `content`; add buttons with `add_button` from left to right, the main one last.

    On a screen that is too low for it, and when it grows beyond the screen, the content scrolls and title and buttons stay.
    """

    def __init__(
        self, themes: ThemeManager, title: str, parent: QWidget | None = None, *, width: int | None = None
    ) -> None:
        super().__init__(parent)
        self.themes = themes
        theme, space = themes.theme, themes.theme.space
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setMinimumWidth(width or theme.sizes.dialog)
        self.heading = label(title, "title", wrap=True)
        self.content = QVBoxLayout()
        self.content.setSpacing(space.s)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(space.s)
        self.foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xxl, space.xl, space.xxl, space.xl)
        column.setSpacing(0)
        self._column = column
        self._room: _Room | None = None
        column.addWidget(self.heading)
        column.addSpacing(space.m)
        column.addLayout(self.content, 1)
        column.addSpacing(space.xl)
        column.addLayout(self.foot)

    def setVisible(self, visible: bool) -> None:
        if visible and not self.isVisible():
            self.ensurePolished()
            self._fit()
        super().setVisible(visible)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest) and self.isVisible():
            self._fit()
        return done

    def _fit(self) -> None:
        """Keep the whole window, frame included, within the part of the screen that is free."""
        free = self.screen().availableGeometry()
        frame, inner = self.frameGeometry(), self.geometry()
        around = max(frame.height() - inner.height(), self.themes.theme.sizes.control)
        most = free.height() - around
        if self._room is None and self._needs() > most:
            self._lower_list(self._needs() - most)
            if self._needs() > most:
                self._scroll_content()
        if not self.isVisible():
            if self.sizeHint().height() > most:
                self.resize(max(self.sizeHint().width(), self.minimumWidth()), most)
            return
        if self.height() > most:
            self.resize(self.width(), most)
        below = self.frameGeometry().bottom() - free.bottom()
        if below > 0:
            self.move(self.x(), max(free.top(), self.y() - below))

    def _needs(self) -> int:
        needs = self._column.totalMinimumSize().height()
        if self._column.hasHeightForWidth():
            width = max(self.width(), self.minimumWidth())
            needs = max(needs, self._column.totalMinimumHeightForWidth(width))
        return needs

    def _lower_list(self, excess: int) -> None:
        """A list scrolls by itself: better fewer of its rows than one scroll area within another."""
        lists = [*self.findChildren(QAbstractItemView), *self.findChildren(QStackedWidget)]
        tallest = max(lists, key=lambda one: one.minimumHeight(), default=None)
        if tallest is not None:
            least = min(tallest.minimumHeight(), 2 * self.themes.theme.sizes.row)
            tallest.setMinimumHeight(max(least, tallest.minimumHeight() - excess))
            around = tallest.parentWidget()
            while around is not None and around is not self:
                # What lies around it (a stack of pages) keeps its own size too, until the loop comes round.
                around.updateGeometry()
                around = around.parentWidget()
            for one in self.findChildren(QLayout):
                one.invalidate()

    def _scroll_content(self) -> None:
        focused = self.focusWidget()
        inside = [
            one
            for one in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if not one.isHidden() and self.content.indexOf(one) >= 0
        ]
        place = self._column.indexOf(self.content)
        self._column.takeAt(place)
        self._room = _Room(self.content, self.themes.theme.sizes.avatar_large)
        self._column.insertWidget(place, self._room, 1)
        for one in inside:
            one.show()
        if focused is not None:
            focused.setFocus()

    def add_button(
        self,
        text: str,
        kind: str = "secondary",
        *,
        default: bool = False,
        slot: Callable[[], object] | None = None,
    ) -> QPushButton:
        """A button of the bottom row; `default` is what Enter presses."""
        made = button(text, kind)
        made.setAutoDefault(default)
        made.setDefault(default)
        made.setMinimumWidth(self.themes.theme.sizes.avatar_large)
        if slot is not None:
            made.clicked.connect(lambda _checked=False: slot())
        self.foot.addWidget(made)
        if default:
            made.setFocus()
        return made


class ConfirmDialog(Dialog):
    """A question; `ConfirmDialog(...).exec()` is true when the user agreed. `danger` makes the safe answer the default."""

    def __init__(
        self,
        themes: ThemeManager,
        title: str,
        text: str,
        accept: str = "确定",
        refuse: str = "取消",
        *,
        danger: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, title, parent)
        self.text = label(text, "body", "weak", wrap=True)
        self.content.addWidget(self.text)
        self.refuse_button = self.add_button(refuse, default=danger, slot=self.reject)
        self.accept_button = self.add_button(
            accept, "danger" if danger else "primary", default=not danger, slot=self.accept
        )
        for one in (self.refuse_button, self.accept_button):
            # Enter presses the answer that shows the ring, also after Tab has led to the other one.
            one.setAutoDefault(True)
        (self.refuse_button if danger else self.accept_button).setFocus()


class ErrorDialog(Dialog):
    """What went wrong in a clerk's words, what to do next, and the technical detail behind a fold (查看详情)."""

    def __init__(
        self,
        themes: ThemeManager,
        title: str,
        text: str,
        detail: str = "",
        retry: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, title, parent)
        self.text = label(text, "body", "weak", wrap=True)
        self.content.addWidget(self.text)
        self.fold = button("查看详情", "link")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._unfold)
        self.copy_button = button("复制详情", "link")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(detail))
        row = QHBoxLayout()
        row.addWidget(self.fold)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        self.content.addLayout(row)
        self.detail = QPlainTextEdit(detail)
        self.detail.setReadOnly(True)
        self.detail.setAccessibleName("错误详情")
        self.detail.setFixedHeight(themes.theme.sizes.detail)
        self.content.addWidget(self.detail)
        self.fold.setVisible(bool(detail))
        self._unfold(False)
        if retry:
            self.add_button("关闭", slot=self.reject)
            self.add_button(retry, "primary", default=True, slot=self.accept)
        else:
            self.add_button("知道了", "primary", default=True, slot=self.reject)

    def _unfold(self, shown: bool) -> None:
        self.fold.setText("收起详情" if shown else "查看详情")
        self.detail.setVisible(shown)
        self.copy_button.setVisible(shown)
        self.adjustSize()
