"""Above the messages: who or what one talks with, what can be done, the group's announcement."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind
from widgets.controls import ElidedLabel, IconButton, pill
from widgets.theme import Theme, ThemeManager

TYPING_MS = 5000


class ConversationHead(QFrame):
    """Signals: `search_wanted()`, `detail_toggled(bool)`."""

    search_wanted = Signal()
    detail_toggled = Signal(bool)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._state = ""
        self.setProperty("surface", "content")
        self.setProperty("line", "bottom")
        self.title = ElidedLabel(themes, "", "title")
        self.note = ElidedLabel(themes, "", "secondary", "text_2")
        self.sealed = pill("国密加密", "ok")
        self.sealed.setToolTip("消息用国密 SM4 算法在本机加密后才发出，服务器看不到内容。")
        self.search = IconButton(themes, "search", "查找聊天内容")
        self.search.clicked.connect(self.search_wanted)
        self.detail = IconButton(themes, "more", "会话详情")
        self.detail.setCheckable(True)
        self.detail.clicked.connect(self.detail_toggled)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._show_note)
        space = themes.theme.space
        self._tools = QHBoxLayout()
        self._tools.setSpacing(space.xs)
        self._tools.addWidget(self.search)
        self._tools.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xl, 0, space.l, 0)
        row.setSpacing(space.m)
        row.addWidget(self.title)
        row.addWidget(self.note)
        row.addWidget(self.sealed, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addLayout(self._tools)
        self._fit(themes.theme)
        themes.changed.connect(self._fit)

    def _fit(self, theme: Theme) -> None:
        self.setFixedHeight(theme.grow(theme.sizes.header))

    def add_tool(self, icon: str, text: str) -> IconButton:
        """A further button before the detail toggle; connect its `clicked`."""
        made = IconButton(self._themes, icon, text)
        self._tools.insertWidget(self._tools.count() - 1, made)
        return made

    def show_conversation(self, row: ConversationRow, state: str) -> None:
        """Name the conversation; `state` is the presence of a single chat's peer."""
        self.title.setText(row.title)
        group = row.kind is ConversationKind.GROUP
        self._state = f"{row.member_count} 人" if group and row.member_count else state
        self.sealed.setVisible(row.kind is not ConversationKind.SERVICE)
        if not self._typing.isActive():
            self._show_note()

    def set_loading(self, title: str) -> None:
        """A conversation is being opened."""
        self._typing.stop()
        self._state = ""
        self.title.setText(title)
        self.sealed.hide()
        self._show_note()

    def show_typing(self, who: str) -> None:
        """Somebody writes; forgotten after five seconds. `who` is empty in a single chat."""
        self.note.setText(f"{who}正在输入…" if who else "对方正在输入…")
        self.note.set_color("brand_text")
        self.note.show()
        self._typing.start()

    def typing_over(self) -> None:
        """A message came of it."""
        self._typing.stop()
        self._show_note()

    def _show_note(self) -> None:
        self.note.setText(self._state)
        self.note.set_color("text_2")
        self.note.setVisible(bool(self._state))


class AnnouncementStrip(QFrame):
    """The group's announcement in one line; put away until it changes. Signals: `opened()` to read it all."""

    opened = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._put_away: dict[str, str] = {}
        self._now = ("", "")
        self._elsewhere = False
        self.setProperty("surface", "list")
        self.setProperty("line", "bottom")
        space, sizes = themes.theme.space, themes.theme.sizes
        self.button = IconButton(themes, "announcement", "查看群公告", size=sizes.control_small, icon_size=16)
        self.button.clicked.connect(self.opened)
        self.text = ElidedLabel(themes, "", "secondary")
        self.close_button = IconButton(
            themes, "close", "收起公告", size=sizes.control_small, icon_size=sizes.icon_small
        )
        self.close_button.clicked.connect(self._away)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.half, space.l, space.half)
        row.setSpacing(space.s)
        row.addWidget(self.button)
        row.addWidget(self.text, 1)
        row.addWidget(self.close_button)
        self.hide()

    def say(self, conversation_id: str, text: str) -> None:
        """Show a conversation's announcement, unless this very text was put away before."""
        self._now = (conversation_id, text)
        self.text.setText(text)
        self._settle()

    def set_elsewhere(self, elsewhere: bool) -> None:
        """The detail panel shows the announcement in full: it is not said twice."""
        self._elsewhere = elsewhere
        self._settle()

    def _settle(self) -> None:
        conversation_id, text = self._now
        fresh = bool(text) and self._put_away.get(conversation_id) != text
        self.setVisible(fresh and not self._elsewhere)

    def _away(self) -> None:
        self._put_away[self._now[0]] = self._now[1]
        self.hide()
