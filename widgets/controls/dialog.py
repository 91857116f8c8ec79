"""Dialogs: a title, content, buttons; Esc refuses, Enter accepts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .labels import button, label


class Dialog(QDialog):
    """Put widgets into `content`; add buttons with `add_button` from left to right, the main one last."""

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
        column.addWidget(self.heading)
        column.addSpacing(space.m)
        column.addLayout(self.content, 1)
        column.addSpacing(space.xl)
        column.addLayout(self.foot)

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
