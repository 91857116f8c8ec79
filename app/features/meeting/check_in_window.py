"""The big screen of a meeting: the plan by seat, who just came, counts and the code; live over the server (3.1.6.4.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from app.session.http import is_loopback
from app.session.states import NetworkError
from app.shell.problems import describe
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.dialogs.preview import PlanPreview
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.model.plan import Attendance
from server_stub.contract.errors import ApiError
from server_stub.contract.meetings import Arrival, CheckInLink, CheckIns
from widgets.controls import Banner, IconButton, ToastHost, button, label, surface
from widgets.theme import ThemeManager

from .absences import AbsenceDialog, MarkDialog
from .qr import QrView, save_qr_pdf
from .seats_view import when_of
from .server_service import ServerPlans, iso

_WAIT_S = 10
"""Seconds that one call waits for news; below the caller's timeout."""
_AGAIN_S = 2.0
_REDRAW_MS = 150
"""A hall of 2,000 is drawn anew at most this often, however many come at once."""
_LINES = 200


class BigCount(QWidget):
    """How many came of how many, as large as the column allows: it is read from the back of a hall."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._text = ""
        self.setText("0 / 0")
        self.setFixedHeight(themes.theme.grow(themes.theme.sizes.avatar_large))

    def text(self) -> str:
        """What is shown."""
        return self._text

    def setText(self, text: str) -> None:
        """Show other numbers."""
        self._text = text
        self.setAccessibleName(f"签到 {text}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        font = theme.font("display", 700)
        font.setPixelSize(self.height() * 3 // 4)
        while font.pixelSize() > theme.px("body") and (
            QFontMetrics(font).horizontalAdvance(self._text) > self.width()
        ):
            font.setPixelSize(font.pixelSize() - 1)
        painter.setFont(font)
        painter.setPen(theme.color("brand_text"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._text)


class CheckInWindow(QWidget):
    """A window of its own, made full screen with F11. Signals: `closed()`, `absences_filled(attendee ids, ids of those who keep their seats, as few moves as possible)`: the host
    runs 缺席递补 on the plan, `updated()` when news was shown."""

    closed = Signal()
    absences_filled = Signal(list, list, bool)
    updated = Signal()

    def __init__(
        self, service: ServerPlans, themes: ThemeManager, meeting_id: str, document: Document
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._service, self._themes, self._meeting = service, themes, meeting_id
        self.document = _copy(document)
        self.document.plan.checkins = {}
        self.revision = 0
        self.present = self.expected = 0
        self.link = CheckInLink(path="", open=False)
        self.tasks = Tasks(self._failed)
        self.toasts = ToastHost(themes, self)
        self.choose_target: Callable[[str], str] = self._target
        self.dialog: QWidget | None = None
        self.setWindowTitle(f"签到 · {document.meeting.title}")
        self.setProperty("surface", "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self._build()
        self._keys()
        self.tasks.start(self._load_link(), "读取签到码")
        self.tasks.start(self._watch(), "读取签到")

    def _build(self) -> None:
        themes, space = self._themes, self._themes.theme.space
        meeting = self.document.meeting
        server = self._service.meeting(self._meeting)
        about = when_of(server.starts_at, server.ends_at) if server else meeting.start.replace("T", " ")
        head = QHBoxLayout()
        head.setSpacing(space.s)
        words = QVBoxLayout()
        words.setSpacing(space.half)
        words.addWidget(label(meeting.title or "会议签到", "headline", "strong"))
        words.addWidget(
            label(" · ".join(part for part in (about, meeting.place) if part), "secondary", "weak")
        )
        head.addLayout(words, 1)
        self.by_hand = button("手动签到…")
        self.by_hand.clicked.connect(self.ask_mark)
        self.absent = button("缺席递补…")
        self.absent.clicked.connect(self.ask_absences)
        self.toggle = button("关闭签到")
        self.toggle.clicked.connect(lambda: self.tasks.start(self._set(renew=False), "设置签到"))
        self.full = IconButton(themes, "fit", "全屏（F11）")
        self.full.clicked.connect(self.turn_full)
        for one in (self.by_hand, self.absent, self.toggle, self.full):
            head.addWidget(one)
        self.preview = PlanPreview(self.document, themes, "签到座位图")
        self.offline = Banner(themes, "", "warn", flat=True)
        self.offline.hide()
        side = surface("panel")
        side.setFixedWidth(themes.theme.grow(themes.theme.sizes.list))
        column = QVBoxLayout(side)
        column.setContentsMargins(space.l, space.l, space.l, space.l)
        column.setSpacing(space.m)
        self.counted = BigCount(themes)
        self.missing = label("", "secondary", "weak")
        self.missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.qr = QrView(themes, "")
        self.scan = label("手机扫码签到", "secondary", "strong")
        self.scan.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reach = label("", "caption", "warn", wrap=True)
        self.reach.hide()
        self.print = button("保存签到码…", "ghost")
        self.print.clicked.connect(self.save_code)
        self.renew = button("更换签到码", "ghost")
        self.renew.setToolTip("生成新的签到码，旧码立即失效")
        self.renew.clicked.connect(lambda: self.tasks.start(self._set(renew=True), "更换签到码"))
        codes = QHBoxLayout()
        codes.addWidget(self.print)
        codes.addWidget(self.renew)
        self.list = QListWidget()
        self.list.setAccessibleName("签到动态")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setProperty("plain", True)
        self.list.setWordWrap(True)
        self.list.setSpacing(space.half)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for one in (self.counted, self.missing, self.qr, self.scan, self.reach):
            column.addWidget(one)
        column.addLayout(codes)
        column.addWidget(label("签到动态", "secondary", "weak"))
        column.addWidget(self.list, 1)
        body = QHBoxLayout()
        body.setSpacing(space.l)
        body.addWidget(self.preview, 1)
        body.addWidget(side)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(space.xl, space.l, space.xl, space.l)
        whole.setSpacing(space.m)
        whole.addLayout(head)
        whole.addWidget(self.offline)
        whole.addLayout(body, 1)

    def _keys(self) -> None:
        for keys, slot in (("F11", self.turn_full), ("Esc", self._escape)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    # The code.

    @property
    def address(self) -> str:
        """What the code says."""
        return (self.link.address.rstrip("/") or self._service.server_url) + self.link.path

    async def _load_link(self) -> None:
        self._show_link(await self._service.calls.check_in_link(self._meeting))

    async def _set(self, *, renew: bool) -> None:
        is_open = True if renew else not self.link.open
        self._show_link(await self._service.calls.set_check_in(self._meeting, is_open=is_open, renew=renew))
        self.toasts.show(
            "已更换签到码，旧码已失效" if renew else "已开放签到" if is_open else "已关闭签到", "ok"
        )

    def _show_link(self, link: CheckInLink) -> None:
        self.link = link
        self.qr.show_text(self.address)
        self.toggle.setText("关闭签到" if link.open else "开放签到")
        self.scan.setText("手机扫码签到" if link.open else "签到已关闭")
        local = is_loopback(self.address)
        self.reach.setText(
            "服务器在本机，手机打不开这个签到码。请管理员设置服务器的对外地址（public_address）。"
            if local
            else ""
        )
        self.reach.setVisible(local)

    def save_code(self) -> None:
        """Save the sheet with the code as PDF."""
        name = self.choose_target(f"{self.document.meeting.title or '会议'} 签到码.pdf")
        if not name:
            return
        meeting = self.document.meeting
        line = " · ".join(part for part in (meeting.start.replace("T", " "), meeting.place) if part)
        try:
            save_qr_pdf(Path(name), self.address, meeting.title or "会议签到", line)
        except OSError as error:
            self.toasts.show(describe(error, "保存签到码").text, "bad")
        else:
            self.toasts.show("签到码已保存，可打印张贴", "ok")

    def _target(self, suggested: str) -> str:
        return QFileDialog.getSaveFileName(self, "保存签到码", suggested, "PDF (*.pdf)")[0]

    # Live.

    async def _watch(self) -> None:
        while True:
            try:
                news = await self._service.calls.check_ins(
                    self._meeting, self.revision, _WAIT_S if self.revision or self.expected else 0
                )
            except NetworkError:
                self.offline.say("连接已断开，正在重试；手机签到不受影响，恢复后自动补上。", "warn")
                self.offline.show()
                await asyncio.sleep(_AGAIN_S)
                continue
            self.offline.hide()
            self.take(news)

    def take(self, news: CheckIns) -> None:
        """Show what changed; a page older than what is shown changes nothing."""
        self._count(news.present, news.expected)
        fresh = [one for one in news.arrivals if one.revision > self.revision]
        for one in fresh:
            if one.present:
                self.document.plan.checkins[one.attendee_id] = Attendance(
                    at=iso(one.at), way=one.way, seat=one.seat_id
                )
                self.list.insertItem(0, _line(one))
            else:
                self.document.plan.checkins.pop(one.attendee_id, None)
                self.list.insertItem(0, f"撤销  {one.name}")
        while self.list.count() > _LINES:
            self.list.takeItem(self.list.count() - 1)
        self.list.scrollToTop()
        self.revision = max(self.revision, news.revision)
        if fresh and not self._redraw.isActive():
            self._redraw.start()
        self.updated.emit()

    def _count(self, present: int, expected: int) -> None:
        self.present, self.expected = present, expected
        self.counted.setText(f"{present} / {expected}")
        share = 100 * present / expected if expected else 0
        # Neither the first who comes nor the last who is missing is rounded away.
        told = f"{min(max(round(share), 1), 99)}%" if 0 < share < 100 else f"{round(share)}%"
        self.missing.setText(f"应到 {expected}，未到 {expected - present}，到会率 {told}")

    def _draw(self) -> None:
        self.preview.editing.changed.emit()

    def put(self, document: Document) -> None:
        """The plan changed: show it with the marks that are known."""
        marks = self.document.plan.checkins
        self.document = _copy(document)
        self.document.plan.checkins = marks
        self.preview.put(self.document, [])
        # The server tells the same with the next mark; nobody waits for it.
        here = {person.id for person in document.people if person.status == "attending"}
        self._count(sum(person in here for person in marks), len(here))

    def refresh_from(self, source: Callable[[], Document]) -> Callable[[], None]:
        """A slot that shows the document of `source` while this window lives."""
        alive = [True]
        self.closed.connect(lambda: alive.__setitem__(0, False))

        def slot() -> None:
            if alive[0] and source().plan.seats != self.document.plan.seats:
                self.put(source())

        return slot

    # By hand.

    def ask_mark(self) -> None:
        """Find somebody and mark him."""
        dialog = MarkDialog(self._themes, self.document, self.mark, self)
        self.dialog = dialog
        dialog.open()

    def mark(self, attendee_id: str, present: bool) -> None:
        """Check somebody in by hand, or take it back."""

        async def work() -> None:
            await self._service.calls.mark(self._meeting, attendee_id, present=present)

        self.tasks.start(work(), "手动签到")

    def ask_absences(self) -> None:
        """Choose who did not come and see who would move."""
        dialog = AbsenceDialog(self._themes, self.document, self.absences_filled.emit, self)
        self.dialog = dialog
        dialog.open()

    # The window.

    def turn_full(self) -> None:
        """Full screen and back."""
        (self.showNormal if self.isFullScreen() else self.showFullScreen)()

    def _escape(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.close()

    def _failed(self, error: BaseException, doing: str) -> None:
        self.toasts.show(describe(error, doing).text, "bad")
        if isinstance(error, ApiError) and doing == "读取签到":
            self.offline.say(f"{error.message}签到状态已停止更新。", "bad")
            self.offline.show()

    async def close_down(self) -> None:
        """End what runs and close."""
        await self.tasks.close()
        self.close()

    def closeEvent(self, event) -> None:
        self.closed.emit()
        super().closeEvent(event)


def _line(one: Arrival) -> str:
    at = datetime.fromtimestamp(one.at / 1000).strftime("%H:%M:%S")
    way = "" if one.way == "qr" else "（手动）"
    return f"{one.name}{way}  {one.seat or '无座位'}\n{at}  {one.unit}".rstrip()


def _copy(document: Document) -> Document:
    return msgspec.json.decode(msgspec.json.encode(document), type=Document)
