"""What can be done with one message, as a menu (E102, E105)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QMenu, QWidget

from app.store.records import MessageRow, MessageState, TransferRow, TransferState
from server_stub.contract.content import (
    CardContent,
    FileContent,
    FolderContent,
    ImageContent,
    LocationContent,
    MarkdownContent,
    MergedContent,
    NoticeContent,
    TextContent,
    VideoContent,
    VoiceContent,
    forwardable,
)
from widgets.theme import ThemeManager

from .preview_view import preview_kind

LINE = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `LINE` as name is a separator."""

    name: str
    label: str = ""
    icon: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides about the entries."""

    me: str
    now_ms: int
    recall_seconds: int
    writable: bool
    group: bool
    selected: bool = False
    """Part of the text is selected."""
    transfer: TransferRow | None = None
    saved: bool = False
    """The file was saved in this session: its folder can be shown."""
    transcriber: bool = False
    """Speech can be written down."""
    playing: bool = False
    contributed: tuple[Entry, ...] = ()
    """Entries of other features, their names begun with "contributed:"."""


def can_recall(row: MessageRow, at: Situation) -> bool:
    """Whether an own message may still be taken back."""
    return (
        row.sender_id == at.me
        and row.seq > 0
        and row.state is MessageState.OPENED
        and at.now_ms - row.sent_at <= at.recall_seconds * 1000
    )


def entries_of(row: MessageRow, at: Situation) -> list[Entry]:
    """The menu of a message, top to bottom."""
    content, made = row.content, list[Entry]()
    if row.state is MessageState.FAILED:
        made += [
            Entry("retry", "重新发送", "retry"),
            Entry("discard", "删除", "trash", danger=True),
            Entry(LINE),
        ]
    if isinstance(content, TextContent | NoticeContent | MarkdownContent) and row.state in _READABLE:
        made.append(Entry("copy", "复制所选文字" if at.selected else "复制", "copy"))
    if isinstance(content, ImageContent):
        made += [Entry("open", "查看图片", "eye"), Entry("copy", "复制图片", "copy")]
        made.append(Entry("save", "另存为…", "save"))
    if isinstance(content, FileContent):
        made += _of_file(at, preview=bool(preview_kind(content.file.name, content.file.size)))
    made += _of_kind(row, at)
    sent = row.seq > 0 and row.state is MessageState.OPENED
    if sent and at.writable:
        made += [Entry("reply", "回复", "reply"), Entry("emoji", "表情回复", "emoji")]
    if sent and forwardable(content):
        made.append(Entry("forward", "转发", "forward"))
    if sent:
        made.append(Entry("select", "多选", "list-select"))
    if sent and at.contributed:
        made += [Entry(LINE), *at.contributed, Entry(LINE)]
    if row.sender_id == at.me and row.seq > 0 and at.group and row.state is MessageState.OPENED:
        made.append(Entry("receipt", "查看已读", "eye"))
    if can_recall(row, at):
        made += [Entry(LINE), Entry("recall", "撤回", "recall")]
    if row.seq > 0:
        if not can_recall(row, at):
            made.append(Entry(LINE))
        made.append(Entry("remove", "删除", "trash", danger=True))
    while made and made[0].name == LINE:
        made.pop(0)
    while made and made[-1].name == LINE:
        made.pop()
    return made


_READABLE = (MessageState.OPENED, MessageState.PENDING, MessageState.FAILED)


def _of_kind(row: MessageRow, at: Situation) -> list[Entry]:
    match row.content:
        case VoiceContent() if row.state in _READABLE:
            made = [Entry("play", "暂停" if at.playing else "播放", "pause" if at.playing else "play")]
            if not row.transcript and row.seq > 0:
                label = "转文字" if at.transcriber else "转文字（未配置）"
                made.append(Entry("transcribe", label, "edit"))
            return [*made, Entry("copy", "复制文字", "copy")] if row.transcript else made
        case VideoContent():
            return [Entry("open", "播放", "play"), *_of_file(at)[1:]]
        case FolderContent():
            if at.transfer is not None and at.transfer.state in _MOVING:
                return _of_file(at)
            return [Entry("save", "保存到…", "save")]
        case CardContent():
            return [Entry("open", "查看名片", "user"), Entry("copy", "复制", "copy")]
        case LocationContent():
            return [Entry("open", "在地图中查看", "location"), Entry("copy-place", "复制位置", "copy")]
        case MergedContent():
            return [Entry("open", "查看聊天记录", "history"), Entry("copy", "复制", "copy")]
        case _:
            return []


_MOVING = (TransferState.RUNNING, TransferState.QUEUED, TransferState.PREPARING, TransferState.PAUSED)


def _of_file(at: Situation, *, preview: bool = False) -> list[Entry]:
    moving = at.transfer.state if at.transfer is not None else None
    made: list[Entry] = []
    if moving in (TransferState.RUNNING, TransferState.QUEUED, TransferState.PREPARING):
        if moving is TransferState.RUNNING:
            made.append(Entry("pause", "暂停", "pause"))
        return [*made, Entry("cancel", "取消", "close"), Entry(LINE)]
    if moving is TransferState.PAUSED:
        return [Entry("resume", "继续", "play"), Entry("cancel", "取消", "close"), Entry(LINE)]
    made = [Entry("open", "打开", "file"), Entry("save", "另存为…", "save")]
    if preview:
        made = [Entry("open", "预览", "eye"), Entry("outside", "用其他程序打开", "file"), made[1]]
    if at.saved:
        made.append(Entry("reveal", "在文件夹中显示", "folder"))
    return made


def build(
    entries: list[Entry], themes: ThemeManager, parent: QWidget, chosen: Callable[[str], None]
) -> QMenu:
    """The menu; `chosen` gets the entry's name."""
    menu = QMenu(parent)
    menu.setAccessibleName("消息菜单")
    for entry in entries:
        if entry.name == LINE:
            menu.addSeparator()
            continue
        icon = themes.icons.icon(entry.icon, "bad_text" if entry.danger else "text_2", 16)
        action = menu.addAction(icon, entry.label)
        action.setData(entry.name)
        action.triggered.connect(lambda _checked=False, name=entry.name: chosen(name))
    return menu
