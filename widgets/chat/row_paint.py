"""Draws measured rows."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QTransform,
)

from widgets.controls import AvatarSpec, paint_avatar
from widgets.controls.painted import centre_rect, focus_frame, round_rect
from widgets.controls.progress import paint_ring
from widgets.theme import Theme, ThemeManager

from .card_paint import paint_card, paint_chips, paint_film, paint_link, paint_tick, paint_voice
from .laid import Laid, Part, PartKind, base
from .rows import BubbleRow, RowKind, RowState, SpanKind

PICTURES_KEPT = 64

FILE_KINDS: dict[str, tuple[int, str]] = {
    **dict.fromkeys(("doc", "docx", "wps", "odt", "ofd", "rtf", "txt", "md"), (0, "DOC")),
    **dict.fromkeys(("xls", "xlsx", "et", "ods", "csv"), (1, "XLS")),
    **dict.fromkeys(("ppt", "pptx", "dps", "odp"), (2, "PPT")),
    "pdf": (3, "PDF"),
    **dict.fromkeys(("png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff"), (4, "图")),
    **dict.fromkeys(("zip", "rar", "7z", "tar", "gz", "xz"), (5, "ZIP")),
    **dict.fromkeys(("mp3", "wav", "mp4", "avi", "mov", "mkv", "flac"), (6, "影音")),
}


def file_kind(name: str) -> tuple[int, str]:
    """The place of a file's colour in the palette and the word on its icon."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    found = FILE_KINDS.get(ending)
    if found is None:
        return 7, ending[:4].upper() or "文件"
    index, word = found
    return index, {"txt": "TXT", "md": "MD", "ofd": "OFD", "csv": "CSV"}.get(ending, word)


