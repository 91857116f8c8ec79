"""Turns an open conversation into the rows of the message list, with time lines and the line before what is new."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.store.records import (
    MESSAGE_STATE_TEXT,
    MemberRow,
    MessageRow,
    MessageState,
    TransferDirection,
    TransferRow,
    TransferState,
)
from server_stub.contract.content import (
    FILED,
    UNKNOWN_TEXT,
    FileContent,
    ImageContent,
    NoticeContent,
    Quote,
    SystemContent,
    TextContent,
)
from server_stub.contract.conversations import ConversationKind
from server_stub.contract.directory import Person
from widgets.chat.rows import (
    BubbleRow,
    Chip,
    FileBox,
    PictureBox,
    QuoteLine,
    RowAction,
    RowKind,
    RowState,
    Span,
    grouped,
    link_spans,
    mention_spans,
)

from .conversation_kinds import MOVING, VoiceLook, chips_of, kind_row, link_box
from .feed import ConversationFeed
from .mentions import EVERYONE, EVERYONE_NAME
from .receipts import receipt_text
from .sizes import progress_text, size_text
from .times import line_time, local, needs_line

UNREAD_KEY = "unread"
UNSUPPORTED = UNKNOWN_TEXT
RETRY = RowAction("retry", "重新发送")
DISCARD = RowAction("discard", "删除")
PAUSE, RESUME, CANCEL = RowAction("pause", "暂停"), RowAction("resume", "继续"), RowAction("cancel", "取消")
AGAIN = RowAction("resume", "重试")
EDIT = RowAction("edit", "重新编辑")
REPLY, MORE = RowAction("reply", "回复"), RowAction("more", "更多")
REACT = RowAction("emoji", "表情回复")
NOTICE = RowAction("notice", "查看详情")


class Speeds:
    """Bytes a second of the files on their way, from one change to the next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, int, float]] = {}

    def of(self, row: TransferRow) -> float:
        """The speed of a running transfer; 0 while it is not known."""
        now, before = self._clock(), self._seen.get(row.file_id)
        if row.state is not TransferState.RUNNING:
            self._seen.pop(row.file_id, None)
            return 0.0
        if before is None or row.done < before[1]:
            self._seen[row.file_id] = (now, row.done, 0.0)
            return 0.0
        then, done, speed = before
        if row.done > done and now - then > 0.2:
            each = row.size / max(1, row.chunks)
            fresh = (row.done - done) * each / (now - then)
            # Half of the old value: chunks arrive in bursts.
            speed = fresh if not speed else (fresh + speed) / 2
            self._seen[row.file_id] = (now, row.done, speed)
        return speed


def unit_text(person: Person | None) -> str:
    """The department of the main post."""
    if person is None or not person.posts:
        return ""
    return next((one for one in person.posts if one.main), person.posts[0]).unit_name


def post_text(person: Person | None) -> str:
    """Unit and title, as beside a name."""
    if person is None or not person.posts:
        return ""
    post = next((one for one in person.posts if one.main), person.posts[0])
    return f"{post.unit_name} {post.title}".strip()


def file_box(name: str, size: int, transfer: TransferRow | None, speed: float = 0.0) -> FileBox:
    """What a file card says for where the file is."""
    if transfer is None:
        return FileBox(name, f"{size_text(size)} · 已加密")
    up = transfer.direction is TransferDirection.UP
    done = round(transfer.fraction * size)
    match transfer.state:
        case TransferState.PREPARING:
            return FileBox(name, "正在加密…", 0.0, (CANCEL,))
        case TransferState.QUEUED:
            return FileBox(name, "等待上传" if up else "等待下载", transfer.fraction, (CANCEL,))
        case TransferState.RUNNING:
            return FileBox(name, progress_text(done, size, speed), transfer.fraction, (PAUSE, CANCEL))
        case TransferState.PAUSED:
            return FileBox(
                name, f"已暂停 · {progress_text(done, size, 0)}", transfer.fraction, (RESUME, CANCEL)
            )
        case TransferState.FAILED:
            words = transfer.error or ("上传失败" if up else "下载失败")
            return FileBox(name, words, None, (AGAIN,), bad=True)
        case _:
            return FileBox(name, f"{size_text(size)} · {'已加密' if up else '已下载'}")


