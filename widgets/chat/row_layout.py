"""Where the parts of one row stand for a width, measured once; painted by row_paint.py."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF

from widgets.theme import Theme

from .laid import Laid, Line, Part, PartKind, base, metrics_of
from .row_cards import lay_card, lay_chips, lay_link, lay_voice
from .row_lines import lay_middle, lay_unread
from .rows import BubbleRow, RowKind, RowState, Span, SpanKind
from .text_block import TextBlock


def estimate(row: BubbleRow, theme: Theme) -> int:
    """A height before the row is measured, near enough for the scroll bar."""
    line, space, sizes = theme.line("body"), theme.space, theme.sizes
    head = 0 if row.continues or not row.author else theme.line("caption") + space.xs
    chips = theme.line("caption") + 2 * space.xs if row.chips else 0
    match row.kind:
        case RowKind.TEXT | RowKind.VOICE:
            lines = sum(max(1, math.ceil(len(part) / 36)) for part in row.text.split("\n"))
            link = theme.grow(sizes.row) if row.link is not None else 0
            return space.l + head + lines * line + 2 * space.s + link + chips
        case RowKind.PICTURE:
            return space.l + head + sizes.picture_max * 2 // 3 + chips
        case RowKind.FILE | RowKind.NOTICE | RowKind.CARD:
            return space.l + head + theme.grow(sizes.row) + chips
        case _:
            return theme.line("caption") + space.xl


def lay(row: BubbleRow, width: int, theme: Theme) -> Laid:
    """Measure `row` for a list of `width` pixels."""
    laid = Laid(row, width)
    if row.kind in (RowKind.DATE, RowKind.SYSTEM, RowKind.RECALLED):
        lay_middle(laid, theme)
    elif row.kind is RowKind.UNREAD:
        lay_unread(laid, theme)
    else:
        Bubble(laid, theme).lay()
    return laid


class Bubble:
    """Lays out what somebody said: avatar, author, bubble, marks."""

    def __init__(self, laid: Laid, theme: Theme) -> None:
        self.laid, self.theme, self.row = laid, theme, laid.row
        space, sizes = theme.space, theme.sizes
        self.edge = space.xxl + sizes.avatar_small + space.s + space.half
        """From the list's edge to the bubble."""
        side = sizes.bubble_gutter if laid.width > sizes.dialog else space.xxl
        self.room = max(float(sizes.picture_min), min(laid.width - self.edge - side, sizes.bubble_text_max))

    def lay(self) -> None:
        """Fill the row in."""
        row, theme, space = self.row, self.theme, self.theme.space
        top = float(space.xs if row.continues else space.l)
        if not row.continues:
            self._avatar(top)
            if row.author and not row.own:
                self._author(top)
                top += theme.line("caption") + space.xs
        size = self._content()
        left = self.laid.width - self.edge - size[0] if row.own else float(self.edge)
        self._move(left, top)
        self.laid.bubble = QRectF(left, top, *size)
        bottom = top + size[1]
        self._side(left, top, size)
        self._quick(left, top, size)
        bottom = lay_chips(self, left, bottom, size[0])
        if row.state is RowState.FAILED and row.error:
            bottom = self._error(bottom)
        self.laid.height = math.ceil(bottom)

    def _avatar(self, top: float) -> None:
        side, margin = self.theme.sizes.avatar_small, self.theme.space.xxl
        left = self.laid.width - margin - side if self.row.own else margin
        self.laid.avatar = QRectF(left, top, side, side)
        self.laid.parts.append(Part(PartKind.AVATAR, self.laid.avatar, self.row.author_id))

    def _author(self, top: float) -> None:
        row, theme = self.row, self.theme
        metrics = metrics_of(theme, "caption")
        text = f"{row.author} · {row.author_note}" if row.author_note else row.author
        room = self.laid.width - self.edge - theme.space.xxl
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        at = QPointF(self.edge, base(top, theme, "caption", metrics))
        self.laid.lines.append(Line(shown, at, "caption", "text_2"))

    def _move(self, left: float, top: float) -> None:
        """The content was laid out from (0, 0) on."""
        laid, by = self.laid, QPointF(left, top)
        laid.block_at += by
        for name in ("picture", "icon", "bar", "quote_bar", "waves", "link", "link_picture"):
            spot: QRectF | None = getattr(laid, name)
            if spot is not None:
                setattr(laid, name, spot.translated(by))
        for line in laid.lines[self._lines_before :]:
            line.at = line.at + by
        moved = [
            Part(part.kind, part.rect.translated(by), part.data) for part in laid.parts[self._parts_before :]
        ]
        laid.parts[self._parts_before :] = moved

    def _content(self) -> tuple[float, float]:
        self._lines_before, self._parts_before = len(self.laid.lines), len(self.laid.parts)
        match self.row.kind:
            case RowKind.PICTURE:
                return self._picture()
            case RowKind.FILE:
                return self._file()
            case RowKind.NOTICE:
                return self._notice()
            case RowKind.VOICE:
                return lay_voice(self)
            case RowKind.CARD:
                return lay_card(self)
            case _:
                return self._text()

    def _spans(self) -> list[tuple[Span, QColor]]:
        theme = self.theme
        colors = {
            SpanKind.LINK: "link",
            SpanKind.MENTION: "brand_text",
            SpanKind.ME: "brand_text",
            SpanKind.PALE: "text_2",
        }
        return [(span, theme.color(colors.get(span.kind, "text"))) for span in self.row.spans]

    def quote(self, left: float, top: float, room: float) -> tuple[float, float]:
        """The quoted line; width and height taken."""
        quote = self.row.quote
        if quote is None:
            return 0.0, 0.0
        theme, space, metrics = self.theme, self.theme.space, metrics_of(self.theme, "caption")
        line, indent = theme.line("caption"), space.m
        text = f"{quote.author}：{' '.join(quote.text.split())}" if quote.author else quote.text
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - indent)
        self.laid.quote_bar = QRectF(left, top + 1, 3, line - 2)
        at = QPointF(left + indent, base(top, theme, "caption", metrics))
        self.laid.lines.append(Line(shown, at, "caption", "quote"))
        width = indent + metrics.horizontalAdvance(shown)
        spot = QRectF(left, top, width, line).adjusted(-4, -4, 4, 4)
        self.laid.parts.append(Part(PartKind.QUOTE, spot))
        return width, line + space.s

    def _text(self) -> tuple[float, float]:
        row, theme, space = self.row, self.theme, self.theme.space
        across, down = space.m, space.s
        room = self.room - 2 * across
        block = TextBlock(row.text, theme.font("body"), theme.line("body"), room, self._spans())
        width, height = self.quote(across, down, room)
        self.laid.block = block
        self.laid.block_at = QPointF(across, down + height)
        self.laid.block_color = "text_2" if row.muted else "text"
        wide = float(math.ceil(max(width, block.width)))
        high = math.ceil(height + block.height) + 2.0 * down
        if row.link is not None:
            wide = max(wide, min(room, float(theme.sizes.file_card)))
            high += lay_link(self, across, high - down + space.xs, wide) + space.xs
        return wide + 2.0 * across, math.ceil(high)

    def _picture(self) -> tuple[float, float]:
        box, sizes, space = self.row.picture, self.theme.sizes, self.theme.space
        most = min(float(sizes.picture_max), self.room)
        width, height = (box.width, box.height) if box and box.width > 0 and box.height > 0 else (4, 3)
        scale = min(most / width, most / height, 1.0)
        if max(width, height) * scale < sizes.picture_min:
            scale = sizes.picture_min / max(width, height)
        # Very long pictures keep a side that can be hit.
        size = (max(width * scale, sizes.picture_min / 2), max(height * scale, sizes.picture_min / 2))
        wide, high = round(size[0]), round(size[1])
        if self.row.quote is None:
            self.laid.picture = QRectF(0, 0, wide, high)
            self.laid.parts.append(Part(PartKind.PICTURE, self.laid.picture))
            return wide, high
        used, down = self.quote(space.m, space.s, self.room - 2 * space.m)
        self.laid.picture = QRectF(space.m, space.s + down, wide, high)
        self.laid.parts.append(Part(PartKind.PICTURE, self.laid.picture))
        return max(used, wide) + 2 * space.m, down + high + space.s + space.m

    def _file(self) -> tuple[float, float]:
        row, theme, space, sizes = self.row, self.theme, self.theme.space, self.theme.sizes
        box = row.file
        width = min(float(sizes.file_card), self.room)
        inset = space.m
        top = float(inset)
        top += self.quote(inset, top, width - 2 * inset)[1]
        if box is None:
            return width, top + inset
        left = inset + sizes.file_icon + space.m
        room = width - left - inset
        name, note = metrics_of(theme, "body"), metrics_of(theme, "caption")
        start = top
        shown = name.elidedText(box.name, Qt.TextElideMode.ElideMiddle, room)
        self.laid.lines.append(Line(shown, QPointF(left, base(top, theme, "body", name)), "body", "text"))
        top += theme.line("body")
        if box.progress is not None:
            self.laid.bar = QRectF(left, top + space.xs, room, sizes.progress)
            top += space.xs + sizes.progress + space.xs
        top = self._note(left, top, room, note)
        self.laid.icon = QRectF(inset, start + max(0, (top - start - sizes.file_icon) / 2), sizes.file_icon, sizes.file_icon)  # fmt: skip
        height = max(top, start + sizes.file_icon) + inset
        self.laid.parts.append(Part(PartKind.FILE, QRectF(0, start - inset, width, height - start + inset)))
        return width, height

    def _note(self, left: float, top: float, room: float, metrics: QFontMetricsF) -> float:
        """The line under a file's name with its words to click at the right; returns where it ends."""
        box, theme, space = self.row.file, self.theme, self.theme.space
        if box is None:
            return top
        tails = [(action, metrics.horizontalAdvance(action.label)) for action in box.actions]
        taken = sum(length + space.m for _, length in tails)
        long = metrics.horizontalAdvance(box.note)
        base_line = base(top, theme, "caption", metrics)
        color = "bad_text" if box.bad else "text_2"
        below = taken and long > room - taken
        shown = metrics.elidedText(box.note, Qt.TextElideMode.ElideRight, room if below else room - taken)
        self.laid.lines.append(Line(shown, QPointF(left, base_line), "caption", color))
        end = top + theme.line("caption")
        at = left + room - taken + space.m
        if below:
            # The words go to a line of their own rather than cutting the figures.
            top, at = end + space.half, left
            end = top + theme.line("caption")
        for action, length in tails:
            base_line = base(top, theme, "caption", metrics)
            self.laid.lines.append(Line(action.label, QPointF(at, base_line), "caption", "brand_text"))
            spot = QRectF(at, top, length, theme.line("caption")).adjusted(-6, -4, 6, 4)
            self.laid.parts.append(Part(PartKind.ACTION, spot, action.name))
            at += length + space.m
        return end

    def _notice(self) -> tuple[float, float]:
        row, theme, space = self.row, self.theme, self.theme.space
        inset = space.l
        width = min(self.room, float(theme.sizes.toast))
        room, top = width - 2 * inset, float(space.m)
        title = metrics_of(theme, "body", 600)
        shown = title.elidedText(row.title, Qt.TextElideMode.ElideRight, room)
        self.laid.lines.append(
            Line(shown, QPointF(inset, base(top, theme, "body", title)), "body", "text", 600)
        )
        top += theme.line("body") + space.xs
        block = TextBlock(row.text, theme.font("secondary"), theme.line("secondary"), room, self._spans())
        self.laid.block, self.laid.block_at = block, QPointF(inset, top)
        top += block.height + space.m
        metrics, left = metrics_of(theme, "secondary"), float(inset)
        for action in row.actions:
            length = metrics.horizontalAdvance(action.label)
            at = QPointF(left, base(top, theme, "secondary", metrics))
            self.laid.lines.append(Line(action.label, at, "secondary", "brand_text"))
            spot = QRectF(left, top, length, theme.line("secondary")).adjusted(-6, -4, 6, 4)
            self.laid.parts.append(Part(PartKind.ACTION, spot, action.name))
            left += length + space.l
        if row.actions:
            top += theme.line("secondary") + space.m
        return width, float(math.ceil(top))

    def _side(self, left: float, top: float, size: tuple[float, float]) -> None:
        """What stands beside the bubble: state, read mark, time."""
        row, theme, space = self.row, self.theme, self.theme.space
        gap, bottom = space.s, top + size[1]
        self.laid.side = QPointF(left - gap if row.own else left + size[0] + gap, bottom)
        if row.state is not RowState.SENT:
            side = theme.sizes.icon_small
            spot = QRectF(left - gap - side, bottom - side - space.xs, side, side)
            self.laid.state_icon = spot
            self.laid.side = QPointF(spot.left() - space.xs, bottom)
            if row.state is RowState.FAILED:
                self.laid.parts.append(Part(PartKind.RETRY, spot.adjusted(-6, -6, 6, 6)))
        elif row.own and row.mark and row.mark_opens:
            metrics = metrics_of(theme, "caption")
            length, line = metrics.horizontalAdvance(row.mark), theme.line("caption")
            spot = QRectF(left - gap - length, bottom - line - space.half, length, line)
            self.laid.parts.append(Part(PartKind.MARK, spot.adjusted(-4, -4, 4, 4)))

    def _quick(self, left: float, top: float, size: tuple[float, float]) -> None:
        """The buttons beyond the texts beside the bubble, where there is room for them."""
        laid, row, theme, space = self.laid, self.row, self.theme, self.theme.space
        if laid.side is None or not row.quick:
            return
        metrics, side = metrics_of(theme, "caption"), float(theme.sizes.control_small)
        texts = max(metrics.horizontalAdvance(text) for text in (row.mark, row.time))
        whole = side * len(row.quick)
        reach = texts + space.s
        at = laid.side.x() - reach - whole if row.own else laid.side.x() + reach
        low, high = (space.s, left) if row.own else (left + size[0], laid.width - space.s)
        if at < low or at + whole > high:
            return
        # On the height of the texts.
        y = max(top, top + size[1] - space.half - (theme.line("caption") + side) / 2)
        for number, action in enumerate(row.quick):
            laid.quick.append(Part(PartKind.QUICK, QRectF(at + number * side, y, side, side), action.name))

    def _error(self, bottom: float) -> float:
        row, theme, space = self.row, self.theme, self.theme.space
        metrics = metrics_of(theme, "caption")
        tails = [(action, metrics.horizontalAdvance(action.label)) for action in row.actions]
        taken = sum(length + space.m for _, length in tails)
        room = max(80.0, self.laid.width - self.edge - space.xxl - taken)
        top, right = bottom + space.xs, self.laid.width - float(self.edge)
        shown = metrics.elidedText(row.error, Qt.TextElideMode.ElideRight, room)
        at = right - taken - metrics.horizontalAdvance(shown)
        line = base(top, theme, "caption", metrics)
        self.laid.lines.append(Line(shown, QPointF(at, line), "caption", "bad_text"))
        at = right - taken + space.m
        for action, length in tails:
            self.laid.lines.append(Line(action.label, QPointF(at, line), "caption", "brand_text"))
            spot = QRectF(at, top, length, theme.line("caption")).adjusted(-6, -4, 6, 4)
            self.laid.parts.append(Part(PartKind.ACTION, spot, action.name))
            at += length + space.m
        return top + theme.line("caption")