def paint_file_icon(painter: QPainter, rect: QRectF, name: str, theme: Theme) -> None:
    """A coloured square with the kind of file on it."""
    index, word = file_kind(name)
    round_rect(painter, rect, theme.radius.control, theme.color(theme.palette.file_kinds[index]))
    font = theme.font("micro", 600)
    painter.setFont(font)
    painter.setPen(theme.color("on_avatar"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, word)


@dataclass(slots=True)
class Look:
    """What of a row's drawing comes from the mouse and the keyboard."""

    hovered: bool = False
    focused: bool = False
    part: Part | None = None
    """The place under the mouse in this row."""
    selected: tuple[int, int] | None = None
    clip: QRectF | None = None
    """What of the row is to be painted."""
    chosen: bool | None = None
    """Chosen among several; None while nothing is being chosen."""
    flash: float = 0.0
    """1 to 0: how strongly the row is pointed out after a jump."""


class RowPainter:
    """Holds the decoded pictures; one per list."""

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()

    def forget_pictures(self) -> None:
        """Drop the decoded pictures."""
        self._pictures.clear()

    def paint(self, painter: QPainter, laid: Laid, look: Look) -> None:
        """Draw one row; the painter's origin is the row's upper left corner."""
        theme, row = self._themes.theme, laid.row
        if look.flash > 0:
            ground = QColor(theme.color("brand_weak"))
            ground.setAlphaF(min(1.0, look.flash))
            painter.fillRect(QRectF(0, 0, laid.width, laid.height + theme.space.xs), ground)
        if look.chosen is not None and laid.bubble is not None:
            side = theme.sizes.check
            spot = QRectF(theme.space.xs, laid.bubble.top() + theme.space.s, side, side)
            paint_tick(painter, spot, self._themes, chosen=look.chosen, able=row.selectable)
        if laid.avatar is not None:
            spec = AvatarSpec(row.name or row.author, row.author_id)
            paint_avatar(painter, laid.avatar, spec, self._themes)
        for rule in laid.rules:
            painter.fillRect(rule, theme.color("line_strong"))
        if laid.bubble is not None:
            self._bubble(painter, laid, look)
        if laid.chips:
            over = look.part.data if look.part is not None and look.part.kind is PartKind.CHIP else ""
            paint_chips(painter, laid, self._themes, over)
        if laid.block is not None:
            colors = (theme.color("on_selection"), theme.color("selection"))
            color = theme.color(laid.block_color)
            laid.block.draw(painter, laid.block_at, color, look.selected, colors, look.clip)
            if look.hovered:
                self._underline(painter, laid, look)
        for line in laid.lines:
            painter.setFont(theme.font(line.role, line.weight))
            painter.setPen(theme.color(line.color))
            painter.drawText(line.at, line.text)
        if look.part is not None and look.part.kind is PartKind.ACTION:
            self._under_action(painter, look.part)
        if look.hovered:
            self._quick(painter, laid, look)
        if look.focused:
            focus_frame(painter, laid.focus_rect.adjusted(-3, -3, 3, 3), theme.radius.bubble, theme)

    def _bubble(self, painter: QPainter, laid: Laid, look: Look) -> None:
        theme, row, rect = self._themes.theme, laid.row, laid.bubble
        if rect is None:
            return
        own = "bubble_own" if row.own else "bubble_other"
        contrast = theme.color("line_strong") if theme.name == "contrast" else None
        if row.kind in (RowKind.FILE, RowKind.NOTICE, RowKind.CARD):
            over = look.part is not None and look.part.kind in (PartKind.FILE, PartKind.CARD)
            line = theme.color("line_strong" if over or theme.name == "contrast" else "line")
            round_rect(painter, rect, theme.radius.bubble, theme.color("raised"), line)
        elif row.kind in (RowKind.TEXT, RowKind.VOICE) or row.quote is not None:
            self._balloon(painter, rect, row, theme.color(own), contrast)
        if laid.quote_bar is not None:
            round_rect(painter, laid.quote_bar, 1.5, theme.color("text_3"))
        if laid.picture is not None:
            self._picture(painter, laid, laid.picture)
        if row.voice is not None:
            paint_voice(painter, laid, row.voice, self._themes)
        if row.card is not None:
            paint_card(painter, laid, row.card, self._themes)
        if laid.link is not None:
            over = look.part is not None and look.part.kind is PartKind.LINK_CARD
            paint_link(painter, laid, theme, over=over)
            if laid.link_picture is not None and row.link is not None:
                self._plain_picture(painter, laid.link_picture, row.key + "|link", row.link.thumbnail)
        if row.file is not None:
            if laid.icon is not None and row.file.folder:
                round_rect(painter, laid.icon, theme.radius.control, theme.color("brand_weak"))
                side = theme.sizes.icon_large
                self._themes.icons.paint(painter, "folder", centre_rect(laid.icon, side, side), "brand_text")
            elif laid.icon is not None:
                paint_file_icon(painter, laid.icon, row.file.name, theme)
            if laid.bar is not None and row.file.progress is not None:
                self._bar(painter, laid.bar, row.file.progress, bad=row.file.bad)
        self._beside(painter, laid, look)

    def _balloon(
        self, painter: QPainter, rect: QRectF, row: BubbleRow, fill: QColor, line: QColor | None
    ) -> None:
        """The corner beside the avatar is sharper: it points at who speaks."""
        theme = self._themes.theme
        radius = float(theme.radius.bubble)
        if row.continues:
            round_rect(painter, rect, radius, fill, line)
            return
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        frame = rect.adjusted(0.5, 0.5, -0.5, -0.5) if line is not None else rect
        path.addRoundedRect(frame, radius, radius)
        corner = QRectF(frame.left(), frame.top(), radius * 2, radius * 2)
        if row.own:
            corner.moveRight(frame.right())
        path.addRoundedRect(corner, theme.radius.small, theme.radius.small)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(line, 1) if line is not None else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPath(path.simplified() if line is not None else path)

    def _picture(self, painter: QPainter, laid: Laid, rect: QRectF) -> None:
        theme, box = self._themes.theme, laid.row.picture
        thumbnail = box.thumbnail if box is not None else b""
        pixmap = self._pixmap(laid.row.key, thumbnail, rect, painter.device().devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.radius.control
        if pixmap is None:
            round_rect(painter, rect, radius, theme.color("field"))
            side = theme.sizes.icon_large
            spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            if box is None or not box.film:
                self._themes.icons.paint(painter, "image", spot, "text_3")
        else:
            brush = QBrush(pixmap)
            ratio = painter.device().devicePixelRatioF()
            brush.setTransform(QTransform().translate(rect.left(), rect.top()).scale(1 / ratio, 1 / ratio))
            painter.setBrush(brush)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("shadow"), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if box is not None and box.film and box.progress is None:
            paint_film(painter, rect, box, self._themes)
        if box is not None and box.progress is not None:
            round_rect(painter, rect, radius, theme.color("scrim"))
            side = theme.sizes.ring
            spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            paint_ring(painter, spot, box.progress, 0.0, self._themes)

    def _plain_picture(self, painter: QPainter, rect: QRectF, key: str, data: bytes) -> None:
        pixmap = self._pixmap(key, data, rect, painter.device().devicePixelRatioF())
        if pixmap is not None:
            painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))

    def _pixmap(self, name: str, data: bytes, rect: QRectF, ratio: float) -> QPixmap | None:
        if not data:
            return None
        key = f"{name}|{rect.width():.0f}x{rect.height():.0f}@{ratio}|{len(data)}"
        found = self._pictures.get(key)
        if found is not None:
            self._pictures.move_to_end(key)
            return None if found.isNull() else found
        image = QImage.fromData(data)
        pixmap = QPixmap()
        if not image.isNull():
            wide, high = round(rect.width() * ratio), round(rect.height() * ratio)
            scaled = image.scaled(
                wide,
                high,
                Qt.AspectRatioMode.KeepAspectRatioByExpanding,
                Qt.TransformationMode.SmoothTransformation,
            )
            left, top = (scaled.width() - wide) // 2, (scaled.height() - high) // 2
            pixmap = QPixmap.fromImage(scaled.copy(left, top, wide, high))
        self._pictures[key] = pixmap
        if len(self._pictures) > PICTURES_KEPT:
            self._pictures.popitem(last=False)
        return None if pixmap.isNull() else pixmap

    def _bar(self, painter: QPainter, rect: QRectF, value: float, *, bad: bool) -> None:
        theme, radius = self._themes.theme, rect.height() / 2
        round_rect(painter, rect, radius, theme.color("line_strong"))
        if theme.name == "contrast":
            round_rect(painter, rect, radius, None, theme.color("line_strong"))
        done = QRectF(rect)
        done.setWidth(max(rect.height(), rect.width() * min(1.0, max(0.0, value))))
        round_rect(painter, done, radius, theme.color("bad" if bad else "brand"))

    def _beside(self, painter: QPainter, laid: Laid, look: Look) -> None:
        theme, row, at = self._themes.theme, laid.row, laid.side
        if at is None:
            return
        if laid.state_icon is not None:
            failed = row.state is RowState.FAILED
            self._themes.icons.paint(
                painter, "alert" if failed else "clock", laid.state_icon, "bad" if failed else "text_2"
            )
        metrics = QFontMetricsF(theme.font("caption"))
        texts: list[tuple[str, str]] = []
        if row.state is RowState.SENT and row.own and row.mark:
            quiet = row.mark_done or not row.mark_opens
            texts.append((row.mark, "text_2" if quiet else "brand_text"))
        if (look.hovered or look.focused) and row.time:
            texts.append((row.time, "text_2"))
        painter.setFont(theme.font("caption"))
        line = theme.line("caption")
        top = at.y() - line - theme.space.half
        for text, color in texts:
            left = at.x() - metrics.horizontalAdvance(text) if row.own else at.x()
            painter.setPen(theme.color(color))
            painter.drawText(QPointF(left, base(top, theme, "caption", metrics)), text)
            top -= line

    def _underline(self, painter: QPainter, laid: Laid, look: Look) -> None:
        block, part = laid.block, look.part
        if block is None or part is None or part.kind is not PartKind.LINK:
            return
        painter.setPen(QPen(self._themes.theme.color("link"), 1))
        for span in block.spans:
            if span.kind is SpanKind.LINK and span.target == part.data:
                for rect in block.rects(span.start, span.length):
                    foot = rect.translated(laid.block_at)
                    painter.drawLine(
                        QPointF(foot.left(), foot.bottom() - 1.5), QPointF(foot.right(), foot.bottom() - 1.5)
                    )

    def _quick(self, painter: QPainter, laid: Laid, look: Look) -> None:
        theme, side = self._themes.theme, self._themes.theme.sizes.icon_small
        for part in laid.quick:
            over = look.part is not None and look.part.kind is PartKind.QUICK and look.part.data == part.data
            if over:
                round_rect(painter, part.rect, theme.radius.small, theme.color("hover"))
            spot = centre_rect(part.rect, side, side)
            self._themes.icons.paint(painter, part.data, spot, "brand_text" if over else "text_2")

    def _under_action(self, painter: QPainter, part: Part) -> None:
        rect = part.rect.adjusted(6, 0, -6, -4)
        painter.setPen(QPen(self._themes.theme.color("brand_text"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