@dataclass(frozen=True, slots=True)
class _Of:
    """Everything that a row is made of: when it is equal, so is the row."""

    row: MessageRow
    group: bool
    title: str
    name: str
    note: str
    writable: bool
    mark: str
    quoted: str
    names: tuple[tuple[str, str, bool], ...]
    transfer: TransferRow | None
    speed: float
    editable: bool
    recaller: str
    chips: tuple[Chip, ...]
    voice: VoiceLook | None


class RowMapper:
    """Maps a feed; rows that did not change are the same objects as before."""

    def __init__(self, feed: ConversationFeed, now_ms: Callable[[], int]) -> None:
        self._feed = feed
        self._now_ms = now_ms
        self._speeds = Speeds()
        self._made: dict[str, tuple[_Of, BubbleRow]] = {}
        self._gaps: dict[tuple[int, int], bool] = {}
        self._known_members: list[MemberRow] = []
        self._members: dict[str, MemberRow] = {}
        self.editable: set[str] = set()
        """Client ids of own messages taken back in this session, whose text can be edited again."""
        self.voices: dict[str, VoiceLook] = {}
        """Client ids of spoken messages that something goes on with."""

    def rows(self) -> list[BubbleRow]:
        """All rows, top to bottom."""
        feed, now = self._feed, self._now_ms()
        made: list[BubbleRow] = []
        kept: dict[str, tuple[_Of, BubbleRow]] = {}
        before, marked = 0, not feed.holds_first_unread
        for row in feed.window.all():
            if row.state is MessageState.REMOVED:
                continue
            if self._needs_line(before, row.sent_at):
                made.append(BubbleRow(f"date:{row.client_id}", RowKind.DATE, line_time(row.sent_at, now)))
            before = row.sent_at
            new = feed.unread_after >= 0 and row.seq > feed.unread_after and row.sender_id != feed.me
            if new and not marked:
                marked = True
                made.append(BubbleRow(UNREAD_KEY, RowKind.UNREAD, "以下为新消息"))
            of = self._of(row)
            known = self._made.get(row.client_id)
            bubble = known[1] if known is not None and known[0] == of else _bubble(of, feed.me)
            kept[row.client_id] = (of, bubble)
            made.append(bubble)
        self._made = kept
        return grouped(made)

    def _needs_line(self, before: int, at: int) -> bool:
        found = self._gaps.get((before, at))
        if found is None:
            found = self._gaps[before, at] = needs_line(before, at)
        return found

    def _name(self, id: str) -> str:
        """As `feed.name`, without looking through all members of a large group for each row."""
        feed = self._feed
        if feed.members is not self._known_members:
            self._known_members = feed.members
            self._members = {member.person_id: member for member in feed.members}
        member, person = self._members.get(id), feed.people.get(id)
        if member is not None and member.nickname:
            return member.nickname
        if person is not None:
            return person.name
        return member.name if member is not None else feed.name(id)

    def _of(self, row: MessageRow) -> _Of:
        feed, head = self._feed, self._feed.row
        kind = head.kind if head is not None else ConversationKind.GROUP
        own = row.sender_id == feed.me
        content, opened = row.content, row.state is MessageState.OPENED
        mark = ""
        if own and opened and kind is not ConversationKind.SERVICE and row.seq:
            told = feed.row is None or feed.row.rules.receipts
            if told:
                mark = receipt_text(feed.receipts, row.seq, group=kind is ConversationKind.GROUP)
        quote = getattr(content, "quote", None)
        names: tuple[tuple[str, str, bool], ...] = ()
        if isinstance(content, TextContent) and content.mentions:
            names = tuple(self._mention(id) for id in content.mentions)
        transfer, speed = None, 0.0
        if isinstance(content, FILED):
            transfer = feed.transfers.get(content.file.file_id)
            speed = self._speeds.of(transfer) if transfer is not None else 0.0
        title = head.title if head is not None else ""
        return _Of(
            row=row,
            group=kind is ConversationKind.GROUP,
            title=title,
            name=title if row.sender_id == "system" else self._name(row.sender_id),
            note=post_text(feed.people.get(row.sender_id)),
            writable=head is not None and head.writable,
            mark=mark,
            quoted=self._name(quote.sender_id) if isinstance(quote, Quote) else "",
            names=names,
            transfer=transfer,
            speed=speed,
            editable=row.client_id in self.editable,
            recaller=self._name(row.recalled_by) if row.recalled_by else "",
            chips=chips_of(row.reactions, feed.me, self._name),
            voice=self.voices.get(row.client_id),
        )

    def _mention(self, id: str) -> tuple[str, str, bool]:
        if id == EVERYONE:
            return EVERYONE_NAME, EVERYONE, True
        return self._name(id), id, id == self._feed.me


