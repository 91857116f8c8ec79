"""Small dialogs of the assistant: a source's passage, why an answer was bad, another title."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.store.queries.assistant import MESSAGE, Mark
from widgets.controls import Dialog, FilterItem, FilterTabs, label
from widgets.theme import ThemeManager

from .library import Readable

REASONS = ("不准确", "没有回答问题", "来源不对", "表述不当", "其他")


class PassageDialog(Dialog):
    """The text of a source with the quoted words marked. Signals: `place_wanted()`: go to the message."""

    place_wanted = Signal()

    def __init__(
        self, themes: ThemeManager, mark: Mark, found: Readable, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, mark.title, parent)
        self.text = QPlainTextEdit(found.text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("来源原文")
        self.text.setMinimumHeight(themes.theme.sizes.panel)
        self.content.addWidget(self.text)
        start, end = (mark.start, mark.end)
        if mark.text and found.text[start:end] != mark.text:
            start = max(found.text.find(mark.text), 0)
            end = start + len(mark.text)
        cursor = self.text.textCursor()
        cursor.setPosition(min(start, len(found.text)))
        cursor.setPosition(min(end, len(found.text)), QTextCursor.MoveMode.KeepAnchor)
        shape = QTextCharFormat()
        shape.setBackground(themes.theme.color("brand_weak"))
        cursor.mergeCharFormat(shape)
        self.marked = cursor.selectedText()
        cursor.clearSelection()
        self.text.setTextCursor(cursor)
        self.text.ensureCursorVisible()
        self.add_button("关闭", slot=self.reject)
        self.go = self.add_button("在会话中查看", "primary", slot=self._go)
        self.go.setVisible(mark.key.startswith(MESSAGE))

    def _go(self) -> None:
        self.accept()
        self.place_wanted.emit()


class ReasonDialog(Dialog):
    """Why an answer was bad."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, "哪里不好？", parent)
        self.kinds = FilterTabs(themes, [FilterItem(one, one) for one in REASONS])
        self.more = QLineEdit()
        self.more.setPlaceholderText("补充说明（选填，会提交给管理员，请勿写入敏感内容）")
        self.more.setMaxLength(200)
        self.content.addWidget(self.kinds)
        self.content.addWidget(self.more)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("提交", "primary", default=True, slot=self.accept)

    @property
    def reason(self) -> str:
        """As it is kept."""
        return "：".join(filter(None, (self.kinds.current, self.more.text().strip())))


class TitleDialog(Dialog):
    """Another title for a talk."""

    def __init__(self, themes: ThemeManager, title: str, parent: QWidget | None = None) -> None:
        super().__init__(themes, "重命名对话", parent)
        self.field = QLineEdit(title)
        self.field.setMaxLength(60)
        self.field.setAccessibleName("对话名称")
        self.field.selectAll()
        self.hint = label("", "caption", "bad")
        self.content.addWidget(self.field)
        self.content.addWidget(self.hint)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("保存", "primary", default=True, slot=self._save)

    def _save(self) -> None:
        if self.field.text().strip():
            self.accept()
        else:
            self.hint.setText("请填写名称。")
