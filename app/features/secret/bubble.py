"""One secret message as it is painted: an invitation until it is revealed, nothing to select, copy, drag or read aloud."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.session.secret import Burnt, SecretBody
from server_stub.contract.secret import SecretFile, SecretPicture, SecretText, SecretVoice
from widgets.controls.painted import Painted, focus_frame, round_rect
from widgets.guard import CaptureGuard, HoldToReveal
from widgets.theme import ThemeManager

from .edit import points


class Way(Enum):
    """How a message is read: the three levels."""

    TAP = "tap"
    HOLD = "hold"
    LINES = "lines"


INVITATION = {Way.TAP: "点按查看", Way.HOLD: "按住查看", Way.LINES: "按住逐行查看"}
_OPENING = "正在打开…"


class SecretBubble(Painted):
    """Signals: `wanted()` when the content is to be fetched, `viewer_wanted()` when a picture or file is to be seen large,
    `played()` for a recording, `looked()` at each beginning of looking.

    What is inside is laid out from `body` at each painting and kept by nobody here. While it is not shown the bubble is as
    large as its invitation: the length of a secret says something about it.
    """

    wanted = Signal()
    viewer_wanted = Signal()
    played = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        guard: CaptureGuard,
        way: Way,
        *,
        own: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._guard = guard
        self._way = way
        self._own = own
        self._body: SecretBody | None = None
        self._open = False
        self._opening = False
        self._most = themes.theme.sizes.bubble_text_max
        self.hold = HoldToReveal(self, guard) if way is not Way.TAP else None
        if self.hold is not None:
            self.hold.changed.connect(self._held)
        guard.lease_changed.connect(self._describe)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()
        self._fit()

    # State.

    @property
    def body(self) -> SecretBody | None:
        """The content, once it was fetched."""
        return self._body

    @property
    def is_shown(self) -> bool:
        """Whether the content is painted now."""
        looking = self._open if self.hold is None else self.hold.is_held
        return looking and self._body is not None and not self._body.is_burnt

    def give(self, body: SecretBody) -> None:
        """The content came."""
        self._body, self._opening = body, False
        self._fit()
        self._describe()

    def failed(self) -> None:
        """It did not come."""
        self._opening = self._open = False
        self._fit()

    def close_up(self) -> None:
        """Show the invitation again and forget the content; it can be fetched again while it exists."""
        if self._body is not None:
            self._body.burn()
        self._body, self._open, self._opening = None, False, False
        if self.hold is not None:
            self.hold.end()
        self._fit()
        self._describe()

    def reveal(self) -> None:
        """Show it without being asked (an own message under 标准)."""
        self._open = True
        self._fit()

    def set_most(self, width: int) -> None:
        """The room that there is."""
        if width != self._most:
            self._most = width
            self._fit()

    # Asking for it.

    def _held(self, held: bool) -> None:
        if held:
            self._ask()
        self._fit()

    def _ask(self) -> None:
        if self._body is None and not self._opening:
            self._opening = True
            self.wanted.emit()

    def _tap(self) -> None:
        if self._guard.is_concealed:
            return
        if not self._open:
            self._open = True
            self._ask()
            self._fit()
        elif self._body is not None:
            self._act()

    def _act(self) -> None:
        """What a second tap does."""
        if self._body is None or self._body.is_burnt:
            return
        content = self._body.look().content
        if isinstance(content, SecretPicture | SecretFile):
            self.viewer_wanted.emit()
        elif isinstance(content, SecretVoice):
            self.played.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self.hold is None and event.button() == Qt.MouseButton.LeftButton and inside:
            self._tap()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.hold is not None:
            self._act()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.hold is None and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tap()
            return
        held = self.hold is not None and self.hold.is_held
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if held and step and self.hold is not None:
            line = self.theme.line("body")
            y = min(max(self.hold.position.y() + step * line, self._edge), self.height() - self._edge - 1)
            self.hold.move_to(QPointF(self.hold.position.x(), y))
            return
        super().keyPressEvent(event)

    # Assistive tools are told what stands there only while an exception runs.

    def _describe(self, _lease: object = None) -> None:
        words = INVITATION[self._way] if self._body is None else "密聊消息"
        self.setAccessibleName(words)
        spoken = ""
        if self._guard.assistive_allowed and self._open and self._body is not None:
            try:
                content = self._body.look().content
            except Burnt:
                content = None
            spoken = content.text if isinstance(content, SecretText) else ""
        self.setAccessibleDescription(spoken)

    # Size.

    @property
    def _edge(self) -> int:
        return self.theme.space.s + self.theme.space.half

    def _fit(self) -> None:
        size = self._content_size() if self.is_shown else self._invitation_size()
        if self.size() != size:
            self.setFixedSize(size)
        self.update()

    def _invitation_size(self) -> QSize:
        space, sizes = self.theme.space, self.theme.sizes
        words = QFontMetricsF(self.theme.font("body")).horizontalAdvance(self._words())
        width = max(sizes.detail, round(words) + sizes.icon + 2 * space.l + space.s)
        return QSize(width, self.theme.line("body") + 2 * self._edge)

    def _words(self) -> str:
        return _OPENING if self._opening else INVITATION[self._way]

    def _content_size(self) -> QSize:
        theme, space, sizes = self.theme, self.theme.space, self.theme.sizes
        if self._body is None:
            return self._invitation_size()
        content = self._body.look().content
        if isinstance(content, SecretPicture):
            scale = min(1.0, sizes.picture_max / max(1, content.width, content.height))
            return QSize(
                max(sizes.picture_min, round(content.width * scale)),
                max(sizes.picture_min // 2, round(content.height * scale)),
            )
        if isinstance(content, SecretFile):
            return QSize(min(self._most, sizes.file_card), sizes.file_icon + 2 * space.m)
        if isinstance(content, SecretVoice):
            return QSize(sizes.detail + sizes.row, theme.line("body") + 2 * self._edge)
        metrics = QFontMetricsF(theme.font("body"))
        wide = max((metrics.horizontalAdvance(line) for line in content.text.split("\n")), default=0)
        width = min(self._most, round(wide) + 2 * space.m + space.xs)
        if self._way is not Way.TAP:
            width = max(width, self._invitation_size().width())
        laid = _lay(content.text, theme.font("body"), width - 2 * space.m, theme.line("body"))
        return QSize(width, laid.lineCount() * theme.line("body") + 2 * self._edge)

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "bubble_secret" if self._own else "bubble_other"
        round_rect(painter, QRectF(self.rect()), theme.radius.bubble, theme.color(ground))
        if self.is_shown:
            self._paint_content(painter)
        else:
            self._paint_invitation(painter)
        if self.hasFocus():
            focus_frame(painter, QRectF(self.rect()), theme.radius.bubble, theme)

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(self.theme.space.m, self._edge, -self.theme.space.m, -self._edge)

    def _paint_invitation(self, painter: QPainter) -> None:
        theme, room = self.theme, self._room()
        side = theme.sizes.icon
        place = QRectF(room.left(), room.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, "eye", place, "text_2")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_2"))
        words = QRectF(place.right() + theme.space.s, room.top(), room.width(), room.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._words())

    def _paint_content(self, painter: QPainter) -> None:
        if self._body is None:
            return
        content, data = self._body.look()
        if isinstance(content, SecretText):
            self._paint_text(painter, content.text)
        elif isinstance(content, SecretPicture):
            self._paint_picture(painter, data)
        elif isinstance(content, SecretFile):
            self._paint_card(painter, "file", content.name, _size_words(content.size) + " · 再点一次查看")
        else:
            seconds = max(1, round(content.duration_ms / 1000))
            self._paint_line(
                painter,
                "play",
                f"语音 {seconds} 秒 · 再点播放" if self._way is Way.TAP else f"语音 {seconds} 秒 · 双击播放",
            )

    def _paint_text(self, painter: QPainter, text: str) -> None:
        theme, room = self.theme, self._room()
        laid = _lay(text, theme.font("body"), room.width(), theme.line("body"))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        shown = -1
        if self._way is Way.LINES and self.hold is not None:
            shown = int((self.hold.position.y() - room.top()) // theme.line("body"))
        for number in range(laid.lineCount()):
            line = laid.lineAt(number)
            place = QRectF(room.left(), room.top() + line.y(), room.width(), theme.line("body"))
            if self._way is not Way.LINES or number == shown:
                start = points(text, line.textStart())
                words = text[start : points(text, line.textStart() + line.textLength())].rstrip("\n")
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)
            else:
                bar = place.adjusted(0, theme.space.xs, 0, -theme.space.xs)
                round_rect(painter, bar, theme.radius.small, theme.color("line_strong"))

    def _paint_picture(self, painter: QPainter, data: bytes) -> None:
        # Not through QPixmapCache, which would keep it.
        image = QImage.fromData(data)
        rect = QRectF(self.rect())
        if self._way is Way.LINES and self.hold is not None:
            # A band of the picture at a time.
            band = rect.height() / 4
            top = min(max(0.0, self.hold.position.y() - band / 2), rect.height() - band)
            painter.setClipRect(QRectF(0, top, rect.width(), band))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, image)

    def _paint_card(self, painter: QPainter, icon: str, name: str, note: str) -> None:
        theme, space = self.theme, self.theme.space
        side = theme.sizes.icon_large
        room = QRectF(self.rect()).adjusted(space.m, 0, -space.m, 0)
        place = QRectF(room.left(), room.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, icon, place, "secret_text")
        left = place.right() + space.m
        words = QRectF(left, room.center().y() - theme.line("body"), room.right() - left, theme.line("body"))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        metrics = QFontMetricsF(theme.font("body"))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
        words.translate(0, theme.line("body"))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text_2"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, note)

    def _paint_line(self, painter: QPainter, icon: str, words: str) -> None:
        theme, room = self.theme, self._room()
        side = theme.sizes.icon
        place = QRectF(room.left(), room.center().y() - side / 2, side, side)
        self.themes.icons.paint(painter, icon, place, "secret_text")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        rest = QRectF(place.right() + theme.space.s, room.top(), room.width(), room.height())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, words)


def _lay(text: str, font, width: float, line_height: int) -> QTextLayout:
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    layout.setCacheEnabled(False)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        line.setPosition(QPointF(0, top))
        top += line_height
    layout.endLayout()
    return layout


def _size_words(size: int) -> str:
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
