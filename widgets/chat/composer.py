"""The composer: where a message is written, with emoji, names, files, pictures and screenshots (E095, E097, E106)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets.controls import IconButton, WindowedPopup, button, label
from widgets.emoji import EmojiPanel
from widgets.theme import Theme, ThemeManager
from widgets.theme.stylesheet import restyle

from .composer_edit import ComposerEdit, files_of
from .composer_mentions import MentionPopup
from .composer_names import ComposerNames, MentionSource
from .composer_parts import ClosedLine, ReplyStrip
from .voice_strip import VoiceStrip

MAX_CHARACTERS = 5000
DRAFT_DELAY_MS = 400
SHARE_OF_HEIGHT = 3
"""The input grows to this part of its page's height."""
PICTURES = "图片 (*.png *.jpg *.jpeg *.bmp *.gif *.webp)"


TOOLS = ("emoji", "at", "file", "picture", "screenshot", "voice", "plus")
"""Keys of the buttons above the text, in their usual order."""


class Composer(QFrame):
    """Signals: `submitted(text, ids mentioned)`, after which it is empty; `files_chosen(list[Path])` by button;
    `files_brought(list[Path])` by paste or drop; `picture_pasted(QImage)`; `screenshot_requested()`; `typed()` at every change by the user; `draft_changed(text)` when typing
    rests, at once when it is emptied by sending; `reply_cleared()` when the answer strip goes (closed, Esc or sent);
    `recent_emoji_changed(list[str])`; `voice_requested()`, `plus_requested()` by the buttons; `preview_cleared()`.

    Its colours come from the theme; it must lie in a window, over which the list of people opens.
    """

    submitted = Signal(str, list)
    files_chosen = Signal(list)
    files_brought = Signal(list)
    picture_pasted = Signal(QImage)
    screenshot_requested = Signal()
    typed = Signal()
    draft_changed = Signal(str)
    reply_cleared = Signal()
    recent_emoji_changed = Signal(list)
    voice_requested = Signal()
    plus_requested = Signal()
    preview_cleared = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        limit: int = MAX_CHARACTERS,
        recent_emoji: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._limit = limit
        self._recent = list(recent_emoji)
        self._reason = ""
        self._quiet = False
        self._emoji: WindowedPopup | None = None
        self._watched: QWidget | None = None
        self.setProperty("surface", "content")
        self.setProperty("line", "top")
        self.setAcceptDrops(True)
        self.edit = ComposerEdit(themes)
        self.edit.setAccessibleName("消息输入框")
        self.edit.setPlaceholderText("输入消息")
        self.names = ComposerNames(themes, self.edit)
        self.reply = ReplyStrip(themes)
        self.reply.closed.connect(self._reply_closed)
        self.reply.hide()
        self.preview = ReplyStrip(themes)
        self.preview.closed.connect(self._preview_closed)
        self.preview.hide()
        self.voice = VoiceStrip(themes)
        self.voice.hide()
        self.hint = label("", "caption")
        self.send = button("发送", "primary")
        self.send.clicked.connect(self._submit)
        self.closed_line = ClosedLine(themes)
        self.closed_line.hide()
        self._draft_timer = QTimer(self)
        self._draft_timer.setSingleShot(True)
        self._draft_timer.setInterval(DRAFT_DELAY_MS)
        self._draft_timer.timeout.connect(self._say_draft)
        self._lay_out()
        self._connect()
        self.set_enter_sends(True)
        themes.changed.connect(self._redress)

    def _lay_out(self) -> None:
        themes, space = self._themes, self._themes.theme.space
        self.emoji_button = IconButton(themes, "emoji", "表情")
        self.at_button = IconButton(themes, "at", "提醒某人（@）")
        self.file_button = IconButton(themes, "paperclip", "发送文件")
        self.picture_button = IconButton(themes, "image", "发送图片")
        self.screenshot_button = IconButton(themes, "screenshot", "截图")
        self.voice_button = IconButton(themes, "mic", "语音消息")
        self.plus_button = IconButton(themes, "plus", "更多：视频、文件夹、名片、位置…")
        tools = self._tools = QHBoxLayout()
        tools.setSpacing(space.xs)
        self.buttons = (
            self.emoji_button,
            self.at_button,
            self.file_button,
            self.picture_button,
            self.screenshot_button,
            self.voice_button,
            self.plus_button,
        )
        for one in self.buttons:
            tools.addWidget(one)
        self.tools: dict[str, IconButton] = dict(zip(TOOLS, self.buttons, strict=True))
        tools.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(space.m)
        foot.addStretch(1)
        foot.addWidget(self.hint)
        foot.addWidget(self.send)
        self.body = QWidget()
        # The icons have 6 px of air inside their buttons: the text below begins where the first icon does.
        inset = (self.emoji_button.width() - themes.theme.sizes.icon) // 2
        column = QVBoxLayout(self.body)
        column.setContentsMargins(space.xl - inset, space.xs, space.xl, space.m)
        column.setSpacing(space.xs)
        column.addLayout(tools)
        inner = QVBoxLayout()
        inner.setContentsMargins(inset, 0, 0, 0)
        inner.setSpacing(space.s)
        inner.addWidget(self.reply)
        inner.addWidget(self.preview)
        inner.addWidget(self.edit)
        inner.addWidget(self.voice)
        inner.addLayout(foot)
        column.addLayout(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 1, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.body)
        whole.addWidget(self.closed_line)
        # By keyboard the text comes first, then what can be added to it.
        order = (self.edit, self.send, *self.buttons)
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.setFocusProxy(self.edit)

    def arrange_tools(self, shown: Sequence[str]) -> None:
        """Show these buttons in this order, and hide the others (会话工具栏)."""
        wanted = [one for one in shown if one in self.tools]
        for one in self.tools.values():
            self._tools.removeWidget(one)
        for place, key in enumerate([*wanted, *(one for one in TOOLS if one not in wanted)]):
            self._tools.insertWidget(place, self.tools[key])
            self.tools[key].setVisible(key in wanted)

    def _connect(self) -> None:
        edit = self.edit
        edit.textChanged.connect(self._text_changed)
        edit.cursorPositionChanged.connect(self._cursor_moved)
        edit.entered.connect(self._submit)
        edit.escaped.connect(self._escaped)
        edit.left.connect(self._left)
        edit.files_given.connect(self.files_brought)
        edit.picture_given.connect(self.picture_pasted)
        edit.height_wanted.connect(lambda _height: self._fit())
        self.emoji_button.clicked.connect(self.open_emoji)
        self.at_button.clicked.connect(self.names.begin)
        self.file_button.clicked.connect(lambda: self._choose_files("选择要发送的文件", ""))
        self.picture_button.clicked.connect(lambda: self._choose_files("选择要发送的图片", PICTURES))
        self.screenshot_button.clicked.connect(self.screenshot_requested)
        self.voice_button.clicked.connect(self.voice_requested)
        self.plus_button.clicked.connect(self.plus_requested)

    # What it holds.

    def text(self) -> str:
        """What is written."""
        return self.edit.toPlainText()

    def set_text(self, text: str, mentions: Mapping[str, str] | None = None) -> None:
        """Show a draft (no signals); `mentions`: id → name of people named in it."""
        self._draft_timer.stop()
        self.names.chosen = dict(mentions or {})
        self._quiet = True
        try:
            self.edit.setPlainText(text)
            cursor = self.edit.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            self.edit.setTextCursor(cursor)
        finally:
            self._quiet = False
        self.names.hide()
        self._show_state()

    def mentions(self) -> list[str]:
        """Ids of the people chosen from the list whose names still stand in the text."""
        return self.names.named()

    def set_reply(self, author: str, text: str) -> None:
        """Say what is being answered."""
        self.reply.say(author, text)
        self.reply.show()
        self.focus_text()

    def clear_reply(self) -> None:
        """Take the answer strip away without a signal."""
        self.reply.hide()

    def set_preview(self, words: str) -> None:
        """Say which page's card goes along with the text; "" for none."""
        if words:
            self.preview.say_words(words, "不发送链接预览")
        self.preview.setVisible(bool(words))

    def _preview_closed(self) -> None:
        self.preview.hide()
        self.preview_cleared.emit()

    def set_recording(self, on: bool) -> None:
        """While something is recorded the strip stands where the input was."""
        for one in (self.edit, self.hint, self.send):
            one.setVisible(not on)
        for one in self.buttons:
            one.setEnabled(not on)
        self.voice.setVisible(on)
        if on:
            self.voice.begin()
            self.voice.setFocus()
        else:
            self.focus_text()

    def set_enter_sends(self, enter: bool) -> None:
        """Enter sends (True), or Ctrl+Enter does."""
        self.edit.enter_sends = enter
        self.send.setToolTip("发送（Enter）" if enter else "发送（Ctrl+Enter）")
        self._show_state()

    def set_mention_source(self, source: MentionSource | None) -> None:
        """Who is offered for what was typed after @ (name, pinyin); None (single chats) switches it off."""
        self.names.source = source
        self.at_button.setVisible(source is not None)

    def set_placeholder(self, text: str) -> None:
        """The pale text of an empty input."""
        self.edit.setPlaceholderText(text)

    @property
    def themes(self) -> ThemeManager:
        """What it is dressed by."""
        return self._themes

    def set_disabled_reason(self, reason: str) -> None:
        """Close the input and say why; "" opens it."""
        if reason == self._reason:
            # Said at every change of the conversation, also when the own draft was kept: an open list of names stays.
            return
        self._reason = reason
        self.closed_line.label.setText(reason)
        self.closed_line.setVisible(bool(reason))
        self.body.setVisible(not reason)
        self.setAcceptDrops(not reason)
        self.names.hide()

    def focus_text(self) -> None:
        """Put the keyboard into the text."""
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def flush_draft(self) -> None:
        """Report an outstanding draft now (the conversation is left)."""
        if self._draft_timer.isActive():
            self._draft_timer.stop()
            self._say_draft()

    # Writing.

    def _text_changed(self) -> None:
        self._show_state()
        if not self._quiet:
            self._draft_timer.start()
            self.typed.emit()

    def _cursor_moved(self) -> None:
        if not self._quiet:
            self.names.offer()

    def _say_draft(self) -> None:
        self.draft_changed.emit(self.text())

    def _show_state(self) -> None:
        count, limit = len(self.text()), self._limit
        over = count - limit
        if over > 0:
            words, tone = f"最多 {limit} 字，已超出 {over} 字。请删减，或改为发送文件。", "bad"
        elif count > limit * 0.9:
            words, tone = f"还可输入 {limit - count} 字", ""
        elif self.edit.enter_sends:
            words, tone = "Enter 发送，Ctrl+Enter 换行", ""
        else:
            words, tone = "Ctrl+Enter 发送，Enter 换行", ""
        if self.hint.text() != words:
            self.hint.setText(words)
        if (self.hint.property("tone") or "") != tone:
            self.hint.setProperty("tone", tone)
            restyle(self.hint)
        self.send.setEnabled(self.can_send)

    @property
    def can_send(self) -> bool:
        """Whether there is something to send, and not too much of it."""
        text = self.text()
        return bool(text.strip()) and len(text) <= self._limit and not self._reason

    def _submit(self) -> None:
        if not self.can_send or self.edit.composing:
            return
        text, ids = self.text().strip("\n"), self.mentions()
        self.submitted.emit(text, ids)
        self.set_text("")
        self.set_preview("")
        self.draft_changed.emit("")
        if self.reply.isVisibleTo(self):
            self._reply_closed()
        self.focus_text()

    def _reply_closed(self) -> None:
        self.reply.hide()
        self.reply_cleared.emit()

    def _escaped(self) -> None:
        if self.edit.choosing:
            self.names.hide()
        elif self.reply.isVisibleTo(self):
            self._reply_closed()

    def _left(self) -> None:
        self.names.hide()
        self.flush_draft()

    @property
    def name_list(self) -> MentionPopup | None:
        """The list of people while it is open."""
        return self.names.open_popup

    # Emoji and files.

    def open_emoji(self) -> None:
        """Open the panel above its button."""
        panel = EmojiPanel(self._themes, self._recent)
        popup = WindowedPopup(self._themes, panel, self)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.setAccessibleName("表情")
        panel.recent_changed.connect(self._remember_emoji)
        panel.chosen.connect(self._take_emoji)
        popup.closed.connect(self._emoji_closed)
        self._emoji = popup
        popup.open_at(self.emoji_button, "above")

    @property
    def emoji_popup(self) -> WindowedPopup | None:
        """The panel while it is open."""
        return self._emoji

    def _emoji_closed(self) -> None:
        self._emoji = None

    def _remember_emoji(self, recent: list[str]) -> None:
        self._recent = recent
        self.recent_emoji_changed.emit(recent)

    def _take_emoji(self, text: str) -> None:
        if self._emoji is not None:
            self._emoji.close()
        self.focus_text()
        self.edit.insert(text)

    def _choose_files(self, title: str, kinds: str) -> None:
        dialog = QFileDialog(self, title, "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.files_chosen.emit([Path(name) for name in names]))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = files_of(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.files_brought.emit(paths)

    # Size.

    def _fit(self) -> None:
        parent = self.parentWidget()
        sizes = self._themes.theme.sizes
        most = max(sizes.composer_min, (parent.height() if parent else self.height()) // SHARE_OF_HEIGHT)
        wanted = max(sizes.composer_min, self.edit.text_height())
        self.edit.setFixedHeight(min(most, wanted))
        scrolls = wanted > most
        self.edit.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )

    def _redress(self, _theme: Theme) -> None:
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._themes.theme.sizes.list_min, super().minimumSizeHint().height())

    def event(self, e: QEvent) -> bool:
        if e.type() in (QEvent.Type.ParentChange, QEvent.Type.Show):
            parent = self.parentWidget()
            if parent is not self._watched:
                if self._watched is not None:
                    self._watched.removeEventFilter(self)
                self._watched = parent
                if parent is not None:
                    parent.installEventFilter(self)
            self._fit()
        return super().event(e)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._watched and event.type() == QEvent.Type.Resize:
            self._fit()
            self.names.hide()
        return super().eventFilter(watched, event)