def _bubble(of: _Of, me: str) -> BubbleRow:
    row, content = of.row, of.row.content
    if row.state is MessageState.RECALLED:
        return _recalled(of, me)
    if isinstance(content, SystemContent):
        return BubbleRow(row.client_id, RowKind.SYSTEM, content.text)
    own = row.sender_id == me
    base = BubbleRow(
        key=row.client_id,
        kind=RowKind.TEXT,
        own=own,
        author=of.name if of.group and not own else "",
        author_note=of.note,
        author_id=row.sender_id,
        name=of.name,
        time=f"{local(row.sent_at):%H:%M}",
        state=_state(row),
        error=_error(of),
        mark=of.mark,
        mark_done=of.mark in ("已读", "全部已读"),
        mark_opens=of.group and bool(of.mark),
        actions=(RETRY, DISCARD) if row.state is MessageState.FAILED else (),
        quick=_quick(of),
        chips=of.chips,
        selectable=row.seq > 0 and row.state is not MessageState.RECALLED,
    )
    if row.state in MESSAGE_STATE_TEXT:
        return replace(base, text=MESSAGE_STATE_TEXT[row.state], muted=True)
    match content:
        case TextContent():
            spans = _spans(content.text, of.names)
            link = link_box(content.preview)
            return replace(base, text=content.text, spans=spans, quote=_quote(content.quote, of), link=link)
        case ImageContent():
            progress = None
            if of.transfer is not None and of.transfer.state in MOVING and own:
                progress = of.transfer.fraction
            box = PictureBox(content.width, content.height, content.thumbnail, progress)
            return replace(base, kind=RowKind.PICTURE, picture=box, quote=_quote(content.quote, of))
        case FileContent():
            box = file_box(content.file.name, content.file.size, of.transfer, of.speed)
            return replace(base, kind=RowKind.FILE, file=box, quote=_quote(content.quote, of))
        case NoticeContent():
            actions = (NOTICE,) if content.link else ()
            spans = _spans(content.text, ())
            return replace(
                base,
                kind=RowKind.NOTICE,
                title=content.title,
                text=content.text,
                spans=spans,
                actions=actions,
            )
        case _:
            made = kind_row(
                replace(base, quote=_quote(getattr(content, "quote", None), of)),
                content,
                voice=of.voice,
                transcript=row.transcript,
                transfer=of.transfer if own else None,
                file=lambda name, size: file_box(name, size, of.transfer, of.speed),
            )
            return made or replace(base, text=UNSUPPORTED, muted=True)


def _quick(of: _Of) -> tuple[RowAction, ...]:
    if of.row.state is not MessageState.OPENED:
        return (MORE,) if of.row.content is not None else ()
    return (REACT, REPLY, MORE) if of.writable else (MORE,)


def _state(row: MessageRow) -> RowState:
    if row.state is MessageState.PENDING:
        return RowState.PENDING
    return RowState.FAILED if row.state is MessageState.FAILED else RowState.SENT


def _error(of: _Of) -> str:
    return (of.row.error or "没有发送成功。") if of.row.state is MessageState.FAILED else ""


def _spans(text: str, names: tuple[tuple[str, str, bool], ...]) -> tuple[Span, ...]:
    links = link_spans(text)
    inside = {place for span in links for place in range(span.start, span.start + span.length)}
    named = [span for span in mention_spans(text, names) if span.start not in inside]
    return tuple(sorted([*links, *named], key=lambda span: span.start))


def _quote(quote: Quote | None, of: _Of) -> QuoteLine | None:
    return QuoteLine(of.quoted, quote.text) if quote is not None else None


def _recalled(of: _Of, me: str) -> BubbleRow:
    row = of.row
    if row.recalled_by == me and row.sender_id == me:
        text = "您撤回了一条消息"
    elif row.recalled_by == me:
        text = f"您撤回了{of.name}的一条消息"
    elif row.recalled_by and row.recalled_by != row.sender_id:
        text = f"{of.recaller}撤回了{of.name}的一条消息"
    else:
        text = f"{of.name}撤回了一条消息"
    return BubbleRow(row.client_id, RowKind.RECALLED, text, actions=(EDIT,) if of.editable else ())
