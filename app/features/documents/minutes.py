"""Minutes (3.2.4.4): a transcript becomes chapters, decisions, open points and tasks; edited, exported, sent to a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QDateEdit,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from offline_ai.minutes.digest import Action, Chapter, Minutes, Statement
from offline_ai.minutes.export import as_text
from offline_ai.minutes.transcript import Transcript
from widgets.controls import Banner, Dialog, EmptyNote, EmptyState, SearchField, button, label, surface
from widgets.theme import ThemeManager

from .desk import Work
from .parts import DropArea, origin_pill, wrapped
from .said import SaidPanel
from .service import ChatTarget, DocumentService

TRANSCRIPTS = "转写稿 (*.txt *.srt *.vtt *.docx)"
NO_SPEECH = "本机没有接入语音识别服务，请导入转写稿（txt、srt、vtt、docx），每段写成“姓名：内容”。"
SPEECH = "可以直接打开录音（mp3、wav、m4a 等），由语音识别服务转写："
RECORDINGS = "录音 (*.mp3 *.wav *.m4a *.aac *.flac *.ogg *.mp4 *.amr *.wma)"
_ID = Qt.ItemDataRole.UserRole


class ChatDialog(Dialog):
    """Which conversation the minutes go to."""

    def __init__(self, themes: ThemeManager, chats: list[ChatTarget], parent: QWidget) -> None:
        super().__init__(themes, "发送到会话", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._chats = chats
        self.search = SearchField(themes, "搜索会话")
        self.search.query_changed.connect(self._fill)
        self.list = QListWidget()
        self.list.setAccessibleName("会话")
        self.list.setMinimumHeight(themes.theme.sizes.list)
        self.nothing = EmptyNote(themes, self.list, "")
        self.list.itemDoubleClicked.connect(lambda _item: self.accept())
        self.content.addWidget(self.search)
        self.content.addWidget(self.list, 1)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发送", "primary", default=True, slot=self.accept)
        self._fill("")

    def _fill(self, text: str) -> None:
        self.list.clear()
        for chat in self._chats:
            if text.strip() in chat.title:
                item = QListWidgetItem(chat.title)
                item.setData(_ID, chat.id)
                self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.go.setEnabled(self.list.count() > 0)
        self.nothing.settle(
            "没有找到这个会话" if self._chats else "还没有会话。先在“消息”里发起聊天，再发送纪要。"
        )

    @property
    def chosen(self) -> str:
        """Id of the conversation, or ""."""
        item = self.list.currentItem()
        return item.data(_ID) if item is not None else ""


class MinutesPage(DropArea):
    """The transcript at the left, the minutes at the right, everything editable."""

    def __init__(
        self,
        service: DocumentService,
        themes: ThemeManager,
        work: Work,
        tell: Callable[[str, str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._themes = service, themes
        self._work, self._tell = work, tell
        self.minutes: Minutes | None = None
        self.path = Path()
        self.dialog: ChatDialog | None = None
        self._build()
        self.dropped.connect(lambda paths: self.open_transcript(Path(paths[0])))

    def _build(self) -> None:
        themes = self._themes
        first = QWidget()
        column = QVBoxLayout(first)
        self.speech = Banner(themes, NO_SPEECH)
        self.nothing = EmptyState(
            themes,
            "mic",
            "会议纪要",
            "导入会议转写稿，整理出议题、决定、待议问题和带责任人、时限的待办。",
            "打开转写稿…",
        )
        self.nothing.acted.connect(self.ask_open)
        if self._service.speech is not None:
            self.speech.say(f"{SPEECH}{self._service.speech.name}。")
        column.addWidget(self.speech)
        column.addWidget(self.nothing, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.said = SaidPanel(themes)
        self.split.addWidget(self.said)
        self.split.addWidget(self._right())
        self.split.setSizes([themes.theme.sizes.dialog + 60, themes.theme.sizes.picker + 100])
        self.split.setStretchFactor(1, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(first)
        self.stack.addWidget(self.split)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _right(self) -> QWidget:
        themes, space = self._themes, self._themes.theme.space
        right = surface("content")
        outer = QVBoxLayout(right)
        outer.setContentsMargins(space.xl, space.m, space.xl, space.l)
        outer.setSpacing(space.m)
        head = QHBoxLayout()
        self.title = QLineEdit()
        self.title.setAccessibleName("会议名称")
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy年M月d日")
        self.day.setAccessibleName("会议日期")
        head.addWidget(self.title, 1)
        head.addWidget(self.day)
        outer.addLayout(head)
        self.origin = QHBoxLayout()
        outer.addLayout(self.origin)
        self.note = wrapped("", "secondary", "warn")
        self.note.hide()
        outer.addWidget(self.note)
        inner = QWidget()
        inner.setProperty("surface", "content")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, space.s, 0)
        column.setSpacing(space.s)
        self.chapters = QPlainTextEdit()
        self.decisions = QPlainTextEdit()
        self.open_points = QPlainTextEdit()
        for name, field in (
            ("议题", self.chapters),
            ("决定事项", self.decisions),
            ("待议问题", self.open_points),
        ):
            field.setAccessibleName(name)
            field.setFixedHeight(themes.theme.grow(themes.theme.sizes.avatar_large + space.xxl))
            column.addWidget(label(name, "secondary", "strong"))
            column.addWidget(field)
        tasks = QHBoxLayout()
        tasks.addWidget(label("待办事项", "secondary", "strong"))
        tasks.addStretch(1)
        add, remove = button("添加", "secondary", "small"), button("删除所选", "secondary", "small")
        add.clicked.connect(lambda: self._row("", "", ""))
        remove.clicked.connect(self._remove_row)
        tasks.addWidget(add)
        tasks.addWidget(remove)
        column.addLayout(tasks)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["任务", "责任人", "完成时限"])
        self.table.setAccessibleName("待办事项")
        self.table.verticalHeader().hide()
        self.table.setWordWrap(True)
        self.table.setMinimumHeight(themes.theme.sizes.list_min)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, header.ResizeMode.Stretch)
        self.table.setColumnWidth(1, themes.theme.sizes.detail - 20)
        self.table.setColumnWidth(2, themes.theme.sizes.detail - 30)
        self.table.itemSelectionChanged.connect(self._task_chosen)
        column.addWidget(self.table)
        column.addWidget(label("发言要点", "secondary", "strong"))
        self.speakers = QPlainTextEdit()
        self.speakers.setReadOnly(True)
        self.speakers.setAccessibleName("发言要点")
        self.speakers.setFixedHeight(themes.theme.grow(themes.theme.sizes.detail))
        column.addWidget(self.speakers)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inner)
        outer.addWidget(scroll, 1)
        foot = QHBoxLayout()
        another = button("打开另一份…")
        another.clicked.connect(self.ask_open)
        self.send = button("发送到会话…")
        self.send.clicked.connect(self.ask_send)
        self.save = button("导出 docx…", "primary")
        self.save.clicked.connect(self._ask_save)
        foot.addWidget(another)
        foot.addStretch(1)
        foot.addWidget(self.send)
        foot.addWidget(self.save)
        outer.addLayout(foot)
        return right

    def ask_open(self) -> None:
        """Choose a transcript."""
        kinds = f"{TRANSCRIPTS};;{RECORDINGS}" if self._service.speech is not None else TRANSCRIPTS
        dialog = QFileDialog(self, "打开转写稿", "", f"{kinds};;所有文件 (*)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.open_transcript(Path(name)))
        dialog.open()

    def open_transcript(self, path: Path) -> None:
        """Digest a transcript; due dates count from the day that it names, else from today."""

        async def open_it() -> None:
            transcript, minutes, said = await self._service.minutes(path, date.today())
            if minutes is None:
                self._tell(said.reply, "warn")
                return
            self.path = path
            self.show_minutes(transcript, minutes, said.note)

        self._work(open_it(), "整理纪要", None)

    def show_minutes(self, transcript: Transcript, minutes: Minutes, note: str = "") -> None:
        """Fill the page. `note`: what is to be said about how they were made."""
        self.minutes = minutes
        self.said.put(transcript, minutes)
        self.title.setText(minutes.title)
        self.day.setDate(QDate(minutes.day.year, minutes.day.month, minutes.day.day))
        while (item := self.origin.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.origin.addWidget(origin_pill(minutes.origin))
        self.origin.addWidget(label("请核对后使用", "caption", "weak"))
        self.origin.addStretch(1)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.chapters.setPlainText("\n".join(chapter.title for chapter in minutes.chapters))
        self.decisions.setPlainText("\n".join(one.text for one in minutes.decisions))
        self.open_points.setPlainText("\n".join(one.text for one in minutes.open_points))
        self.table.setRowCount(0)
        for action in minutes.actions:
            self._row(
                action.text, action.owner, action.due.isoformat() if action.due else action.due_text, action
            )
        self.speakers.setPlainText(
            "\n".join(
                f"{speaker.name}（{speaker.times} 次）：" + " ".join(point.text for point in speaker.points)
                for speaker in minutes.speakers
            )
        )
        self.stack.setCurrentWidget(self.split)

    def _row(self, text: str, owner: str, due: str, action: Action | None = None) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, cell in enumerate((text, owner, due)):
            item = QTableWidgetItem(cell)
            if column == 0:
                item.setData(_ID, action)
            if column == 1 and action is not None and action.owner_id:
                item.setToolTip("已与通讯录对应")
            self.table.setItem(row, column, item)
        self.table.resizeRowToContents(row)

    def _remove_row(self) -> None:
        for row in sorted({index.row() for index in self.table.selectedIndexes()}, reverse=True):
            self.table.removeRow(row)

    def _task_chosen(self) -> None:
        """Show where the task was given."""
        item = self.table.item(self.table.currentRow(), 0)
        action = item.data(_ID) if item is not None else None
        if isinstance(action, Action):
            self.said.show_statement(action.source.utterance)
            self.table.setFocus()

    def edited(self) -> Minutes | None:
        """The minutes as the clerk left them."""
        if self.minutes is None:
            return None
        chosen = self.day.date()
        day = date(chosen.year(), chosen.month(), chosen.day())
        made = Minutes(self.title.text().strip() or "会议纪要", day, origin=self.minutes.origin)
        titles = [line.strip() for line in self.chapters.toPlainText().splitlines() if line.strip()]
        for at, title in enumerate(titles):
            if at < len(self.minutes.chapters):
                made.chapters.append(replace(self.minutes.chapters[at], title=title))
            else:
                # One that the clerk added: nothing that was said belongs to it.
                made.chapters.append(Chapter(title, -1, -1))
        made.speakers = self.minutes.speakers
        made.decisions = _lines(self.decisions, self.minutes.decisions)
        made.open_points = _lines(self.open_points, self.minutes.open_points)
        for row in range(self.table.rowCount()):
            text, owner, due = (
                item.text().strip() if (item := self.table.item(row, at)) is not None else ""
                for at in range(3)
            )
            if not text:
                continue
            first = self.table.item(row, 0)
            action = first.data(_ID) if first is not None else None
            source = action.source if isinstance(action, Action) else Statement(text, "", 0)
            known = action.owner_id if isinstance(action, Action) and action.owner == owner else ""
            made.actions.append(Action(text, owner, known, _date(due), due, source))
        return made

    def _ask_save(self) -> None:
        dialog = QFileDialog(
            self, "导出纪要", str(self.path.with_name(f"{self.path.stem}-纪要.docx")), "Word 文档 (*.docx)"
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("docx")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.open()

    def export_to(self, target: Path) -> None:
        """Write the edited minutes."""
        minutes = self.edited()
        if minutes is None:
            return

        async def write() -> None:
            await self._service.export_minutes(minutes, target)
            self._tell(f"已导出到“{target.name}”", "ok")

        self._work(write(), "导出纪要", None)

    def ask_send(self) -> None:
        """Choose a conversation and send."""

        async def ask() -> None:
            chats = await self._service.outside.chats()
            self.dialog = ChatDialog(self._themes, chats, self)
            dialog = self.dialog
            dialog.accepted.connect(lambda: self.send_to(dialog.chosen))
            dialog.open()

        self._work(ask(), "读取会话", None)

    def send_to(self, conversation_id: str) -> None:
        """Send the edited minutes as a text."""
        minutes = self.edited()
        if minutes is None or not conversation_id:
            return

        async def send() -> None:
            await self._service.outside.send(conversation_id, as_text(minutes))
            self._tell("纪要已发送", "ok")

        self._work(send(), "发送纪要", None)


def _lines(field: QPlainTextEdit, known: list[Statement]) -> list[Statement]:
    by_text = {one.text: one for one in known}
    lines = [line.strip() for line in field.toPlainText().splitlines() if line.strip()]
    return [by_text.get(line, Statement(line, "", 0)) for line in lines]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
